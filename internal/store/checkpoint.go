package store

import (
	"context"
	"database/sql"
	"sync/atomic"
)

const (
	checkpointPages = 4_000  // log pages after which they are moved into the database
	restPages       = 1_000  // so few that the writer moves them itself
	truncatePages   = 32_768 // 128 MiB: readers keep the log from starting anew; wait for them a moment
)

// checkpointer moves the write-ahead log into the database, on a connection of
// its own and beside the writer, which only tells it when.
type checkpointer struct {
	pool *sql.DB // of one connection
	wake chan struct{}
	gone chan struct{} // closed when it has ended
	busy atomic.Bool   // from the signal until the log has been moved
	done atomic.Bool   // something was moved and the writer has not seen it yet
	fail func(error)   // told of a failed sync
}

func startCheckpointer(pool *sql.DB, fail func(error)) *checkpointer {
	c := &checkpointer{pool: pool, wake: make(chan struct{}, 1), gone: make(chan struct{}), fail: fail}
	go c.loop()
	return c
}

// start has the log moved, unless that is under way. Only the writer calls it.
func (c *checkpointer) start() {
	if c.busy.CompareAndSwap(false, true) {
		c.wake <- struct{}{}
	}
}

// moved reports, once for each time, that the log has been moved.
func (c *checkpointer) moved() bool { return c.done.Swap(false) }

// close waits for what is under way. The writer must have ended.
func (c *checkpointer) close() error {
	close(c.wake)
	<-c.gone
	return c.pool.Close()
}

func (c *checkpointer) loop() {
	defer close(c.gone)
	for range c.wake {
		_, _, err := walCheckpoint(c.pool, "PASSIVE")
		if isSyncFailure(err) {
			c.fail(err)
		}
		c.done.Store(err == nil)
		c.busy.Store(false)
	}
}

// walCheckpoint moves what a mode says. It returns the number of pages in the
// log and how many of them the database has.
func walCheckpoint(q querier, mode string) (logged, moved int64, err error) {
	var busy int64
	err = q.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &logged, &moved)
	return logged, moved, err
}

// checkpoint keeps the log short. It runs between groups, after the answers.
// What has gathered is moved beside the writer; the little that came meanwhile
// the writer moves itself, because the log starts anew only when nothing is
// left in it. Errors cost nothing but a longer log, except that a failed sync
// means that the disk lies.
func (w *writer) checkpoint() {
	if w.conn == nil || w.fatal.Load() != nil {
		return
	}
	logged, moved, err := walCheckpoint(w.stmts, "NOOP")
	if logged < truncatePages {
		w.tried = 0
	}
	if logged < w.asked { // it has started anew
		w.asked = 0
	}
	switch left := logged - moved; {
	case err != nil || w.mover.busy.Load():
	case logged >= w.tried+truncatePages:
		w.tried = logged
		err = w.truncateLog()
	case w.mover.moved() && left < restPages:
		_, _, err = walCheckpoint(w.stmts, "PASSIVE")
	case left >= checkpointPages && logged >= w.asked+checkpointPages:
		w.asked = logged
		w.mover.start()
	}
	if isSyncFailure(err) {
		w.distrust(err)
	}
}

// truncateLog waits briefly for readers, so that the log can start anew. It is
// not tried again before the log has grown as much once more: a reader that
// stays for long must not stop every write.
func (w *writer) truncateLog() error {
	if err := w.exec("PRAGMA busy_timeout = 200"); err != nil {
		return err
	}
	_, _, err := walCheckpoint(w.stmts, "TRUNCATE")
	if again := w.exec("PRAGMA busy_timeout = 5000"); err == nil {
		err = again
	}
	return err
}
