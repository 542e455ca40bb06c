package latchkey_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

var (
	created = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now     = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	earlier = now.Add(-24 * time.Hour)
)

func notUsed() latchkey.License {
	return latchkey.License{ID: "lic_1", Key: "KEY", Level: 1, Duration: latchkey.Duration{Amount: 30, Unit: latchkey.UnitDay},
		Status: latchkey.LicenseNotUsed, CreatedAt: created, UpdatedAt: created}
}

func used() latchkey.License {
	l := notUsed()
	l.Status, l.UsedAt, l.UsedBy, l.UpdatedAt = latchkey.LicenseUsed, earlier, "usr_1", earlier
	return l
}

func banned(l latchkey.License) latchkey.License {
	l.Status, l.BanReason, l.BannedAt, l.UpdatedAt = latchkey.LicenseBanned, "fraud", earlier, earlier
	return l
}

// TestLicense is the table of every state and every change.
func TestLicense(t *testing.T) {
	redeem := func(l *latchkey.License) error { return l.Redeem("usr_2", now) }
	ban := func(l *latchkey.License) error { return l.Ban("charged back", now) }
	unban := func(l *latchkey.License) error { return l.Unban(now) }
	extend := func(l *latchkey.License) error {
		return l.Extend(latchkey.Duration{Amount: 5, Unit: latchkey.UnitDay}, now)
	}
	level, note, hours := int64(3), "vip", latchkey.Duration{Amount: 12, Unit: latchkey.UnitHour}
	edit := func(e latchkey.LicenseEdit) func(*latchkey.License) error {
		return func(l *latchkey.License) error { return l.Edit(e, now) }
	}
	with := func(l latchkey.License, change func(*latchkey.License)) latchkey.License {
		change(&l)
		l.UpdatedAt = now
		return l
	}

	for _, tt := range []struct {
		rule   string
		before latchkey.License
		change func(*latchkey.License) error
		code   latchkey.Code
		after  latchkey.License // ignored where a code is expected: nothing may change
	}{
		{"an unused license can be redeemed", notUsed(), redeem, "", with(notUsed(), func(l *latchkey.License) {
			l.Status, l.UsedBy, l.UsedAt = latchkey.LicenseUsed, "usr_2", now
		})},
		{"a used license cannot be redeemed again", used(), redeem, latchkey.CodeLicenseUsed, used()},
		{"a banned license cannot be redeemed", banned(notUsed()), redeem, latchkey.CodeLicenseBanned, notUsed()},

		{"an unused license can be banned", notUsed(), ban, "", with(notUsed(), func(l *latchkey.License) {
			l.Status, l.BanReason, l.BannedAt = latchkey.LicenseBanned, "charged back", now
		})},
		{"a used license can be banned and keeps its use", used(), ban, "", with(used(), func(l *latchkey.License) {
			l.Status, l.BanReason, l.BannedAt = latchkey.LicenseBanned, "charged back", now
		})},
		{"a banned license keeps its first reason", banned(notUsed()), ban, latchkey.CodeLicenseBanned, notUsed()},

		{"unbanning restores an unused license", banned(notUsed()), unban, "", with(notUsed(), func(*latchkey.License) {})},
		{"unbanning restores a used license", banned(used()), unban, "", with(used(), func(*latchkey.License) {})},
		{"an unused license cannot be unbanned", notUsed(), unban, latchkey.CodeLicenseNotBanned, notUsed()},
		{"a used license cannot be unbanned", used(), unban, latchkey.CodeLicenseNotBanned, used()},

		{"an unused license can be extended", notUsed(), extend, "", with(notUsed(), func(l *latchkey.License) {
			l.Duration.Amount = 35
		})},
		{"a used license cannot be extended", used(), extend, latchkey.CodeLicenseUsed, used()},
		{"a banned license cannot be extended", banned(notUsed()), extend, latchkey.CodeLicenseBanned, notUsed()},

		{"an unused license can be edited in all", notUsed(), edit(latchkey.LicenseEdit{Level: &level, Duration: &hours, Note: &note}), "",
			with(notUsed(), func(l *latchkey.License) { l.Level, l.Duration, l.Note = 3, hours, "vip" })},
		{"a used license can be given another level and note", used(), edit(latchkey.LicenseEdit{Level: &level, Note: &note}), "",
			with(used(), func(l *latchkey.License) { l.Level, l.Note = 3, "vip" })},
		{"a used license keeps its duration", used(), edit(latchkey.LicenseEdit{Duration: &hours}), latchkey.CodeLicenseUsed, used()},
		{"a refused edit changes nothing else either", used(), edit(latchkey.LicenseEdit{Level: &level, Duration: &hours}), latchkey.CodeLicenseUsed, used()},
		{"a banned unused license can be edited in all", banned(notUsed()), edit(latchkey.LicenseEdit{Duration: &hours}), "",
			with(banned(notUsed()), func(l *latchkey.License) { l.Duration = hours })},
		{"a license that was used and is banned keeps its duration", banned(used()), edit(latchkey.LicenseEdit{Duration: &hours}), latchkey.CodeLicenseUsed, used()},
		{"an empty edit leaves the fields", notUsed(), edit(latchkey.LicenseEdit{}), "", with(notUsed(), func(*latchkey.License) {})},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l, want := tt.before, tt.after
			err := tt.change(&l)
			if tt.code != "" {
				wantCode(t, err, tt.code)
				want = tt.before
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, l); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLicense_a_ban_carries_its_reason(t *testing.T) {
	l := banned(notUsed())
	e, _ := errors.AsType[*latchkey.Error](l.Redeemable())
	if e == nil || e.Reason != "fraud" {
		t.Errorf("got %#v", e)
	}
}

func TestLicense_Extend_units(t *testing.T) {
	for _, tt := range []struct{ rule, has, by, want string }{
		{"a lifetime stays one", "lifetime", "30d", "lifetime"},
		{"a lifetime more makes one", "30d", "lifetime", "lifetime"},
		{"a month and a week become seconds", "1mo", "1w", "3234543s"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l := notUsed()
			l.Duration = duration(t, tt.has)
			if err := l.Extend(duration(t, tt.by), now); err != nil || l.Duration.String() != tt.want {
				t.Errorf("%s + %s = %s, %v; want %s", tt.has, tt.by, l.Duration, err, tt.want)
			}
		})
	}
	t.Run("beyond 100 years nothing changes", func(t *testing.T) {
		l := notUsed()
		l.Duration = duration(t, "100y")
		before := l
		wantInvalid(t, l.Extend(duration(t, "1y"), now), "duration")
		if diff := cmp.Diff(before, l); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLicense_texts_and_levels_are_bounded(t *testing.T) {
	for _, tt := range []struct {
		rule  string
		err   error
		field string // "" where nothing is refused
	}{
		{"level 1", latchkey.CheckLevel(1), ""},
		{"level 1,000,000", latchkey.CheckLevel(latchkey.MaxLevel), ""},
		{"no level 0", latchkey.CheckLevel(0), "level"},
		{"no negative level", latchkey.CheckLevel(-1), "level"},
		{"no level above", latchkey.CheckLevel(latchkey.MaxLevel + 1), "level"},
		{"an empty note", latchkey.CheckNote(""), ""},
		{"a note of 500 characters", latchkey.CheckNote(strings.Repeat("é", 500)), ""},
		{"a note of several lines", latchkey.CheckNote("a\nb"), ""},
		{"no note of 501", latchkey.CheckNote(strings.Repeat("a", 501)), "note"},
		{"no NUL in a note", latchkey.CheckNote("a\x00"), "note"},
		{"no broken UTF-8 in a note", latchkey.CheckNote("a\xff"), "note"},
		{"a reason of 500 characters", latchkey.CheckReason(strings.Repeat("é", 500)), ""},
		{"no reason of 501", latchkey.CheckReason(strings.Repeat("a", 501)), "reason"},
		{"no NUL in a reason", latchkey.CheckReason("\x00"), "reason"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if tt.field != "" {
				wantInvalid(t, tt.err, tt.field)
			} else if tt.err != nil {
				t.Error(tt.err)
			}
		})
	}
	t.Run("a refused reason bans nothing", func(t *testing.T) {
		l := notUsed()
		wantInvalid(t, l.Ban("\x00", now), "reason")
		if diff := cmp.Diff(notUsed(), l); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a refused level or note edits nothing", func(t *testing.T) {
		good, bad, nul := int64(5), int64(0), "\x00"
		l := notUsed()
		wantInvalid(t, l.Edit(latchkey.LicenseEdit{Level: &bad}, now), "level")
		wantInvalid(t, l.Edit(latchkey.LicenseEdit{Level: &good, Note: &nul}, now), "note")
		if diff := cmp.Diff(notUsed(), l); diff != "" {
			t.Error(diff)
		}
	})
}
