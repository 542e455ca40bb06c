package service_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestAppStats(t *testing.T) {
	tell(t, []story{
		{"the numbers follow redemptions, bans and deletions", countChanges},
		{"redemptions at the same time are all counted", countTogether},
		{"they are for who may read the app", countForbidden},
	})
}

// stats are an app's numbers as it keeps them.
func (s *scene) stats() service.AppStats {
	s.Helper()
	stats, err := s.Service.AppStats(s.Ctx(), s.app.ID)
	s.must(err)
	return stats.AppStats
}

// countsHold compares the numbers that the app keeps with what it has. Every
// story ends with it.
func (s *scene) countsHold() {
	s.Helper()
	got, err := s.Service.AppStats(s.Ctx(), s.app.ID)
	if latchkey.CodeOf(err) == latchkey.CodeAppNotFound {
		return
	}
	s.must(err)
	want := service.AppStats{Licenses: map[latchkey.LicenseStatus]int64{latchkey.LicenseNotUsed: 0, latchkey.LicenseUsed: 0, latchkey.LicenseBanned: 0}}
	f := service.LicenseFilter{Page: service.Page{Limit: service.MaxLimit}}
	for more := true; more; more = f.Cursor != "" {
		page, err := s.Service.ListLicenses(s.Ctx(), s.app.ID, f)
		s.must(err)
		for _, l := range page.Items {
			want.Licenses[l.Status]++
		}
		f.Cursor = page.Next
	}
	for _, u := range s.users() {
		want.Users++
		if !u.BannedAt.IsZero() {
			want.UsersBanned++
		}
		if !u.ResetRequested.IsZero() {
			want.ResetRequests++
		}
	}
	want.Blacklisted, want.Whitelisted = int64(len(s.entries(latchkey.Blacklist))), int64(len(s.entries(latchkey.Whitelist)))
	if diff := cmp.Diff(want, got.AppStats); diff != "" {
		s.Errorf("what the app has, and what it keeps count of (-want +got):\n%s", diff)
	}
}

func countChanges(s *scene) {
	list := s.mixed()
	s.ban(list[2].ID, "", true)
	want := service.AppStats{Licenses: map[latchkey.LicenseStatus]int64{latchkey.LicenseNotUsed: 2, latchkey.LicenseUsed: 1, latchkey.LicenseBanned: 2}, Users: 2, UsersBanned: 1}
	if diff := cmp.Diff(want, s.stats()); diff != "" {
		s.Error(diff)
	}
	s.unban(list[2].ID, latchkey.LicenseUsed)
	s.must(s.Service.DeleteLicense(s.Ctx(), s.app.ID, list[2].ID, true))
	want = service.AppStats{Licenses: map[latchkey.LicenseStatus]int64{latchkey.LicenseNotUsed: 2, latchkey.LicenseUsed: 1, latchkey.LicenseBanned: 1}, Users: 1}
	if diff := cmp.Diff(want, s.stats()); diff != "" {
		s.Error(diff)
	}
	page, err := s.Service.ListLicenses(s.Ctx(), s.app.ID, service.LicenseFilter{Status: latchkey.LicenseBanned})
	s.must(err)
	if diff := cmp.Diff(want.Licenses, page.Counts); diff != "" {
		s.Errorf("beside the list: %s", diff)
	}
}

func countTogether(s *scene) {
	list := s.Licenses(s.app.ID, 40, "30d")
	for _, err := range together(40, func(i int) error {
		_, err := s.license(list[i].Key.Reveal(), machine)
		return err
	}) {
		s.must(err)
	}
	want := service.AppStats{Licenses: map[latchkey.LicenseStatus]int64{latchkey.LicenseNotUsed: 0, latchkey.LicenseUsed: 40, latchkey.LicenseBanned: 0}, Users: 40}
	if diff := cmp.Diff(want, s.stats()); diff != "" {
		s.Error(diff)
	}
}

func countForbidden(s *scene) {
	_, err := s.Service.AppStats(outside(), s.app.ID)
	s.refused(err, latchkey.CodeAuthRequired)
	_, err = s.Service.AppStats(s.machine(service.NewAPIKey{Name: "till", Permissions: []latchkey.Permission{latchkey.PermLicensesRead}}), s.app.ID)
	s.refused(err, latchkey.CodeForbidden)
}
