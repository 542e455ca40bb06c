package latchkey

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestImportedUser(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	old := now.AddDate(-1, 0, 0)
	hash := func(cost string) string { return "$2b$" + cost + "$" + strings.Repeat("a", 53) }
	lifetime := []ImportedHolding{{Name: "default", Lifetime: true}}
	for rule, c := range map[string]struct {
		in   ImportedUser
		want User
		why  SkipReason
	}{
		"a name is enough; the first sign-in sets the password": {ImportedUser{Name: "ann"}, User{Name: "ann", PasswordState: PasswordFirstSignIn, PasswordUntil: now.AddDate(0, 0, 14), CreatedAt: now}, ""},
		"nobody signs in by password where the file says so":    {ImportedUser{Name: "ann", PasswordState: PasswordNone}, User{Name: "ann", PasswordState: PasswordNone, CreatedAt: now}, ""},
		"nor to one that a license named":                       {ImportedUser{Name: " KEY-1\n", LicenseNamed: true}, User{Name: "KEY-1", LicenseNamed: true, PasswordState: PasswordNone, CreatedAt: now}, ""},
		"a hash is kept":                                        {ImportedUser{Name: "ann", PasswordHash: hash("12")}, User{Name: "ann", PasswordState: PasswordSet, PasswordHash: hash("12"), CreatedAt: now}, ""},
		"bans, ages and addresses as they were":                 {ImportedUser{Name: "ann", PasswordState: PasswordNone, Email: "Ann@Example.COM", Banned: true, BannedAt: old, BanReason: "x", CreatedAt: old, LastSignInAt: old}, User{Name: "ann", PasswordState: PasswordNone, Email: "ann@example.com", BannedAt: old, BanReason: "x", CreatedAt: old, LastSignInAt: old}, ""},
		"nothing happened later than now":                       {ImportedUser{Name: "ann", PasswordState: PasswordNone, Banned: true, CreatedAt: now.Add(time.Hour)}, User{Name: "ann", PasswordState: PasswordNone, BannedAt: now, CreatedAt: now}, ""},
		"no name":                                               {ImportedUser{}, User{}, SkipName},
		"an invisible name":                                     {ImportedUser{Name: "a\u200bb"}, User{}, SkipName},
		"a key that cannot be":                                  {ImportedUser{Name: strings.Repeat("K", 71), LicenseNamed: true}, User{}, SkipName},
		"a password that is too long":                           {ImportedUser{Name: "ann", Password: Secret(strings.Repeat("p", 1025))}, User{}, SkipPassword},
		"a hash of another kind":                                {ImportedUser{Name: "ann", PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$YWJj$ZGVm"}, User{}, SkipHash},
		"a hash that would hold others up":                      {ImportedUser{Name: "ann", PasswordHash: hash("13")}, User{}, SkipCost},
		"a hash of no cost":                                     {ImportedUser{Name: "ann", PasswordHash: hash("99")}, User{}, SkipHash},
		"no address":                                            {ImportedUser{Name: "ann", Email: "ann"}, User{}, SkipEmail},
		"a reason that is too long":                             {ImportedUser{Name: "ann", Banned: true, BanReason: strings.Repeat("x", 501)}, User{}, SkipText},
		"a device twice":                                        {ImportedUser{Name: "ann", Devices: []ImportedDevice{{HWID: "PC"}, {HWID: " PC "}}}, User{}, SkipDevice},
		"an empty device":                                       {ImportedUser{Name: "ann", Devices: []ImportedDevice{{}}}, User{}, SkipDevice},
		"no devices allowed":                                    {ImportedUser{Name: "ann", DeviceLimit: new(int64(0))}, User{}, SkipDevice},
		"a subscription twice":                                  {ImportedUser{Name: "ann", Subscriptions: append(lifetime, lifetime...)}, User{}, SkipSubscription},
		"a subscription without an end":                         {ImportedUser{Name: "ann", Subscriptions: []ImportedHolding{{Name: "default"}}}, User{}, SkipSubscription},
		"a subscription of no name and level":                   {ImportedUser{Name: "ann", Subscriptions: []ImportedHolding{{Lifetime: true}}}, User{}, SkipSubscription},
	} {
		t.Run(rule, func(t *testing.T) {
			if c.why == "" {
				c.want.HWIDAffected, c.want.AuthVersion, c.want.UpdatedAt = true, 1, now
			}
			got, why := c.in.User(now)
			if diff := cmp.Diff(c.want, got); diff != "" || why != c.why {
				t.Errorf("%q, not %q (-want +got):\n%s", why, c.why, diff)
			}
		})
	}
}

func TestImportedExpiry(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	paused := now.Add(-time.Hour) // since when a pause lies on it here
	for rule, c := range map[string]struct {
		h                  ImportedHolding
		running, whileHere time.Time
	}{
		"a lifetime stays one":        {ImportedHolding{Lifetime: true}, time.Time{}, time.Time{}},
		"what is left is kept":        {ImportedHolding{ExpiresAt: now.Add(5 * time.Hour)}, now.Add(5 * time.Hour), paused.Add(5 * time.Hour)},
		"what was frozen is given":    {ImportedHolding{ExpiresAt: now.Add(-time.Hour), Frozen: true, Left: 2 * time.Hour}, now.Add(2 * time.Hour), paused.Add(2 * time.Hour)},
		"what has expired stays so":   {ImportedHolding{ExpiresAt: now.Add(-time.Minute)}, now.Add(-time.Minute), paused},
		"also if a pause is younger":  {ImportedHolding{ExpiresAt: paused.Add(-time.Hour)}, paused.Add(-time.Hour), paused.Add(-time.Hour)},
		"this very moment is expired": {ImportedHolding{ExpiresAt: now}, now, paused},
	} {
		if got := c.h.Expiry(now, now); !got.Equal(c.running) {
			t.Errorf("%s: %v, want %v", rule, got, c.running)
		}
		if got := c.h.Expiry(paused, now); !got.Equal(c.whileHere) {
			t.Errorf("%s, while paused here: %v, want %v", rule, got, c.whileHere)
		}
	}
}
