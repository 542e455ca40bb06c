package service_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestAccessLists(t *testing.T) {
	tell(t, []story{
		{"an entry is stored in its one spelling and shown as it is", accessRoundTrip},
		{"what cannot be an entry is refused", accessRefusals},
		{"a list has a value once, whatever its spelling", accessUnique},
		{"a value can be listed again once its entry has expired", accessAgain},
		{"lists are narrowed by kind, and searched by what they would hold", accessSearch},
		{"an edit changes reason and end alone", accessEdits},
		{"many are deleted by ids, by kind or all", accessDeleteMany},
		{"of many at once a list takes no more than it may", accessLimit},
		{"a value that many add at once is there once", accessRace},
		{"expired entries are swept, others stay", accessSweep},
	})
}

// entries are a list as the seller sees it, newest first.
func (s *scene) entries(list latchkey.AccessList) (all []service.AccessView) {
	s.Helper()
	f := service.AccessFilter{Page: service.Page{Limit: service.MaxLimit}}
	for more := true; more; more = f.Cursor != "" {
		page, err := s.Service.ListAccess(s.Ctx(), s.app.ID, list, f)
		s.must(err)
		all, f.Cursor = append(all, page.Items...), page.Next
	}
	return all
}

// blacklist puts an entry on the blacklist.
func (s *scene) blacklist(kind latchkey.AccessKind, value string) service.AccessView {
	s.Helper()
	return s.put(latchkey.Blacklist, kind, value, 0)
}

// put puts an entry on a list, later than all before it, for a while (0: for ever).
func (s *scene) put(list latchkey.AccessList, kind latchkey.AccessKind, value string, lasts time.Duration) service.AccessView {
	s.Helper()
	s.Clock.Advance(time.Millisecond)
	in := service.NewAccess{Kind: kind, Value: value}
	if lasts > 0 {
		in.ExpiresAt = s.Clock.Now().Add(lasts)
	}
	view, err := s.Service.CreateAccess(s.Ctx(), s.app.ID, list, in)
	s.must(err)
	return view
}

// values are the entries that a filter finds, as text.
func (s *scene) values(list latchkey.AccessList, f service.AccessFilter) []string {
	s.Helper()
	page, err := s.Service.ListAccess(s.Ctx(), s.app.ID, list, f)
	s.must(err)
	out := []string{}
	for _, e := range page.Items {
		out = append(out, e.Value.Reveal())
	}
	return out
}

func accessRoundTrip(s *scene) {
	end := s.Clock.Now().Add(time.Hour)
	made, err := s.Service.CreateAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.NewAccess{Kind: "hwid", Value: " " + machine + "\n", Reason: "fraud", ExpiresAt: end})
	s.must(err)
	want := latchkey.AccessEntry{ID: made.ID, AppID: s.app.ID, List: latchkey.Blacklist, Kind: "hwid", Value: machine, Reason: "fraud", ExpiresAt: end,
		CreatedAt: s.Clock.Now(), CreatedBy: s.Owner.Account.ID, UpdatedAt: s.Clock.Now()}
	got, err := s.Service.Access(s.Ctx(), s.app.ID, latchkey.Blacklist, made.ID)
	s.must(err)
	if diff := cmp.Diff(want, got.AccessEntry); diff != "" || !latchkey.IsID(latchkey.KindBlacklistEntry, made.ID) {
		s.Errorf("entry (-want +got):\n%s", diff)
	}
	white := s.put(latchkey.Whitelist, "cidr", "::ffff:203.0.113.9/120", 0)
	if white.Value != "203.0.113.0/24" || !latchkey.IsID(latchkey.KindWhitelistEntry, white.ID) {
		s.Errorf("whitelisted is %+v", white.AccessEntry)
	}
	// Each list has its own entries, whatever their ids say.
	_, err = s.Service.Access(s.Ctx(), s.app.ID, latchkey.Whitelist, made.ID)
	s.refused(err, latchkey.CodeWhitelistNotFound)
	s.refused(s.Service.DeleteAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, white.ID), latchkey.CodeBlacklistNotFound)
	s.must(s.Service.DeleteAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, made.ID))
	s.refused(s.Service.DeleteAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, made.ID), latchkey.CodeBlacklistNotFound)
	if text := s.events(s.app.ID); strings.Contains(text, machine) || !strings.Contains(text, "203.0.113.0/24") {
		s.Errorf("the audit log tells\n%s", text)
	}
}

