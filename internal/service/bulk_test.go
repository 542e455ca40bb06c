package service_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestBulkActions(t *testing.T) {
	tell(t, []story{
		{"a filter reaches what the list shows, and a dry run tells so before", filtersReach},
		{"a search reaches everything, however many notes hold the text", manyNotes},
		{"what is skipped is counted by the reason of the single call", skipped},
		{"bans and deletions reach the users if asked, in chunks as well", usersInChunks},
		{"what is made after the call began is not touched", madeLater},
		{"who hangs up stops it; the same call goes on and changes nothing twice", hangUp},
		{"a context that ends stops it after the running chunk", cancelBulk},
		{"the same call takes over what a dead server left", takeOverBulk},
		{"the same call twice at once extends once", twiceAtOnce},
		{"a finished call answers its counts again, for a week", answersAgain},
		{"ids are done once as well, all or nothing", namedOnce},
		{"another call of the same name is refused", otherBulk},
		{"one event tells of all, without the key that was searched for", bulkEvent},
		{"what a dead server did is told by the sweep", sweepBulk},
		{"redemptions race with bans, and one of the two is first", bulkBanRace},
		{"redemptions race with extensions, and get what they see", bulkExtendRace},
	})
}

// inChunks has the scene's server change n things at a time.
func (s *scene) inChunks(n int) {
	s.Helper()
	c := besides(s, s.Env, rand.Reader, slog.New(slog.DiscardHandler))
	c.BulkChunk = n
	env := *s.Env
	env.Service = service.New(c)
	s.Env = &env
}

var all = service.LicenseSelection{All: true}

func filter(f service.LicenseFilter) service.LicenseSelection {
	return service.LicenseSelection{Filter: &f}
}

// days is how long the app's licenses last, oldest first.
func (s *scene) days() (days []int64) {
	s.Helper()
	list := s.licenses()
	for i := range list {
		days = append(days, list[len(list)-1-i].Duration.NominalSeconds()/86_400)
	}
	return days
}

func (s *scene) extend(sel service.LicenseSelection, call service.BulkCall) (service.BulkChange, error) {
	s.Helper()
	return s.Service.ExtendLicenses(s.Ctx(), s.app.ID, sel, s.length("1d"), call)
}

// same compares values.
func (s *scene) same(what string, want, got any) {
	s.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func filtersReach(s *scene) {
	s.inChunks(2)
	list := s.mixed()
	s.Clock.Advance(time.Hour)
	later := s.Clock.Now()
	made, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 4, Charset: bothCases(), Level: 2, Duration: s.length("30d"), Note: "Spring sale"})
	s.must(err)
	for _, f := range []service.LicenseFilter{
		{Level: 2}, {Status: latchkey.LicenseNotUsed}, {CreatedAfter: later}, {CreatedBefore: later}, {CreatedBy: s.Owner.Account.ID},
		{CreatedBy: "key_none"}, {Search: "spring"}, {Search: "sp"}, {Search: list[0].Key.Reveal()}, {Search: made[0].Key.Last4()},
		{Search: list[2].Key.Reveal(), Status: latchkey.LicenseUsed}, {Search: "sale", Level: 1}, {Search: "  "},
	} {
		shown, err := s.Service.ListLicenses(s.Ctx(), s.app.ID, f)
		s.must(err)
		unused := int64(0)
		for _, l := range shown.Items {
			if l.Status == latchkey.LicenseNotUsed {
				unused++
			}
		}
		before := s.state(s.Ctx(), s.app.ID)
		dry, err := s.extend(filter(f), service.BulkCall{DryRun: true, Repeat: "never kept"})
		s.must(err)
		s.same("a dry run changes nothing", before, s.state(s.Ctx(), s.app.ID))
		did, err := s.extend(filter(f), service.BulkCall{})
		s.must(err)
		s.same(fmt.Sprintf("%+v", f), service.Change{Matched: int64(len(shown.Items)), Changed: unused}, did.Change)
		dry.DryRun = false
		s.same(fmt.Sprintf("dry and real runs of %+v", f), dry, did)
	}
	s.same("days", []int64{34, 33}, []int64{s.lasts(list[0].ID), s.lasts(list[1].ID)})
}

