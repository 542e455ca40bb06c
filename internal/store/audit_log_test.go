package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// happen records n events. Some have the time of another, and the clock was
// once set back.
func (s *shop) happen(n int) {
	s.Helper()
	s.write(func(tx *store.Tx) error {
		for i := range n {
			kind := []string{"customer", "customer", "account", "api_key", "server"}[i%5]
			actor := fmt.Sprintf("usr_%d", i%3)
			if kind != "customer" {
				actor = []string{"acc_1", "key_1", ""}[i%5-2]
			}
			at := noon.Add(time.Duration(i/2) * time.Second)
			if i%50 == 49 {
				at = noon.Add(time.Duration(i/4) * time.Second)
			}
			tx.Record(latchkey.AuditEvent{Chain: s.app, At: at, ActorKind: kind, ActorID: actor,
				Action: []string{"license.ban", "license.redeem", "user.ban"}[i%3], TargetID: []string{"usr_1", "lic_2", ""}[i%3], Details: map[string]any{"n": i}})
		}
		return nil
	})
}

func auditLog(s *shop, q store.AuditQuery) (all []latchkey.AuditEvent) {
	s.Helper()
	s.read(func(tx *store.Tx) (err error) {
		all, err = tx.AuditLog(s.Context(), q)
		return err
	})
	return all
}

func TestAuditLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		s.happen(120)
		s.second().happen(120)
		everything := auditLog(s, store.AuditQuery{Chain: s.app, Keyset: store.Keyset{Limit: 1000}})
		if len(everything) != 120 {
			t.Fatalf("%d events", len(everything))
		}
		for name, c := range map[string]struct {
			q    store.AuditQuery
			fits func(e *latchkey.AuditEvent) bool
		}{
			"all": {store.AuditQuery{}, func(*latchkey.AuditEvent) bool { return true }},
			"times": {store.AuditQuery{From: noon.Add(5 * time.Second), To: noon.Add(30 * time.Second)}, func(e *latchkey.AuditEvent) bool {
				return !e.At.Before(noon.Add(5*time.Second)) && e.At.Before(noon.Add(30*time.Second))
			}},
			"an action": {store.AuditQuery{Actions: []string{"user.ban"}}, func(e *latchkey.AuditEvent) bool { return e.Action == "user.ban" }},
			"actions":   {store.AuditQuery{Actions: []string{"user.ban", "license.ban", "none"}}, func(e *latchkey.AuditEvent) bool { return e.Action != "license.redeem" }},
			"actor":     {store.AuditQuery{Actor: "key_1"}, func(e *latchkey.AuditEvent) bool { return e.ActorID == "key_1" }},
			"target":    {store.AuditQuery{Target: "lic_2"}, func(e *latchkey.AuditEvent) bool { return e.TargetID == "lic_2" }},
			"kind":      {store.AuditQuery{ActorKind: "server"}, func(e *latchkey.AuditEvent) bool { return e.ActorKind == "server" }},
			"about":     {store.AuditQuery{About: "usr_1"}, func(e *latchkey.AuditEvent) bool { return e.TargetID == "usr_1" || e.ActorID == "usr_1" }},
		} {
			for _, ascending := range []bool{false, true} {
				want := slices.DeleteFunc(slices.Clone(everything), func(e latchkey.AuditEvent) bool { return !c.fits(&e) })
				slices.SortFunc(want, func(a, b latchkey.AuditEvent) int {
					if !ascending {
						a, b = b, a
					}
					return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq))
				})
				q, got := c.q, []latchkey.AuditEvent{}
				q.Chain, q.Keyset = s.app, store.Keyset{Limit: 7, Ascending: ascending}
				for more := true; more; {
					part := auditLog(s, q)
					got = append(got, part...)
					if more = len(part) == q.Limit; more {
						q.After = store.AuditPlace(&part[len(part)-1])
					}
				}
				if diff := gocmp.Diff(want, got); diff != "" || len(want) == 0 {
					t.Errorf("%s, ascending %v (-want +got):\n%s", name, ascending, diff)
				}
			}
		}
		if err := s.db.VerifyAudit(t.Context()); err != nil {
			t.Error(err)
		}
		err := s.db.Read(t.Context(), func(tx *store.Tx) error {
			_, err := tx.AuditLog(t.Context(), store.AuditQuery{Chain: s.app, Keyset: store.Keyset{Limit: 1, After: "x"}})
			return err
		})
		if latchkey.CodeOf(err) != latchkey.CodeCursorInvalid {
			t.Errorf("a place that is none: %v", err)
		}
	})
}

