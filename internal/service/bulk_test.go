package service_test

import (
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
		dry.DryRun, did.Job = false, ""
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
		did.Job = ""
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
