package service_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestAuditLog(t *testing.T) {
	tell(t, []story{
		{"a log is narrowed by whatever an event tells", narrowedAudit},
		{"what no index knows is looked for 5,000 events a page", longAudit},
		{"an event is told with the names that the reader may read", auditNames},
		{"an export has all events that its filter leaves", auditExport},
		{"the server's own log is for administrators", serverAudit},
	})
}

// What is written into a log and cannot be found in the list could not be
// filtered by, and the dashboard would have no words for it.
func TestEveryActionIsListed(t *testing.T) {
	listed := map[string]bool{}
	begins := map[string]bool{}
	for _, a := range latchkey.AuditActions() {
		listed[a.Name] = false
		begin, _, _ := strings.Cut(a.Name, ".")
		begins[begin] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	action := regexp.MustCompile(`"([a-z_]+)\.[a-z_]+"`)
	ofList := regexp.MustCompile(`string\(list\) ?\+ ?"(\.[a-z_]+)"`)
	note := func(file, name string) {
		if _, known := listed[name]; !known {
			t.Errorf("%s writes %s, which is not in latchkey.AuditActions", file, name)
		}
		listed[name] = true
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range action.FindAllStringSubmatch(string(source), -1) {
			if begins[m[1]] {
				note(file, strings.Trim(m[0], `"`))
			}
		}
		for _, m := range ofList.FindAllStringSubmatch(string(source), -1) {
			note(file, string(latchkey.Blacklist)+m[1])
			note(file, string(latchkey.Whitelist)+m[1])
		}
	}
	for name, written := range listed {
		if !written {
			t.Errorf("nothing writes %s", name)
		}
	}
}

// audited are the actions that a filter leaves, newest first.
func (s *scene) audited(f service.AuditFilter) []string {
	s.Helper()
	f.Limit = service.MaxLimit
	list, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, f)
	s.must(err)
	actions := []string{}
	for _, v := range list.Items {
		actions = append(actions, v.Action)
	}
	return actions
}

func narrowedAudit(s *scene) {
	start := s.Clock.Now()
	l := s.Licenses(s.app.ID, 1, "1d")[0]
	s.Clock.Advance(time.Hour)
	_, err := s.license(l.Key.Reveal(), machine)
	s.must(err)
	customer := s.users()[0]
	s.Clock.Advance(time.Hour)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, customer.ID, service.UserBan{Reason: "Charge-back"})
	s.must(err)
	noon := s.Clock.Now()
	for _, c := range []struct {
		f    service.AuditFilter
		want []string
	}{
		{service.AuditFilter{}, []string{"user.ban", "device.bind", "license.redeem", "license.create", "app.update", "app.create"}},
		{service.AuditFilter{Sort: "at", From: start.Add(time.Minute)}, []string{"license.redeem", "device.bind", "user.ban"}},
		{service.AuditFilter{From: start.Add(time.Minute), To: noon}, []string{"device.bind", "license.redeem"}},
		{service.AuditFilter{Actor: s.Owner.Account.ID, From: start}, []string{"user.ban", "license.create", "app.update", "app.create"}},
		{service.AuditFilter{Actor: customer.ID}, []string{"device.bind", "license.redeem"}},
		{service.AuditFilter{ActorKind: "customer"}, []string{"device.bind", "license.redeem"}},
		{service.AuditFilter{ActorKind: "account", Actions: []string{"user.*", "license.create"}}, []string{"user.ban", "license.create"}},
		{service.AuditFilter{ActorKind: "server"}, []string{}},
		{service.AuditFilter{Actions: []string{"license.*"}}, []string{"license.redeem", "license.create"}},
		{service.AuditFilter{Actions: []string{"license.*", "license.redeem"}, To: start.Add(time.Minute)}, []string{"license.create"}},
		{service.AuditFilter{TargetKind: latchkey.KindUser}, []string{"user.ban"}},
		{service.AuditFilter{TargetKind: latchkey.KindUser, Actions: []string{"license.*"}}, []string{}},
		{service.AuditFilter{Target: l.ID}, []string{"license.redeem", "license.create"}},
		{service.AuditFilter{Target: l.ID, ActorKind: "customer"}, []string{"license.redeem"}},
		{service.AuditFilter{Search: "CHARGE"}, []string{"user.ban"}},
		{service.AuditFilter{Search: customer.ID}, []string{"user.ban", "device.bind", "license.redeem"}},
		{service.AuditFilter{Search: "nothing of that"}, []string{}},
	} {
		if diff := cmp.Diff(c.want, s.audited(c.f)); diff != "" {
			s.Errorf("%+v (-want +got):\n%s", c.f, diff)
		}
	}
	for _, f := range []service.AuditFilter{{Sort: "created"}, {ActorKind: "robot"}, {Actions: []string{"license.fly"}}, {Actions: []string{"*"}}, {Actions: []string{"license*"}},
		{TargetKind: latchkey.KindBatch}, {Search: strings.Repeat("x", 201)}} {
		_, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, f)
		s.refused(err, latchkey.CodeInvalid)
	}
	first, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Actions: []string{"license.*"}, Page: service.Page{Limit: 1}})
	s.must(err)
	_, err = s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: 1, Cursor: first.Next}})
	s.refused(err, latchkey.CodeCursorInvalid)
}