func (s *scene) lasts(id string) int64 {
	s.Helper()
	l, err := s.Service.License(s.Ctx(), s.app.ID, id)
	s.must(err)
	return l.Duration.NominalSeconds() / 86_400
}

func manyNotes(s *scene) {
	s.inChunks(3)
	for i := range 20 {
		_, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 1, Charset: bothCases(), Level: 1, Duration: s.length("30d"),
			Note: fmt.Sprintf("Order %d%s", i, strings.Repeat("!", i%2))})
		s.must(err)
	}
	s.Licenses(s.app.ID, 10, "30d")
	for search, want := range map[string]int64{"order": 20, "ORDER 1": 11, "!": 0, "or": 20, "r 1!": 1} {
		dry, err := s.extend(filter(service.LicenseFilter{Search: search}), service.BulkCall{DryRun: true})
		s.must(err)
		did, err := s.extend(filter(service.LicenseFilter{Search: search}), service.BulkCall{})
		s.must(err)
		if dry.Changed != want || did.Changed != want {
			s.Errorf("%q: %d in a dry run, %d extended, want %d", search, dry.Changed, did.Changed, want)
		}
	}
}

func skipped(s *scene) {
	s.inChunks(2)
	s.mixed() // two unused, two used, one banned
	counts := func(unused, used, banned int64) map[latchkey.LicenseStatus]int64 {
		return map[latchkey.LicenseStatus]int64{latchkey.LicenseNotUsed: unused, latchkey.LicenseUsed: used, latchkey.LicenseBanned: banned}
	}
	ban := func(dry bool) (service.BulkChange, error) {
		return s.Service.BanLicenses(s.Ctx(), s.app.ID, all, service.LicenseBan{Reason: "leaked"}, service.BulkCall{DryRun: dry})
	}
	unban := func(dry bool) (service.BulkChange, error) {
		return s.Service.UnbanLicenses(s.Ctx(), s.app.ID, filter(service.LicenseFilter{Level: 1}), service.BulkCall{DryRun: dry})
	}
	for _, step := range []struct {
		what    string
		do      func(dry bool) (service.BulkChange, error)
		changed int64
		skipped map[latchkey.Code]int64
		after   map[latchkey.LicenseStatus]int64
	}{
		{"extend", func(dry bool) (service.BulkChange, error) { return s.extend(all, service.BulkCall{DryRun: dry}) }, 2,
			map[latchkey.Code]int64{latchkey.CodeLicenseUsed: 2, latchkey.CodeLicenseBanned: 1}, counts(2, 2, 1)},
		{"ban", ban, 4, map[latchkey.Code]int64{latchkey.CodeLicenseBanned: 1}, counts(0, 0, 5)},
		{"ban again", ban, 0, map[latchkey.Code]int64{latchkey.CodeLicenseBanned: 5}, counts(0, 0, 5)},
		{"unban", unban, 5, map[latchkey.Code]int64{}, counts(3, 2, 0)},
		{"unban again", unban, 0, map[latchkey.Code]int64{latchkey.CodeLicenseNotBanned: 5}, counts(3, 2, 0)},
	} {
		before := s.stats()
		want := service.BulkChange{Change: service.Change{Matched: 5, Changed: step.changed}, Skipped: step.skipped, Before: before}
		want.After = before
		want.After.Licenses = step.after
		dry, err := step.do(true)
		s.must(err)
		dry.DryRun = false
		s.same("a dry run to "+step.what, want, dry)
		did, err := step.do(false)
		s.must(err)
		s.same(step.what, want, did)
		s.same("the counts after "+step.what, want.After, s.stats())
	}
	_, err := s.Service.BanLicenses(s.Ctx(), s.app.ID, all, service.LicenseBan{Reason: strings.Repeat("x", 501)}, service.BulkCall{})
	s.refused(err, latchkey.CodeInvalid)
}

