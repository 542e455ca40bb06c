package service_test

import (
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
		want := service.BulkChange{Change: service.Change{Matched: 5, Changed: 2}, Skipped: skipped, Before: got.Before, After: got.Before, DryRun: dry}
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("dry run %v (-want +got):\n%s", dry, diff)
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
