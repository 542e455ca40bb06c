package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestLicenseSelections(t *testing.T) {
	tell(t, []story{
		{"one is deleted, with its user if asked", deleteOne},
		{"all unused, all used or all banned are deleted, and the counts say so", deleteByStatus},
		{"users go with their licenses if asked", deleteWithUsers},
		{"a selection of ids touches these alone", deleteSelection},
		{"all means all, in more than one chunk", deleteAll},
		{"extending a selection reaches its unused ones", extendSelection},
		{"a selection names ids or all, nothing twice and no more than 1,000", badSelections},
	})
}

// mixed makes two unused, two used and one banned license, in this order.
func (s *scene) mixed() []latchkey.License {
	s.Helper()
	list := s.Licenses(s.app.ID, 5, "30d")
	for _, l := range list[2:4] {
		_, err := s.license(l.Key.Reveal(), machine)
		s.must(err)
	}
	s.ban(list[4].ID, "", false)
	return list
}

// statuses counts the app's licenses.
func (s *scene) statuses() map[latchkey.LicenseStatus]int {
	s.Helper()
	out := map[latchkey.LicenseStatus]int{}
	for _, l := range s.licenses() {
		out[l.Status]++
	}
	return out
}

func deleteOne(s *scene) {
	list := s.mixed()
	s.refused(s.Service.DeleteLicense(s.Ctx(), s.app.ID, "lic_none", false), latchkey.CodeLicenseNotFound)
	s.must(s.Service.DeleteLicense(s.Ctx(), s.app.ID, list[0].ID, true))
	_, err := s.license(list[0].Key.Reveal(), machine)
	s.refused(err, latchkey.CodeLicenseNotFound)
	s.refused(s.Service.DeleteLicense(s.Ctx(), s.app.ID, list[0].ID, false), latchkey.CodeLicenseNotFound)

	s.must(s.Service.DeleteLicense(s.Ctx(), s.app.ID, list[2].ID, false))
	_, err = s.license(list[2].Key.Reveal(), machine)
	s.must(err) // the user goes on: time belongs to the user
	ses, err := s.license(list[3].Key.Reveal(), machine)
	s.must(err)
	s.must(s.Service.DeleteLicense(s.Ctx(), s.app.ID, list[3].ID, true))
	s.refused(s.call(ses), latchkey.CodeSessionNotFound)
	_, err = s.license(list[3].Key.Reveal(), machine)
	s.refused(err, latchkey.CodeLicenseNotFound)
	if diff := cmp.Diff(map[latchkey.LicenseStatus]int{latchkey.LicenseNotUsed: 1, latchkey.LicenseBanned: 1}, s.statuses()); diff != "" {
		s.Errorf("what is left (-want +got):\n%s", diff)
	}
}

func deleteByStatus(s *scene) {
	s.mixed()
	for _, step := range []struct {
		status latchkey.LicenseStatus
		want   service.Change
		left   map[latchkey.LicenseStatus]int
	}{
		{latchkey.LicenseNotUsed, service.Change{Matched: 2, Changed: 2}, map[latchkey.LicenseStatus]int{latchkey.LicenseUsed: 2, latchkey.LicenseBanned: 1}},
		{latchkey.LicenseUsed, service.Change{Matched: 2, Changed: 2}, map[latchkey.LicenseStatus]int{latchkey.LicenseBanned: 1}},
		{latchkey.LicenseUsed, service.Change{}, map[latchkey.LicenseStatus]int{latchkey.LicenseBanned: 1}},
		{latchkey.LicenseBanned, service.Change{Matched: 1, Changed: 1}, map[latchkey.LicenseStatus]int{}},
	} {
		got, err := s.Service.DeleteLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{All: true, Status: step.status}, false, service.BulkCall{})
		s.must(err)
		if diff := cmp.Diff(step.want, got.Change); diff != "" {
			s.Errorf("deleting all %s (-want +got):\n%s", step.status, diff)
		}
		if diff := cmp.Diff(step.left, s.statuses()); diff != "" {
			s.Errorf("left after all %s (-want +got):\n%s", step.status, diff)
		}
	}
	if n := len(s.users()); n != 2 {
		s.Errorf("%d users, want the two who redeemed", n)
	}
}

func deleteWithUsers(s *scene) {
	s.mixed()
	s.user("ann", "secret")
	_, err := s.Service.DeleteLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{All: true, Status: latchkey.LicenseUsed}, true, service.BulkCall{})
	s.must(err)
	if left := s.users(); len(left) != 1 || left[0].Name != "ann" {
		s.Errorf("%d users are left, want ann alone", len(left))
	}
}

