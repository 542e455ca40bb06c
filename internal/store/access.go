package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const accessSelect = `SELECT e.id, e.app_id, e.list, e.kind, e.value, e.value_sealed, e.reason, e.expires_at, e.user_id,
	e.created_at, e.created_by, e.updated_at FROM access_entries e `

const (
	// Writing the app's row also keeps others from changing the lists, so that
	// revisions are committed in their order and no list gets too long.
	qAccessLock = `UPDATE apps SET access_revision = access_revision + 1 WHERE id = $1 RETURNING access_revision`
	qAccessCut  = `UPDATE apps SET access_revision = access_revision + 1, access_floor = access_revision + 1 WHERE id = $1 RETURNING access_revision`

	qAccessInsert = `INSERT INTO access_entries (id, app_id, list, kind, name, value, value_sealed, reason, expires_at, user_id, revision,
		created_at, created_by, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (app_id, list, name) DO NOTHING`
	qAccessOver    = `DELETE FROM access_entries WHERE app_id = $1 AND list = $2 AND name = $3 AND expires_at IS NOT NULL AND expires_at <= $4`
	qAccessByID    = accessSelect + `WHERE e.app_id = $1 AND e.id = $2 AND e.list = $3`
	qAccessByName  = accessSelect + `WHERE e.app_id = $1 AND e.list = $2 AND e.name = $3`
	qAccessUpdate  = `UPDATE access_entries SET reason = $3, expires_at = $4, revision = $5, updated_at = $6 WHERE app_id = $1 AND id = $2`
	qAccessDelete  = `DELETE FROM access_entries WHERE app_id = $1 AND id = $2 AND list = $3`
	qAccessChanges = `SELECT e.list, e.kind, e.name, e.value, e.expires_at FROM access_entries e WHERE e.app_id = $1 AND e.revision > $2`
	qAccessExpired = `SELECT e.app_id, e.id, e.list FROM access_entries e WHERE e.expires_at IS NOT NULL AND e.expires_at <= $1 ORDER BY e.expires_at LIMIT $2`
	// Whoever has lengthened the entry meanwhile keeps it.
	qAccessSweep = `DELETE FROM access_entries WHERE app_id = $1 AND id = $2 AND expires_at IS NOT NULL AND expires_at <= $3`
)

// AccessStamp is the stamp of an app's blacklist and whitelist.
func (db *DB) AccessStamp(appID string) Stamp { return db.stamps.take(stampAccess, appID) }

// HWIDKey is the hash by which a hardware id is compared with an app's lists;
// the zero key stands for none.
func (db *DB) HWIDKey(appID string, hwid latchkey.Secret) (key latchkey.HWIDKey) {
	if hwid != "" {
		copy(key[:], hwidHash(db.box, appID, hwid))
	}
	return key
}

func accessPlace(id string) secretbox.Place {
	return secretbox.Place{Table: "access_entries", Row: id, Column: "value"}
}

// accessName is what an entry is found by.
func (tx *Tx) accessName(appID string, kind latchkey.AccessKind, value latchkey.Secret) []byte {
	if kind == latchkey.AccessHWID {
		return append([]byte(latchkey.AccessName(kind, "")), hwidHash(tx.box(), appID, value)...)
	}
	return []byte(latchkey.AccessName(kind, value.Reveal()))
}

func (tx *Tx) scanAccess(row scanner) (e latchkey.AccessEntry, err error) {
	var value string
	var sealed []byte
	var expires sql.NullInt64
	var created, updated int64
	if err := row.Scan(&e.ID, &e.AppID, &e.List, &e.Kind, &value, &sealed, &e.Reason, &expires, &e.UserID, &created, &e.CreatedBy, &updated); err != nil {
		return e, err
	}
	if sealed != nil {
		hwid, err := tx.box().Open(accessPlace(e.ID), sealed)
		if err != nil {
			return e, fmt.Errorf("open hardware id of entry %s: %w", e.ID, err)
		}
		value = string(hwid)
	}
	e.Value, e.ExpiresAt, e.CreatedAt, e.UpdatedAt = latchkey.Secret(value), fromNullMs(expires), fromMs(created), fromMs(updated)
	return e, nil
}

