package service_test

import (
	"context"
	"crypto/rand"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// from is the context of a call from an address.
func from(ip string) context.Context {
	return service.WithOrigin(context.Background(), service.Origin{RequestID: "req_story", IP: ip})
}

func (s *scene) random() io.Reader { return rand.Reader }

// startFrom begins a session from an address.
func (s *scene) startFrom(ip string) (*service.ClientSession, error) {
	return s.Service.ClientInit(from(ip), s.client(), service.ClientInit{Protocol: latchkey.Protocol13})
}

func TestAccess(t *testing.T) {
	tell(t, []story{
		{"who is kept out is so at init and at every way to sign in", accessAtTheDoor},
		{"a blacklisted hardware id is refused whether or not devices are bound", accessByHWID},
		{"who is inside is judged at every call, by where they came from and where they are", accessInside},
		{"the whitelist goes before all rules on addresses, and no further", accessWhitelisted},
		{"init judges the app's state first, then the caller, then the program", accessOrder},
		{"VPNs and countries are judged by the operator's file", accessOrigin},
		{"an entry is over at its end, without a sweep", accessEnds},
		{"checkblacklist answers for address, hardware id and session", accessAsked},
		{"apps do not judge by each other's lists", accessApart},
		{"long lists are brought up to date entry by entry", accessLong},
	})
}

func accessAtTheDoor(s *scene) {
	ses := s.start()
	ann := s.user("ann", "secret")
	key := s.key("30d")
	s.blacklist("cidr", "203.0.113.0/24")
	s.blacklist("hwid", otherMachine)
	calls := map[string]func(ctx context.Context, hwid string) error{
		"license": func(ctx context.Context, hwid string) error {
			return drop(s.Service.ClientLicense(ctx, s.client(), ses, service.ClientSignIn{Key: key, HWID: hwid}))
		},
		"register": func(ctx context.Context, hwid string) error {
			return drop(s.Service.ClientRegister(ctx, s.client(), ses, service.ClientSignIn{Username: "bob", Password: "x", Key: key, HWID: hwid}))
		},
		"login": func(ctx context.Context, hwid string) error {
			return drop(s.Service.ClientLogin(ctx, s.client(), ses, service.ClientSignIn{Username: "ann", Password: "secret", HWID: hwid}))
		},
		"upgrade": func(ctx context.Context, hwid string) error {
			return s.Service.ClientUpgrade(ctx, s.client(), ses, service.ClientSignIn{Username: "ann", Key: key, HWID: hwid})
		},
	}
	for name, call := range calls {
		if code := latchkey.CodeOf(call(from("203.0.113.9"), machine)); code != latchkey.CodeClientBlacklisted {
			s.Errorf("%s from the network: %q", name, code)
		}
		if code := latchkey.CodeOf(call(from("192.0.2.1"), otherMachine)); code != latchkey.CodeClientBlacklisted {
			s.Errorf("%s from the device: %q", name, code)
		}
	}
	_, err := s.startFrom("203.0.113.9")
	s.refused(err, latchkey.CodeClientBlacklisted)
	if s.left(ann.ID) > 30*24*time.Hour || len(s.found(ann.ID).Devices) > 0 || s.licenses()[0].Status != latchkey.LicenseNotUsed {
		s.Error("who was kept out has changed something")
	}
	_, err = s.startFrom("192.0.2.1")
	s.must(err)
	s.must(calls["login"](from("192.0.2.1"), machine))
}

func accessByHWID(s *scene) {
	s.edit(service.AppEdit{DeviceRule: point(false)})
	ses := s.signedIn("30d")
	s.must(s.call(ses))
	e := s.blacklist("hwid", machine)
	s.refused(s.call(ses), latchkey.CodeClientBlacklisted)
	_, err := s.license(s.key("30d"), machine+"\n")
	s.refused(err, latchkey.CodeClientBlacklisted)
	_, err = s.license(s.key("30d"), "")
	s.must(err) // that nothing is sent is for the device rule to judge
	s.must(s.Service.DeleteAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, e.ID))
	s.must(s.call(ses))
}

// checkFrom is the next call with a session, from an address.
func (s *scene) checkFrom(ses *service.ClientSession, ip string) error {
	return s.Service.ClientCheck(from(ip), s.client(), ses)
}

