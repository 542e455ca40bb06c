package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

const (
	resetPages = "https://keys.example.com/reset/"
	annsMail   = "ann@example.com"
)

func TestPasswordResets(t *testing.T) {
	tell(t, []story{
		{"a link in a mail sets a new password, once, and ends the sessions", resetByMail},
		{"nothing tells whether user or address exist", forgotTellsNothing},
		{"a newer link, a new password and a new address end a link", endedLinks},
		{"a link ends after 24 hours", expiredLink},
		{"five requests an hour, of an address and for a user", resetLimits},
		{"of many uses at once one sets the password", resetRace},
		{"who may be sent a link", mayReset},
		{"without mail there is no reset", resetWithoutMail},
		{"a link of another app is good for nothing", resetElsewhere},
	})
}

// withMail has the service send mails, while fn runs.
func (s *scene) withMail(fn func()) {
	s.Change(func(c *service.Config) { c.ResetURL = resetPages })
	defer s.Change(func(c *service.Config) { c.ResetURL = "" })
	fn()
}

// annWith makes a user of a password and the address.
func (s *scene) annWith(password string) service.UserView {
	s.Helper()
	u, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: "ann", Password: latchkey.Secret(password), Email: annsMail,
		SubscriptionID: s.tier().ID, Duration: s.length("30d"), HWIDAffected: true})
	s.must(err)
	return u
}

// forgot asks for a new password, from an address that nobody else uses.
func (s *scene) forgot(name, email string) error {
	s.Helper()
	s.asked++
	ip := fmt.Sprintf("198.18.%d.%d", s.asked/250, s.asked%250)
	return s.Service.ClientForgot(from(ip), s.client(), s.start(), name, email)
}

// resetLink is the token of the one mail that was sent.
func (s *scene) resetLink() latchkey.Secret {
	s.Helper()
	sent := s.Mails()
	if len(sent) != 1 || sent[0].To != annsMail || !strings.Contains(sent[0].Subject, s.app.Name) {
		s.Fatalf("mails: %+v", sent)
	}
	_, rest, ok := strings.Cut(sent[0].Text, resetPages+s.app.ID+"#")
	token, _, _ := strings.Cut(rest, "\n")
	if !ok || len(token) < 50 {
		s.Fatalf("the mail has no link: %s", sent[0].Text)
	}
	return latchkey.Secret(token)
}

func (s *scene) reset(token latchkey.Secret, password string) error {
	s.Helper()
	s.asked++
	return s.Service.ResetPassword(from(fmt.Sprintf("198.19.%d.%d", s.asked/250, s.asked%250)), s.app.ID, token, latchkey.Secret(password))
}

func resetByMail(s *scene) {
	s.withMail(func() {
		s.annWith("old words")
		ses, err := s.login("ann", "old words", machine)
		s.must(err)
		s.must(s.forgot("ANN", " Ann@Example.com "))
		token := s.resetLink()
		s.refused(s.reset(token, ""), latchkey.CodeInvalid)
		s.must(s.call(ses))
		s.must(s.reset(token, "new words"))
		s.refused(s.call(ses), latchkey.CodeSessionNotFound)
		s.refused(s.reset(token, "newer words"), latchkey.CodeResetInvalid)
		_, err = s.login("ann", "old words", machine)
		s.refused(err, latchkey.CodePasswordWrong)
		_, err = s.login("ann", "new words", machine)
		s.must(err)
		if got := s.actions(); !slices.Contains(got, "user.send_password_reset") || !slices.Contains(got, "user.reset_password") {
			s.Errorf("audit: %v", got)
		}
	})
}

func forgotTellsNothing(s *scene) {
	s.withMail(func() {
		s.annWith("words")
		for _, asked := range [][2]string{{"ann", "eve@example.com"}, {"nobody", annsMail}, {"nobody", "nobody@example.com"}} {
			s.must(s.forgot(asked[0], asked[1]))
		}
		if sent := s.Mails(); len(sent) != 0 {
			s.Errorf("mails: %+v", sent)
		}
		ses := s.start()
		s.Clock.Advance(time.Second)
		_, err := s.Service.KillSessions(s.Ctx(), s.app.ID, "")
		s.must(err)
		s.refused(s.Service.ClientForgot(from("198.51.100.99"), s.client(), ses, "ann", annsMail), latchkey.CodeSessionNotFound)
		if sent := s.Mails(); len(sent) != 0 {
			s.Errorf("mails: %+v", sent)
		}
		s.refused(s.forgot("ann", "no address"), latchkey.CodeInvalid)
		s.refused(s.forgot("", annsMail), latchkey.CodeInvalid)
	})
}

func endedLinks(s *scene) {
	s.withMail(func() {
		ann := s.annWith("words")
		link := func() latchkey.Secret {
			s.Helper()
			s.Clock.Advance(time.Hour)
			s.must(s.forgot("ann", annsMail))
			return s.resetLink()
		}
		first, second := link(), link()
		s.refused(s.reset(first, "x"), latchkey.CodeResetInvalid)
		edit := func(e service.UserEdit) {
			s.Helper()
			_, err := s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, e)
			s.must(err)
		}
		edit(service.UserEdit{HWIDAffected: point(false)}) // this does not
		edit(service.UserEdit{Password: point(latchkey.Secret("by the seller"))})
		s.refused(s.reset(second, "x"), latchkey.CodeResetInvalid)
		third := link()
		edit(service.UserEdit{Email: point("other@example.com")})
		s.refused(s.reset(third, "x"), latchkey.CodeResetInvalid)
		edit(service.UserEdit{Email: point(annsMail), ClearPassword: true})
		fourth := link()
		_, err := s.login("ann", "the first one", machine)
		s.must(err)
		s.refused(s.reset(fourth, "x"), latchkey.CodeResetInvalid)
		fifth := link()
		_, err = s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{})
		s.must(err)
		s.refused(s.reset(fifth, "x"), latchkey.CodeResetInvalid)
	})
}

