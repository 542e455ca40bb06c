package service

import (
	"context"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	// rememberedEntries bounds the lists of all apps together; an entry takes
	// about 100 bytes.
	rememberedEntries = 1_000_000
	// Lists of longList entries and more are read anew after a deletion at most
	// once in longListPause; until then what was deleted may still hold.
	longList      = 5_000
	longListPause = time.Second
)

// accessMemory holds the lists of apps whose programs call. What has been
// added or changed since is read on its own; only a deletion has all of a list
// read anew.
type accessMemory struct {
	mu   sync.Mutex
	apps map[string]*appAccess
	held int // entries of all apps
}

// appAccess is the lists of an app.
type appAccess struct {
	reading sync.Mutex // one reads, all others wait for it
	weight  int        // as counted in held

	mu       sync.RWMutex
	rules    latchkey.AccessRules
	revision int64     // up to which changes are known; 0: nothing has been read
	floor    int64     // up to which deletions are known
	whole    time.Time // when everything was read
}

func newAccessMemory() *accessMemory { return &accessMemory{apps: map[string]*appAccess{}} }

// of returns an app's lists as of the app's revision or later.
func (m *accessMemory) of(ctx context.Context, db *store.DB, app *latchkey.App, now time.Time) (*appAccess, error) {
	a := m.entry(app.ID)
	if a.holds(app, now) {
		return a, nil
	}
	a.reading.Lock()
	defer a.reading.Unlock()
	if a.holds(app, now) { // somebody else has read it meanwhile
		return a, nil
	}
	size, err := a.read(ctx, db, app, now)
	if err == nil {
		m.weigh(app.ID, a, size)
	}
	return a, err
}

func (m *accessMemory) entry(appID string) *appAccess {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, known := m.apps[appID]
	if !known {
		a = &appAccess{}
		m.apps[appID] = a
	}
	return a
}

// holds reports whether what is known is enough for a caller who has read app.
func (a *appAccess) holds(app *latchkey.App, now time.Time) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.revision >= app.AccessRevision && !a.mustReadAnew(app, now)
}

func (a *appAccess) mustReadAnew(app *latchkey.App, now time.Time) bool {
	if a.floor >= app.AccessFloor {
		return false
	}
	since := now.Sub(a.whole)
	return a.rules.Len() < longList || since < 0 || since >= longListPause
}

// read brings the lists up to the app's revision and returns their length.
// What is committed meanwhile may be among what it reads, and is read again
// when the app's revision tells of it.
func (a *appAccess) read(ctx context.Context, db *store.DB, app *latchkey.App, now time.Time) (int, error) {
	a.mu.RLock()
	anew, after := a.mustReadAnew(app, now), a.revision
	a.mu.RUnlock()
	if anew {
		after = 0
	}
	var changes []store.AccessChange
	err := db.Read(ctx, func(tx *store.Tx) error {
		changes = changes[:0]
		return tx.AccessChanges(ctx, app.ID, after, func(c *store.AccessChange) { changes = append(changes, *c) })
	})
	if err != nil {
		return 0, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if after == 0 {
		a.rules, a.floor, a.whole = latchkey.AccessRules{}, app.AccessFloor, now
	}
	for i := range changes {
		if c := &changes[i]; c.Kind == latchkey.AccessHWID {
			a.rules.PutHWID(c.HWID, c.ExpiresAt)
		} else {
			a.rules.Put(c.List, c.Kind, c.Value, c.ExpiresAt)
		}
	}
	a.revision = max(a.revision, app.AccessRevision)
	return a.rules.Len(), nil
}

// weigh counts an app's lists, and forgets others if all together are too long.
// Who is using them goes on with them.
func (m *accessMemory) weigh(appID string, a *appAccess, size int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.apps[appID] != a {
		return // forgotten already
	}
	m.held += size - a.weight
	a.weight = size
	for id, other := range m.apps { // in any order
		if m.held <= rememberedEntries && len(m.apps) <= rememberedApps {
			return
		}
		if other != a {
			m.held -= other.weight
			delete(m.apps, id)
		}
	}
}
