package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestLicenseLife(t *testing.T) {
	tell(t, []story{
		{"redemption makes it used and says by whom and when", usedLicense},
		{"the key is compared exactly, but for white space around it", exactKeys},
		{"a month is a calendar month from the redemption", calendarMonth},
		{"a lifetime never ends", lifetimeLicense},
		{"a license of a level gives every subscription of that level", sharedLevel},
		{"a license whose level no subscription has is refused and stays unused", noLevel},
		{"an unused license can be extended, a used or banned one cannot", extension},
		{"extensions at the same moment add up", extensionRace},
		{"a used license keeps its duration, and its level and note may change", edits},
		{"an edit is applied whole or not at all", editsOutOfBounds},
	})
}

func usedLicense(s *scene) {
	l := s.Licenses(s.app.ID, 1, "30d")[0]
	s.Clock.Advance(time.Hour)
	_, err := s.register("ann", "secret", l.Key.Reveal(), machine)
	s.must(err)
	ann := s.named("ann")
	got, err := s.Service.License(s.Ctx(), s.app.ID, l.ID)
	s.must(err)
	want := service.LicenseView{License: l, UsedByName: "ann"}
	want.Status, want.UsedBy, want.UsedAt, want.UpdatedAt = latchkey.LicenseUsed, ann.ID, s.Clock.Now(), s.Clock.Now()
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("license (-want +got):\n%s", diff)
	}
	if got := ann.Holdings[0]; got.LicenseID != l.ID || got.LicenseKey != l.Key || !got.ExpiresAt.Equal(s.Clock.Now().AddDate(0, 0, 30)) {
		s.Errorf("ann holds %+v", got)
	}
	if ann.CreatedBy != s.Owner.Account.ID || ann.LicenseID != l.ID {
		s.Errorf("ann was made by %s with %s; want the license's creator and the license", ann.CreatedBy, ann.LicenseID)
	}
	_, err = s.register("bob", "secret", l.Key.Reveal(), otherMachine)
	s.refused(err, latchkey.CodeLicenseUsed)
	if n := len(s.users()); n != 1 {
		s.Errorf("%d users, want ann alone", n)
	}
}

func exactKeys(s *scene) {
	key := s.keyOf(1, "1d").Key.Reveal() // upper case and digits
	_, err := s.license(strings.ToLower(key), machine)
	s.refused(err, latchkey.CodeLicenseNotFound)
	_, err = s.license(key[:len(key)-1], machine)
	s.refused(err, latchkey.CodeLicenseNotFound)
	_, err = s.license(" \t"+key+"\r\n", machine)
	s.must(err)
	_, err = s.license(key, machine)
	s.must(err)
	if n := len(s.users()); n != 1 {
		s.Errorf("%d users, want one", n)
	}
}

func calendarMonth(s *scene) {
	now := s.Clock.Now()
	defer s.Clock.Set(now)
	s.Clock.Set(time.Date(2027, 1, 31, 10, 0, 0, 0, time.UTC))
	key := s.key("1mo")
	s.Clock.Advance(time.Minute)
	_, err := s.license(key, machine)
	s.must(err)
	want := time.Date(2027, 2, 28, 10, 1, 0, 0, time.UTC)
	if got := s.named(key).Holdings[0].ExpiresAt; !got.Equal(want) {
		s.Errorf("expires %s, want %s", got, want)
	}
}

func lifetimeLicense(s *scene) {
	key := s.key("lifetime")
	_, err := s.license(key, machine)
	s.must(err)
	now := s.Clock.Now()
	defer s.Clock.Set(now)
	s.Clock.Set(now.AddDate(150, 0, 0))
	_, err = s.license(key, machine)
	s.must(err)
}

func sharedLevel(s *scene) {
	for _, name := range []string{"silver", "gold"} {
		_, err := s.Service.CreateSubscription(s.Ctx(), s.app.ID, name, 2)
		s.must(err)
	}
	l := s.keyOf(2, "12h")
	_, err := s.license(l.Key.Reveal(), machine)
	s.must(err)
	var held []string
	for _, h := range s.named(l.Key.Reveal()).Holdings {
		held = append(held, h.Name)
		if !h.ExpiresAt.Equal(s.Clock.Now().Add(12 * time.Hour)) {
			s.Errorf("%s expires %s, want in 12 hours", h.Name, h.ExpiresAt)
		}
	}
	if diff := cmp.Diff([]string{"gold", "silver"}, slices.Sorted(slices.Values(held))); diff != "" {
		s.Errorf("holdings (-want +got):\n%s", diff)
	}
}

func noLevel(s *scene) {
	l := s.keyOf(9, "1d")
	ann := s.user("ann", "secret")
	_, err := s.license(l.Key.Reveal(), machine)
	s.refused(err, latchkey.CodeSubscriptionNoLevel)
	_, err = s.register("bob", "secret", l.Key.Reveal(), machine)
	s.refused(err, latchkey.CodeSubscriptionNoLevel)
	s.refused(s.Service.ClientUpgrade(outside(), s.client(), s.start(), service.ClientSignIn{Username: "ann", Key: l.Key.Reveal()}), latchkey.CodeSubscriptionNoLevel)
	_, err = s.Service.RedeemLicense(s.Ctx(), s.app.ID, ann.ID, l.Key.Reveal())
	s.refused(err, latchkey.CodeSubscriptionNoLevel)
	if got := s.licenses()[0].Status; got != latchkey.LicenseNotUsed || len(s.users()) != 1 {
		s.Errorf("the license is %s with %d users; want unused, with ann alone", got, len(s.users()))
	}
	_, err = s.Service.CreateSubscription(s.Ctx(), s.app.ID, "late", 9)
	s.must(err)
	_, err = s.license(l.Key.Reveal(), machine)
	s.must(err)
}