func usersInChunks(s *scene) {
	s.inChunks(10) // two at a time
	list := s.Licenses(s.app.ID, 7, "30d")
	var sessions []*service.ClientSession
	for _, l := range list[:5] {
		ses, err := s.license(l.Key.Reveal(), machine)
		s.must(err)
		sessions = append(sessions, ses)
	}
	_, err := s.Service.BanLicenses(s.Ctx(), s.app.ID, all, service.LicenseBan{Reason: "leaked", UserToo: true}, service.BulkCall{})
	s.must(err)
	for _, ses := range sessions {
		if s.call(ses) == nil {
			s.Error("a banned user's session goes on")
		}
	}
	_, err = s.license(list[0].Key.Reveal(), machine)
	s.refused(err, latchkey.CodeUserBanned)
	_, err = s.Service.UnbanLicenses(s.Ctx(), s.app.ID, all, service.BulkCall{})
	s.must(err)
	ses, err := s.license(list[0].Key.Reveal(), machine)
	s.must(err)
	did, err := s.Service.DeleteLicenses(s.Ctx(), s.app.ID, filter(service.LicenseFilter{Status: latchkey.LicenseUsed}), true, service.BulkCall{})
	s.must(err)
	if did.Changed != 5 || did.Before.Users != 5 || did.After.Users != 0 || len(s.users()) != 0 || len(s.licenses()) != 2 {
		s.Errorf("%+v, %d users and %d licenses are left", did, len(s.users()), len(s.licenses()))
	}
	if s.call(ses) == nil {
		s.Error("a deleted user's session goes on")
	}
}

func madeLater(s *scene) {
	s.inChunks(2)
	s.Licenses(s.app.ID, 5, "30d")
	in := service.NewLicenses{Amount: 3, Charset: bothCases(), Level: 1, Duration: s.length("30d")}
	first := true
	var did service.BulkChange
	_, err := s.Service.CreateLicenseBatch(s.Ctx(), s.app.ID, in, func(int64) (err error) { // begun, but not made
		did, err = s.extend(all, service.BulkCall{Progress: func(done, _ int64) error {
			if first {
				first = false
				s.Clock.Advance(time.Millisecond)
				s.Licenses(s.app.ID, 2, "30d")
			}
			return nil
		}})
		return err
	})
	s.must(err)
	s.same("counts", service.Change{Matched: 5, Changed: 5}, did.Change)
	days := map[int64]int{}
	for _, d := range s.days() {
		days[d]++
	}
	s.same("days", map[int64]int{31: 5, 30: 5}, days)
}

// interrupt is an error of a client that is gone after n licenses.
func interrupt(n int64) func(done, of int64) error {
	return func(done, _ int64) error {
		if done >= n {
			return errGone
		}
		return nil
	}
}

var errGone = errors.New("the caller is gone")

func hangUp(s *scene) {
	s.inChunks(2)
	s.Licenses(s.app.ID, 5, "30d")
	_, err := s.extend(all, service.BulkCall{Repeat: "order 7", Progress: interrupt(2)})
	if !errors.Is(err, errGone) {
		s.Errorf("the call ends with %v", err)
	}
	s.same("days", []int64{31, 31, 30, 30, 30}, s.days())
	var steps [][2]int64
	did, err := s.extend(all, service.BulkCall{Repeat: "order 7", Progress: func(done, of int64) error {
		steps = append(steps, [2]int64{done, of})
		return nil
	}})
	s.must(err)
	s.same("progress", [][2]int64{{4, 5}, {5, 5}}, steps)
	s.same("counts", service.Change{Matched: 5, Changed: 5}, did.Change)
	again, err := s.extend(all, service.BulkCall{Repeat: "order 7"})
	s.must(err)
	did.Replayed = true
	s.same("the answer again", did, again)
	s.same("days", []int64{31, 31, 31, 31, 31}, s.days())

	_, err = s.extend(all, service.BulkCall{Progress: interrupt(4)}) // without a name
	if !errors.Is(err, errGone) {
		s.Errorf("the call ends with %v", err)
	}
	s.same("days", []int64{32, 32, 32, 32, 31}, s.days())
	list, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.Page{Limit: 3})
	s.must(err)
	var told []any
	for _, ev := range list.Items {
		told = append(told, ev.Action, ev.Details["changed"], ev.Details["complete"])
	}
	s.same("the log", []any{"licenses.extend", 4.0, false, "licenses.extend", 5.0, true, "licenses.extend", 2.0, false}, told)
	// What was not finished cannot be gone on with, and leaves nothing to sweep.
	if n, err := s.Service.SweepBulkJobs(outside()); n != 0 || err != nil {
		s.Errorf("%d jobs swept, %v", n, err)
	}
}

