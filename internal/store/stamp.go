package store

import (
	"hash/maphash"
	"sync/atomic"
)

// stampSlots is how many counters the things of a kind share: 2 MiB of them,
// which become resident as they are raised. Two things that share one are only
// forgotten too early, but among few counters a thousand sign-ins a second
// would soon have all sessions forgotten.
const stampSlots = 1 << 18

// stamps count the committed changes of this process's writes, so that whoever
// remembers what it read can tell whether it still holds. A counter is raised
// after the commit and before the writer learns of it: what a caller was told
// to have happened is never answered from memory as not having happened.
type stamps struct {
	seed  maphash.Seed
	slots [stampKinds][stampSlots]atomic.Uint64
}

// newStamps does without a literal, which would write every counter to make it
// zero: new memory is that already, and is not resident until then.
func newStamps() *stamps {
	s := new(stamps)
	s.seed = maphash.MakeSeed()
	return s
}

func (s *stamps) slot(kind stampKind, id string) *atomic.Uint64 {
	return &s.slots[kind][maphash.String(s.seed, id)%stampSlots]
}

// stampKind is a kind of thing that is stamped. Each has counters of its own,
// so that what changes often does not cost the memory of what does not.
type stampKind int

const (
	stampApp      stampKind = iota // the app, its credentials and subscriptions
	stampUser                      // the user, its subscriptions, and the end of its sessions
	stampSession                   // who is signed in with a session's token
	stampVariable                  // a variable, by its app and name
	stampAccess                    // the app's blacklist and whitelist
	stampKinds
)

// Stamp is how often a thing had been changed when it was taken. Take it
// before reading the thing; what was read holds as long as it is Current. It
// knows the changes made through this [DB] only: with several servers on one
// PostgreSQL, forget what was read after a second.
type Stamp struct {
	slot  *atomic.Uint64
	value uint64
}

// Current reports that nothing has been changed since the stamp was taken.
func (s Stamp) Current() bool { return s.slot != nil && s.slot.Load() == s.value }

func (s *stamps) take(kind stampKind, id string) Stamp {
	slot := s.slot(kind, id)
	return Stamp{slot: slot, value: slot.Load()}
}

// AppStamp is the stamp of an app, its credentials and its subscriptions.
func (db *DB) AppStamp(appID string) Stamp { return db.stamps.take(stampApp, appID) }

// UserStamp is the stamp of a user, what it holds, and its sessions' ends.
func (db *DB) UserStamp(userID string) Stamp { return db.stamps.take(stampUser, userID) }

// SessionStamp is the stamp of who is signed in with the session that is
// remembered by a key: its token, or whatever names it.
func (db *DB) SessionStamp(key string) Stamp { return db.stamps.take(stampSession, key) }

// touch marks a thing as changed by this transaction.
func (tx *Tx) touch(kind stampKind, id string) {
	tx.touched = append(tx.touched, tx.db.stamps.slot(kind, id))
}

// publish raises the counters of what transactions changed. It is called after
// the commit, and also when it is not known whether that succeeded.
func publish(touched []*atomic.Uint64) {
	for _, slot := range touched {
		slot.Add(1)
	}
}
