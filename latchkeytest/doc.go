// Package latchkeytest runs a throw-away Latchkey server inside a test, for
// people who test programs that use the SDK. It is the real server, with a
// database of its own in a temporary folder, reached over HTTP on a loopback
// address: what a program is answered here it is answered in the field.
//
//	func TestExpiredCustomersAreAskedToRenew(t *testing.T) {
//		server := latchkeytest.New(t)
//		key := server.App.License("30d")
//		client, err := latchkey.New(server.App.Config(), latchkey.WithHWID("a computer of the test"))
//		…
//		server.Advance(31 * 24 * time.Hour)
//		…
//	}
//
// A [Server] has one application from the start, [Server.App]; what a seller
// would do with it on the dashboard are methods of [App]. They end the test if
// they fail. The clock of the server is the computer's, and [Server.Advance]
// moves it ahead. There are no limits on attempts, webhooks may be on this
// computer, and no mail is sent.
//
// It knows nothing of the program under test.
package latchkeytest
