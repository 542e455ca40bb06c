package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// crowd fills the shop with n users whose names share their beginning: a 40th of
// them are banned, a 40th hold a second subscription, another 40th wait for a
// reset of their devices, and none is any two of these. The time of all but some
// holders is over.
func (s *shop) crowd(n int) (second string) {
	s.Helper()
	sub := latchkey.Subscription{ID: s.id(latchkey.KindSubscription, time.Second), AppID: s.app, Name: "second", Level: 2, CreatedAt: noon, UpdatedAt: noon}
	s.write(func(tx *store.Tx) error { return tx.InsertSubscription(s.Context(), &sub) })
	const holding = `INSERT INTO user_subscriptions (id, app_id, user_id, subscription_id, license_id, created_at, updated_at, expires_at)
		SELECT 'usb_' || CAST($3 + n AS TEXT), $1, 'usr_' || CAST(1000000000 + $3 + n AS TEXT) || '0000000000000000', `
	s.insert(n, `INSERT INTO users (id, app_id, name_hash, name, canonical_name, name_last4, license_named, password_state, password_hash, hwid_affected,
			banned_at, reset_requested_at, ban_reason, banned_with, auth_version, created_at, created_by, license_id, last_ip, updated_at)
		SELECT 'usr_' || CAST(1000000000 + $3 + n AS TEXT) || '0000000000000000', $1, CAST('name' || n AS BYTES), 'customer ' || n, 'customer ' || n,
			'', 0, 'none', '', 1, CASE WHEN n % 40 = 0 THEN 1 END, CASE WHEN n % 40 = 2 THEN 1 END, '', '', 1, n, '', '', '', n FROM numbers`)
	s.insert(n, holding+`$4, '', 0, 0, CASE WHEN n % 5 = 0 THEN NULL ELSE 1000 * n END FROM numbers WHERE n % 10 < 8`)
	old := s.subscription
	s.subscription = sub.ID
	s.insert(n, holding+`$4, '', 0, 0, 1000 * n FROM numbers WHERE n % 40 = 1`)
	s.subscription = old
	s.write(func(tx *store.Tx) error {
		_, err := tx.Exec(s.Context(), `INSERT INTO counters (app_id, name, slot, value) VALUES ($1, 'users.banned', 0, $2), ($1, 'users.reset_requested', 0, $2)`, s.app, n/40)
		return err
	})
	return sub.ID
}

// batches fills the shop with n licenses: half of them used, a 40th of another
// level, a 40th by another maker, a 40th banned, and none is any two of these.
func (s *shop) batches(n int) {
	s.Helper()
	s.insert(10_000, `INSERT INTO license_notes (id, app_id, folded) SELECT $3 + n, $1, 'order ' || n FROM numbers`)
	s.insert(n, `INSERT INTO licenses (id, app_id, key_hash, key_sealed, key_last4, level, duration_amount, duration_unit, note, note_id, status,
			created_at, created_by, used_at, used_by, ban_reason, updated_at)
		SELECT 'lic_' || CAST(1000000000 + $3 + n AS TEXT) || '0000000000000000', $1, CAST('key' || n AS BYTES), CAST('' AS BYTES), CAST(1000 + n % 5000 AS TEXT),
			CASE WHEN n % 40 = 0 THEN 2 ELSE 1 END, 1, 'd', '', $3 + 1 + n % 10000,
			CASE WHEN n % 40 = 1 THEN 'banned' WHEN n % 2 = 0 THEN 'used' ELSE 'not_used' END,
			n, CASE WHEN n % 40 = 2 THEN 'key_2' ELSE 'key_1' END, CASE WHEN n % 2 = 0 THEN n END,
			CASE WHEN n % 2 = 0 THEN 'usr_' || CAST(1000000000 + $3 + n AS TEXT) || '0000000000000000' ELSE '' END, '', n FROM numbers`)
	s.write(func(tx *store.Tx) error {
		_, err := tx.Exec(s.Context(), `INSERT INTO counters (app_id, name, slot, value) VALUES ($1, 'licenses.banned', 0, $2), ($1, 'licenses.used', 0, $3), ($1, 'licenses.not_used', 0, $4)`,
			s.app, n/40, n/2, n/2-n/40)
		return err
	})
}

