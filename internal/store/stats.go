package store

import "database/sql"

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
