package service

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	seenShards = 16
	maxSeen    = 131_072 // sessions seen between two flushes; more are not recorded
	seenChunk  = 500     // stored by one transaction

	onlineFresh    = 10 * time.Second // a count is told for so long
	onlineBridge   = time.Minute      // programs that were told a count may ask for as many names
	rememberedPage = 512              // apps
)

// seen remembers which sessions were seen, until that is written down: a check
// must not need a write. What a server that dies has not written is lost.
type seen struct {
	seed   maphash.Seed
	shards [seenShards]struct {
		mu       sync.RWMutex
		sessions map[string]store.SeenSession
	}
}

// mark records a session, the first time since the last flush.
func (s *seen) mark(appID, id string, now time.Time) {
	shard := &s.shards[maphash.String(s.seed, id)%seenShards]
	shard.mu.RLock()
	_, known := shard.sessions[id]
	shard.mu.RUnlock()
	if known {
		return
	}
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if shard.sessions == nil {
		shard.sessions = map[string]store.SeenSession{}
	}
	if len(shard.sessions) < maxSeen/seenShards {
		shard.sessions[id] = store.SeenSession{AppID: appID, ID: id, At: now}
	}
}

func (s *seen) take() (list []store.SeenSession) {
	for i := range s.shards {
		shard := &s.shards[i]
		shard.mu.Lock()
		for _, session := range shard.sessions {
			list = append(list, session)
		}
		shard.sessions = nil
		shard.mu.Unlock()
	}
	return list
}

// FlushActivity writes down which sessions were seen since it was last called,
// and what was counted of the day. It is best effort: what cannot be written is
// forgotten.
func (s *Service) FlushActivity(ctx context.Context) error {
	if counts := s.days.take(); len(counts) > 0 {
		if err := s.db.Write(ctx, func(tx *store.Tx) error { return tx.AddDaily(ctx, counts) }); err != nil {
			return err
		}
	}
	list := s.seen.take()
	s.days.sawApps(list)
	for len(list) > 0 {
		part := list[:min(len(list), seenChunk)]
		list = list[len(part):]
		if err := s.db.Write(ctx, func(tx *store.Tx) error { return tx.SessionsSeen(ctx, part) }); err != nil {
			return err
		}
	}
	return nil
}

// online is what programs are told of an app's numbers. All of it is of one
// moment, and told for a while.
type online struct {
	onlineNames
	total  int64
	counts AppStats
	had    []onlineNames // of the last minute: programs may still count on as many
}

type onlineNames struct {
	users  []string // masked, at most [latchkey.MaxOnlineNames]
	readAt time.Time
}

type onlineMemory struct {
	mu    sync.Mutex
	apps  map[string]*online
	reads map[string]*onlineRead // that are running, by app
}

// onlineRead is one reading of an app's numbers, for all who ask meanwhile.
type onlineRead struct {
	done chan struct{} // closed when the rest is there
	o    *online
	err  error
}

// ClientOnline returns the masked names of who is online, the latest seen first,
// at most [latchkey.MaxOnlineNames], and how many sessions are. It never has
// fewer names than [Service.ClientStats] has told in the last seconds. Errors:
// those of every call; session.* if who has signed in may not go on.
func (s *Service) ClientOnline(ctx context.Context, app *ClientApp, ses *ClientSession) (users []string, total int64, err error) {
	c, err := s.anyone(ctx, app, ses)
	if err != nil {
		return nil, 0, err
	}
	o, err := s.onlineOf(ctx, &app.App, c.Now)
	if err != nil {
		return nil, 0, err
	}
	users = o.users
	for _, had := range o.had {
		if len(users) < len(had.users) {
			users = append(append([]string{}, users...), had.users[len(users):]...)
		}
	}
	return users, o.total, nil
}

// ClientNumbers is what programs are told of an app.
type ClientNumbers struct {
	Users, Licenses int64
	Online          int64 // sessions
	Listed          int64 // of which [Service.ClientOnline] has a name
	Version         string
}

// ClientStats returns an app's numbers, some seconds old at most. Errors: those
// of [Service.ClientOnline].
func (s *Service) ClientStats(ctx context.Context, app *ClientApp, ses *ClientSession) (n ClientNumbers, err error) {
	c, err := s.anyone(ctx, app, ses)
	if err != nil {
		return n, err
	}
	o, err := s.onlineOf(ctx, &app.App, c.Now)
	if err != nil {
		return n, err
	}
	n = ClientNumbers{Users: o.counts.Users, Online: o.total, Listed: int64(len(o.users)), Version: app.Settings.Version}
	for _, count := range o.counts.Licenses {
		n.Licenses += count
	}
	return n, nil
}

// onlineNow asks for the sessions that are online.
func onlineNow(app *latchkey.App, now time.Time) store.OnlineQuery {
	return store.OnlineQuery{Since: now.Add(-latchkey.OnlineFor), Now: now, From: app.SessionsFrom}
}

// onlineOf returns what is known of an app, read anew if it is too old. One
// reads; all others are told the last numbers meanwhile, or wait if these are
// older still: counting for each of them would keep the database busy.
func (s *Service) onlineOf(ctx context.Context, app *latchkey.App, now time.Time) (*online, error) {
	m := s.online
	m.mu.Lock()
	last := m.apps[app.ID]
	if last != nil && now.Sub(last.readAt) < onlineFresh && !now.Before(last.readAt) {
		m.mu.Unlock()
		return last, nil
	}
	r, running := m.reads[app.ID]
	if !running {
		r = &onlineRead{done: make(chan struct{}), err: latchkey.Fail(latchkey.CodeInternal)}
		m.reads[app.ID] = r
	}
	m.mu.Unlock()
	if running {
		if last != nil && now.Sub(last.readAt) < 2*onlineFresh && !now.Before(last.readAt) {
			return last, nil
		}
		select {
		case <-r.done:
			return r.o, r.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer m.end(app.ID, r)
	// Others need it, too, if this caller leaves.
	r.o, r.err = s.readOnline(context.WithoutCancel(ctx), app, last, now)
	return r.o, r.err
}

// end keeps what was read and tells it to all who wait.
func (m *onlineMemory) end(appID string, r *onlineRead) {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer close(r.done)
	delete(m.reads, appID)
	if r.err != nil {
		return
	}
	for id := range m.apps { // any one: the order of a map is arbitrary
		if len(m.apps) < rememberedPage {
			break
		}
		delete(m.apps, id)
	}
	m.apps[appID] = r.o
}

func (s *Service) readOnline(ctx context.Context, app *latchkey.App, last *online, now time.Time) (*online, error) {
	o := &online{onlineNames: onlineNames{readAt: now}}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		list, total, err := tx.Online(ctx, app.ID, onlineNow(app, now), latchkey.MaxOnlineNames)
		if err != nil {
			return err
		}
		o.users, o.total = make([]string, len(list)), total
		for i, u := range list {
			o.users[i] = latchkey.MaskName(u.Name, u.LicenseNamed)
		}
		o.counts, err = tx.Counts(ctx, app.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	if last != nil {
		for _, had := range append([]onlineNames{last.onlineNames}, last.had...) {
			if age := now.Sub(had.readAt); age >= 0 && age < onlineBridge {
				o.had = append(o.had, had)
			}
		}
	}
	return o, nil
}