func longAudit(s *scene) {
	sub, err := s.Service.CreateSubscription(s.Ctx(), s.app.ID, "Needle", 7)
	s.must(err)
	for i := range 5 {
		s.Clock.Advance(time.Second)
		ids := []string{}
		for _, l := range s.Licenses(s.app.ID, 1000, "1d") {
			ids = append(ids, l.ID)
		}
		_, err := s.Service.BanLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{IDs: ids}, service.LicenseBan{Reason: fmt.Sprint("hay ", i)}, service.BulkCall{})
		s.must(err)
	}
	f := service.AuditFilter{Search: "needle"}
	first, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, f)
	s.must(err)
	if len(first.Items) != 0 || first.Next == "" {
		s.Fatalf("the first page has %d events, next %v", len(first.Items), first.Next != "")
	}
	f.Cursor = first.Next
	second, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, f)
	s.must(err)
	if len(second.Items) != 1 || second.Items[0].TargetID != sub.ID || second.Next != "" {
		s.Errorf("the second page has %d events, next %v", len(second.Items), second.Next != "")
	}
}

func auditNames(s *scene) {
	ann := s.user("ann", "secret")
	l := s.Licenses(s.app.ID, 1, "1d")[0]
	s.ban(l.ID, "", false)
	_, token := s.newKey(service.NewAPIKey{Name: "reader", Permissions: []latchkey.Permission{latchkey.PermAuditRead, latchkey.PermLicensesRead}})
	reader, err := s.Service.AuthenticateAPIKey(outside(), token)
	s.must(err)
	owner := s.Owner.Account
	for _, c := range []struct {
		what   string
		actor  service.Actor
		target string
		want   map[string]string
	}{
		{"the owner", service.ActorFrom(s.Ctx()), ann.ID, map[string]string{ann.ID: "ann", owner.ID: owner.Email}},
		{"the owner", service.ActorFrom(s.Ctx()), l.ID, map[string]string{l.ID: "…" + l.Key.Reveal()[len(l.Key.Reveal())-4:], owner.ID: owner.Email}},
		{"who may not read users", reader, ann.ID, nil},
		{"who may read licenses", reader, l.ID, map[string]string{l.ID: "…" + l.Key.Reveal()[len(l.Key.Reveal())-4:]}},
	} {
		list, err := s.Service.ListAuditEvents(service.WithActor(outside(), c.actor), s.app.ID, service.AuditFilter{Target: c.target, Page: service.Page{Limit: 1}})
		s.must(err)
		got := list.Items[0].Names
		for id := range got { // what else an event mentions is not what this is about
			if id != c.target && id != owner.ID {
				delete(got, id)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			s.Errorf("%s of %s (-want +got):\n%s", c.what, c.target, diff)
		}
	}
	s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, ann.ID))
	list, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Target: ann.ID})
	s.must(err)
	for _, v := range list.Items {
		if name, there := v.Names[ann.ID]; there {
			s.Errorf("who is gone is called %q", name)
		}
	}
}

func auditExport(s *scene) {
	for range 600 {
		s.Licenses(s.app.ID, 1, "1d")
	}
	for search, want := range map[string]int{"": 603, "custom_key": 600, "none": 0} {
		f := service.AuditFilter{Search: search}
		if search == "" {
			f.Actions = []string{"license.create", "app.*"}
			want = 602
		}
		e, err := s.Service.BeginAuditExport(s.Ctx(), s.app.ID, f, "csv")
		s.must(err)
		if s.newest(s.Ctx(), s.app.ID, 1)[0] != "audit.export" {
			s.Error("an export has begun without an audit event")
		}
		var seqs []int64
		s.must(e.Each(s.Ctx(), func(list []service.AuditView) error {
			for _, v := range list {
				seqs = append(seqs, v.Seq)
			}
			return nil
		}))
		if len(seqs) != want || e.App != s.app.Name || !slices.IsSorted(seqs) {
			s.Errorf("search %q: %d events of %s, want %d", search, len(seqs), e.App, want)
		}
	}
	s.refused(drop(s.Service.BeginAuditExport(s.Ctx(), s.app.ID, service.AuditFilter{Sort: "x"}, "csv")), latchkey.CodeInvalid)
}

func serverAudit(s *scene) {
	ann := other(s, s.Env, "nobody@example.com")
	s.refused(drop(s.Service.ListAuditEvents(s.As(ann), "", service.AuditFilter{})), latchkey.CodeForbidden)
	s.refused(drop(s.Service.BeginAuditExport(s.As(ann), "", service.AuditFilter{}, "json")), latchkey.CodeForbidden)
	list, err := s.Service.ListAuditEvents(s.Ctx(), "", service.AuditFilter{Target: ann.ID})
	s.must(err)
	if len(list.Items) != 1 || list.Items[0].Action != "account.create" || list.Items[0].Names[ann.ID] != ann.Email {
		s.Errorf("%+v", list.Items)
	}
	e, err := s.Service.BeginAuditExport(s.Ctx(), "", service.AuditFilter{Actions: []string{"account.create"}}, "json")
	s.must(err)
	n := 0
	s.must(e.Each(s.Ctx(), func(list []service.AuditView) error { n += len(list); return nil }))
	if n == 0 || e.App != "" || s.newest(s.Ctx(), "", 1)[0] != "audit.export" {
		s.Errorf("%d events of %q", n, e.App)
	}
}
