package store

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Topics are kinds of things that change, as a set.
type Topics uint32

// The topics: of an app, and TopicAccess of an app or an account.
const (
	TopicSessions Topics = 1 << iota // somebody signed in, or a session was ended
	TopicLogs                        // lines of the log
	TopicLicenses
	TopicUsers
	TopicChats
	TopicCounters // how many there are
	TopicAccess   // who may see it: a credential ended or changed, the app is gone
	TopicTokens   // what programs come with; after the others, whose bits servers of another version know
	AllTopics     = 1<<iota - 1
)

// mark is what a transaction has changed of an app or an account.
type mark struct {
	id     string
	topics Topics
}

// mark notes what the transaction changes, for those who watch. It is noted also
// while nobody does: somebody who begins to watch before the commit, and reads
// before it as well, would miss it.
func (tx *Tx) mark(id string, topics Topics) {
	for i := range tx.marks {
		if tx.marks[i].id == id {
			tx.marks[i].topics |= topics
			return
		}
	}
	if tx.marks == nil {
		tx.marks = tx.firstMarks[:0]
	}
	tx.marks = append(tx.marks, mark{id, topics})
}

// Watch tells its holder that something has been changed, not what: changes that
// come before it is asked are one. It holds no more than a bit for each topic,
// so that whoever is slow to ask holds nobody up and costs no memory.
type Watch struct {
	of      *watchers
	ids     []string
	wanted  atomic.Uint32 // Topics
	changed atomic.Uint32 // Topics
	wake    chan struct{}
}

// Watch begins to tell of committed changes of topics in an app or account, or
// several. Whoever reads after that and before the next change sees all.
func (db *DB) Watch(topics Topics, ids ...string) *Watch {
	w := &Watch{of: &db.watchers, ids: ids, wake: make(chan struct{}, 1)}
	w.wanted.Store(uint32(topics))
	w.of.add(w)
	return w
}

// Want narrows or widens what the watch tells of.
func (w *Watch) Want(topics Topics) { w.wanted.Store(uint32(topics)) }

// Changed is ready to be read from when there may be something to Take.
func (w *Watch) Changed() <-chan struct{} { return w.wake }

// Take returns what has been changed since it was last called.
func (w *Watch) Take() Topics { return Topics(w.changed.Swap(0)) }

// Close ends the watch.
func (w *Watch) Close() { w.of.remove(w) }

func (w *Watch) tell(topics Topics) {
	if topics &= Topics(w.wanted.Load()); topics == 0 {
		return
	}
	w.changed.Or(uint32(topics))
	select {
	case w.wake <- struct{}{}:
	default: // it is awake already
	}
}

// watchers are those who watch. Commits only read the map, which is never
// changed but replaced: nobody waits for anybody.
type watchers struct {
	byID  atomic.Pointer[map[string][]*Watch] // nil: nobody watches
	relay atomic.Pointer[relay]               // to other servers; nil: there are none

	mu sync.Mutex // held by who replaces the map
}

// publish tells of what committed transactions have changed.
func (ws *watchers) publish(marks []mark) {
	ws.tell(marks)
	if r := ws.relay.Load(); r != nil {
		r.pass(marks)
	}
}

// tell tells those who watch on this server.
func (ws *watchers) tell(marks []mark) {
	byID := ws.byID.Load()
	if byID == nil {
		return
	}
	for _, m := range marks {
		for _, w := range (*byID)[m.id] {
			w.tell(m.topics)
		}
	}
}

// tellAll tells everybody that everything may have been changed.
func (ws *watchers) tellAll() {
	byID := ws.byID.Load()
	if byID == nil {
		return
	}
	for _, list := range *byID {
		for _, w := range list {
			w.tell(AllTopics)
		}
	}
}

func (ws *watchers) add(w *Watch) {
	ws.replace(func(byID map[string][]*Watch) {
		for _, id := range w.ids {
			byID[id] = append(slices.Clip(byID[id]), w)
		}
	})
	if r := ws.relay.Load(); r != nil {
		r.begin()
	}
}

func (ws *watchers) remove(w *Watch) {
	ws.replace(func(byID map[string][]*Watch) {
		for _, id := range w.ids {
			list := slices.DeleteFunc(slices.Clone(byID[id]), func(other *Watch) bool { return other == w })
			if byID[id] = list; len(list) == 0 {
				delete(byID, id)
			}
		}
	})
}

func (ws *watchers) replace(edit func(map[string][]*Watch)) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	byID := map[string][]*Watch{}
	if old := ws.byID.Load(); old != nil {
		byID = maps.Clone(*old)
	}
	edit(byID)
	if len(byID) == 0 {
		ws.byID.Store(nil)
		return
	}
	ws.byID.Store(&byID)
}

// watched reports whether anybody watches on this server.
func (ws *watchers) watched() bool { return ws.byID.Load() != nil }
