package service_test

import (
	"errors"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func tokensForAll(s *scene) {
	s.inChunks(2)
	list := s.Licenses(s.app.ID, 5, "1d")
	s.ban(list[0].ID, "", false)
	_, err := s.license(list[1].Key.Reveal(), machine)
	s.must(err)
	_, err = s.Service.CreateToken(s.Ctx(), s.app.ID, "", list[2].ID)
	s.must(err)
	events := s.actions()
	sel := service.LicenseSelection{All: true}
	skipped := map[latchkey.Code]int64{latchkey.CodeLicenseBanned: 1, latchkey.CodeLicenseUsed: 1, latchkey.CodeTokenExists: 1}
	for _, dry := range []bool{true, false} {
		got, err := s.Service.CreateTokens(s.Ctx(), s.app.ID, sel, service.BulkCall{DryRun: dry, Repeat: map[bool]string{false: "for all"}[dry]})
		s.must(err)
		want := service.BulkChange{Change: service.Change{Matched: 5, Changed: 2}, Skipped: skipped, Before: got.Before, After: got.Before, DryRun: dry, Job: got.Job}
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("dry run %v (-want +got):\n%s", dry, diff)
		}
		if dry != (got.Job == "") {
			s.Errorf("dry run %v: job %q", dry, got.Job)
		}
		if dry {
			if diff := cmp.Diff(events, s.actions()); diff != "" {
				s.Errorf("events of a dry run:\n%s", diff)
			}
		}
	}
	again, err := s.Service.CreateTokens(s.Ctx(), s.app.ID, sel, service.BulkCall{Repeat: "for all"})
	s.must(err)
	if !again.Replayed || again.Changed != 2 {
		s.Errorf("repeated: %+v", again)
	}
	none, err := s.Service.CreateTokens(s.Ctx(), s.app.ID, service.LicenseSelection{All: true, Status: latchkey.LicenseNotUsed}, service.BulkCall{})
	s.must(err)
	if none.Matched != 3 || none.Changed != 0 {
		s.Errorf("a second time: %+v", none)
	}
	tokens, err := s.Service.ListTokens(s.Ctx(), s.app.ID, service.TokenFilter{})
	s.must(err)
	if len(tokens.Items) != 3 {
		s.Errorf("%d tokens", len(tokens.Items))
	}
	for _, v := range tokens.Items {
		if v.LicenseKey == "" {
			s.Errorf("%s has no license", v.ID)
		}
	}
	if got := s.newest(s.Ctx(), s.app.ID, 2); got[0] != "tokens.create" || got[1] != "tokens.create" {
		s.Errorf("events: %v", got)
	}
	// Calls at once make one for each.
	more := s.Licenses(s.app.ID, 4, "1d")
	ids := []string{more[0].ID, more[1].ID, more[2].ID, more[3].ID}
	made := make([]int64, 4)
	for i, err := range together(4, func(i int) error {
		c, err := s.Service.CreateTokens(s.Ctx(), s.app.ID, service.LicenseSelection{IDs: ids}, service.BulkCall{})
		made[i] = c.Changed
		return err
	}) {
		if err != nil {
			s.Errorf("call %d: %v", i, err)
		}
	}
	if sum := made[0] + made[1] + made[2] + made[3]; sum != 4 {
		s.Errorf("%v tokens were made for 4 licenses", made)
	}
}

