package service_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestLogs(t *testing.T) {
	tell(t, []story{
		{"a program reports before anybody has signed in, and after", reports},
		{"who may report: open sessions of an open app", mayReport},
		{"what cannot be a message is refused, what is too long of a name cut", messageRules},
		{"addresses are kept only where the app keeps them", addressesKept},
		{"one session reports so often, one address, all strangers", logLimits},
		{"lists are narrowed, searched and paged", logLists},
		{"a search goes on where it stopped looking", longSearch},
		{"lines are deleted one by one, by ids, by filter, all", logDeletion},
		{"an export has all lines that its filter leaves", logExport},
		{"old lines go, and the oldest of too many", logSweep},
		{"lines are posted where the seller says", logWebhook},
		{"a receiver that wants no more gets no more", logWebhookStop},
	})
}

// report has a program report with a session.
func (s *scene) report(ses *service.ClientSession, message, device string) error {
	return s.Service.ClientLog(outside(), s.client(), ses, message, device)
}

func (s *scene) logs(f service.LogFilter) []service.LogView {
	s.Helper()
	list, err := s.Service.ListLogs(s.Ctx(), s.app.ID, f)
	s.must(err)
	return list.Items
}

// reportMany reports n lines, as many at once as a database has connections.
func (s *scene) reportMany(n int, ses *service.ClientSession, message string) {
	s.Helper()
	const atOnce = 10
	client := s.client()
	for range n / atOnce {
		for _, err := range together(atOnce, func(int) error { return s.Service.ClientLog(outside(), client, ses, message, "") }) {
			s.must(err)
		}
	}
}

// furnishLog makes an app, as an account, have a log line and a webhook.
func (s *scene) furnishLog(ctx context.Context) string {
	s.Helper()
	s.must(s.report(s.start(), "a line", ""))
	_, err := s.Service.SetLogWebhook(ctx, s.app.ID, channel)
	s.must(err)
	list, err := s.Service.ListLogs(ctx, s.app.ID, service.LogFilter{})
	s.must(err)
	return list.Items[0].ID
}

// said are the messages of a list.
func said(list []service.LogView) string {
	messages := []string{}
	for _, v := range list {
		messages = append(messages, v.Message)
	}
	return strings.Join(messages, ",")
}

