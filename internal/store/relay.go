package store

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// Servers that share one PostgreSQL tell each other of changes by NOTIFY. It is
// not part of the transactions that change something: PostgreSQL lets one
// transaction at a time commit a NOTIFY, so every sign-in would wait for every
// other. Instead each server gathers what its commits have changed and sends
// that by itself, a few times a second, and only while another server has said
// that somebody watches there.
const (
	relayChannel = "latchkey_changes"
	relayText    = `SELECT pg_notify($1, $2)`

	relayEvery   = 200 * time.Millisecond // between two notifications of changes
	relayAsk     = 10 * time.Second       // how often a server says that somebody watches
	relayHeed    = 3 * relayAsk           // for how long the others heed that
	relayRetry   = 2 * time.Second        // after the connection was lost
	relayQueue   = 1024                   // changes that wait to be sent; more become "everything"
	relayPayload = 7000                   // bytes of a notification; PostgreSQL takes 7,999

	relayAskWord  = "watch"
	relayTellWord = "changed"
	relayAllWord  = "everything"
)

// relay is what a server has to do with the others of its database.
type relay struct {
	self  string // tells this server's notifications from others'
	local *watchers
	queue chan mark
	asked chan struct{} // somebody has begun to watch here
	heeds atomic.Bool   // somebody watches elsewhere
	lost  atomic.Bool   // more was changed than found room in the queue
}

// pass gathers changes, for other servers. It waits for nobody.
func (r *relay) pass(marks []mark) {
	if !r.heeds.Load() {
		return
	}
	for _, m := range marks {
		select {
		case r.queue <- m:
		default:
			r.lost.Store(true)
		}
	}
}

// begin has the others know at once that somebody watches here.
func (r *relay) begin() {
	select {
	case r.asked <- struct{}{}:
	default:
	}
}

// Relay passes changes between the servers of one PostgreSQL until ctx ends; on
// SQLite, which has one server, it returns at once. Without it a [Watch] tells of
// what this server changes.
func (db *DB) Relay(ctx context.Context) {
	e, ok := db.engine.(*postgresEngine)
	if !ok {
		return
	}
	r := &relay{self: e.self, local: &db.watchers, queue: make(chan mark, relayQueue), asked: make(chan struct{}, 1)}
	db.watchers.relay.Store(r)
	defer db.watchers.relay.Store(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.sendChanges(ctx, r)
	}()
	e.hearChanges(ctx, r)
	<-done
}

// sendChanges tells the others what is changed here, and that somebody watches.
func (e *postgresEngine) sendChanges(ctx context.Context, r *relay) {
	ask := time.NewTicker(relayAsk)
	defer ask.Stop()
	for {
		var payloads []string
		select {
		case <-ctx.Done():
			return
		case <-r.asked:
			payloads = []string{relayAskWord}
		case <-ask.C:
			if !r.local.watched() {
				continue
			}
			payloads = []string{relayAskWord}
		case first := <-r.queue:
			if !pause(ctx, relayEvery) {
				return
			}
			payloads = r.gather(first)
		}
		for _, p := range payloads {
			if err := e.notify(ctx, r.self+" "+p); err != nil && ctx.Err() == nil {
				e.log.WarnContext(ctx, "other servers were not told of changes", "error", err)
			}
		}
	}
}

func (e *postgresEngine) notify(ctx context.Context, payload string) error {
	ctx, cancel := context.WithTimeout(ctx, txTimeout)
	defer cancel()
	_, err := e.pool.ExecContext(ctx, relayText, relayChannel, payload)
	return err
}

// gather takes everything that waits to be sent.
func (r *relay) gather(first mark) []string {
	changed := map[string]Topics{first.id: first.topics}
	for len(r.queue) > 0 {
		m := <-r.queue
		changed[m.id] |= m.topics
	}
	if r.lost.Swap(false) {
		return []string{relayAllWord}
	}
	var payloads []string
	var text strings.Builder
	for id, topics := range changed {
		if text.Len() > relayPayload {
			payloads = append(payloads, text.String())
			text.Reset()
		}
		if text.Len() == 0 {
			text.WriteString(relayTellWord)
		}
		text.WriteString(" " + id + ":" + strconv.FormatUint(uint64(topics), 10))
	}
	return append(payloads, text.String())
}

// hearChanges hears what others say, over a connection of its own, and takes a
// new one when it is lost.
func (e *postgresEngine) hearChanges(ctx context.Context, r *relay) {
	quiet := false
	for ctx.Err() == nil {
		err := e.listen(ctx, r)
		if ctx.Err() != nil {
			return
		}
		if !quiet {
			e.log.WarnContext(ctx, "changes of other servers are not heard", "error", err)
		}
		quiet = true
		pause(ctx, relayRetry)
	}
}

// listen hears notifications until ctx ends or the connection is lost.
func (e *postgresEngine) listen(ctx context.Context, r *relay) error {
	conn, err := pgx.ConnectConfig(ctx, e.config)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx) // it is of no use any more
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+relayChannel); err != nil {
		return err
	}
	r.local.tellAll() // what was said meanwhile was not heard
	r.begin()
	forget := time.AfterFunc(relayHeed, func() { r.heeds.Store(false) })
	defer forget.Stop()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if r.hear(n.Payload) {
			forget.Reset(relayHeed)
		}
	}
}

// hear acts on what a server said, and reports whether somebody watches there.
func (r *relay) hear(payload string) (watches bool) {
	words := strings.Fields(payload)
	if len(words) < 2 || words[0] == r.self {
		return false
	}
	switch words[1] {
	case relayAskWord:
		r.heeds.Store(true)
		return true
	case relayAllWord:
		r.local.tellAll()
	case relayTellWord:
		marks := make([]mark, 0, len(words)-2)
		for _, word := range words[2:] {
			id, number, _ := strings.Cut(word, ":")
			topics, err := strconv.ParseUint(number, 10, 32)
			if err == nil {
				marks = append(marks, mark{id, Topics(topics)})
			}
		}
		r.local.tell(marks)
	}
	return false
}

// pause waits, and reports false if ctx has ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