// batchesOfTokens tells what each of several calls has made from what others
// made at the same moment.
func batchesOfTokens(s *scene) {
	s.inChunks(2)
	single := s.tokenOf(s.user("ann", "secret").ID)
	first := s.Licenses(s.app.ID, 5, "1d")
	slices.SortFunc(first, func(a, b latchkey.License) int { return strings.Compare(a.ID, b.ID) }) // as they have their turns
	sel := service.LicenseSelection{All: true, Status: latchkey.LicenseNotUsed}
	// Cut off after the first chunk; meanwhile others make tokens as well.
	_, err := s.Service.CreateTokens(s.Ctx(), s.app.ID, sel, service.BulkCall{Repeat: "stock", Progress: interrupt(2)})
	if !errors.Is(err, errGone) {
		s.Fatalf("the call ends with %v", err)
	}
	alone, err := s.Service.CreateToken(s.Ctx(), s.app.ID, "", first[4].ID)
	s.must(err)
	named := s.Licenses(s.app.ID, 2, "1d")
	byID, err := s.Service.CreateTokens(s.Ctx(), s.app.ID, service.LicenseSelection{IDs: []string{named[0].ID, named[1].ID}}, service.BulkCall{})
	s.must(err)
	rest, err := s.Service.CreateTokens(s.Ctx(), s.app.ID, sel, service.BulkCall{Repeat: "stock"})
	s.must(err)
	again, err := s.Service.CreateTokens(s.Ctx(), s.app.ID, sel, service.BulkCall{Repeat: "stock"})
	s.must(err)
	if again.Job != rest.Job || byID.Job == rest.Job || !latchkey.IsID(latchkey.KindJob, rest.Job) {
		s.Errorf("the call %q, the same again %q, another %q", rest.Job, again.Job, byID.Job)
	}
	for what, c := range map[string]struct {
		filter service.TokenFilter
		want   []string
	}{
		"both halves of a call":      {service.TokenFilter{Batch: rest.Job}, []string{first[0].ID, first[1].ID, first[2].ID, first[3].ID}},
		"newest last":                {service.TokenFilter{Batch: rest.Job, Sort: "created"}, []string{first[0].ID, first[1].ID, first[2].ID, first[3].ID}},
		"named licenses":             {service.TokenFilter{Batch: byID.Job}, []string{named[0].ID, named[1].ID}},
		"narrowed":                   {service.TokenFilter{Batch: byID.Job, LicenseID: named[1].ID}, []string{named[1].ID}},
		"of no such call":            {service.TokenFilter{Batch: "job_" + strings.Repeat("0", 26)}, nil},
		"all, with what stood alone": {service.TokenFilter{}, []string{"", first[0].ID, first[1].ID, first[2].ID, first[3].ID, first[4].ID, named[0].ID, named[1].ID}},
	} {
		for _, limit := range []int{1, 3, 50} {
			if diff := cmp.Diff(slices.Sorted(slices.Values(c.want)), s.licensesWithTokens(c.filter, limit)); diff != "" {
				s.Errorf("%s, %d at a time (-want +got):\n%s", what, limit, diff)
			}
		}
	}
	other := s.App("other shop of tokens")
	list, err := s.Service.ListTokens(s.Ctx(), other.ID, service.TokenFilter{Batch: rest.Job})
	s.must(err)
	if len(list.Items) != 0 {
		s.Errorf("another app sees %d of the batch", len(list.Items))
	}
	for _, bad := range []string{"1", alone.ID, single.ID, rest.Job + "0"} {
		_, err := s.Service.ListTokens(s.Ctx(), s.app.ID, service.TokenFilter{Batch: bad})
		s.refused(err, latchkey.CodeInvalid)
	}
}

// licensesWithTokens are those whose tokens a list has, in order; "" for a user's.
func (s *scene) licensesWithTokens(f service.TokenFilter, limit int) (ids []string) {
	for f.Limit = limit; ; {
		list, err := s.Service.ListTokens(s.Ctx(), s.app.ID, f)
		s.must(err)
		for _, v := range list.Items {
			ids = append(ids, v.LicenseID)
		}
		if f.Cursor = list.Next; f.Cursor == "" {
			return slices.Sorted(slices.Values(ids))
		}
	}
}

