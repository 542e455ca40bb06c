package latchkey

import "time"

// AddressMail tells the old mail address of an account that the account has
// another one now. It names neither the new address, which whoever took the
// account may have chosen for what it says, nor a page to click on: a mail that
// frightens is the one that forgers copy.
func AddressMail(at time.Time, ip string) (subject, text string) {
	from := ""
	if ip != "" {
		from = ", from the address " + ip
	}
	return "The mail address of your Latchkey account was changed",
		"Your account at a Latchkey server has another mail address since\n" +
			at.UTC().Format("2 January 2006, 15:04") + " UTC. It was changed by somebody who was signed in\n" +
			"and knew the password" + from + ".\n\n" +
			"From now on the account signs in with the new address, and no\n" +
			"further mail about it comes here.\n\n" +
			"If that was you, there is nothing to do. If it was not, tell the\n" +
			"administrator of the server at once, by a way that you know: they can\n" +
			"disable the account. This mail has no link, and nobody will ask you\n" +
			"for your password because of it.\n"
}
