package listfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func readUsers(in io.Reader, f Format) (rows []UserRow, r *UserReader, err error) {
	if r, err = NewUserReader(in, f); err != nil {
		return nil, nil, err
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, r, nil
		}
		if err != nil {
			return rows, r, err
		}
		row.single, row.expiry = latchkey.ImportedHolding{}, false
		rows = append(rows, row)
	}
}

const someHash = "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"

func TestFilesOfUsers(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	yes, no, three := true, false, int64(3)
	type user = latchkey.ImportedUser
	type holding = latchkey.ImportedHolding
	type device = latchkey.ImportedDevice
	for name, c := range map[string]struct {
		format Format
		text   string
		want   []UserRow
	}{
		"a list written by hand": {CSV, "Username;Password;E-Mail;Subscription;Expires at;HWID\n ann ; s3cret ;a@b.c;default;2026-02-03T04:05:06Z;PC-1\nbob;" + someHash + ";;vip;lifetime;\n", []UserRow{
			{Number: 1, Line: 2, ImportedUser: user{Name: "ann", Password: " s3cret ", Email: "a@b.c", Devices: []device{{HWID: "PC-1"}}, Subscriptions: []holding{{Name: "default", ExpiresAt: at}}}},
			{Number: 2, Line: 3, ImportedUser: user{Name: "bob", PasswordHash: someHash, Subscriptions: []holding{{Name: "vip", Lifetime: true}}}}}},
		"lists in cells": {CSV, "username,subscriptions,devices\nann,\"[{\"\"name\"\":\"\"a;b\"\",\"\"lifetime\"\":true},{\"\"level\"\":2,\"\"expires_at\"\":\"\"2026-02-03T04:05:06Z\"\"}]\",\"[\"\"PC-1\"\",{\"\"hwid\"\":\"\"PC,2\"\"}]\"\nbob,oops,\ncid,,7\n", []UserRow{
			{Number: 1, Line: 2, ImportedUser: user{Name: "ann", Subscriptions: []holding{{Name: "a;b", Lifetime: true}, {Level: 2, ExpiresAt: at}}, Devices: []device{{HWID: "PC-1"}, {HWID: "PC,2"}}}},
			{Number: 2, Line: 3, ImportedUser: user{Name: "bob"}, Skip: latchkey.SkipSubscription},
			{Number: 3, Line: 4, ImportedUser: user{Name: "cid"}, Skip: latchkey.SkipDevice}}},
		"the API's": {JSON, `{"users":[{"id":"usr_1","username":"ann","license_named":false,"password_state":"none","hwid_affected":false,"device_limit":3,"two_factor":true,
			"banned_at":"2026-02-03T04:05:06Z","ban_reason":"x","created_at":"2026-02-03T04:05:06.000Z","last_sign_in_at":"2026-02-03T04:05:06Z",
			"subscriptions":[{"name":"default","level":1,"status":"paused","paused_at":"2026-02-03T04:05:06Z","expires_at":"2026-02-03T04:05:06Z","seconds_left":60,"lifetime":false}],
			"devices":[{"id":"dev_1","hwid":"PC-1","bound_at":"2026-02-03T04:05:06Z","last_seen_at":null}]},"bob",{"username":["c"]},{"username":"dan","devices":{}}]}`, []UserRow{
			{Number: 1, ImportedUser: user{Name: "ann", PasswordState: "none", HWIDAffected: &no, DeviceLimit: &three, TwoFactor: true, Banned: true, BannedAt: at, BanReason: "x", CreatedAt: at, LastSignInAt: at,
				Subscriptions: []holding{{Name: "default", Level: 1, ExpiresAt: at, Paused: true, Frozen: true, Left: time.Minute}}, Devices: []device{{HWID: "PC-1", BoundAt: at}}}},
			{Number: 2, ImportedUser: user{Name: "bob"}},
			{Number: 3, Skip: latchkey.SkipRow},
			{Number: 4, ImportedUser: user{Name: "dan"}, Skip: latchkey.SkipDevice}}},
		"KeyAuth's seller API": {JSON, `{"success":true,"users":[{"id":"1","username":"ann","email":null,"password":"` + someHash + `","hwid":"PC-1","app":"x","owner":"me","createdate":"1770091506","lastlogin":"1770091506","banned":null,"ip":"192.0.2.1","cooldown":null,
			"subscriptions":[{"subscription":"default","key":"K","expiry":"1770091506","timeleft":7}]},{"username":"bob","banned":"cheats"}]}`, []UserRow{
			{Number: 1, ImportedUser: user{Name: "ann", PasswordHash: someHash, CreatedAt: at, LastSignInAt: at, Devices: []device{{HWID: "PC-1"}}, Subscriptions: []holding{{Name: "default", ExpiresAt: at}}}},
			{Number: 2, ImportedUser: user{Name: "bob", Banned: true, BanReason: "cheats"}}}},
		"JSON lines": {Lines, "{\"username\":\"ann\",\"hwid_affected\":true,\"banned\":true}\n{\"username\":\"bob\",\"created_at\":\"yesterday\"}\n{\"username\":\"cid\",\"hwid_affected\":\"perhaps\"}\n{\"done\":true,\"count\":3}\n", []UserRow{
			{Number: 1, Line: 1, ImportedUser: user{Name: "ann", HWIDAffected: &yes, Banned: true}},
			{Number: 2, Line: 2, ImportedUser: user{Name: "bob"}, Skip: latchkey.SkipTime},
			{Number: 3, Line: 3, ImportedUser: user{Name: "cid", HWIDAffected: &no}, Skip: latchkey.SkipRow}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := readUsers(strings.NewReader(c.text), c.format)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreUnexported(UserRow{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for name, text := range map[string]string{"no name": "email\na@b.c\n", "two names": "username,login\na,b\n", "nothing": ""} {
		if _, _, err := readUsers(strings.NewReader(text), CSV); latchkey.CodeOf(err) != latchkey.CodeMalformed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// awkwardUsers are those whom a server can have.
func awkwardUsers() (list []api.User) {
	at := api.At(time.Date(2026, 2, 3, 4, 5, 6, 7_000_000, time.UTC))
	for i, text := range awkward() {
		u := api.User{ID: "usr_1", Username: "u" + strings.TrimSpace(text), PasswordState: "set", Email: "a+b@example.com", HWIDAffected: i%2 == 0, CreatedAt: at, UpdatedAt: at,
			Subscriptions: []api.Holding{}, Devices: []api.Device{}}
		if i%2 == 1 {
			u.DeviceLimit, u.TwoFactor = new(int64(i)), true
			u.Devices = []api.Device{{ID: "dev_1", HWID: "h" + text + "h", BoundAt: at}, {ID: "dev_2", HWID: "other", BoundAt: at, LastSeenAt: at}}
			u.Subscriptions = []api.Holding{{Name: "n" + text, Level: 1, Status: "active", ExpiresAt: at, SecondsLeft: new(int64(5))},
				{Name: "forever", Level: 2, Status: "active", Lifetime: true}, {Name: "rests", Level: 2, Status: "paused", ExpiresAt: at, PausedAt: at, SecondsLeft: new(int64(7))}}
		}
		if i%3 == 0 {
			u.BannedAt, u.BanReason, u.LastSignInAt = at, text, at
		}
		list = append(list, u)
	}
	return list
}

func writeUsers(t testing.TB, f Format, list []api.User) string {
	t.Helper()
	var out bytes.Buffer
	w := NewUserWriter(&out, f)
	for i := range list {
		if err := w.Write(&list[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// What is written is read back to the same values, in every format.
func TestUsersRoundTrip(t *testing.T) {
	list := awkwardUsers()
	for _, f := range []Format{CSV, JSON, Lines} {
		t.Run(string(f), func(t *testing.T) {
			rows, _, err := readUsers(strings.NewReader(writeUsers(t, f, list)), f)
			if err != nil || len(rows) != len(list) {
				t.Fatalf("%d rows of %d, %v", len(rows), len(list), err)
			}
			for i, u := range list {
				affected := u.HWIDAffected
				want := latchkey.ImportedUser{Name: u.Username, PasswordState: latchkey.PasswordSet, Email: u.Email, HWIDAffected: &affected, DeviceLimit: u.DeviceLimit, TwoFactor: u.TwoFactor,
					Banned: !u.BannedAt.IsZero(), BannedAt: u.BannedAt.Time, BanReason: u.BanReason, CreatedAt: u.CreatedAt.Time, LastSignInAt: u.LastSignInAt.Time}
				for _, h := range u.Subscriptions {
					rests := h.Status == "paused"
					held := latchkey.ImportedHolding{Name: h.Name, Level: h.Level, ExpiresAt: h.ExpiresAt.Time, Lifetime: h.Lifetime, Paused: rests, Frozen: rests}
					if rests {
						held.Left = 7 * time.Second
					}
					want.Subscriptions = append(want.Subscriptions, held)
				}
				for _, d := range u.Devices {
					want.Devices = append(want.Devices, latchkey.ImportedDevice{HWID: d.HWID, BoundAt: d.BoundAt.Time, LastSeenAt: d.LastSeenAt.Time})
				}
				if diff := cmp.Diff(want, rows[i].ImportedUser, cmpopts.EquateEmpty()); diff != "" || rows[i].Skip != "" {
					t.Errorf("%q comes back %s (-want +got):\n%s", u.Username, rows[i].Skip, diff)
				}
			}
		})
	}
	records, err := csv.NewReader(strings.NewReader(writeUsers(t, CSV, list))).ReadAll()
	if err != nil || len(records) != len(list)+1 || strings.Join(records[0], ",") != userColumns {
		t.Errorf("%d records, %v", len(records), err)
	}
	for f, want := range map[Format]string{CSV: userColumns + "\r\n", JSON: "[]\n", Lines: ""} {
		if got := writeUsers(t, f, nil); got != want {
			t.Errorf("%s: %q", f, got)
		}
	}
}

// Whatever is read and is a user keeps every rule that a user made by hand has.
func fuzzUsers(f *testing.F, format Format, seeds ...string) {
	for _, seed := range append(seeds, writeUsers(f, format, awkwardUsers())) {
		f.Add([]byte(seed))
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, _, err := readUsers(bytes.NewReader(file), format)
		if err != nil {
			if latchkey.CodeOf(err) != latchkey.CodeMalformed {
				t.Fatal(err)
			}
			return
		}
		for i := range rows {
			if rows[i].Number != int64(i+1) {
				t.Errorf("row %d is number %d", i, rows[i].Number)
			}
			u, why := rows[i].User(now)
			if rows[i].Skip != "" || why != "" {
				continue
			}
			if !u.LicenseNamed && latchkey.CheckUsername(u.Name) != nil || u.CreatedAt.After(now) || (u.PasswordHash != "") != (rows[i].PasswordHash != "") ||
				latchkey.CheckReason(u.BanReason) != nil || u.PasswordState == latchkey.PasswordSet && u.PasswordHash == "" && rows[i].Password == "" {
				t.Errorf("%+v becomes %+v", rows[i], u)
			}
			for _, h := range rows[i].Subscriptions {
				if at := h.Expiry(now, now); at.IsZero() != h.Lifetime {
					t.Errorf("%+v expires %v", h, at)
				}
			}
		}
	})
}

func FuzzUsersCSV(f *testing.F) {
	fuzzUsers(f, CSV, "user;password\na;b\n", "username,subscription,expiry,hwid\na,b,1,c\n", "username,subscriptions\na,[]\n", "username,devices\na,\"[null,1]\"\n")
}

func FuzzUsersJSON(f *testing.F) {
	fuzzUsers(f, JSON, `{"users":[{"username":"a","subscriptions":[{"level":"1","expiry":1}],"hwid":"x"}]}`, `["a"]`, `[{"username":"a","devices":["b"],"password":"`+someHash+`"}]`)
}