func deleteSelection(s *scene) {
	list := s.mixed()
	elsewhere := s.Licenses(s.App("elsewhere").ID, 1, "1d")[0]
	got, err := s.Service.DeleteLicenses(s.Ctx(), s.app.ID,
		service.LicenseSelection{IDs: []string{list[1].ID, "lic_none", list[4].ID, elsewhere.ID}}, false, service.BulkCall{})
	s.must(err)
	if diff := cmp.Diff(service.Change{Matched: 2, Changed: 2}, got.Change); diff != "" {
		s.Errorf("counts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[latchkey.LicenseStatus]int{latchkey.LicenseNotUsed: 1, latchkey.LicenseUsed: 2}, s.statuses()); diff != "" {
		s.Errorf("what is left (-want +got):\n%s", diff)
	}
	if _, err := s.Service.License(s.Ctx(), elsewhere.AppID, elsewhere.ID); err != nil {
		s.Errorf("the license of another app: %v", err)
	}
}

func deleteAll(s *scene) {
	s.Licenses(s.app.ID, 1_005, "30d")
	got, err := s.Service.ExtendLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{All: true}, s.length("1d"), service.BulkCall{})
	s.must(err)
	if diff := cmp.Diff(service.Change{Matched: 1_005, Changed: 1_005}, got.Change); diff != "" {
		s.Errorf("extending all (-want +got):\n%s", diff)
	}
	got, err = s.Service.DeleteLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{All: true}, true, service.BulkCall{})
	s.must(err)
	if diff := cmp.Diff(service.Change{Matched: 1_005, Changed: 1_005}, got.Change); diff != "" {
		s.Errorf("deleting all (-want +got):\n%s", diff)
	}
	if n := len(s.licenses()); n != 0 {
		s.Errorf("%d are left", n)
	}
}

func extendSelection(s *scene) {
	list := s.mixed()
	got, err := s.Service.ExtendLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{All: true}, s.length("1w"), service.BulkCall{})
	s.must(err)
	if diff := cmp.Diff(service.Change{Matched: 5, Changed: 2}, got.Change); diff != "" {
		s.Errorf("extending all (-want +got):\n%s", diff)
	}
	got, err = s.Service.ExtendLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{IDs: []string{list[0].ID, list[2].ID}}, s.length("1w"), service.BulkCall{})
	s.must(err)
	if diff := cmp.Diff(service.Change{Matched: 2, Changed: 1}, got.Change); diff != "" {
		s.Errorf("extending two (-want +got):\n%s", diff)
	}
	for i, seconds := range []int64{44, 37, 30, 30, 30} {
		l, err := s.Service.License(s.Ctx(), s.app.ID, list[i].ID)
		s.must(err)
		if l.Duration.NominalSeconds() != seconds*86_400 {
			s.Errorf("license %d lasts %s, want %d days", i, l.Duration, seconds)
		}
	}
	_, err = s.Service.ExtendLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{IDs: []string{list[0].ID, list[1].ID}}, s.length("100y"), service.BulkCall{})
	s.refused(err, latchkey.CodeInvalid) // one would last too long, so none is extended
	got, err = s.Service.ExtendLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{All: true}, s.length("100y"), service.BulkCall{})
	s.must(err)
	if diff := cmp.Diff(map[latchkey.Code]int64{latchkey.CodeInvalid: 2, latchkey.CodeLicenseUsed: 2, latchkey.CodeLicenseBanned: 1}, got.Skipped); diff != "" {
		s.Errorf("extending all by too much (-want +got):\n%s", diff)
	}
	if l, _ := s.Service.License(s.Ctx(), s.app.ID, list[1].ID); l.Duration.NominalSeconds() != 37*86_400 {
		s.Errorf("after the refusal it lasts %s", l.Duration)
	}
}

func badSelections(s *scene) {
	l := s.Licenses(s.app.ID, 1, "30d")[0]
	many := make([]string, 1_001)
	for i := range many {
		many[i] = fmt.Sprintf("lic_%d", i)
	}
	for _, sel := range []service.LicenseSelection{
		{},
		{IDs: []string{l.ID}, All: true},
		{IDs: []string{l.ID, l.ID}},
		{IDs: many},
		{IDs: []string{l.ID}, Status: latchkey.LicenseNotUsed},
		{All: true, Status: "unused"},
		{Status: latchkey.LicenseNotUsed},
		{Filter: &service.LicenseFilter{}},
		{Filter: &service.LicenseFilter{Sort: "created", Page: service.Page{Limit: 5}}},
		{Filter: &service.LicenseFilter{Level: 1}, All: true},
		{Filter: &service.LicenseFilter{Level: 1}, IDs: []string{l.ID}},
		{Filter: &service.LicenseFilter{Level: 1}, Status: latchkey.LicenseNotUsed},
		{Filter: &service.LicenseFilter{Status: "unused"}},
		{Filter: &service.LicenseFilter{Search: strings.Repeat("x", 201)}},
	} {
		_, err := s.Service.DeleteLicenses(s.Ctx(), s.app.ID, sel, false, service.BulkCall{})
		s.refused(err, latchkey.CodeInvalid)
		_, err = s.Service.ExtendLicenses(s.Ctx(), s.app.ID, sel, s.length("1d"), service.BulkCall{})
		s.refused(err, latchkey.CodeInvalid)
	}
	if diff := cmp.Diff(l, s.licenses()[0].License); diff != "" {
		s.Errorf("the license has changed (-before +after):\n%s", diff)
	}
}

