package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Run holds an engine to what [store.DB] promises. open returns a new, migrated
// database each time.
func Run(t *testing.T, open func(t testing.TB) *store.DB) {
	for _, rule := range []struct {
		name  string
		check func(*testing.T, *store.DB)
	}{
		{"a write is seen by every later read", writeThenRead},
		{"a write that fails leaves nothing and its neighbours untouched", failuresAreIsolated},
		{"a write that panics is an error and leaves nothing", panicsAreIsolated},
		{"a caller who has gone is not served", cancelled},
		{"of 64 guarded changes exactly one wins", oneWinner},
		{"of 64 inserts of one name exactly one wins", oneInsert},
		{"audit chains have no gap under concurrency", auditConcurrency},
		{"audit events come back as they were recorded, newest first", auditRoundTrip},
		{"a write that fails records nothing", auditFollowsCommit},
		{"nothing works inside Read but reading", readOnly},
		{"a transaction is of no use after its function", useAfterEnd},
		{"lists that are read by what has changed miss nothing under concurrency", accessRevisions},
		{"close finishes accepted writes and refuses later ones", closeDrains},
		{"ping and check are content with a sound database", healthy},
	} {
		t.Run(rule.name, func(t *testing.T) { rule.check(t, open(t)) })
	}
}

var errOwn = errors.New("the write's own error")

func set(ctx context.Context, db *store.DB, name, value string) error {
	return db.Write(ctx, func(tx *store.Tx) error { return tx.SetMeta(ctx, name, value) })
}

// get returns a named value, "-" for none.
func get(t *testing.T, db *store.DB, name string) (value string) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		v, found, err := tx.Meta(t.Context(), name)
		if value = v; !found {
			value = "-"
		}
		return err
	})
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return value
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// together runs n functions at once and returns their errors.
func together(n int, do func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func writeThenRead(t *testing.T, db *store.DB) {
	for i := range 20 {
		want := fmt.Sprint(i)
		must(t, set(t.Context(), db, "n", want))
		if got := get(t, db, "n"); got != want {
			t.Fatalf("read %s right after writing %s", got, want)
		}
	}
}

func failuresAreIsolated(t *testing.T, db *store.DB) {
	errs := together(200, func(i int) error {
		return db.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.SetMeta(t.Context(), fmt.Sprint("n", i), "x"); err != nil {
				return err
			}
			if i%3 == 0 {
				return errOwn
			}
			return nil
		})
	})
	for i, err := range errs {
		want, wantErr := "x", error(nil)
		if i%3 == 0 {
			want, wantErr = "-", errOwn
		}
		if !errors.Is(err, wantErr) {
			t.Errorf("write %d: error %v, want %v", i, err, wantErr)
		}
		if got := get(t, db, fmt.Sprint("n", i)); got != want {
			t.Errorf("write %d left %q, want %q", i, got, want)
		}
	}
}

func panicsAreIsolated(t *testing.T, db *store.DB) {
	errs := together(60, func(i int) error {
		return db.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.SetMeta(t.Context(), fmt.Sprint("n", i), "x"); err != nil {
				return err
			}
			if i%5 == 0 {
				panic("a bug")
			}
			return nil
		})
	})
	for i, err := range errs {
		panicked := i%5 == 0
		if panicked != (latchkey.CodeOf(err) == latchkey.CodeInternal) || panicked != (err != nil) {
			t.Errorf("write %d: error %v", i, err)
		}
		if got := get(t, db, fmt.Sprint("n", i)); (got == "-") != panicked {
			t.Errorf("write %d left %q", i, got)
		}
	}
}

func cancelled(t *testing.T, db *store.DB) {
	ctx, cancel := context.WithCancel(t.Context())
	entered, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = db.Write(t.Context(), func(*store.Tx) error {
			close(entered)
			<-release
			return nil
		})
	})
	<-entered
	ran := make(chan error, 1)
	wg.Go(func() { ran <- set(ctx, db, "late", "x") })
	cancel()
	if db.Engine() == "sqlite" {
		if err := <-ran; !errors.Is(err, context.Canceled) || latchkey.CodeOf(err) != latchkey.CodeUnavailable {
			t.Errorf("a cancelled write returned %v", err)
		}
	}
	close(release)
	wg.Wait()
	if err := set(ctx, db, "late", "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("a write with an ended context returned %v", err)
	}
	if db.Engine() == "sqlite" {
		if got := get(t, db, "late"); got != "-" {
			t.Errorf("the cancelled write left %q", got)
		}
	}
}

func oneWinner(t *testing.T, db *store.DB) {
	for round := range 10 {
		must(t, set(t.Context(), db, "token", "open"))
		countWinners(t, round, func(tx *store.Tx) (bool, error) { return tx.DeleteMeta(t.Context(), "token", "open") }, db)
	}
}

func oneInsert(t *testing.T, db *store.DB) {
	for round := range 10 {
		name := fmt.Sprint("owner", round)
		countWinners(t, round, func(tx *store.Tx) (bool, error) { return tx.InsertMeta(t.Context(), name, "x") }, db)
	}
}

func countWinners(t *testing.T, round int, try func(*store.Tx) (bool, error), db *store.DB) {
	t.Helper()
	won := make([]bool, 64)
	for i, err := range together(64, func(i int) error {
		return db.Write(t.Context(), func(tx *store.Tx) (err error) {
			won[i], err = try(tx)
			return err
		})
	}) {
		if err != nil {
			t.Errorf("round %d, write %d: %v", round, i, err)
		}
	}
	winners := 0
	for _, w := range won {
		if w {
			winners++
		}
	}
	if winners != 1 {
		t.Fatalf("round %d: %d winners", round, winners)
	}
}