// events fills the shop's chain, most of it by customers, and its log.
func (s *shop) events(n int) {
	s.Helper()
	s.insert(n, `INSERT INTO audit_events (chain, seq, at, actor_kind, actor_id, action, target_id, details, request_id, ip, hash)
		SELECT $1, $3 + n, 10 * n, CASE WHEN n % 20 = 0 THEN 'account' ELSE 'customer' END, 'usr_' || (n % 50), CASE n % 40 WHEN 1 THEN 'user.ban' WHEN 2 THEN 'app.edit' ELSE 'user.sign_in' END,
			'lic_' || (n % 40), '{}', '', '', CAST('' AS BYTES) FROM numbers`)
	s.insert(n, `INSERT INTO log_lines (id, app_id, user_id, device_hash, text_sealed, ip, created_at)
		SELECT 'log_' || CAST(1000000000 + $3 + n AS TEXT) || '0000000000000000', $1, CASE WHEN n % 40 = 0 THEN 'usr_1' ELSE 'usr_2' END, NULL, CAST('' AS BYTES), '', n FROM numbers`)
	// Lines with a device, none of which is of the user that most lines are of.
	s.write(func(tx *store.Tx) error {
		_, err := tx.Exec(s.Context(), `UPDATE log_lines SET device_hash = $1 WHERE user_id <> 'usr_2'`, tx.DeviceNameHash(s.app, "a computer"))
		return err
	})
}

// BenchmarkLists measures one page of lists of many rows: what is searched for is
// found often, and filters that leave much each leave nothing together.
func BenchmarkLists(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.DB{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := newShop(b, open(b))
			second := s.crowd(100_000)
			s.batches(300_000)
			s.events(300_000)
			if err := s.db.AnalyzeAll(b.Context()); err != nil {
				b.Fatal(err)
			}
			s.benchUsers(b, second)
			s.benchLicenses(b)
			s.benchEvents(b)
		})
	}
}

func (s *shop) bench(b *testing.B, what string, read func(tx *store.Tx) error) {
	b.Run(what, func(b *testing.B) {
		for b.Loop() {
			if err := s.db.Read(b.Context(), read); err != nil && !errors.Is(err, secretbox.ErrSealed) {
				b.Fatal(err)
			}
		}
	})
}

func (s *shop) benchUsers(b *testing.B, second string) {
	yes := true
	for what, q := range map[string]store.UserQuery{
		"1100 found":                          {Search: "customer 12"},
		"1100 found by name":                  {Search: "customer 12", Order: store.UsersByName},
		"1100 found by end":                   {Search: "customer 12", Order: store.UsersByEnd, Time: latchkey.TimeOver},
		"1100 found banned":                   {Search: "customer 12", Banned: &yes},
		"1100 found of a subscription":        {Search: "customer 12", SubscriptionID: second},
		"11 found":                            {Search: "customer 1234"},
		"all found":                           {Search: "customer"},
		"all found by name":                   {Search: "customer", Order: store.UsersByName},
		"all found by end":                    {Search: "customer", Order: store.UsersByEnd, Time: latchkey.TimeOver},
		"all found banned by name":            {Search: "customer", Banned: &yes, Order: store.UsersByName},
		"all found banned of a subscription":  {Search: "customer", Banned: &yes, SubscriptionID: second},
		"beginning":                           {Search: "cu"},
		"beginning by name":                   {Search: "cu", Order: store.UsersByName},
		"beginning banned":                    {Search: "cu", Banned: &yes},
		"banned of a subscription":            {Banned: &yes, SubscriptionID: second},
		"banned of a subscription by name":    {Banned: &yes, SubscriptionID: second, Order: store.UsersByName},
		"banned of a subscription over":       {Banned: &yes, SubscriptionID: second, Time: latchkey.TimeOver, Order: store.UsersByEnd},
		"banned of a subscription left":       {Banned: &yes, SubscriptionID: second, Time: latchkey.TimeLeft, Order: store.UsersByEnd},
		"banned and waiting":                  {Banned: &yes, ResetRequested: &yes},
		"banned and waiting over":             {Banned: &yes, ResetRequested: &yes, Time: latchkey.TimeOver, Order: store.UsersByEnd},
		"waiting of a subscription over":      {ResetRequested: &yes, SubscriptionID: second, Time: latchkey.TimeOver, Order: store.UsersByEnd},
		"found of a subscription banned over": {Search: "customer", Banned: &yes, SubscriptionID: second, Time: latchkey.TimeOver, Order: store.UsersByEnd},
		"banned without time":                 {Banned: &yes, Time: latchkey.TimeNone},
		"without time by name":                {Time: latchkey.TimeNone, Order: store.UsersByName},
	} {
		q.Limit, q.Clock = 51, noon
		s.bench(b, "users "+what, func(tx *store.Tx) error {
			_, err := tx.Users(b.Context(), s.app, q)
			return err
		})
	}
}