func cancelBulk(s *scene) {
	s.inChunks(2)
	s.Licenses(s.app.ID, 5, "30d")
	ctx, cancel := context.WithCancel(s.Ctx())
	_, err := s.Service.ExtendLicenses(ctx, s.app.ID, all, s.length("1d"), service.BulkCall{Progress: func(done, _ int64) error {
		if done == 4 {
			cancel()
		}
		return nil
	}})
	s.refused(err, latchkey.CodeUnavailable)
	s.same("days", []int64{31, 31, 31, 31, 30}, s.days())
	_, err = s.Service.ExtendLicenses(ctx, s.app.ID, all, s.length("1d"), service.BulkCall{})
	s.refused(err, latchkey.CodeUnavailable)
}

func takeOverBulk(s *scene) {
	s.inChunks(2)
	s.Licenses(s.app.ID, 5, "30d")
	var taken service.BulkChange
	_, err := s.extend(all, service.BulkCall{Repeat: "order 7", Progress: func(done, _ int64) error {
		if done != 2 {
			return nil
		}
		_, err := s.extend(all, service.BulkCall{Repeat: "order 7"})
		s.refused(err, latchkey.CodeRepeatRunning)
		s.Clock.Advance(2 * time.Minute) // the first has not been heard of
		taken, err = s.extend(all, service.BulkCall{Repeat: "order 7"})
		s.must(err)
		return nil
	}})
	s.refused(err, latchkey.CodeRepeatRunning)
	s.same("counts", service.Change{Matched: 5, Changed: 5}, taken.Change)
	s.same("days", []int64{31, 31, 31, 31, 31}, s.days())
	s.same("the log", "licenses.extend license.create", strings.Join(s.newest(s.Ctx(), s.app.ID, 2), " "))
}

func twiceAtOnce(s *scene) {
	s.inChunks(1)
	s.Licenses(s.app.ID, 6, "30d")
	for round := range 3 {
		errs := together(3, func(int) error {
			did, err := s.extend(all, service.BulkCall{Repeat: fmt.Sprint("round ", round)})
			if err == nil && did.Changed != 6 {
				s.Errorf("%d extended", did.Changed)
			}
			return err
		})
		got := tally(errs)
		if got[""] == 0 || got[""]+got[latchkey.CodeRepeatRunning] != 3 {
			s.Errorf("answers %v", got)
		}
		s.same("the first license lasts", int64(31+round), s.days()[0])
	}
	s.same("days", []int64{33, 33, 33, 33, 33, 33}, s.days())
}

func answersAgain(s *scene) {
	s.inChunks(2)
	s.mixed()
	del := func() service.BulkChange {
		did, err := s.Service.DeleteLicenses(s.Ctx(), s.app.ID, filter(service.LicenseFilter{Level: 1}), false, service.BulkCall{Repeat: "order 7"})
		s.must(err)
		return did
	}
	first := del()
	if first.Changed != 5 || first.Before.Licenses[latchkey.LicenseUsed] != 2 || first.After.Licenses[latchkey.LicenseUsed] != 0 {
		s.Errorf("%+v", first)
	}
	s.Licenses(s.app.ID, 1, "30d")
	sweep := func() {
		_, err := s.Service.SweepBulkJobs(outside())
		s.must(err)
	}
	s.Clock.Advance(7*24*time.Hour - time.Second)
	sweep()
	first.Replayed = true
	s.same("the answer after a week", first, del())
	s.Clock.Advance(2 * time.Second)
	sweep()
	if again := del(); again.Changed != 1 {
		s.Errorf("after more than a week: %+v", again)
	}
}