func tokensInBulk(s *scene) {
	s.inChunks(2)
	list := s.Licenses(s.app.ID, 5, "1d")
	var ids []string
	for _, l := range list {
		v, err := s.Service.CreateToken(s.Ctx(), s.app.ID, "", l.ID)
		s.must(err)
		ids = append(ids, v.ID)
	}
	_, err := s.Service.BlacklistToken(s.Ctx(), s.app.ID, ids[0], "the first reason")
	s.must(err)
	events := s.actions()
	want := func(what string, got service.BulkChange, err error, matched, changed int64, skipped map[latchkey.Code]int64, dry bool) {
		s.Helper()
		s.must(err)
		if skipped == nil {
			skipped = map[latchkey.Code]int64{}
		}
		whole := service.BulkChange{Change: service.Change{Matched: matched, Changed: changed}, Skipped: skipped, Before: got.Before, After: got.After, DryRun: dry, Job: got.Job}
		if diff := cmp.Diff(whole, got); diff != "" {
			s.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	all := service.TokenSelection{All: true}
	already := map[latchkey.Code]int64{latchkey.CodeTokenBlacklisted: 1}
	got, err := s.Service.BlacklistTokens(s.Ctx(), s.app.ID, all, "resold", service.BulkCall{DryRun: true})
	want("dry run", got, err, 5, 4, already, true)
	if diff := cmp.Diff(events, s.actions()); diff != "" {
		s.Errorf("events of a dry run:\n%s", diff)
	}
	got, err = s.Service.BlacklistTokens(s.Ctx(), s.app.ID, all, "resold", service.BulkCall{Repeat: "all of them"})
	want("blacklisted", got, err, 5, 4, already, false)
	again, err := s.Service.BlacklistTokens(s.Ctx(), s.app.ID, all, "resold", service.BulkCall{Repeat: "all of them"})
	s.must(err)
	if !again.Replayed || again.Changed != 4 {
		s.Errorf("repeated: %+v", again)
	}
	for i, id := range ids {
		v, err := s.Service.Token(s.Ctx(), s.app.ID, id)
		s.must(err)
		if reason := map[bool]string{true: "the first reason", false: "resold"}[i == 0]; v.Status != latchkey.TokenBlacklisted || v.Reason != reason {
			s.Errorf("token %d: %s, %q", i, v.Status, v.Reason)
		}
	}
	got, err = s.Service.UnblacklistTokens(s.Ctx(), s.app.ID, service.TokenSelection{IDs: ids[1:3]}, service.BulkCall{})
	want("named", got, err, 2, 2, nil, false)
	if got := s.newest(s.Ctx(), s.app.ID, 2); got[0] != "token.unblacklist" || got[1] != "token.unblacklist" {
		s.Errorf("events of those that are named: %v", got)
	}
	got, err = s.Service.DeleteTokens(s.Ctx(), s.app.ID, service.TokenSelection{All: true, Status: latchkey.TokenBlacklisted}, service.BulkCall{})
	want("deleted", got, err, 3, 3, nil, false)
	left, err := s.Service.ListTokens(s.Ctx(), s.app.ID, service.TokenFilter{})
	s.must(err)
	if len(left.Items) != 2 {
		s.Errorf("%d are left", len(left.Items))
	}
	last := left.Items[0].Value.Reveal()
	got, err = s.Service.DeleteTokens(s.Ctx(), s.app.ID, service.TokenSelection{All: true, Search: last[len(last)-4:]}, service.BulkCall{DryRun: true})
	want("of these last four", got, err, 1, 1, nil, true)
	for name, sel := range map[string]service.TokenSelection{"nothing": {}, "both": {IDs: ids, All: true}, "narrowed ids": {IDs: ids, Status: latchkey.TokenUsed}, "no status": {All: true, Status: "gone"}} {
		if _, err := s.Service.DeleteTokens(s.Ctx(), s.app.ID, sel, service.BulkCall{}); latchkey.CodeOf(err) != latchkey.CodeInvalid {
			s.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Service.BlacklistTokens(s.Ctx(), s.app.ID, all, strings.Repeat("x", 501), service.BulkCall{}); latchkey.CodeOf(err) != latchkey.CodeInvalid {
		s.Errorf("a long reason: %v", err)
	}
}