func (s *shop) benchLicenses(b *testing.B) {
	for what, q := range map[string]store.LicenseQuery{
		"1100 notes":                     {Search: "order 12"},
		"1100 notes used":                {Search: "order 12", Status: latchkey.LicenseUsed, ByUse: true},
		"1100 notes of a level":          {Search: "order 12", Level: 2},
		"all notes":                      {Search: "order"},
		"all notes banned":               {Search: "order", Status: latchkey.LicenseBanned},
		"all notes used":                 {Search: "order", Status: latchkey.LicenseUsed, ByUse: true},
		"all notes of a level":           {Search: "order", Level: 2},
		"all notes of a level and maker": {Search: "order", Level: 2, CreatedBy: "key_2"},
		"last four":                      {Search: "1234"},
		"last four used":                 {Search: "1234", Status: latchkey.LicenseUsed, ByUse: true},
		"beginning":                      {Search: "or"},
		"level":                          {Level: 2},
		"level and status":               {Level: 2, Status: latchkey.LicenseBanned},
		"level and maker":                {Level: 2, CreatedBy: "key_2"},
		"level 1 and maker":              {Level: 1, CreatedBy: "key_2", Status: latchkey.LicenseBanned},
		"status and maker":               {Status: latchkey.LicenseBanned, CreatedBy: "key_2"},
		"not used of a level":            {Status: latchkey.LicenseNotUsed, Level: 2},
		"used of a level and maker":      {Status: latchkey.LicenseUsed, Level: 2, CreatedBy: "key_2", ByUse: true},
		"used of a maker in a time":      {Status: latchkey.LicenseUsed, CreatedBy: "key_3", ByUse: true, CreatedAfter: s.moment(1000)},
	} {
		q.Limit = 51
		s.bench(b, "licenses "+what, func(tx *store.Tx) error {
			_, err := tx.Licenses(b.Context(), s.app, q)
			return err
		})
	}
}

func (s *shop) benchEvents(b *testing.B) {
	for what, q := range map[string]store.AuditQuery{
		"all":         {},
		"about":       {About: "usr_7"},
		"target":      {Target: "lic_7"},
		"actions":     {Actions: []string{"user.ban", "app.edit", "user.sign_in", "user.unban"}},
		"of accounts": {ActorKind: "account"},
		"in a time":   {Actions: []string{"user.ban"}, From: time.UnixMilli(100_000), To: time.UnixMilli(200_000)},
	} {
		q.Chain, q.Limit = s.app, 51
		s.bench(b, "audit "+what, func(tx *store.Tx) error {
			_, err := tx.AuditLog(b.Context(), q)
			return err
		})
	}
	for what, q := range map[string]store.LogQuery{
		"all":                  {},
		"of a user":            {UserID: "usr_1"},
		"of a device":          {Device: "a computer"},
		"of a user and device": {UserID: "usr_2", Device: "a computer"},
	} {
		q.Limit = 51
		s.bench(b, "log lines "+what, func(tx *store.Tx) error {
			_, err := tx.LogLineIDs(b.Context(), s.app, q)
			return err
		})
	}
}