func namedOnce(s *scene) {
	s.inChunks(1)
	list := s.Licenses(s.app.ID, 3, "30d")
	ids := service.LicenseSelection{IDs: []string{list[2].ID, list[0].ID}}
	first, err := s.extend(ids, service.BulkCall{Repeat: "order 7"})
	s.must(err)
	again, err := s.extend(ids, service.BulkCall{Repeat: "order 7"})
	s.must(err)
	first.Replayed = true
	s.same("the answer again", first, again)
	s.same("days", map[string]int64{list[0].ID: 31, list[1].ID: 30, list[2].ID: 31},
		map[string]int64{list[0].ID: s.lasts(list[0].ID), list[1].ID: s.lasts(list[1].ID), list[2].ID: s.lasts(list[2].ID)})
	s.same("the log", "license.extend license.extend license.create", strings.Join(s.newest(s.Ctx(), s.app.ID, 3), " "))
	errs := together(4, func(int) error {
		return drop(s.Service.BanLicenses(s.Ctx(), s.app.ID, ids, service.LicenseBan{}, service.BulkCall{Repeat: "order 8"}))
	})
	s.same("answers", map[latchkey.Code]int{"": 4}, tally(errs))
	dry, err := s.Service.UnbanLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{IDs: []string{list[0].ID, list[1].ID, "lic_none"}}, service.BulkCall{DryRun: true})
	s.must(err)
	s.same("a dry run", service.Change{Matched: 2, Changed: 1}, dry.Change)
}

func otherBulk(s *scene) {
	s.inChunks(2)
	list := s.Licenses(s.app.ID, 3, "30d")
	call := service.BulkCall{Repeat: "order 7"}
	_, err := s.extend(all, call)
	s.must(err)
	for _, again := range []func() error{
		func() error { return drop(s.extend(filter(service.LicenseFilter{Level: 1}), call)) },
		func() error { return drop(s.extend(service.LicenseSelection{IDs: []string{list[0].ID}}, call)) },
		func() error { return drop(s.Service.ExtendLicenses(s.Ctx(), s.app.ID, all, s.length("2d"), call)) },
		func() error { return drop(s.Service.DeleteLicenses(s.Ctx(), s.app.ID, all, false, call)) },
		func() error { return drop(s.Service.BanLicenses(s.Ctx(), s.app.ID, all, service.LicenseBan{}, call)) },
	} {
		s.refused(again(), latchkey.CodeRepeatDiffers)
	}
	_, err = s.extend(all, service.BulkCall{Repeat: strings.Repeat("x", 256)})
	s.refused(err, latchkey.CodeInvalid)
	// Names of calls are their app's own.
	other := &scene{T: s.T, Env: s.Env, app: s.App("other shop of bulk calls")}
	other.Licenses(other.app.ID, 1, "30d")
	did, err := other.extend(all, call)
	s.must(err)
	s.same("counts of another app", service.Change{Matched: 1, Changed: 1}, did.Change)
	s.same("days", []int64{31, 31, 31}, s.days())
}

func bulkEvent(s *scene) {
	s.inChunks(2)
	list := s.Licenses(s.app.ID, 3, "30d")
	key := list[0].Key.Reveal()
	before := len(s.actions())
	_, err := s.Service.BanLicenses(s.Ctx(), s.app.ID, filter(service.LicenseFilter{Search: key, Level: 1, CreatedAfter: s.Clock.Now()}), service.LicenseBan{Reason: "leaked"}, service.BulkCall{})
	s.must(err)
	_, err = s.Service.DeleteLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{All: true, Status: latchkey.LicenseNotUsed}, false, service.BulkCall{})
	s.must(err)
	_, err = s.extend(filter(service.LicenseFilter{Search: "spring"}), service.BulkCall{})
	s.must(err)
	custom, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 1, Mask: "OUR-KEY", CustomKey: true, Charset: bothCases(), Level: 1, Duration: s.length("1d")})
	s.must(err)
	_, err = s.extend(filter(service.LicenseFilter{Search: custom[0].Key.Reveal()}), service.BulkCall{})
	s.must(err)
	if n := len(s.actions()) - before; n != 5 {
		s.Errorf("%d events for four calls and a creation", n)
	}
	page, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.Page{Limit: 5})
	s.must(err)
	s.same("the search for a custom key", map[string]any{"filter": map[string]any{"search": "…"}, "by": "1d", "matched": 1.0, "changed": 1.0, "complete": true}, page.Items[0].Details)
	s.same("the search for a word", map[string]any{"search": "spring"}, page.Items[2].Details["filter"])
	s.same("a deletion", map[string]any{"filter": map[string]any{"status": "not_used"}, "user_too": false, "matched": 2.0, "changed": 2.0, "complete": true}, page.Items[3].Details)
	s.same("a ban", map[string]any{"filter": map[string]any{"search": "…" + list[0].Key.Last4(), "level": 1.0, "created_after": "2026-03-01T12:00:00Z"},
		"reason": "leaked", "user_too": false, "matched": 1.0, "changed": 1.0, "complete": true}, withMoment(page.Items[4].Details))
	if text := s.events(s.app.ID); strings.Contains(text, key) || strings.Contains(text, "OUR-KEY") {
		s.Error("the log tells a key")
	}
}

