package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	maxGroup   = 512    // writes that share one commit
	maxWaiting = 10_000 // writes that wait; more are refused with server.busy
)

var (
	errClosed = errors.New("store: the database has been closed")
	errGoexit = errors.New("store: a write ended its goroutine")
)

// job is one Write.
type job struct {
	ctx   context.Context
	db    *DB
	fn    func(*Tx) error
	taken atomic.Bool // by the writer, or by its caller who gave up
	err   error
	touch []*atomic.Uint64
	wakes wakes
	after []func() // called by the caller
	marks []mark
	done  chan struct{}
}

// writer is the only goroutine that changes a SQLite database. It takes all
// waiting writes into one transaction, so that they share the wait for the disk.
type writer struct {
	pool *sql.DB // of one connection
	log  *slog.Logger
	hook func(writes int) (done func(error)) // around each commit; nil: none
	wake chan struct{}
	gone chan struct{} // closed when the writer has ended
	bad  chan struct{} // closed when the disk cannot be trusted any more

	mover *checkpointer
	fatal atomic.Pointer[error] // why bad is closed

	mu      sync.Mutex
	waiting []*job
	refuse  error // set when no more writes are accepted

	// Only the writer's goroutine uses these.
	conn  *sql.Conn
	stmts *statements
	group []*job // taken and not yet answered
	asked int64  // pages in the log when the mover was last started
	tried int64  // pages in the log when it was last to be emptied
}

// startWriter takes two pools of one connection each: for the writes, and for
// moving the log into the database.
func startWriter(pool, mover *sql.DB, c Config) *writer {
	w := &writer{pool: pool, log: c.Log, hook: c.OnCommit, wake: make(chan struct{}, 1), gone: make(chan struct{}), bad: make(chan struct{})}
	w.mover = startCheckpointer(mover, w.distrust)
	go w.loop()
	return w
}

// finish waits for the writes that have been accepted. The pool stays open.
func (w *writer) finish() error {
	w.stop(errClosed)
	<-w.gone
	return w.mover.close()
}

// distrust ends all writing after a failed sync.
func (w *writer) distrust(cause error) {
	w.stop(cause)
	if w.fatal.CompareAndSwap(nil, &cause) {
		w.log.Error("the disk failed to make writes durable", "error", cause)
		close(w.bad)
	}
}

// write queues a function and waits until it has been committed.
func (w *writer) write(ctx context.Context, db *DB, fn func(*Tx) error) error {
	j := &job{ctx: ctx, db: db, fn: fn, done: make(chan struct{})}
	if err := w.enqueue(j); err != nil {
		return err
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.taken.CompareAndSwap(false, true) {
			return unavailable(ctx.Err())
		}
		<-j.done
	}
	if j.err == nil {
		for _, f := range j.after {
			f()
		}
	}
	return j.err
}

func (w *writer) enqueue(j *job) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse != nil {
		return unavailable(w.refuse)
	}
	if len(w.waiting) >= maxWaiting {
		return latchkey.Fail(latchkey.CodeBusy)
	}
	w.waiting = append(w.waiting, j)
	w.signal()
	return nil
}

func (w *writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// stop refuses further writes; those that wait are still done.
func (w *writer) stop(why error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse == nil {
		w.refuse = why
	}
	w.signal()
}

// next takes the writes of the next group; more is false when there will be none.
func (w *writer) next() (group []*job, more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(len(w.waiting), maxGroup)
	group = append(w.group[:0], w.waiting[:n]...)
	rest := copy(w.waiting, w.waiting[n:])
	clear(w.waiting[rest:])
	w.waiting = w.waiting[:rest]
	return group, w.refuse == nil || n > 0
}

func (w *writer) loop() {
	finished := false
	defer func() {
		if finished {
			w.disconnect()
			close(w.gone)
			return
		}
		// A write called runtime.Goexit, as a test's FailNow does. Its
		// goroutine is lost; the others must not wait for ever.
		w.abandon(errGoexit)
		go w.loop()
	}()
	for {
		group, more := w.next()
		w.group = group
		switch {
		case len(group) > 0:
			w.commit()
			w.checkpoint()
		case more:
			<-w.wake
		default:
			finished = true
			return
		}
	}
}

// commit runs the group in one transaction and answers everyone.
func (w *writer) commit() {
	err := w.begin()
	for _, j := range w.group {
		if err != nil {
			break
		}
		if j.taken.CompareAndSwap(false, true) {
			err = w.one(j)
		}
	}
	if err == nil {
		err = observed(w.hook, len(w.group), func() error { return w.exec("COMMIT") })
		for _, j := range w.group {
			publish(j.touch)
			if err == nil {
				j.db.wake(j.wakes)
			}
			j.db.watchers.publish(j.marks)
		}
	}
	if err != nil {
		w.abandon(err)
		return
	}
	for _, j := range w.group {
		close(j.done)
	}
	w.forget()
}

// begin starts the group's transaction. If the connection will not, for a reason
// that is its own, a new one is tried.
func (w *writer) begin() error {
	if why := w.fatal.Load(); why != nil {
		return *why
	}
	fresh := w.conn == nil
	if err := w.connect(); err != nil {
		return err
	}
	err := w.exec("BEGIN IMMEDIATE")
	if err == nil || fresh || sqliteUnavailable(sqliteCode(err)) {
		return err
	}
	w.disconnect()
	if err := w.connect(); err != nil {
		return err
	}
	return w.exec("BEGIN IMMEDIATE")
}

// one runs a write in its savepoint. The error that it returns is not the
// write's own: it means that the whole transaction is lost, which SQLite tells
// by not knowing the savepoint any more.
func (w *writer) one(j *job) error {
	if err := w.exec("SAVEPOINT one"); err != nil {
		return err
	}
	tx := &Tx{db: j.db, q: w.stmts, ctx: context.WithoutCancel(j.ctx)}
	if j.err = tx.run(j.fn); j.err != nil {
		if isSyncFailure(tx.failed) {
			return tx.failed
		}
		if err := w.exec("ROLLBACK TO one"); err != nil {
			return errors.Join(tx.failed, err)
		}
	}
	j.touch, j.after = tx.touched, tx.after
	if j.err == nil {
		j.wakes, j.marks = tx.wakes, tx.marks
	}
	return w.exec("RELEASE one")
}

// abandon tells everyone of the group that nothing was kept, also those whose
// own error was decided on what others of the group had written.
func (w *writer) abandon(cause error) {
	w.log.Error("writes lost", "writes", len(w.group), "error", cause)
	if w.conn != nil {
		_ = w.exec("ROLLBACK") // fails where SQLite has done it already
	}
	if isSyncFailure(cause) {
		w.distrust(cause)
	}
	for _, j := range w.group {
		j.taken.Store(true)
		j.err = unavailable(cause)
		close(j.done)
	}
	w.forget()
}

// forget drops the answered group and with it what its functions hold.
func (w *writer) forget() {
	clear(w.group)
	w.group = w.group[:0]
}

func (w *writer) connect() error {
	if w.conn != nil {
		return nil
	}
	conn, err := w.pool.Conn(context.Background())
	if err != nil {
		return err
	}
	w.conn, w.stmts = conn, newStatements(conn)
	return nil
}

// disconnect closes the connection itself, and with it whatever transaction is
// open, instead of giving it back to the pool.
func (w *writer) disconnect() {
	if w.conn == nil {
		return
	}
	w.stmts.close()
	discard(w.conn)
	w.conn, w.stmts = nil, nil
}

func (w *writer) exec(query string) error {
	_, err := w.stmts.ExecContext(context.Background(), query)
	return err
}