func TestAuditLogNeverScans(t *testing.T) {
	eachPlanned(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		s.happen(6_000)
		s.second().happen(6_000)
		if err := db.AnalyzeAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		place := store.AuditPlace(&latchkey.AuditEvent{At: noon.Add(10 * time.Minute), Seq: 900})
		many := []string{}
		for i := range store.MaxAuditActions - 1 {
			many = append(many, fmt.Sprint("action.", i))
		}
		for _, q := range []store.AuditQuery{{}, {About: "usr_1"}, {Target: "lic_2"}, {Actor: "acc_1"}, {Actions: []string{"user.ban"}},
			{Actions: append(many, "user.ban")}, {ActorKind: "api_key"}} {
			for set := range 1 << 3 {
				q.Chain, q.Keyset, q.From, q.To = s.app, store.Keyset{Limit: 51, Ascending: set&1 != 0}, time.Time{}, time.Time{}
				if set&2 != 0 {
					q.After = place
				}
				if set&4 != 0 {
					q.From, q.To = noon.Add(time.Minute), noon.Add(30*time.Minute)
				}
				s.checkPlans(fmt.Sprintf("audit log %+v", q), func(tx *store.Tx) error {
					_, err := tx.AuditLog(t.Context(), q)
					return err
				})
			}
		}
	})
}

func TestNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		ann, keyed := s.user(1, "Ann"), s.user(2, "AAAA-BBBB-1234")
		keyed.LicenseNamed = true
		s.register(ann, keyed)
		license := s.license(3, "CCCC-DDDD-5678", "")
		s.sell(license)
		other := s.second()
		theirs := other.user(4, "theirs")
		other.register(theirs)
		key := latchkey.APIKey{ID: s.id(latchkey.KindAPIKey, 0), AccountID: s.account.ID, Name: "ci", Permissions: []latchkey.Permission{latchkey.PermAppsRead}, CreatedAt: noon}
		s.write(func(tx *store.Tx) error { return tx.InsertAPIKey(t.Context(), "a token", &key) })
		got := map[string]string{}
		s.read(func(tx *store.Tx) error {
			for kind, ids := range map[latchkey.Kind][]string{
				latchkey.KindUser: {ann.ID, keyed.ID, theirs.ID, "usr_none"}, latchkey.KindLicense: {license.ID}, latchkey.KindSubscription: {s.subscription, other.subscription},
				latchkey.KindToken: {"tok_none"}, latchkey.KindVariable: {"var_none"}, latchkey.KindFile: {"fil_none"}, latchkey.KindWebhook: {"whk_none"},
				latchkey.KindChannel: {"chn_none"}, latchkey.KindBlacklistEntry: {"blk_none"}, latchkey.KindDevice: {"dev_none"},
			} {
				if err := tx.Names(t.Context(), s.app, kind, ids, got); err != nil {
					return err
				}
			}
			if err := tx.AccountNames(t.Context(), []string{s.account.ID, "acc_none"}, got); err != nil {
				return err
			}
			if err := tx.KeyNames(t.Context(), "acc_other", []string{key.ID}, got); err != nil || got[key.ID] != "" {
				t.Errorf("somebody else's key: %v, %q", err, got[key.ID])
			}
			if err := tx.KeyNames(t.Context(), "", []string{key.ID}, got); err != nil || got[key.ID] != "ci" {
				t.Errorf("any key: %v, %q", err, got[key.ID])
			}
			return tx.KeyNames(t.Context(), s.account.ID, []string{key.ID}, got)
		})
		want := map[string]string{ann.ID: "Ann", keyed.ID: "…1234", license.ID: "…5678", s.subscription: "default", s.account.ID: "owner@example.com", key.ID: "ci"}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