func TestLicenseSearch(t *testing.T) {
	tell(t, []story{{"licenses are found by key, last four, note, user, creator, status, level and date", searchLicenses}})
}

func searchLicenses(s *scene) {
	first := s.Clock.Now()
	make := func(level int64, note string) latchkey.License {
		list, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 1, Charset: bothCases(), Level: level, Duration: latchkey.Lifetime(), Note: note})
		s.must(err)
		s.Clock.Advance(time.Hour)
		return list[0]
	}
	plain, percent, umlaut := make(1, "Reseller Berlin"), make(2, "100% off_er"), make(3, "ÄPFEL & Birnen")
	_, err := s.register("Ann", "secret", plain.Key.Reveal(), machine)
	s.must(err)
	key := s.machine(service.NewAPIKey{Name: "shop", Permissions: []latchkey.Permission{latchkey.PermLicensesCreate}})
	bought, err := s.Service.CreateLicenses(key, s.app.ID, service.NewLicenses{Amount: 1, Charset: bothCases(), Level: 1, Duration: latchkey.Lifetime()})
	s.must(err)

	for _, tt := range []struct {
		rule   string
		filter service.LicenseFilter
		want   []latchkey.License // oldest first
	}{
		{"everything", service.LicenseFilter{}, []latchkey.License{plain, percent, umlaut, bought[0]}},
		{"a whole key", service.LicenseFilter{Search: percent.Key.Reveal()}, []latchkey.License{percent}},
		{"a part of a key finds nothing", service.LicenseFilter{Search: percent.Key.Reveal()[:20]}, nil},
		{"the last four characters", service.LicenseFilter{Search: umlaut.Key.Last4()}, []latchkey.License{umlaut}},
		{"a part of the note, in any case", service.LicenseFilter{Search: "BERLIN"}, []latchkey.License{plain}},
		{"a note's percent sign is itself", service.LicenseFilter{Search: "0% o"}, []latchkey.License{percent}},
		{"a note's underscore is itself", service.LicenseFilter{Search: "f_e"}, []latchkey.License{percent}},
		{"a pattern is no pattern", service.LicenseFilter{Search: "1%f"}, nil},
		{"a note in another language, as it was written", service.LicenseFilter{Search: "ÄPFEL"}, []latchkey.License{umlaut}},
		{"the user's name, in any case", service.LicenseFilter{Search: "ANN"}, []latchkey.License{plain}},
		{"the creator", service.LicenseFilter{CreatedBy: bought[0].CreatedBy}, bought},
		{"the status", service.LicenseFilter{Status: latchkey.LicenseUsed}, []latchkey.License{plain}},
		{"the level", service.LicenseFilter{Level: 2}, []latchkey.License{percent}},
		{"the dates, from the first and before the last", service.LicenseFilter{CreatedAfter: first.Add(time.Hour), CreatedBefore: first.Add(2 * time.Hour)}, []latchkey.License{percent}},
		{"all of them together", service.LicenseFilter{Search: "Ann", Status: latchkey.LicenseUsed, Level: 1, CreatedBy: s.Owner.Account.ID}, []latchkey.License{plain}},
		{"nothing", service.LicenseFilter{Search: "Ann", Level: 2}, nil},
	} {
		s.Run(tt.rule, func(t *testing.T) {
			for _, sort := range []string{"created", "-created", ""} {
				f := tt.filter
				f.Sort = sort
				list, err := s.Service.ListLicenses(s.Ctx(), s.app.ID, f)
				s.must(err)
				var got, want []string
				for _, l := range list.Items {
					got = append(got, l.ID)
				}
				for _, l := range tt.want {
					want = append(want, l.ID)
				}
				if sort != "created" {
					slices.Reverse(want)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("sorted by %q (-want +got):\n%s", sort, diff)
				}
			}
		})
	}
	for _, f := range []service.LicenseFilter{
		{Sort: "key"}, {Sort: "created; DROP TABLE licenses"}, {Search: strings.Repeat("x", 201)}, {Search: "\xff"}, {Search: "a\x00"},
		{Page: service.Page{Limit: -1}}, {Page: service.Page{Limit: service.MaxLimit + 1}},
	} {
		_, err := s.Service.ListLicenses(s.Ctx(), s.app.ID, f)
		s.refused(err, latchkey.CodeInvalid)
	}
}