func expiredLink(s *scene) {
	s.withMail(func() {
		s.annWith("words")
		s.must(s.forgot("ann", annsMail))
		token := s.resetLink()
		s.Clock.Advance(24 * time.Hour)
		s.refused(s.reset(token, "x"), latchkey.CodeResetInvalid)
		n, err := s.Service.SweepPasswordResets(s.Context())
		s.must(err)
		if n < 1 {
			s.Errorf("%d links were swept", n)
		}
	})
}

func resetLimits(s *scene) {
	s.withMail(func() {
		s.annWith("words")
		ses := s.start()
		for i := range 7 {
			want := latchkey.Code("")
			if i >= 5 {
				want = latchkey.CodeRateLimited
			}
			s.refused(s.Service.ClientForgot(from("198.51.100.77"), s.client(), ses, "nobody", "nobody@example.com"), want)
		}
		// From many addresses the user is not flooded, and nobody is told.
		for range 9 {
			s.must(s.forgot("ann", annsMail))
		}
		if sent := s.Mails(); len(sent) != 5 {
			s.Errorf("%d mails were sent", len(sent))
		}
		s.Clock.Advance(time.Hour)
		s.must(s.forgot("ann", annsMail))
		if sent := s.Mails(); len(sent) != 1 {
			s.Errorf("an hour later %d mails were sent", len(sent))
		}
	})
}

func resetRace(s *scene) {
	s.withMail(func() {
		s.annWith("words")
		for round := range raceRounds() {
			s.Clock.Advance(time.Hour)
			s.must(s.forgot("ann", annsMail))
			token := s.resetLink()
			errs := together(20, func(i int) error {
				return s.Service.ResetPassword(from(fmt.Sprintf("198.51.%d.%d", round, i)), s.app.ID, token, latchkey.Secret(fmt.Sprint("words ", i)))
			})
			if got := tally(errs); got[""] != 1 || got[latchkey.CodeResetInvalid] != 19 {
				s.Errorf("round %d: %v", round, got)
			}
		}
	})
}

func mayReset(s *scene) {
	s.withMail(func() {
		ann := s.annWith("words")
		bob := s.user("bob", "words")
		_, err := s.Service.SendPasswordReset(s.Ctx(), s.app.ID, bob.ID)
		s.refused(err, latchkey.CodeInvalid)
		_, err = s.Service.SendPasswordReset(s.Ctx(), s.app.ID, "usr_none")
		s.refused(err, latchkey.CodeUserNotFound)
		sent, err := s.Service.SendPasswordReset(s.Ctx(), s.app.ID, ann.ID)
		s.must(err)
		if !sent.ExpiresAt.Equal(s.Clock.Now().Add(24 * time.Hour)) {
			s.Errorf("%+v", sent)
		}
		s.must(s.reset(s.resetLink(), "new words"))
		// A user made by a license alone has no password to forget.
		key := s.key("30d")
		_, err = s.license(key, machine)
		s.must(err)
		keyed := s.named(key)
		_, err = s.Service.UpdateUser(s.Ctx(), s.app.ID, keyed.ID, service.UserEdit{Email: point("keyed@example.com")})
		s.must(err)
		_, err = s.Service.SendPasswordReset(s.Ctx(), s.app.ID, keyed.ID)
		s.refused(err, latchkey.CodePasswordAbsent)
		s.must(s.forgot(key, "keyed@example.com"))
		_, err = s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{})
		s.must(err)
		_, err = s.Service.SendPasswordReset(s.Ctx(), s.app.ID, ann.ID)
		s.refused(err, latchkey.CodeUserBanned)
		s.must(s.forgot("ann", annsMail))
		if sent := s.Mails(); len(sent) != 0 {
			s.Errorf("mails: %+v", sent)
		}
	})
}

func resetWithoutMail(s *scene) {
	ann := s.annWith("words")
	s.refused(s.forgot("ann", annsMail), latchkey.CodeMailOff)
	s.refused(s.forgot("nobody", annsMail), latchkey.CodeMailOff)
	_, err := s.Service.SendPasswordReset(s.Ctx(), s.app.ID, ann.ID)
	s.refused(err, latchkey.CodeMailOff)
}

func resetElsewhere(s *scene) {
	s.withMail(func() {
		s.annWith("words")
		s.must(s.forgot("ann", annsMail))
		token := s.resetLink()
		other := s.App("another of " + s.app.ID)
		s.refused(s.Service.ResetPassword(from("198.51.100.1"), other.ID, token, "x"), latchkey.CodeResetInvalid)
		s.refused(s.Service.ResetPassword(from("198.51.100.2"), "app_none", token, "x"), latchkey.CodeAppNotFound)
		text := token.Reveal()
		for _, mangled := range []string{"", text[1:], text[:len(text)-1], strings.ToUpper(text), text + "a", " " + text} {
			s.refused(s.reset(latchkey.Secret(mangled), "x"), latchkey.CodeResetInvalid)
		}
		s.must(s.reset(token, "x"))
	})
}