func accessInside(s *scene) {
	ses := s.signedIn("30d") // from address
	begun := s.start()
	s.must(s.checkFrom(ses, "192.0.2.1"))
	s.blacklist("ip", "192.0.2.1")
	s.refused(s.checkFrom(ses, "192.0.2.1"), latchkey.CodeClientBlacklisted)
	s.refused(s.checkFrom(begun, "192.0.2.1"), latchkey.CodeClientBlacklisted)
	s.must(s.checkFrom(ses, "192.0.2.2"))
	s.blacklist("ip", address)
	s.refused(s.checkFrom(ses, "192.0.2.2"), latchkey.CodeClientBlacklisted)
	s.refused(s.checkFrom(begun, "192.0.2.2"), latchkey.CodeSessionNotSignedIn)
	s.must(s.Service.ClientLogout(from("192.0.2.1"), s.client(), ses)) // one may always leave
}

func accessWhitelisted(s *scene) {
	s.edit(service.AppEdit{VPNBlock: point(true), AllowedCountries: &[]string{"FR"}})
	s.blacklist("cidr", "0.0.0.0/0")
	s.blacklist("country", "DE")
	s.blacklist("asn", "AS64501")
	s.blacklist("hwid", machine)
	inside := "203.0.113.70" // a VPN in Germany
	for _, ip := range []string{inside, "192.0.2.1"} {
		_, err := s.startFrom(ip)
		s.refused(err, latchkey.CodeClientBlacklisted)
	}
	s.put(latchkey.Whitelist, "cidr", "203.0.113.64/26", 0)
	ses, err := s.startFrom(inside)
	s.must(err)
	_, err = s.Service.ClientLicense(from(inside), s.client(), ses, service.ClientSignIn{Key: s.key("1d"), HWID: machine})
	s.refused(err, latchkey.CodeClientBlacklisted)
	_, err = s.Service.ClientLicense(from(inside), s.client(), ses, service.ClientSignIn{Key: s.key("1d"), HWID: otherMachine})
	s.must(err)
	s.must(s.checkFrom(ses, inside))
	_, err = s.startFrom("192.0.2.1")
	s.refused(err, latchkey.CodeClientBlacklisted)
}

func accessOrder(s *scene) {
	s.blacklist("ip", address)
	init := func() error {
		return drop(s.Service.ClientInit(outside(), s.client(), service.ClientInit{Protocol: latchkey.Protocol13, Version: "0"}))
	}
	s.refused(init(), latchkey.CodeClientBlacklisted)
	_, err := s.Service.PauseApp(s.Ctx(), s.app.ID)
	s.must(err)
	s.refused(init(), latchkey.CodeAppPaused)
	_, err = s.Service.DisableApp(s.Ctx(), s.app.ID)
	s.must(err)
	s.refused(init(), latchkey.CodeAppDisabled)
	s.edit(service.AppEdit{AcceptProtocols: &[]latchkey.Protocol{latchkey.Protocol12}})
	s.refused(init(), latchkey.CodeProtocolNotAccepted)
}

func accessOrigin(s *scene) {
	answers := func() map[string]latchkey.Code {
		out := map[string]latchkey.Code{}
		for _, ip := range []string{"192.0.2.1", "198.51.100.1", "203.0.113.1", "203.0.113.70", "203.0.113.200", "2001:db8::1", "::1", ""} {
			_, err := s.startFrom(ip)
			out[ip] = latchkey.CodeOf(err)
		}
		return out
	}
	for _, c := range []struct {
		rule string
		edit service.AppEdit
		want map[string]latchkey.Code
	}{
		{"neither", service.AppEdit{}, map[string]latchkey.Code{"192.0.2.1": "", "198.51.100.1": "", "203.0.113.1": "", "203.0.113.70": "", "203.0.113.200": "", "2001:db8::1": "", "::1": "", "": ""}},
		{"no VPNs", service.AppEdit{VPNBlock: point(true)}, map[string]latchkey.Code{"192.0.2.1": "", "198.51.100.1": latchkey.CodeClientVPN, "203.0.113.1": "",
			"203.0.113.70": latchkey.CodeClientVPN, "203.0.113.200": "", "2001:db8::1": "", "::1": "", "": ""}},
		{"Germany alone", service.AppEdit{VPNBlock: point(false), AllowedCountries: &[]string{"DE"}}, map[string]latchkey.Code{"192.0.2.1": latchkey.CodeClientRegion,
			"198.51.100.1": latchkey.CodeClientRegion, "203.0.113.1": "", "203.0.113.70": "", "203.0.113.200": latchkey.CodeClientRegion, "2001:db8::1": "",
			"::1": latchkey.CodeClientRegion, "": latchkey.CodeClientRegion}},
		{"both", service.AppEdit{VPNBlock: point(true)}, map[string]latchkey.Code{"192.0.2.1": latchkey.CodeClientRegion, "198.51.100.1": latchkey.CodeClientVPN,
			"203.0.113.1": "", "203.0.113.70": latchkey.CodeClientVPN, "203.0.113.200": latchkey.CodeClientRegion, "2001:db8::1": "", "::1": latchkey.CodeClientRegion, "": latchkey.CodeClientRegion}},
	} {
		s.edit(c.edit)
		if diff := cmp.Diff(c.want, answers()); diff != "" {
			s.Errorf("%s (-want +got):\n%s", c.rule, diff)
		}
	}
	s.edit(service.AppEdit{VPNBlock: point(false), AllowedCountries: &[]string{}})
	s.blacklist("asn", "64501")
	s.blacklist("country", "us")
	want := map[string]latchkey.Code{"192.0.2.1": "", "198.51.100.1": latchkey.CodeClientBlacklisted, "203.0.113.1": "", "203.0.113.70": latchkey.CodeClientBlacklisted,
		"203.0.113.200": "", "2001:db8::1": "", "::1": "", "": ""}
	if diff := cmp.Diff(want, answers()); diff != "" {
		s.Errorf("by entries (-want +got):\n%s", diff)
	}
}

