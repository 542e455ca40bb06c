package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

func change(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		n, err := tx.Exec(t.Context(), query, args...)
		if err == nil && n == 0 {
			return errors.New("no row changed")
		}
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func record(t *testing.T, db *store.DB, chain string, n int) {
	t.Helper()
	for i := range n {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			tx.Record(latchkey.AuditEvent{Chain: chain, At: time.UnixMilli(int64(i)), ActorKind: "server",
				Action: "test", Details: map[string]any{"n": i}})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestVerifyAuditNamesTheFirstBadRow(t *testing.T) {
	cases := []struct {
		name   string
		tamper []string
		seq    int64
	}{
		{"an edited detail", []string{`UPDATE audit_events SET details = '{"n":9}' WHERE chain = 'b' AND seq = 3`}, 3},
		{"an edited time", []string{`UPDATE audit_events SET at = at + 1 WHERE chain = 'b' AND seq = 1`}, 1},
		{"an edited actor", []string{`UPDATE audit_events SET actor_kind = 'account' WHERE chain = 'b' AND seq = 6`}, 6},
		{"an edited hash", []string{`UPDATE audit_events SET hash = (SELECT hash FROM audit_heads WHERE chain = 'a') WHERE chain = 'b' AND seq = 6`}, 6},
		{"a deleted row", []string{`DELETE FROM audit_events WHERE chain = 'b' AND seq = 4`}, 4},
		{"a deleted first row", []string{`DELETE FROM audit_events WHERE chain = 'b' AND seq = 1`}, 1},
		{"two rows in the other order", []string{
			`UPDATE audit_events SET seq = 100 WHERE chain = 'b' AND seq = 2`,
			`UPDATE audit_events SET seq = 2 WHERE chain = 'b' AND seq = 3`,
			`UPDATE audit_events SET seq = 3 WHERE chain = 'b' AND seq = 100`}, 2},
		{"a cut tail", []string{`DELETE FROM audit_events WHERE chain = 'b' AND seq > 4`}, 5},
		{"a cut tail with a head that was set back", []string{
			`DELETE FROM audit_events WHERE chain = 'b' AND seq > 4`,
			`UPDATE audit_heads SET seq = 4 WHERE chain = 'b'`}, 4},
		{"all rows gone", []string{`DELETE FROM audit_events WHERE chain = 'b'`}, 1},
		{"a head that was set back", []string{`UPDATE audit_heads SET seq = 5 WHERE chain = 'b'`}, 6},
		{"a head that is gone", []string{`DELETE FROM audit_heads WHERE chain = 'b'`}, 1},
		{"a row moved in from another chain", []string{
			`DELETE FROM audit_events WHERE chain = 'b' AND seq = 6`,
			`UPDATE audit_events SET chain = 'b' WHERE chain = 'a' AND seq = 6`,
			`DELETE FROM audit_events WHERE chain = 'a'`,
			`DELETE FROM audit_heads WHERE chain = 'a'`}, 6},
	}
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		db := open(t)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				record(t, db, "b", 6)
				record(t, db, "a", 7)
				if err := db.VerifyAudit(t.Context()); err != nil {
					t.Fatalf("before tampering: %v", err)
				}
				for _, q := range c.tamper {
					change(t, db, q)
				}
				err := db.VerifyAudit(t.Context())
				bad, ok := errors.AsType[*store.AuditError](err)
				if !ok || bad.Chain != "b" || bad.Seq != c.seq {
					t.Errorf("VerifyAudit returned %v, want b, event %d", err, c.seq)
				}
				change(t, db, `DELETE FROM audit_events`)
				change(t, db, `DELETE FROM audit_heads`)
			})
		}
	})
}

func TestVerifyAuditReadsLongChainsInPages(t *testing.T) {
	db := storetest.SQLite(t)
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		for i := range 1_203 {
			tx.Record(latchkey.AuditEvent{Chain: latchkey.InstanceChain, At: time.UnixMilli(int64(i)), Action: "test"})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
	change(t, db, `UPDATE audit_events SET action = 'other' WHERE seq = 1100`)
	if bad, ok := errors.AsType[*store.AuditError](db.VerifyAudit(t.Context())); !ok || bad.Seq != 1_100 {
		t.Errorf("the altered event is reported as %v", bad)
	}
}