// withMoment puts a moment that other stories do not move in the place of the
// one that was asked for.
func withMoment(details map[string]any) map[string]any {
	if f, ok := details["filter"].(map[string]any); ok && f["created_after"] != nil {
		f["created_after"] = "2026-03-01T12:00:00Z"
	}
	return details
}

func sweepBulk(s *scene) {
	s.inChunks(2)
	s.Licenses(s.app.ID, 5, "30d")
	_, err := s.extend(all, service.BulkCall{Progress: func(done, _ int64) error {
		s.Clock.Advance(2 * time.Minute)
		return drop(s.Service.SweepBulkJobs(outside()))
	}})
	s.refused(err, latchkey.CodeRepeatRunning)
	page, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.Page{Limit: 1})
	s.must(err)
	ev := page.Items[0]
	s.same("event", []any{"licenses.extend", "server", 2.0, false, s.Owner.Account.ID},
		[]any{ev.Action, ev.ActorKind, ev.Details["changed"], ev.Details["complete"], ev.Details["by"]})
	s.same("days", []int64{31, 31, 30, 30, 30}, s.days())
}

func bulkBanRace(s *scene) {
	s.inChunks(2)
	list := s.Licenses(s.app.ID, 8, "30d")
	errs := together(len(list)+1, func(i int) error {
		if i == len(list) {
			return drop(s.Service.BanLicenses(s.Ctx(), s.app.ID, all, service.LicenseBan{UserToo: true}, service.BulkCall{}))
		}
		_, err := s.license(list[i].Key.Reveal(), machine)
		return err
	})
	s.must(errs[len(list)])
	for i, l := range list {
		after, err := s.Service.License(s.Ctx(), s.app.ID, l.ID)
		s.must(err)
		redeemed := after.UsedBy != ""
		switch code := latchkey.CodeOf(errs[i]); {
		case after.Status != latchkey.LicenseBanned:
			s.Errorf("license %d is %s after the ban", i, after.Status)
		case code == latchkey.CodeLicenseBanned && !redeemed, code == "" && redeemed && !s.found(after.UsedBy).BannedAt.IsZero():
		default:
			s.Errorf("sign-in %d answered %v, used by %q", i, errs[i], after.UsedBy)
		}
	}
}

func bulkExtendRace(s *scene) {
	s.inChunks(2)
	list := s.Licenses(s.app.ID, 8, "30d")
	var did service.BulkChange
	errs := together(len(list)+1, func(i int) (err error) {
		if i == len(list) {
			did, err = s.extend(all, service.BulkCall{})
			return err
		}
		_, err = s.license(list[i].Key.Reveal(), machine)
		return err
	})
	s.same("answers", map[latchkey.Code]int{"": 9}, tally(errs))
	extended := int64(0)
	for _, l := range list {
		after, err := s.Service.License(s.Ctx(), s.app.ID, l.ID)
		s.must(err)
		days := after.Duration.NominalSeconds() / 86_400
		extended += days - 30
		if left := s.left(after.UsedBy); left != time.Duration(days)*24*time.Hour {
			s.Errorf("a license of %d days gave %v", days, left)
		}
	}
	s.same("counts", service.Change{Matched: 8, Changed: extended}, did.Change)
}