// LockAccess keeps other transactions from changing an app's lists until this
// one ends, and returns the revision of what it changes; app.not_found. removes
// says that it will delete entries that have not expired.
func (tx *Tx) LockAccess(ctx context.Context, appID string, removes bool) (revision int64, err error) {
	tx.touch(stampAccess, appID)
	query := qAccessLock
	if removes {
		query = qAccessCut
	}
	err = tx.queryRow(ctx, query, appID).Scan(&revision)
	if isNoRows(err) {
		return 0, latchkey.Fail(latchkey.CodeAppNotFound)
	}
	return revision, wrap("lock lists", err)
}

// InsertAccess stores a new entry, in the place of one of the same value that
// has expired. inserted is false if the list has it already. The lists must be
// locked.
func (tx *Tx) InsertAccess(ctx context.Context, e *latchkey.AccessEntry, revision int64, now time.Time) (inserted bool, err error) {
	value := e.Value.Reveal()
	var sealed []byte
	if e.Kind == latchkey.AccessHWID {
		if sealed, err = tx.box().Seal(accessPlace(e.ID), []byte(value)); err != nil {
			return false, fmt.Errorf("seal hardware id: %w", err)
		}
		value = ""
	}
	name := tx.accessName(e.AppID, e.Kind, e.Value)
	insert := func() (int64, error) {
		return tx.exec(ctx, qAccessInsert, e.ID, e.AppID, string(e.List), string(e.Kind), name, value, sealed, e.Reason, nullMs(e.ExpiresAt),
			e.UserID, revision, ms(e.CreatedAt), e.CreatedBy, ms(e.UpdatedAt))
	}
	n, err := insert()
	if err != nil || n == 1 {
		tx.count(e.AppID, countAccess+string(e.List), n)
		return n == 1, wrap("insert entry", err)
	}
	over, err := tx.exec(ctx, qAccessOver, e.AppID, string(e.List), name, ms(now))
	if err != nil || over == 0 {
		return false, wrap("delete expired entry", err)
	}
	n, err = insert()
	return n == 1, wrap("insert entry", err)
}

// AccessEntry returns an entry of a list by its id; its list's not_found.
func (tx *Tx) AccessEntry(ctx context.Context, appID string, list latchkey.AccessList, id string) (latchkey.AccessEntry, error) {
	return tx.oneAccess(tx.queryRow(ctx, qAccessByID, appID, id, string(list)), list)
}

// AccessEntryOf returns the entry of a list that names a value; its list's not_found.
func (tx *Tx) AccessEntryOf(ctx context.Context, appID string, list latchkey.AccessList, kind latchkey.AccessKind, value latchkey.Secret) (latchkey.AccessEntry, error) {
	return tx.oneAccess(tx.queryRow(ctx, qAccessByName, appID, string(list), tx.accessName(appID, kind, value)), list)
}

func (tx *Tx) oneAccess(row *sql.Row, list latchkey.AccessList) (latchkey.AccessEntry, error) {
	e, err := tx.scanAccess(row)
	if isNoRows(err) {
		return e, latchkey.Fail(list.NotFound())
	}
	return e, wrap("read entry", err)
}

// UpdateAccess stores a changed reason and end. The lists must be locked.
func (tx *Tx) UpdateAccess(ctx context.Context, e *latchkey.AccessEntry, revision int64) error {
	_, err := tx.exec(ctx, qAccessUpdate, e.AppID, e.ID, e.Reason, nullMs(e.ExpiresAt), revision, ms(e.UpdatedAt))
	return wrap("update entry", err)
}

// DeleteAccess deletes an entry and reports whether there was one. The lists
// must be locked for it.
func (tx *Tx) DeleteAccess(ctx context.Context, appID string, list latchkey.AccessList, id string) (bool, error) {
	n, err := tx.exec(ctx, qAccessDelete, appID, id, string(list))
	tx.count(appID, countAccess+string(list), -n)
	return n == 1, wrap("delete entry", err)
}

// AccessQuery narrows [Tx.AccessEntries]; zero fields do not.
type AccessQuery struct {
	List   latchkey.AccessList // needed
	Kind   latchkey.AccessKind
	Search string // a whole value; of an address also the networks around it
	Until  string // only ids before this one
	Keyset
}