func accessEnds(s *scene) {
	s.put(latchkey.Blacklist, "ip", address, time.Hour)
	ses := s.start
	_, err := s.startFrom(address)
	s.refused(err, latchkey.CodeClientBlacklisted)
	s.Clock.Advance(time.Hour - time.Millisecond)
	_, err = s.startFrom(address)
	s.refused(err, latchkey.CodeClientBlacklisted)
	s.Clock.Advance(time.Millisecond)
	ses()
}

func accessAsked(s *scene) {
	begun, ses := s.start(), s.signedIn("30d")
	ask := func(ses *service.ClientSession, ip, hwid string) bool {
		s.Helper()
		listed, err := s.Service.ClientBlacklisted(from(ip), s.client(), ses, hwid)
		s.must(err)
		return listed
	}
	if ask(begun, address, machine) || ask(ses, address, "") {
		s.Error("blacklisted before anything is")
	}
	s.blacklist("hwid", machine)
	s.blacklist("ip", "192.0.2.1")
	s.edit(service.AppEdit{AllowedCountries: &[]string{"FR"}}) // which is no blacklist
	for _, c := range []struct {
		ses      *service.ClientSession
		ip, hwid string
		want     bool
	}{{begun, address, "", false}, {begun, address, machine, true}, {begun, address, machine + "\n", true}, {begun, address, otherMachine, false},
		{begun, "192.0.2.1", "", true}, {ses, address, "", true}} {
		if got := ask(c.ses, c.ip, c.hwid); got != c.want {
			s.Errorf("%s %q: %v", c.ip, c.hwid, got)
		}
	}
	_, err := s.Service.ClientBlacklisted(outside(), s.client(), begun, string(make([]byte, 257)))
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.Service.PauseApp(s.Ctx(), s.app.ID)
	s.must(err)
	_, err = s.Service.ClientBlacklisted(outside(), s.client(), begun, "")
	s.refused(err, latchkey.CodeAppPaused)
}

func accessApart(s *scene) {
	neighbour := &scene{T: s.T, Env: s.Env, app: s.App("beside " + s.app.ID)}
	neighbour.blacklist("ip", address)
	neighbour.blacklist("hwid", machine)
	s.must(s.call(s.signedIn("30d")))
	_, err := neighbour.startFrom(address)
	s.refused(err, latchkey.CodeClientBlacklisted)
}

func accessLong(s *scene) {
	s.importRange(latchkey.Blacklist, 5_200)
	_, err := s.startFrom("10.0.20.1")
	s.refused(err, latchkey.CodeClientBlacklisted)
	s.blacklist("ip", address)
	_, err = s.startFrom(address)
	s.refused(err, latchkey.CodeClientBlacklisted)
	_, err = s.startFrom("10.0.20.1")
	s.refused(err, latchkey.CodeClientBlacklisted)
	// A deletion may take a second to be in force, an addition meanwhile does not.
	s.must(s.Service.DeleteAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, s.entries(latchkey.Blacklist)[0].ID))
	s.blacklist("ip", "192.0.2.1")
	_, err = s.startFrom("192.0.2.1")
	s.refused(err, latchkey.CodeClientBlacklisted)
	s.Clock.Advance(time.Second)
	_, err = s.startFrom(address)
	s.must(err)
	_, err = s.startFrom("192.0.2.1")
	s.refused(err, latchkey.CodeClientBlacklisted)
}
