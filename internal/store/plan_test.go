package store_test

import (
	"errors"
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// What a plan must not hold: reading a table from end to end, and sorting many
// rows. SQLite tells no numbers, so there it must not sort at all; PostgreSQL
// may sort what an index found, if it is little.
var (
	scans = map[string]*regexp.Regexp{
		"sqlite":   regexp.MustCompile(`SCAN .*`),
		"postgres": regexp.MustCompile(`Seq Scan on .*|using \w+_pkey on .*\n\s+Filter.*`),
	}
	sorts = map[string]*regexp.Regexp{
		"sqlite":   regexp.MustCompile(`USE TEMP B-TREE.*`),
		"postgres": regexp.MustCompile(`Sort  \(cost=\S+ rows=\d{4,}.*`),
	}
	// Batches that are being made are few; parts of a union are cut to a page,
	// the notes found are few; rows are counted up to a limit; and FTS5 calls its index a scan.
	allowed = regexp.MustCompile(`license_batches|SCAN b\d+$|SCAN n$|SCAN counted$|SCAN search_\w+ VIRTUAL TABLE INDEX`)
)

// checkPlans reports the plans of fn's queries that scan or sort, or that no
// query uses an index that is named.
func (s *shop) checkPlans(what string, fn func(tx *store.Tx) error, uses ...string) {
	s.Helper()
	plans, err := s.db.Plans(s.Context(), fn)
	if err != nil && !errors.Is(err, secretbox.ErrSealed) { // what stock made has no keys
		s.Errorf("%s: %v", what, err)
	}
	if len(plans) == 0 {
		s.Errorf("%s: no query was made", what)
	}
	engine := s.db.Engine()
	for _, index := range uses {
		if !slices.ContainsFunc(plans, func(p store.Plan) bool { return strings.Contains(p.Text, index) }) {
			s.Errorf("%s: %s is not used by\n%v", what, index, plans)
		}
	}
	for _, p := range plans {
		for _, found := range append(scans[engine].FindAllString(p.Text, -1), sorts[engine].FindAllString(p.Text, -1)...) {
			// PostgreSQL's trigrams give no order, and beginnings of names
			// stand in their own: it may sort what is left of a list.
			sortedAnyway := strings.HasPrefix(found, "Sort") && (strings.Contains(p.Query, " LIKE ") || strings.Contains(p.Query, "ORDER BY u.canonical_name"))
			if !allowed.MatchString(found) && !sortedAnyway {
				s.Errorf("%s: %q in the plan of\n%s\n%s", what, found, p.Query, p.Text)
			}
		}
	}
}

// stock fills the shop with n licenses, half as many users and n notes: some of
// each status, two levels, three makers, notes shared and not. The n-th of them
// was made at [moment] n.
func (s *shop) stock(n int) {
	s.Helper()
	for _, statement := range []string{
		`INSERT INTO license_notes (id, app_id, folded) SELECT $3 + n, $1, CASE WHEN n % 2 = 0 THEN 'order ' ELSE 'another note ' END || n FROM numbers`,
		`INSERT INTO licenses (id, app_id, key_hash, key_sealed, key_last4, level, duration_amount, duration_unit, note, note_id, status,
			created_at, created_by, used_by, ban_reason, updated_at)
		SELECT 'lic_' || CAST(1000000000 + $3 + n AS TEXT) || '0000000000000000', $1, CAST('key' || n AS BYTES), CAST('' AS BYTES), CAST(1000 + n % 5000 AS TEXT),
			1 + n % 5 / 4, 1, 'd', '', CASE n % 3 WHEN 0 THEN $3 + 1 WHEN 1 THEN $3 + n END,
			CASE WHEN n % 4 = 0 THEN 'used' WHEN n % 100 = 1 THEN 'banned' ELSE 'not_used' END,
			n, 'key_' || (n % 3), CASE WHEN n % 4 = 0 THEN 'usr_' || CAST(1000000000 + $3 + n AS TEXT) || '0000000000000000' ELSE '' END, '', n FROM numbers`,
		`INSERT INTO users (id, app_id, name_hash, name, canonical_name, name_last4, license_named, password_state, password_hash, hwid_affected,
			banned_at, reset_requested_at, ban_reason, banned_with, auth_version, created_at, created_by, license_id, last_ip, updated_at)
		SELECT 'usr_' || CAST(1000000000 + $3 + n AS TEXT) || '0000000000000000', $1, CAST('name' || n AS BYTES), 'customer ' || n, 'customer ' || n,
			CAST(1000 + n % 5000 AS TEXT), 0, 'none', '', 1, CASE WHEN n % 50 = 0 THEN 1 END, CASE WHEN n % 60 = 0 THEN 1 END, '', '', 1, n, '', '', '', n FROM numbers WHERE n % 2 = 0`,
		`INSERT INTO user_subscriptions (id, app_id, user_id, subscription_id, license_id, created_at, updated_at)
		SELECT 'usb_' || u.id, u.app_id, u.id, $4, '', 0, 0 FROM users u WHERE u.app_id = $1 AND u.banned_at IS NULL AND $2 + $3 > 0`,
		`INSERT INTO access_entries (id, app_id, list, kind, name, value, reason, user_id, revision, created_at, created_by, updated_at)
		SELECT CASE n % 3 WHEN 0 THEN 'wht_' ELSE 'blk_' END || CAST(1000000000 + $3 + n AS TEXT) || '0000000000000000', $1,
			CASE n % 3 WHEN 0 THEN 'whitelist' ELSE 'blacklist' END, CASE n % 2 WHEN 0 THEN 'ip' ELSE 'cidr' END,
			CAST('ip:' || n AS BYTES), CAST(n AS TEXT), '', '', n, n, 'key_1', n FROM numbers`,
	} {
		s.insert(n, statement)
	}
}

// stockVariables gives the shop n variables, and each user one.
func (s *shop) stockVariables(n int) {
	s.Helper()
	s.insert(n, `INSERT INTO variables (id, app_id, name, folded_name, size, needs_sign_in, min_level, created_at, updated_at, value_sealed)
		SELECT 'var_' || ($3 + n), $1, 'name ' || n, 'name ' || n, 0, 1, 0, n, n, CAST('' AS BYTES) FROM numbers`)
	s.insert(n, `INSERT INTO user_variables (id, app_id, user_id, name, value_sealed, read_only, created_at, updated_at)
		SELECT 'var_' || u.id, u.app_id, u.id, 'name 4', CAST('' AS BYTES), 0, 0, 0 FROM users u WHERE u.app_id = $1 AND $2 + $3 > 0`)
}

// stockTokens gives each user a token, and each unused license.
func (s *shop) stockTokens() {
	s.Helper()
	const columns = `INSERT INTO tokens (id, app_id, token_hash, token_sealed, token_last4, %s, status, used_at, file_hash, reason, created_at, created_by, updated_at)
		SELECT 'tok_' || h.id, h.app_id, CAST(h.id AS BYTES), CAST('' AS BYTES), CAST(h.created_at %% 5000 AS TEXT), h.id, CASE WHEN h.created_at %% 50 = 0 THEN 'blacklisted' WHEN h.created_at %% 3 = 0 THEN 'used' ELSE 'not_used' END,
			CASE WHEN h.created_at %% 3 = 0 THEN h.created_at END, CASE WHEN h.created_at %% 3 = 0 THEN CAST('f' AS BYTES) END, '', 0, '', 0
		FROM %s h WHERE h.app_id = $1 AND $2 + $3 > 0`
	s.insert(1, fmt.Sprintf(columns, "user_id", "users"))
	s.insert(1, fmt.Sprintf(columns, "license_id", "licenses")+` AND h.status = 'not_used'`)
}

// insert runs a statement in which numbers are those from 1 to n, $1 is the
// app, $4 its subscription, and $3 apart in every shop. Thousands of numbers at
// a time: a busy machine takes longer for all than a statement may take.
func (s *shop) insert(n int, statement string) {
	s.Helper()
	const chunk = 5_000
	bytes := map[string]string{"sqlite": "BLOB", "postgres": "BYTEA"}[s.db.Engine()]
	statement = strings.ReplaceAll(statement, "BYTES", bytes)
	for _, typed := range []struct{ from, to string }{{"$1", "CAST($1 AS TEXT)"}, {"$2", "CAST($2 AS BIGINT)"}, {"$3", "CAST($3 AS BIGINT)"}, {"$4", "CAST($4 AS TEXT)"}} {
		statement = strings.ReplaceAll(statement, typed.from, typed.to)
	}
	for first := 1; first <= n; first += chunk {
		last := min(first+chunk-1, n)
		if !strings.Contains(statement, "FROM numbers") {
			first, last = n, n
		}
		args := []any{s.app, last, s.number * 1_000_000, s.subscription}
		if !strings.Contains(statement, "$4") {
			args = args[:3]
		}
		numbered := fmt.Sprintf(`WITH RECURSIVE numbers (n) AS (SELECT %d UNION ALL SELECT n + 1 FROM numbers WHERE n < CAST($2 AS BIGINT)) `, first) + statement
		s.write(func(tx *store.Tx) error {
			_, err := tx.Exec(s.Context(), numbered, args...)
			return err
		})
	}
}

// moment is when the n-th license and user of the stock were made.
func (s *shop) moment(n int) time.Time {
	s.Helper()
	ms, err := strconv.ParseInt(strconv.Itoa(1_000_000_000+s.number*1_000_000+n), 32, 64) // as ids spell it
	if err != nil {
		s.Fatal(err)
	}
	return time.UnixMilli(ms)
}

// ordersOfUsers checks the plans of a list of users in its other orders.
func (s *shop) ordersOfUsers(q store.UserQuery) {
	s.Helper()
	check := func(q store.UserQuery) {
		s.checkPlans(fmt.Sprintf("users %+v", q), func(tx *store.Tx) error {
			_, err := tx.Users(s.Context(), s.app, q)
			return err
		})
	}
	if q.After != "" {
		q.After += ".7"
	}
	byName := q
	byName.Order = store.UsersByName
	check(byName)
	q.Clock = noon
	for _, q.Time = range []latchkey.UserTime{"", latchkey.TimeLeft, latchkey.TimeOver} {
		q.Order, q.EndsFrom, q.EndsTo = store.UsersByEnd, s.moment(1), s.moment(4_000)
		check(q)
	}
	if q.After == "" {
		q.Order, q.Time = store.UsersByCreation, latchkey.TimeNone
		check(q)
	}
}

// Every list that the API offers reads from an index, in order, whatever it is
// narrowed by. Without this a change of a query or an index shows only when
// somebody has a million licenses.
func TestListsNeverScan(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { listsNeverScan(t, storetest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) {
		// Twenty thousand rows are few enough to be read from end to end; the
		// plan is to be that of many.
		listsNeverScan(t, storetest.Open(t, store.Config{Database: storetest.NewPostgres(t) + "&enable_seqscan=off", Box: storetest.Box(t)}))
	})
}

func listsNeverScan(t *testing.T, db *store.DB) {
	s := newShop(t, db)
	s.stock(6_000)
	s.second().stock(6_000)
	s.stockVariables(6_000)
	s.stockTokens()
	if err := s.db.AnalyzeAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	cursor := latchkey.IDBound(latchkey.KindLicense, s.moment(4_000))
	for _, search := range []string{"", "AAAA-AAAA-000004", "1004", "customer 4", "another note 1", "order", "or", "order 12"} {
		for set := range 1 << 6 {
			// A search is narrowed by one thing at a time, or by all.
			if search != "" && bits.OnesCount(uint(set)) > 1 && set != 1<<6-1 {
				continue
			}
			on := func(bit int) bool { return set&(1<<bit) != 0 }
			q := store.LicenseQuery{Search: search, Keyset: store.Keyset{Limit: 51, Ascending: on(0)}}
			if on(1) {
				q.After = cursor
			}
			if on(2) {
				q.Status = latchkey.LicenseUsed
			}
			if on(3) {
				q.Level = 2
			}
			if on(4) {
				q.CreatedBy = "key_1"
			}
			if on(5) {
				q.CreatedAfter, q.CreatedBefore = s.moment(1000), s.moment(5_000)
			}
			s.checkPlans(fmt.Sprintf("licenses %+v", q), func(tx *store.Tx) error {
				_, err := tx.Licenses(t.Context(), s.app, q)
				return err
			})
			if q.Status == latchkey.LicenseUsed {
				byUse := q
				if byUse.ByUse = true; byUse.After != "" {
					byUse.After += ".7"
				}
				s.checkPlans(fmt.Sprintf("licenses by use %+v", byUse), func(tx *store.Tx) error {
					_, err := tx.Licenses(t.Context(), s.app, byUse)
					return err
				})
			}
			if !q.Ascending && q.After == "" {
				q.Until, q.Except = latchkey.IDBound(latchkey.KindLicense, s.moment(29_000)), []store.IDSpan{{First: cursor, Last: cursor + "z"}}
				s.checkPlans(fmt.Sprintf("selected licenses %+v", q), func(tx *store.Tx) error {
					_, _, err := tx.SelectLicenses(t.Context(), s.app, q)
					return err
				})
			}
		}
	}
	yes, no := true, false
	for _, search := range []string{"", "customer 4", "cus", "cu", "ann@example.com", "1004"} {
		for _, narrow := range []struct{ banned, requested *bool }{{}, {&yes, nil}, {&no, nil}, {nil, &yes}, {nil, &no}, {&no, &yes}} {
			for _, subscription := range []string{"", s.subscription} {
				for _, k := range []store.Keyset{{Limit: 51}, {Limit: 51, Ascending: true}, {Limit: 51, After: latchkey.IDBound(latchkey.KindUser, s.moment(4_000))}} {
					q := store.UserQuery{Search: search, Banned: narrow.banned, ResetRequested: narrow.requested, SubscriptionID: subscription, Keyset: k}
					s.checkPlans(fmt.Sprintf("users %+v", q), func(tx *store.Tx) error {
						_, err := tx.Users(t.Context(), s.app, q)
						return err
					})
					s.ordersOfUsers(q)
				}
			}
		}
	}
	s.checkPlans("users who wait for a reset of their devices", func(tx *store.Tx) error {
		_, err := tx.Users(t.Context(), s.app, store.UserQuery{ResetRequested: &yes, SubscriptionID: s.subscription, Keyset: store.Keyset{Limit: 51}})
		return err
	}, "users_reset_requested")
	for _, search := range []string{"", "name 4"} {
		for _, k := range []store.Keyset{{Ascending: true}, {Ascending: true, After: "name 4"}, {}, {After: "name 4"}} {
			k.Limit = 51
			q := store.NamedQuery{Search: search, ByName: true, Keyset: k}
			s.checkPlans(fmt.Sprintf("variables %+v", q), func(tx *store.Tx) error {
				_, err := tx.Variables(t.Context(), s.app, q)
				return err
			})
		}
	}
	for _, k := range []store.Keyset{{Ascending: true}, {Ascending: true, After: "tok_1.4000"}, {}, {After: "tok_1.4000"}} {
		k.Limit = 51
		s.checkPlans(fmt.Sprintf("used tokens %+v", k), func(tx *store.Tx) error {
			_, err := tx.Tokens(t.Context(), s.app, store.TokenQuery{Status: latchkey.TokenUsed, ByUse: true, Keyset: k})
			return err
		}, "tokens_used_at")
	}
	for _, search := range []string{"", "203.0.113.7", "2001:db8::1", "4c4c4544-0042"} {
		for _, kind := range []latchkey.AccessKind{"", latchkey.AccessCIDR} {
			for _, k := range []store.Keyset{{Limit: 51}, {Limit: 51, Ascending: true}, {Limit: 51, After: latchkey.IDBound(latchkey.KindBlacklistEntry, s.moment(4_000))}} {
				q := store.AccessQuery{List: latchkey.Blacklist, Kind: kind, Search: search, Keyset: k}
				s.checkPlans(fmt.Sprintf("entries %+v", q), func(tx *store.Tx) error {
					_, err := tx.AccessEntries(t.Context(), s.app, q)
					return err
				})
				s.checkPlans(fmt.Sprintf("ids of entries %+v", q), func(tx *store.Tx) error {
					_, err := tx.AccessIDs(t.Context(), s.app, q)
					return err
				})
			}
		}
	}
	s.checkPlans("entries that have changed", func(tx *store.Tx) error {
		return tx.AccessChanges(t.Context(), s.app, 5_900, func(*store.AccessChange) {})
	})
	s.checkPlans("devices that nobody else uses", func(tx *store.Tx) error {
		_, err := tx.DevicesAlone(t.Context(), s.app, "usr_1")
		return err
	})
	s.checkPlans("entries of a ban", func(tx *store.Tx) error {
		_, err := tx.AccessOfBan(t.Context(), s.app, "usr_1")
		return err
	})
	for set := range 1 << 7 {
		on := func(bit int) bool { return set&(1<<bit) != 0 }
		q := store.TokenQuery{Keyset: store.Keyset{Limit: 51, Ascending: on(0)}}
		if on(1) {
			q.After = latchkey.IDBound(latchkey.KindToken, s.moment(4_000))
		}
		if on(2) {
			q.Search = []string{"1004", "lkt_a-whole-token"}[set&1]
		}
		if on(3) {
			q.Status = latchkey.TokenBlacklisted
		}
		if on(4) {
			q.UserID = "usr_1"
		}
		if on(5) {
			q.LicenseID = "lic_1"
		}
		if on(6) {
			q.Batch = latchkey.RangeOf("tok_01")
		}
		s.checkPlans(fmt.Sprintf("tokens %+v", q), func(tx *store.Tx) error {
			_, err := tx.Tokens(t.Context(), s.app, q)
			if err == nil && q.Ascending {
				q.Until = "tok_~"
				_, err = tx.TokenIDs(t.Context(), s.app, q)
			}
			return err
		})
	}
	s.checkPlans("counts", func(tx *store.Tx) error {
		_, err := tx.Counts(t.Context(), s.app)
		return err
	})
	user := "usr_" + strconv.Itoa(1_000_000_002+s.number*1_000_000) + "0000000000000000"
	for what, read := range map[string]func(tx *store.Tx) error{
		"a license by its key": func(tx *store.Tx) error {
			_, err := tx.LicenseByKey(t.Context(), s.app, "AAAA-AAAA-000004")
			return err
		},
		"a user by its license": func(tx *store.Tx) error {
			_, err := tx.UserByLicense(t.Context(), s.app, "AAAA-AAAA-000004")
			return err
		},
		"a user by mail address": func(tx *store.Tx) error {
			_, err := tx.UserByEmail(t.Context(), s.app, "ann@example.com")
			return err
		},
		"a second factor": func(tx *store.Tx) error { _, err := tx.TwoFactor(t.Context(), s.app, user); return err },
		"recovery codes":  func(tx *store.Tx) error { _, err := tx.RecoveryCodesLeft(t.Context(), s.app, user); return err },
		"what a user has": func(tx *store.Tx) error {
			_, err := tx.Belongings(t.Context(), s.app, user, "a computer")
			return err
		},
		"holdings of a page": func(tx *store.Tx) error {
			_, err := tx.HoldingsOf(t.Context(), s.app, []string{user, "usr_1", "usr_2"})
			return err
		},
		"devices of a page": func(tx *store.Tx) error {
			_, err := tx.DevicesOf(t.Context(), s.app, []string{user, "usr_1", "usr_2"})
			return err
		},
		"a variable by its name": func(tx *store.Tx) error {
			_, err := tx.VariableByName(t.Context(), s.app, "name 4")
			return err
		},
		"a user's variable by its name": func(tx *store.Tx) error {
			_, err := tx.UserVariableByName(t.Context(), s.app, user, "name 4")
			return err
		},
		"a user's variables": func(tx *store.Tx) error {
			_, err := tx.UserVariables(t.Context(), s.app, user, store.Keyset{Limit: 51, Ascending: true})
			return err
		},
		"how many variables there are": func(tx *store.Tx) error {
			_, err1 := tx.VariableCount(t.Context(), s.app)
			_, err2 := tx.UserVariableCount(t.Context(), s.app, user)
			return errors.Join(err1, err2)
		},
		"a token by its value": func(tx *store.Tx) error {
			_, err := tx.TokenByValue(t.Context(), s.app, "lkt_a-whole-token", "a file")
			return err
		},
		"tokens of licenses": func(tx *store.Tx) error {
			_, err := tx.LicensesWithToken(t.Context(), s.app, []string{"lic_1", "lic_2", "lic_3"})
			return err
		},
		"a session": func(tx *store.Tx) error { _, err := tx.SessionState(t.Context(), s.app, "ses_1"); return err },
	} {
		s.checkPlans(what, func(tx *store.Tx) error {
			if err := read(tx); latchkey.CodeOf(err) == latchkey.CodeInternal {
				return err
			}
			return nil
		})
	}
}