// accessWhere returns the conditions of a query, and whether it is one for few
// rows that come in no order.
func (tx *Tx) accessWhere(appID string, q *AccessQuery) (w *where, few bool) {
	w = newWhere("e.app_id = ? AND e.list = ?", appID, string(q.List))
	if q.Kind != "" {
		w.add("e.kind = ?", string(q.Kind))
	}
	if q.Until != "" {
		w.add("e.id < ?", q.Until)
	}
	if q.Search == "" {
		return w, false
	}
	names := []any{tx.accessName(appID, latchkey.AccessHWID, latchkey.Secret(q.Search))}
	if a, err := netip.ParseAddr(q.Search); err == nil {
		for _, name := range latchkey.AccessNames(a) {
			names = append(names, []byte(name))
		}
	} else if kind, value, err := latchkey.ParseAccessLine(q.Search); err == nil {
		names = append(names, tx.accessName(appID, kind, value))
	}
	w.addAny("e.name", names)
	return w, true
}

// AccessEntries returns one page of a list.
func (tx *Tx) AccessEntries(ctx context.Context, appID string, q AccessQuery) ([]latchkey.AccessEntry, error) {
	w, few := tx.accessWhere(appID, &q)
	if !few {
		text, args := w.page(accessSelect, "e.id", q.Keyset)
		return collect(tx, ctx, "list entries", text, args, tx.scanAccess)
	}
	q.Keyset.span().narrow(w, "e.id")
	found, err := collect(tx, ctx, "list entries", accessSelect+" WHERE "+w.text.String(), w.args, tx.scanAccess)
	sortByID(found, func(e *latchkey.AccessEntry) string { return e.ID }, q.Ascending)
	return found[:min(len(found), q.Limit)], err
}

// AccessChange is an entry as lists are compared with: what it names, not why.
type AccessChange struct {
	List      latchkey.AccessList
	Kind      latchkey.AccessKind
	Value     string           // "" of a hardware id
	HWID      latchkey.HWIDKey // of a hardware id
	ExpiresAt time.Time
}

// AccessChanges calls each for every entry changed after a revision.
func (tx *Tx) AccessChanges(ctx context.Context, appID string, after int64, each func(*AccessChange)) error {
	rows, err := tx.query(ctx, qAccessChanges, appID, after)
	if err != nil {
		return wrap("read lists", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c AccessChange
		var name []byte
		var expires sql.NullInt64
		if err := rows.Scan(&c.List, &c.Kind, &name, &c.Value, &expires); err != nil {
			return wrap("read lists", err)
		}
		if c.Kind == latchkey.AccessHWID {
			copy(c.HWID[:], name[min(len(name), len(latchkey.AccessName(c.Kind, ""))):])
		}
		c.ExpiresAt = fromNullMs(expires)
		each(&c)
	}
	return wrap("read lists", rows.Err())
}

// SweepAccess deletes up to limit entries that had expired at now. Nobody needs
// to be told: an expired entry holds for nothing.
func (tx *Tx) SweepAccess(ctx context.Context, now time.Time, limit int) (total int64, err error) {
	expired, err := collect(tx, ctx, "find expired entries", qAccessExpired, []any{ms(now), limit}, func(row scanner) (e latchkey.AccessEntry, err error) {
		err = row.Scan(&e.AppID, &e.ID, &e.List)
		return e, err
	})
	for _, e := range expired {
		n, err := tx.exec(ctx, qAccessSweep, e.AppID, e.ID, ms(now))
		if err != nil {
			return total, wrap("sweep entries", err)
		}
		tx.count(e.AppID, countAccess+string(e.List), -n)
		total += n
	}
	return total, err
}

// AccessIDs returns the ids of one page of a list.
func (tx *Tx) AccessIDs(ctx context.Context, appID string, q AccessQuery) ([]string, error) {
	w, few := tx.accessWhere(appID, &q)
	if few {
		entries, err := tx.AccessEntries(ctx, appID, q)
		ids := make([]string, len(entries))
		for i := range entries {
			ids[i] = entries[i].ID
		}
		return ids, err
	}
	text, args := w.page("SELECT e.id FROM access_entries e", "e.id", q.Keyset)
	return tx.ids(ctx, text, args...)
}