func accessRefusals(s *scene) {
	for _, c := range []struct {
		list  latchkey.AccessList
		in    service.NewAccess
		field string
	}{
		{latchkey.Blacklist, service.NewAccess{Kind: "ip", Value: "nowhere"}, "value"},
		{latchkey.Blacklist, service.NewAccess{Kind: "moon", Value: "full"}, "kind"},
		{latchkey.Whitelist, service.NewAccess{Kind: "hwid", Value: machine}, "kind"},
		{latchkey.Whitelist, service.NewAccess{Kind: "country", Value: "DE"}, "kind"},
		{latchkey.Blacklist, service.NewAccess{Kind: "ip", Value: address, ExpiresAt: s.Clock.Now()}, "expires_at"},
		{latchkey.Blacklist, service.NewAccess{Kind: "ip", Value: address, Reason: strings.Repeat("x", latchkey.MaxReasonLength+1)}, "reason"},
	} {
		_, err := s.Service.CreateAccess(s.Ctx(), s.app.ID, c.list, c.in)
		if e, ok := err.(*latchkey.Error); !ok || e.Code != latchkey.CodeInvalid || e.Field != c.field {
			s.Errorf("%+v: answered %v", c.in, err)
		}
	}
	// A server without the file cannot judge where addresses are.
	c := besides(s, s.Env, nil, nil)
	c.Geo = nil
	blind := service.New(c)
	for _, kind := range []latchkey.AccessKind{"country", "asn"} {
		_, err := blind.CreateAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.NewAccess{Kind: kind, Value: map[latchkey.AccessKind]string{"country": "DE", "asn": "AS1"}[kind]})
		if e, ok := err.(*latchkey.Error); !ok || e.Field != "kind" || !strings.Contains(e.Message, "--geoip") {
			s.Errorf("%s without a file: %v", kind, err)
		}
	}
	for field, edit := range map[string]service.AppEdit{"vpn_block": {VPNBlock: point(true)}, "allowed_countries": {AllowedCountries: &[]string{"DE"}}} {
		_, err := blind.UpdateApp(s.Ctx(), s.app.ID, edit)
		if e, ok := err.(*latchkey.Error); !ok || e.Field != field || !strings.Contains(e.Message, "--geoip") {
			s.Errorf("%s without a file: %v", field, err)
		}
	}
	// What is on already may stay on.
	both := service.AppEdit{VPNBlock: point(true), AllowedCountries: &[]string{"DE"}}
	s.edit(both)
	both.Version = point("9")
	_, err := blind.UpdateApp(s.Ctx(), s.app.ID, both)
	s.must(err)
	if len(s.entries(latchkey.Blacklist)) > 0 {
		s.Error("something was listed")
	}
}

func accessUnique(s *scene) {
	for kind, spellings := range map[latchkey.AccessKind][]string{
		"ip": {"2001:db8::1", "2001:DB8:0::1"}, "cidr": {"203.0.113.0/24", "203.0.113.77/24"}, "country": {"DE", "de"}, "asn": {"AS64500", "64500"},
		"hwid": {machine, machine + "\n"},
	} {
		s.blacklist(kind, spellings[0])
		_, err := s.Service.CreateAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.NewAccess{Kind: kind, Value: spellings[1]})
		s.refused(err, latchkey.CodeBlacklistExists)
	}
	s.blacklist("hwid", strings.ToUpper(machine)) // those are compared exactly
	s.put(latchkey.Whitelist, "ip", "2001:db8::1", 0)
	_, err := s.Service.CreateAccess(s.Ctx(), s.app.ID, latchkey.Whitelist, service.NewAccess{Kind: "cidr", Value: "2001:db8::1/128"})
	s.refused(err, latchkey.CodeWhitelistExists)
	neighbour := &scene{T: s.T, Env: s.Env, app: s.App("a neighbour of " + s.app.ID)}
	neighbour.blacklist("hwid", machine)
}

func accessAgain(s *scene) {
	first := s.put(latchkey.Blacklist, "ip", address, time.Hour)
	s.Clock.Advance(time.Hour - time.Millisecond)
	_, err := s.Service.CreateAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.NewAccess{Kind: "ip", Value: address})
	s.refused(err, latchkey.CodeBlacklistExists)
	s.Clock.Advance(time.Millisecond)
	second := s.put(latchkey.Blacklist, "ip", address, time.Hour)
	if list := s.entries(latchkey.Blacklist); first.ID == second.ID || len(list) != 1 || list[0].ID != second.ID {
		s.Errorf("listed are %+v", list)
	}
	_, err = s.startFrom(address)
	s.refused(err, latchkey.CodeClientBlacklisted)
}

