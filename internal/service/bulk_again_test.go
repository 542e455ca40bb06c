package service_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

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
	list, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: 3}})
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
	page, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: 5}})
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
	page, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: 1}})
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
