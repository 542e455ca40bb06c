package service_test

import (
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestAddressesOfCustomers(t *testing.T) {
	tell(t, []story{
		{"an app that keeps none keeps none", noAddresses},
		{"those that are too old are taken out, and nothing else is", oldAddresses},
		{"a session that began long ago gets none", oldSession},
		{"switching it off takes out what there is", addressesOff},
	})
}

// kept are the addresses that stand somewhere: of the last sign-ins of users, in
// the history, in sessions and in log lines.
func (s *scene) kept() (last, history, sessions, lines int) {
	s.Helper()
	count := func(n *int, ip string) {
		if ip != "" {
			*n++
		}
	}
	users, err := s.Service.ListUsers(s.Ctx(), s.app.ID, service.UserFilter{})
	s.must(err)
	for _, u := range users.Items {
		count(&last, u.LastIP)
		list, err := s.Service.ListSignIns(s.Ctx(), s.app.ID, u.ID, service.Page{})
		s.must(err)
		for _, r := range list.Items {
			count(&history, r.IP)
		}
	}
	open, err := s.Service.ListSessions(s.Ctx(), s.app.ID, service.SessionFilter{})
	s.must(err)
	for _, ses := range open.Items {
		count(&sessions, ses.IP)
	}
	logged, err := s.Service.ListLogs(s.Ctx(), s.app.ID, service.LogFilter{})
	s.must(err)
	for _, l := range logged.Items {
		count(&lines, l.IP)
	}
	return last, history, sessions, lines
}

func (s *scene) keeps(when string, last, history, sessions, lines int) {
	s.Helper()
	a, b, c, d := s.kept()
	if got, want := [4]int{a, b, c, d}, [4]int{last, history, sessions, lines}; got != want {
		s.Errorf("%s: addresses of users, history, sessions, lines: %v, want %v", when, got, want)
	}
}

func (s *scene) sweepAddresses() {
	s.Helper()
	_, err := s.Service.SweepAddresses(s.Context())
	s.must(err)
}

func (s *scene) logsLine() {
	s.Helper()
	s.must(s.Service.ClientLog(from(address), s.client(), s.start(), "a line", ""))
}

// customers signs one in by license, one by name, and has a line logged.
func (s *scene) customers() (key string) {
	s.Helper()
	key = s.key("lifetime")
	_, err := s.license(key, machine)
	s.must(err)
	_, err = s.register("ann", "mumble frotz", s.key("lifetime"), otherMachine)
	s.must(err)
	s.logsLine()
	return key
}

func noAddresses(s *scene) {
	_, err := s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{IPLogging: point(false)})
	s.must(err)
	key := s.customers()
	_, err = s.license(key, machine)
	s.must(err)
	_, err = s.login("ann", "mumble frotz", otherMachine)
	s.must(err)
	s.keeps("off", 0, 0, 0, 0)
	// Nor does the audit log, which cannot be blanked, keep one of a customer, ever.
	events, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: 100}})
	s.must(err)
	seen := 0
	for _, e := range events.Items {
		if e.ActorKind == string(service.ActorCustomer) {
			if seen++; e.IP != "" {
				s.Errorf("%s has %s", e.Action, e.IP)
			}
		}
	}
	if seen == 0 {
		s.Error("customers did nothing")
	}
}

func oldAddresses(s *scene) {
	_, err := s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{IPRetention: point(int64(2)), SessionLength: point(int64(7 * 86400))})
	s.must(err)
	key := s.customers()
	s.keeps("at first", 2, 2, 2, 1)
	s.sweepAddresses()
	s.Clock.Advance(24 * time.Hour)
	_, err = s.license(key, machine)
	s.must(err)
	s.logsLine()
	s.keeps("a day later", 2, 3, 3, 2)
	s.Clock.Advance(24*time.Hour - time.Minute)
	s.sweepAddresses()
	s.keeps("before two days are over", 2, 3, 3, 2)
	s.Clock.Advance(time.Hour)
	s.sweepAddresses()
	s.keeps("after two days", 1, 1, 1, 1)
	s.Clock.Advance(24 * time.Hour)
	s.sweepAddresses()
	s.keeps("after three", 0, 0, 0, 0)
	// What was kept of them otherwise is there.
	users, err := s.Service.ListUsers(s.Ctx(), s.app.ID, service.UserFilter{})
	s.must(err)
	for _, u := range users.Items {
		if u.LastSignInAt.IsZero() {
			s.Errorf("%s never signed in", u.Name)
		}
	}
}

func oldSession(s *scene) {
	_, err := s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{IPRetention: point(int64(1)), SessionLength: point(int64(7 * 86400))})
	s.must(err)
	ses, key := s.start(), s.key("lifetime")
	s.Clock.Advance(25 * time.Hour)
	s.sweepAddresses()
	_, err = s.Service.ClientLicense(from(address), s.client(), ses, service.ClientSignIn{Key: key, HWID: machine})
	s.must(err)
	s.keeps("signed in late", 1, 1, 0, 0)
	s.Clock.Advance(25 * time.Hour)
	s.sweepAddresses()
	s.keeps("a day later", 0, 0, 0, 0)
}

func addressesOff(s *scene) {
	s.customers()
	s.sweepAddresses()
	s.keeps("on", 2, 2, 2, 1)
	s.Clock.Advance(time.Minute)
	_, err := s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{IPLogging: point(false)})
	s.must(err)
	s.sweepAddresses()
	s.keeps("off", 0, 0, 0, 0)
	_, err = s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{IPLogging: point(true)})
	s.must(err)
	s.Clock.Advance(2 * time.Hour)
	_, err = s.login("ann", "mumble frotz", otherMachine)
	s.must(err)
	s.sweepAddresses()
	s.keeps("on again", 1, 1, 1, 0)
}