func accessSearch(s *scene) {
	for _, e := range [][2]string{{"ip", "203.0.113.7"}, {"cidr", "203.0.113.0/24"}, {"cidr", "203.0.0.0/16"}, {"cidr", "198.51.100.0/24"}, {"cidr", "2001:db8::/32"},
		{"country", "DE"}, {"asn", "AS64500"}, {"hwid", machine}} {
		s.blacklist(latchkey.AccessKind(e[0]), e[1])
	}
	for search, want := range map[string][]string{
		"203.0.113.7":        {"203.0.0.0/16", "203.0.113.0/24", "203.0.113.7"},
		"::ffff:203.0.113.8": {"203.0.0.0/16", "203.0.113.0/24"},
		"2001:db8:1::1":      {"2001:db8::/32"},
		"203.0.113.77/24":    {"203.0.113.0/24"},
		"de":                 {"DE"},
		"as64500":            {"AS64500"},
		machine:              {machine},
		"203.0.113":          {},
		"192.0.2.1":          {},
	} {
		got := s.values(latchkey.Blacklist, service.AccessFilter{Search: search})
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("a search for %s (-want +got):\n%s", search, diff)
		}
	}
	if got := s.values(latchkey.Blacklist, service.AccessFilter{Search: "203.0.113.7", Kind: "cidr", Sort: "created"}); !slices.Equal(got, []string{"203.0.113.0/24", "203.0.0.0/16"}) {
		s.Errorf("a search in the order of creation finds %v", got)
	}
	if got := s.values(latchkey.Blacklist, service.AccessFilter{Kind: "cidr", Sort: "created"}); len(got) != 4 || got[0] != "203.0.113.0/24" {
		s.Errorf("networks are %v", got)
	}
	if got := s.values(latchkey.Whitelist, service.AccessFilter{}); len(got) != 0 {
		s.Errorf("whitelisted are %v", got)
	}
	// Pages of a search and of a list.
	for _, f := range []service.AccessFilter{{Search: "203.0.113.7"}, {}, {Kind: "cidr"}} {
		whole := s.values(latchkey.Blacklist, f)
		var parts []string
		f.Limit = 2
		for more := true; more; more = f.Cursor != "" {
			page, err := s.Service.ListAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, f)
			s.must(err)
			for _, e := range page.Items {
				parts = append(parts, e.Value.Reveal())
			}
			f.Cursor = page.Next
		}
		if diff := cmp.Diff(whole, parts); diff != "" {
			s.Errorf("%+v in pages (-whole +parts):\n%s", f, diff)
		}
	}
	_, err := s.Service.ListAccess(s.Ctx(), s.app.ID, latchkey.Whitelist, service.AccessFilter{Kind: "hwid"})
	s.refused(err, latchkey.CodeInvalid)
}

func accessEdits(s *scene) {
	e := s.put(latchkey.Blacklist, "ip", address, time.Hour)
	edit := func(edit service.AccessEdit) (service.AccessView, error) {
		return s.Service.UpdateAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, e.ID, edit)
	}
	got, err := edit(service.AccessEdit{Reason: point("fraud")})
	s.must(err)
	if got.Reason != "fraud" || !got.ExpiresAt.Equal(e.ExpiresAt) {
		s.Errorf("now it is %+v", got.AccessEntry)
	}
	_, err = edit(service.AccessEdit{ExpiresAt: point(s.Clock.Now())})
	s.refused(err, latchkey.CodeInvalid)
	s.Clock.Advance(time.Hour)
	_, err = s.startFrom(address)
	s.must(err)
	got, err = edit(service.AccessEdit{Reason: point("")}) // it may be over
	s.must(err)
	if got.Reason != "" {
		s.Errorf("now it is %+v", got.AccessEntry)
	}
	got, err = edit(service.AccessEdit{ExpiresAt: point(time.Time{})})
	s.must(err)
	if !got.ExpiresAt.IsZero() {
		s.Errorf("now it is %+v", got.AccessEntry)
	}
	_, err = s.startFrom(address)
	s.refused(err, latchkey.CodeClientBlacklisted)
	_, err = s.Service.UpdateAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, "blk_none", service.AccessEdit{})
	s.refused(err, latchkey.CodeBlacklistNotFound)
}

