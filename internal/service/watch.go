package service

import (
	"context"
	"slices"
	"sync"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Topic is a kind of thing in an app that changes while people look at it.
type Topic string

// watchable is every topic with who may be told of it.
func watchable() []struct {
	name  Topic
	needs latchkey.Permission
	bit   store.Topics
} {
	return []struct {
		name  Topic
		needs latchkey.Permission
		bit   store.Topics
	}{
		{"sessions", latchkey.PermSessionsRead, store.TopicSessions},
		{"logs", latchkey.PermLogsRead, store.TopicLogs},
		{"licenses", latchkey.PermLicensesRead, store.TopicLicenses},
		{"users", latchkey.PermUsersRead, store.TopicUsers},
		{"chats", latchkey.PermChatsRead, store.TopicChats},
		{"tokens", latchkey.PermTokensRead, store.TopicTokens},
		{"counters", latchkey.PermAppsRead, store.TopicCounters},
	}
}

// Topics returns every topic.
func Topics() []Topic {
	var all []Topic
	for _, t := range watchable() {
		all = append(all, t.name)
	}
	return all
}

func topicNames(set store.Topics) []Topic {
	names := []Topic{}
	for _, t := range watchable() {
		if set&t.bit != 0 {
			names = append(names, t.name)
		}
	}
	return names
}

// readTopics is the set of topics with the names; all if there are none.
func readTopics(names []string) (set store.Topics, err error) {
	if len(names) == 0 {
		return store.AllTopics &^ store.TopicAccess, nil
	}
	for _, name := range names {
		i := slices.Index(Topics(), Topic(name))
		if i < 0 {
			return 0, latchkey.Invalid("topics", "The topics are sessions, logs, licenses, users, chats, tokens and counters.")
		}
		set |= watchable()[i].bit
	}
	return set, nil
}

// How many may watch at once: each has a goroutine and a connection.
const (
	maxWatches           = 1000
	maxWatchesPerAccount = 50
)

// watchCount counts who watches, by account.
type watchCount struct {
	mu        sync.Mutex
	total     int
	byAccount map[string]int
}

func (c *watchCount) enter(account string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.byAccount[account] >= maxWatchesPerAccount:
		return latchkey.FailWith(latchkey.CodeRateLimited, "Your account watches as many applications at once as it may; close some pages or programs.")
	case c.total >= maxWatches:
		return latchkey.Fail(latchkey.CodeBusy)
	}
	if c.byAccount == nil {
		c.byAccount = map[string]int{}
	}
	c.total++
	c.byAccount[account]++
	return nil
}

func (c *watchCount) leave(account string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total--
	if c.byAccount[account]--; c.byAccount[account] == 0 {
		delete(c.byAccount, account)
	}
}

// Watches is how many watch an app at this moment.
func (s *Service) Watches() int {
	s.watches.mu.Lock()
	defer s.watches.mu.Unlock()
	return s.watches.total
}

// AppWatch tells one caller of changes in one app: that there were some, not
// which. It is used by one goroutine, and has to be closed.
type AppWatch struct {
	s     *Service
	actor Actor
	app   string
	asked store.Topics
	may   store.Topics // of those, what the actor may be told
	watch *store.Watch
}

// WatchApp begins to tell of changes in an app, of the topics that are named and
// that the actor may read; names empty: of all that it may read. Whoever reads
// after that misses nothing. Errors: app.not_found, auth.forbidden if the actor
// may read none of them, request.invalid, request.rate_limited, server.busy.
func (s *Service) WatchApp(ctx context.Context, appID string, names []string) (*AppWatch, error) {
	actor, err := require(ctx, latchkey.PermAppsRead)
	if err != nil {
		return nil, err
	}
	asked, err := readTopics(names)
	if err != nil {
		return nil, err
	}
	if err := s.watches.enter(actor.AccountID); err != nil {
		return nil, err
	}
	// Watched before it is asked whether it may: a credential that is revoked
	// between the two is noticed.
	w := &AppWatch{s: s, actor: actor, app: appID, asked: asked, watch: s.db.Watch(asked|store.TopicAccess, appID, actor.AccountID)}
	if err := w.Check(ctx); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// Close ends the watch.
func (w *AppWatch) Close() {
	w.watch.Close()
	w.s.watches.leave(w.actor.AccountID)
}

// Topics are those that the watch tells of.
func (w *AppWatch) Topics() []Topic { return topicNames(w.may) }

// Changed is ready to be read from when there is something to Take.
func (w *AppWatch) Changed() <-chan struct{} { return w.watch.Changed() }

// Take returns the topics that have changed since it was last called, perhaps
// none. Errors: those of Check.
func (w *AppWatch) Take(ctx context.Context) ([]Topic, error) {
	changed := w.watch.Take()
	if changed&store.TopicAccess != 0 {
		if err := w.Check(ctx); err != nil {
			return nil, err
		}
	}
	return topicNames(changed & w.may), nil
}

// Check asks anew what the actor may be told. Errors: auth.invalid if its
// credential has ended, auth.forbidden if it lost every permission that counts,
// app.not_found.
func (w *AppWatch) Check(ctx context.Context) error {
	actor, err := w.s.asItIs(ctx, w.actor)
	if err != nil {
		return err
	}
	if err := w.s.read(WithActor(ctx, actor), latchkey.PermAppsRead, w.app, func(*store.Tx, *latchkey.App) error { return nil }); err != nil {
		return err
	}
	w.may = 0
	for _, t := range watchable() {
		if actor.May(t.needs) {
			w.may |= w.asked & t.bit
		}
	}
	if w.may == 0 {
		return latchkey.FailWith(latchkey.CodeForbidden, "You may read none of these topics.")
	}
	w.watch.Want(w.may | store.TopicAccess)
	return nil
}

// asItIs is the actor of a long call as its credential now has it; auth.invalid.
// It does not count as a use of the credential: a page that is left open is no
// person at work.
func (s *Service) asItIs(ctx context.Context, a Actor) (Actor, error) {
	now := s.now()
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		switch {
		case a.Kind == ActorAPIKey:
			key, administrator, err := tx.APIKey(ctx, a.ID, now)
			a = keyActor(&key, administrator)
			return err
		case a.SessionID != "":
			account, session, err := tx.AccountSession(ctx, a.SessionID, now, s.idleSince(now))
			a = sessionActor(&account, &session)
			return err
		}
		account, err := tx.Account(ctx, a.AccountID)
		a.Administrator = account.Administrator
		return err
	})
	return a, err
}