func reports(s *scene) {
	ses := s.start()
	s.must(s.report(ses, "started", " ANN-PC\n"))
	ann := s.user("ann", "secret")
	_, err := s.Service.ClientLogin(outside(), s.client(), ses, service.ClientSignIn{Username: "ann", Password: "secret", HWID: machine})
	s.must(err)
	s.Clock.Advance(time.Second)
	s.must(s.report(ses, "signed in", ""))
	got := s.logs(service.LogFilter{})
	for i := range got {
		if !latchkey.IsID(latchkey.KindLogLine, got[i].ID) {
			s.Errorf("id %q", got[i].ID)
		}
		got[i].ID = ""
	}
	want := []service.LogView{
		{LogLine: latchkey.LogLine{AppID: s.app.ID, UserID: ann.ID, IP: address, Message: "signed in", CreatedAt: s.Clock.Now()}, Username: "ann"},
		{LogLine: latchkey.LogLine{AppID: s.app.ID, Device: "ANN-PC", IP: address, Message: "started", CreatedAt: s.Clock.Now().Add(-time.Second)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("(-want +got):\n%s", diff)
	}
}

func mayReport(s *scene) {
	expiring := s.signedIn("1h")
	s.Clock.Advance(2 * time.Hour)
	s.must(s.report(expiring, "time is over", ""))
	banned := s.signedIn("30d")
	for _, u := range s.users() {
		_, err := s.Service.BanUser(s.Ctx(), s.app.ID, u.ID, service.UserBan{})
		s.must(err)
	}
	s.refused(s.report(banned, "let me in", ""), latchkey.CodeSessionNotFound)
	ses := s.start()
	_, err := s.Service.PauseApp(s.Ctx(), s.app.ID)
	s.must(err)
	s.refused(s.report(ses, "x", ""), latchkey.CodeAppPaused)
	_, err = s.Service.ResumeApp(s.Ctx(), s.app.ID)
	s.must(err)
	accept := []latchkey.Protocol{latchkey.ProtocolNative}
	s.edit(service.AppEdit{AcceptProtocols: &accept})
	s.refused(s.report(ses, "x", ""), latchkey.CodeProtocolNotAccepted)
	if got := said(s.logs(service.LogFilter{})); got != "time is over" {
		s.Errorf("kept: %s", got)
	}
}

func messageRules(s *scene) {
	ses := s.start()
	for message, want := range map[string]latchkey.Code{
		"": latchkey.CodeInvalid, " \n": latchkey.CodeInvalid, "a\x00b": latchkey.CodeInvalid, strings.Repeat("é", 1025): latchkey.CodeInvalid, "\xff": latchkey.CodeInvalid,
		strings.Repeat("é", 1024): "", "two\nlines": "",
	} {
		s.refused(s.report(ses, message, strings.Repeat("ü", 150)), want)
	}
	for _, v := range s.logs(service.LogFilter{}) {
		if v.Device != strings.Repeat("ü", 100) {
			s.Errorf("the computer is called %q", v.Device)
		}
	}
}

func addressesKept(s *scene) {
	ses := s.start()
	s.edit(service.AppEdit{IPLogging: point(false)})
	s.must(s.report(ses, "hidden", ""))
	s.edit(service.AppEdit{IPLogging: point(true)})
	s.must(s.report(ses, "shown", ""))
	for _, v := range s.logs(service.LogFilter{}) {
		if (v.Message == "shown") != (v.IP == address) || v.Message == "hidden" && v.IP != "" {
			s.Errorf("%s has the address %q", v.Message, v.IP)
		}
	}
}

// flood reports until it is refused, and says how often it was not.
func (s *scene) flood(ip string, ses *service.ClientSession) (n int) {
	s.Helper()
	ctx := service.WithOrigin(context.Background(), service.Origin{IP: ip})
	for ; n < 10_000; n++ {
		err := s.Service.ClientLog(ctx, s.client(), ses, "flood", "")
		if latchkey.CodeOf(err) == latchkey.CodeRateLimited {
			return n
		}
		s.must(err)
	}
	return n
}

func logLimits(s *scene) {
	customer := s.signedIn("30d")
	mine := s.start()
	if n := s.flood("198.51.100.1", mine); n != 30 {
		s.Errorf("one session reported %d lines", n)
	}
	total := 30
	for range 20 {
		total += s.flood("198.51.100.1", s.start())
	}
	if total != 120 {
		s.Errorf("one address reported %d lines", total)
	}
	for i := range 20 {
		total += s.flood(fmt.Sprintf("198.51.100.%d", 10+i), s.start())
	}
	if total != 300 {
		s.Errorf("all strangers reported %d lines", total)
	}
	// They have used nothing up that a customer needs.
	if n := s.flood(address, customer); n != 30 {
		s.Errorf("a customer reported %d lines", n)
	}
	s.Clock.Advance(time.Minute)
	if n := s.flood("198.51.100.1", mine); n != 30 {
		s.Errorf("a minute later one session reported %d lines", n)
	}
}

func logLists(s *scene) {
	s.Change(func(c *service.Config) { c.Limits.LogPerMinute = -1 })
	defer s.Change(func(c *service.Config) { c.Limits.LogPerMinute = 0 })
	ses, customer := s.start(), s.signedIn("30d")
	user := s.users()[0].ID
	for i := range 12 {
		s.Clock.Advance(time.Second)
		who := ses
		if i%3 == 0 {
			who = customer
		}
		s.must(s.report(who, fmt.Sprintf("Line %d", i), []string{"PC-A", "PC-B"}[i%2]))
	}
	began := s.Clock.Now().Add(-12 * time.Second)
	for name, c := range map[string]struct {
		f    service.LogFilter
		want string
	}{
		"a user's":            {service.LogFilter{UserID: user}, "Line 9,Line 6,Line 3,Line 0"},
		"a computer's":        {service.LogFilter{Device: "PC-A", Sort: "created", Page: service.Page{Limit: 2}}, "Line 0,Line 2"},
		"of a time":           {service.LogFilter{CreatedAfter: began.Add(3 * time.Second), CreatedBefore: began.Add(5 * time.Second)}, "Line 3,Line 2"},
		"with a text":         {service.LogFilter{Search: "lINE 1"}, "Line 11,Line 10,Line 1"},
		"with a text, paged":  {service.LogFilter{Search: "line 1", Page: service.Page{Limit: 2}}, "Line 11,Line 10"},
		"of a user with text": {service.LogFilter{Search: "3", UserID: user}, "Line 3"},
		"with no such text":   {service.LogFilter{Search: "nothing"}, ""},
	} {
		if got := said(s.logs(c.f)); got != c.want {
			s.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for _, search := range []string{"", "line"} {
		var all []string
		f := service.LogFilter{Search: search, Page: service.Page{Limit: 5}}
		for pages := 0; pages == 0 || f.Cursor != ""; pages++ {
			list, err := s.Service.ListLogs(s.Ctx(), s.app.ID, f)
			s.must(err)
			all = append(all, said(list.Items))
			f.Cursor = list.Next
		}
		if got := strings.Join(all, ";"); strings.Count(got, "Line") != 12 {
			s.Errorf("search %q: pages %s", search, got)
		}
	}
	_, err := s.Service.ListLogs(s.Ctx(), s.app.ID, service.LogFilter{Sort: "message"})
	s.refused(err, latchkey.CodeInvalid)
}

func longSearch(s *scene) {
	s.Change(func(c *service.Config) { c.Limits.LogPerMinute = -1 })
	defer s.Change(func(c *service.Config) { c.Limits.LogPerMinute = 0 })
	ses := s.start()
	s.must(s.report(ses, "needle one", ""))
	s.Clock.Advance(time.Second)
	s.reportMany(5_000, ses, "hay")
	s.Clock.Advance(time.Second)
	s.must(s.report(ses, "needle two", ""))
	first, err := s.Service.ListLogs(s.Ctx(), s.app.ID, service.LogFilter{Search: "needle"})
	s.must(err)
	if said(first.Items) != "needle two" || first.Next == "" {
		s.Fatalf("the first page has %s, next %v", said(first.Items), first.Next != "")
	}
	second, err := s.Service.ListLogs(s.Ctx(), s.app.ID, service.LogFilter{Search: "needle", Page: service.Page{Cursor: first.Next}})
	s.must(err)
	if said(second.Items) != "needle one" || second.Next != "" {
		s.Errorf("the second page has %s, next %v", said(second.Items), second.Next != "")
	}
	_, err = s.Service.ListLogs(s.Ctx(), s.app.ID, service.LogFilter{Search: "hay", Page: service.Page{Cursor: first.Next}})
	s.refused(err, latchkey.CodeCursorInvalid)
	change, err := s.Service.DeleteLogs(s.Ctx(), s.app.ID, service.LogSelection{All: true}, service.BulkCall{})
	s.must(err)
	if change.Changed != 5002 {
		s.Errorf("%+v", change)
	}
}

func logDeletion(s *scene) {
	ses := s.start()
	for i := range 8 {
		s.Clock.Advance(time.Second)
		s.must(s.report(ses, fmt.Sprint(i), []string{"PC-A", "PC-B"}[i%2]))
	}
	list := s.logs(service.LogFilter{Sort: "created"})
	s.must(s.Service.DeleteLog(s.Ctx(), s.app.ID, list[0].ID))
	s.refused(s.Service.DeleteLog(s.Ctx(), s.app.ID, list[0].ID), latchkey.CodeLogNotFound)
	for _, c := range []struct {
		name string
		sel  service.LogSelection
		want int64
		left string
	}{
		{"ids", service.LogSelection{IDs: []string{list[1].ID, list[0].ID}}, 1, "2,3,4,5,6,7"},
		{"a filter", service.LogSelection{Filter: &service.LogFilter{Device: "PC-A", CreatedBefore: list[5].CreatedAt}}, 2, "3,5,6,7"},
		{"all", service.LogSelection{All: true}, 4, ""},
	} {
		would, err := s.Service.DeleteLogs(s.Ctx(), s.app.ID, c.sel, service.BulkCall{DryRun: true})
		s.must(err)
		did, err := s.Service.DeleteLogs(s.Ctx(), s.app.ID, c.sel, service.BulkCall{Repeat: c.name})
		s.must(err)
		again, err := s.Service.DeleteLogs(s.Ctx(), s.app.ID, c.sel, service.BulkCall{Repeat: c.name})
		s.must(err)
		if would.Changed != c.want || did.Changed != c.want || !would.DryRun || again.Change != did.Change || !again.Replayed {
			s.Errorf("%s: would %+v, did %+v, again %+v, want %d", c.name, would.Change, did.Change, again.Change, c.want)
		}
		if got := said(s.logs(service.LogFilter{Sort: "created"})); got != c.left {
			s.Errorf("%s: left %q, want %q", c.name, got, c.left)
		}
	}
	for _, sel := range []service.LogSelection{{}, {All: true, IDs: []string{"x"}}, {Filter: &service.LogFilter{}}, {Filter: &service.LogFilter{Search: "x"}}} {
		_, err := s.Service.DeleteLogs(s.Ctx(), s.app.ID, sel, service.BulkCall{})
		s.refused(err, latchkey.CodeInvalid)
	}
	if got, want := s.actions()[:4], []string{"logs.delete", "logs.delete", "logs.delete", "log.delete"}; !cmp.Equal(got, want) {
		s.Errorf("audit %v", got)
	}
}

func logExport(s *scene) {
	s.Change(func(c *service.Config) { c.Limits.LogPerMinute = -1 })
	defer s.Change(func(c *service.Config) { c.Limits.LogPerMinute = 0 })
	ses := s.start()
	for i := range 600 {
		s.must(s.report(ses, fmt.Sprintf("line %d", i%2), ""))
	}
	for search, want := range map[string]int{"": 600, "line 1": 300, "none": 0} {
		e, err := s.Service.BeginLogExport(s.Ctx(), s.app.ID, service.LogFilter{Search: search}, "csv")
		s.must(err)
		if s.newest(s.Ctx(), s.app.ID, 1)[0] != "logs.export" {
			s.Error("an export has begun without an audit event")
		}
		n := 0
		s.must(e.Each(s.Ctx(), func(list []service.LogView) error { n += len(list); return nil }))
		if n != want || e.App != s.app.Name {
			s.Errorf("search %q: %d lines of %s, want %d", search, n, e.App, want)
		}
	}
}

func logSweep(s *scene) {
	s.edit(service.AppEdit{LogRetention: point(int64(2)), SessionLength: point(int64(604_800))})
	ses := s.start()
	s.must(s.report(ses, "old", ""))
	s.Clock.Advance(47 * time.Hour)
	s.must(s.report(ses, "young", ""))
	sweep := func() {
		s.Helper()
		_, err := s.Service.SweepLogs(s.Context())
		s.must(err)
	}
	sweep()
	if got := said(s.logs(service.LogFilter{})); got != "young,old" {
		s.Errorf("after 47 hours: %s", got)
	}
	s.Clock.Advance(time.Hour + time.Millisecond)
	sweep()
	if got := said(s.logs(service.LogFilter{})); got != "young" {
		s.Errorf("after 48 hours: %s", got)
	}
	s.Change(func(c *service.Config) { c.Limits.LogLinesPerApp = 3 })
	defer s.Change(func(c *service.Config) { c.Limits.LogLinesPerApp = 0 })
	for i := range 5 {
		s.Clock.Advance(time.Second)
		s.must(s.report(ses, fmt.Sprint(i), ""))
	}
	s.Clock.Advance(time.Second)
	sweep()
	if got := said(s.logs(service.LogFilter{})); got != "4,3,2" {
		s.Errorf("of six lines three were to stay: %s", got)
	}
}