func extension(s *scene) {
	list := s.Licenses(s.app.ID, 3, "30d")
	unused, used, banned := list[0], list[1], list[2]
	_, err := s.license(used.Key.Reveal(), machine)
	s.must(err)
	_, err = s.Service.BanLicense(s.Ctx(), s.app.ID, banned.ID, "", false)
	s.must(err)

	got, err := s.Service.ExtendLicense(s.Ctx(), s.app.ID, unused.ID, s.length("5d"))
	s.must(err)
	if got.Duration != s.length("35d") {
		s.Errorf("30 days and 5 are %s", got.Duration)
	}
	_, err = s.Service.ExtendLicense(s.Ctx(), s.app.ID, used.ID, s.length("5d"))
	s.refused(err, latchkey.CodeLicenseUsed)
	if err != nil && !strings.Contains(err.Error(), "extend its user") {
		s.Errorf("the refusal does not say what to do instead: %v", err)
	}
	_, err = s.Service.ExtendLicense(s.Ctx(), s.app.ID, banned.ID, s.length("5d"))
	s.refused(err, latchkey.CodeLicenseBanned)
	_, err = s.Service.ExtendLicense(s.Ctx(), s.app.ID, unused.ID, latchkey.Duration{})
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.Service.ExtendLicense(s.Ctx(), s.app.ID, unused.ID, s.length("100y"))
	s.refused(err, latchkey.CodeInvalid)
	got, err = s.Service.ExtendLicense(s.Ctx(), s.app.ID, unused.ID, s.length("lifetime"))
	s.must(err)
	if !got.Duration.IsLifetime() {
		s.Errorf("30 days and a lifetime are %s", got.Duration)
	}
}

func extensionRace(s *scene) {
	l := s.Licenses(s.app.ID, 1, "1d")[0]
	errs := together(20, func(int) error {
		_, err := s.Service.ExtendLicense(s.Ctx(), s.app.ID, l.ID, s.length("1d"))
		return err
	})
	if diff := cmp.Diff(map[latchkey.Code]int{"": 20}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
	if got := s.licenses()[0].Duration; got != s.length("21d") {
		s.Errorf("1 day and 20 times a day are %s", got)
	}
}

func edits(s *scene) {
	l := s.Licenses(s.app.ID, 1, "30d")[0]
	edit := func(e latchkey.LicenseEdit) (service.LicenseView, error) {
		return s.Service.UpdateLicense(s.Ctx(), s.app.ID, l.ID, e)
	}
	got, err := edit(latchkey.LicenseEdit{Level: point(int64(4)), Duration: point(s.length("1y")), Note: point("paid")})
	s.must(err)
	if got.Level != 4 || got.Duration != s.length("1y") || got.Note != "paid" {
		s.Errorf("edited to %+v", got.License)
	}
	_, err = edit(latchkey.LicenseEdit{Level: point(int64(1))})
	s.must(err)
	_, err = s.license(l.Key.Reveal(), machine)
	s.must(err)
	_, err = edit(latchkey.LicenseEdit{Duration: point(s.length("1d")), Note: point("lost")})
	s.refused(err, latchkey.CodeLicenseUsed)
	got, err = edit(latchkey.LicenseEdit{Level: point(int64(2)), Note: point("")})
	s.must(err)
	if got.Level != 2 || got.Note != "" || got.Duration != s.length("1y") || got.Status != latchkey.LicenseUsed {
		s.Errorf("edited to %+v", got.License)
	}
	if left := s.named(l.Key.Reveal()).Holdings[0]; left.Level != 1 {
		s.Errorf("the user holds level %d now; an edit does not reach what was redeemed", left.Level)
	}
}

func editsOutOfBounds(s *scene) {
	l := s.Licenses(s.app.ID, 1, "30d")[0]
	for _, e := range []latchkey.LicenseEdit{
		{Level: point(int64(0)), Note: point("lost")},
		{Note: point(strings.Repeat("x", latchkey.MaxNoteLength+1)), Level: point(int64(3))},
		{Duration: &latchkey.Duration{}, Note: point("lost")},
	} {
		_, err := s.Service.UpdateLicense(s.Ctx(), s.app.ID, l.ID, e)
		s.refused(err, latchkey.CodeInvalid)
	}
	_, err := s.Service.UpdateLicense(s.Ctx(), s.app.ID, "lic_none", latchkey.LicenseEdit{})
	s.refused(err, latchkey.CodeLicenseNotFound)
	if diff := cmp.Diff(l, s.licenses()[0].License); diff != "" {
		s.Errorf("the license has changed (-before +after):\n%s", diff)
	}
}