func event(chain, action string) latchkey.AuditEvent {
	return latchkey.AuditEvent{Chain: chain, At: time.UnixMilli(1_700_000_000_123).UTC(), ActorKind: "account",
		ActorID: "acc_1", Action: action, TargetID: "lic_1", RequestID: "req_1", IP: "192.0.2.1"}
}

func auditConcurrency(t *testing.T, db *store.DB) {
	const writers, each = 16, 20
	for i, err := range together(writers, func(i int) error {
		for n := range each {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				// In the opposite order in every other writer: no deadlock.
				chains := []string{"app_a", "app_b"}
				if i%2 == 0 {
					chains = []string{"app_b", "app_a"}
				}
				for _, c := range chains {
					tx.Record(event(c, fmt.Sprintf("test.%d.%d", i, n)))
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}) {
		if err != nil {
			t.Fatalf("writer %d: %v", i, err)
		}
	}
	must(t, db.VerifyAudit(t.Context()))
	for _, chain := range []string{"app_a", "app_b"} {
		events := audit(t, db, chain)
		if len(events) != writers*each || events[0].Seq != writers*each {
			t.Errorf("%s has %d events, the last numbered %d", chain, len(events), events[0].Seq)
		}
	}
}

func audit(t *testing.T, db *store.DB, chain string) (events []latchkey.AuditEvent) {
	t.Helper()
	must(t, db.Read(t.Context(), func(tx *store.Tx) (err error) {
		events, err = tx.AuditEvents(t.Context(), chain, 0, 10_000)
		return err
	}))
	return events
}

func auditRoundTrip(t *testing.T, db *store.DB) {
	first, second := event("app_a", "license.create"), event("app_a", "license.ban")
	second.Details = map[string]any{"reason": "charge-back", "count": 3.0, "ids": []any{"a", "b"}, "also_user": true}
	must(t, db.Write(t.Context(), func(tx *store.Tx) error {
		tx.Record(first)
		tx.Record(second)
		return nil
	}))
	got := audit(t, db, "app_a")
	for i := range got {
		if got[i].Hash == [32]byte{} {
			t.Errorf("event %d has no hash", got[i].Seq)
		}
		got[i].Hash = [32]byte{}
	}
	first.Seq, second.Seq, first.Details = 1, 2, map[string]any{}
	if diff := cmp.Diff([]latchkey.AuditEvent{second, first}, got); diff != "" {
		t.Error(diff)
	}
	must(t, db.Read(t.Context(), func(tx *store.Tx) error {
		older, err := tx.AuditEvents(t.Context(), "app_a", 2, 10)
		if len(older) != 1 || older[0].Seq != 1 {
			t.Errorf("before event 2 there are %+v", older)
		}
		return err
	}))
}

func auditFollowsCommit(t *testing.T, db *store.DB) {
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		tx.Record(event("app_a", "test"))
		return errOwn
	})
	if !errors.Is(err, errOwn) {
		t.Errorf("the write returned %v", err)
	}
	if events := audit(t, db, "app_a"); len(events) != 0 {
		t.Errorf("a failed write recorded %+v", events)
	}
	must(t, db.VerifyAudit(t.Context()))
}

func readOnly(t *testing.T, db *store.DB) {
	err := db.Read(t.Context(), func(tx *store.Tx) error { return tx.SetMeta(t.Context(), "n", "x") })
	if err == nil {
		t.Error("a change inside Read succeeded")
	}
	if got := get(t, db, "n"); got != "-" {
		t.Errorf("it left %q", got)
	}
}

func useAfterEnd(t *testing.T, db *store.DB) {
	var kept *store.Tx
	keep := func(tx *store.Tx) error {
		kept = tx
		return nil
	}
	for _, run := range []func(context.Context, func(*store.Tx) error) error{db.Read, db.Write} {
		must(t, run(t.Context(), keep))
		if err := kept.SetMeta(t.Context(), "n", "x"); err == nil {
			t.Error("a change through an ended transaction succeeded")
		}
		if _, _, err := kept.Meta(t.Context(), "n"); err == nil {
			t.Error("a read through an ended transaction succeeded")
		}
	}
}

func closeDrains(t *testing.T, db *store.DB) {
	entered, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	var first error
	wg.Go(func() {
		first = db.Write(t.Context(), func(tx *store.Tx) error {
			close(entered)
			<-release
			return tx.SetMeta(t.Context(), "n", "x")
		})
	})
	<-entered
	closed := make(chan error, 1)
	go func() { closed <- db.Close() }()
	close(release)
	wg.Wait()
	must(t, <-closed)
	must(t, first)
	if err := set(t.Context(), db, "n", "y"); latchkey.CodeOf(err) != latchkey.CodeUnavailable {
		t.Errorf("a write after Close returned %v", err)
	}
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		_, _, err := tx.Meta(t.Context(), "n")
		return err
	})
	if latchkey.CodeOf(err) != latchkey.CodeUnavailable {
		t.Errorf("a read after Close returned %v", err)
	}
	if err := db.Ping(t.Context()); latchkey.CodeOf(err) != latchkey.CodeUnavailable {
		t.Errorf("a ping after Close returned %v", err)
	}
}

func healthy(t *testing.T, db *store.DB) {
	must(t, db.Ping(t.Context()))
	must(t, db.Check(t.Context()))
	must(t, db.CheckSchema(t.Context()))
	must(t, db.VerifyAudit(t.Context()))
}
