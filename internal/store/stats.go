package store

import (
	"context"
	"database/sql"
)

// Stats is how busy a database is.
type Stats struct {
	Waiting int // writes that have not had their turn; on PostgreSQL none wait here
	Pools   []PoolStats
}

// PoolStats is a pool of connections, by name.
type PoolStats struct {
	Name string // read or write; on PostgreSQL all
	sql.DBStats
}

// Stats returns the numbers of this moment.
func (db *DB) Stats() Stats {
	switch e := db.engine.(type) {
	case *sqliteEngine:
		return Stats{Waiting: e.writes.queued(), Pools: []PoolStats{{"read", e.readers.Stats()}, {"write", e.writes.pool.Stats()}}}
	case *postgresEngine:
		return Stats{Pools: []PoolStats{{"all", e.pool.Stats()}}}
	}
	return Stats{}
}

func (w *writer) queued() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.waiting)
}

// observed commits between the two halves of a hook.
func observed(hook func(int) func(error), writes int, commit func() error) error {
	if hook == nil {
		return commit()
	}
	done := hook(writes)
	err := commit()
	done(err)
	return err
}

// Size returns how large the database is, in bytes.
func (db *DB) Size(ctx context.Context) (bytes int64, err error) {
	leave, err := db.enter()
	if err != nil {
		return 0, err
	}
	defer leave()
	ctx, cancel := db.engine.withTimeout(ctx)
	defer cancel()
	err = db.engine.reader().QueryRowContext(ctx, db.engine.sizeQuery()).Scan(&bytes)
	return bytes, wrap("measure database", err)
}

const qHouseCounts = `SELECT (SELECT COUNT(*) FROM apps), (SELECT COUNT(*) FROM accounts)`

// HouseCounts returns how many apps and accounts the server has.
func (tx *Tx) HouseCounts(ctx context.Context) (apps, accounts int64, err error) {
	err = tx.queryRow(ctx, qHouseCounts).Scan(&apps, &accounts)
	return apps, accounts, wrap("count apps and accounts", err)
}