func accessDeleteMany(s *scene) {
	for i := range 12 {
		s.blacklist("ip", fmt.Sprintf("192.0.2.%d", i))
	}
	s.blacklist("country", "FR")
	s.put(latchkey.Whitelist, "ip", "192.0.2.1", 0)
	remove := func(sel service.AccessSelection, call service.BulkCall) (service.BulkChange, error) {
		return s.Service.DeleteAccessEntries(s.Ctx(), s.app.ID, latchkey.Blacklist, sel, call)
	}
	for _, sel := range []service.AccessSelection{{}, {All: true, IDs: []string{"blk_x"}}, {IDs: []string{"blk_x"}, Kind: "ip"}, {All: true, Kind: "moon"}} {
		_, err := remove(sel, service.BulkCall{})
		s.refused(err, latchkey.CodeInvalid)
	}
	ids := []string{s.entries(latchkey.Blacklist)[0].ID, s.entries(latchkey.Whitelist)[0].ID, "blk_none"}
	for _, dry := range []bool{true, false} {
		got, err := remove(service.AccessSelection{IDs: ids}, service.BulkCall{DryRun: dry})
		s.must(err)
		if got.Change != (service.Change{Matched: 1, Changed: 1}) || got.DryRun != dry {
			s.Errorf("by ids (dry: %v): %+v", dry, got)
		}
	}
	small := besides(s, s.Env, nil, nil)
	small.BulkChunk, small.Rand = 5, s.random()
	for _, dry := range []bool{true, false} {
		got, err := service.New(small).DeleteAccessEntries(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessSelection{All: true, Kind: "ip"}, service.BulkCall{DryRun: dry, Repeat: "once"})
		s.must(err)
		if got.Change != (service.Change{Matched: 12, Changed: 12}) {
			s.Errorf("by kind (dry: %v): %+v", dry, got)
		}
	}
	if len(s.entries(latchkey.Blacklist)) != 0 || len(s.entries(latchkey.Whitelist)) != 1 {
		s.Errorf("left are %v and %v", s.entries(latchkey.Blacklist), s.entries(latchkey.Whitelist))
	}
	_, err := s.startFrom("192.0.2.1")
	s.must(err)
	if got := s.actions()[:2]; !slices.Equal(got, []string{"blacklist.delete_many", "blacklist.delete"}) {
		s.Errorf("the log ends with %v", got)
	}
}

func accessLimit(s *scene) {
	c := besides(s, s.Env, nil, nil)
	c.AccessEntries, c.Rand = 25, s.random()
	svc := service.New(c)
	errs := together(40, func(i int) error {
		return drop(svc.CreateAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.NewAccess{Kind: "ip", Value: fmt.Sprintf("192.0.2.%d", i)}))
	})
	if diff := cmp.Diff(map[latchkey.Code]int{"": 25, latchkey.CodeInvalid: 15}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
	if n := len(s.entries(latchkey.Blacklist)); n != 25 {
		s.Errorf("the list has %d entries", n)
	}
	_, err := svc.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessImport{Text: "192.0.2.1\n192.0.2.200"})
	s.refused(err, latchkey.CodeInvalid)
	_, err = svc.ImportAccess(s.Ctx(), s.app.ID, latchkey.Whitelist, service.AccessImport{Text: "192.0.2.1"})
	s.must(err)
}

func accessRace(s *scene) {
	errs := together(20, func(int) error {
		return drop(s.Service.CreateAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.NewAccess{Kind: "hwid", Value: machine}))
	})
	if diff := cmp.Diff(map[latchkey.Code]int{"": 1, latchkey.CodeBlacklistExists: 19}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
}

func accessSweep(s *scene) {
	s.put(latchkey.Blacklist, "ip", "192.0.2.1", time.Hour)
	s.put(latchkey.Whitelist, "ip", "192.0.2.1", time.Hour)
	kept := s.put(latchkey.Blacklist, "ip", "192.0.2.2", 2*time.Hour)
	s.put(latchkey.Whitelist, "ip", "192.0.2.3", 0)
	s.Clock.Advance(time.Hour)
	_, err := s.Service.SweepAccess(context.Background())
	s.must(err)
	if list := s.entries(latchkey.Blacklist); len(list) != 1 || list[0].ID != kept.ID {
		s.Errorf("left are %+v", list)
	}
	if list := s.entries(latchkey.Whitelist); len(list) != 1 {
		s.Errorf("left are %+v", list)
	}
}
