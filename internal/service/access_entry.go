package service

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// AccessView is an entry of a list.
type AccessView struct{ latchkey.AccessEntry }

// NewAccess asks for an entry.
type NewAccess struct {
	Kind      latchkey.AccessKind
	Value     string
	Reason    string
	ExpiresAt time.Time // zero: never
}

// newEntry checks what is asked for. What only a geolocation file could judge is
// refused without one: it would be believed to hold, and would not.
func (s *Service) newEntry(list latchkey.AccessList, in NewAccess, now time.Time) (e latchkey.AccessEntry, err error) {
	e = latchkey.AccessEntry{List: list, Reason: in.Reason, ExpiresAt: in.ExpiresAt.UTC().Truncate(time.Millisecond), CreatedAt: now, UpdatedAt: now}
	if e.Kind, e.Value, err = latchkey.ParseAccess(in.Kind, in.Value); err != nil {
		return e, err
	}
	if err := list.CheckKind(e.Kind); err != nil {
		return e, err
	}
	if err := s.judges(e.Kind); err != nil {
		return e, err
	}
	if err := latchkey.CheckReason(e.Reason); err != nil {
		return e, err
	}
	return e, e.CheckEnd(now)
}

// judges refuses kinds that this server's geolocation files say nothing about.
func (s *Service) judges(kind latchkey.AccessKind) error {
	knows := s.geo.Knows()
	switch {
	case kind == latchkey.AccessCountry && !knows.Countries:
		return latchkey.Invalid("kind", "This server has no geolocation file that tells countries, so it could not judge this entry; its operator can name one with --geoip.")
	case kind == latchkey.AccessASN && !knows.Systems:
		return latchkey.Invalid("kind", "This server has no geolocation file that tells autonomous systems, so it could not judge this entry; its operator can name one with --geoip.")
	}
	return nil
}

// CreateAccess puts an entry on a list. Errors: request.invalid,
// blacklist.exists or whitelist.exists.
func (s *Service) CreateAccess(ctx context.Context, appID string, list latchkey.AccessList, in NewAccess) (view AccessView, err error) {
	if _, err := require(ctx, list.Writes()); err != nil {
		return view, err
	}
	e, err := s.newEntry(list, in, s.now())
	if err != nil {
		return view, err
	}
	err = s.change(ctx, list.Writes(), appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		revision, err := tx.LockAccess(ctx, appID, false)
		if err != nil {
			return err
		}
		e.AppID, e.CreatedBy, e.CreatedAt, e.UpdatedAt = appID, ActorFrom(ctx).ID, now, now
		if e.ID, err = s.newID(list.EntryKind(), now); err != nil {
			return err
		}
		if err := s.roomForEntries(ctx, tx, appID, list, 1); err != nil {
			return err
		}
		inserted, err := tx.InsertAccess(ctx, &e, revision, now)
		if err != nil || !inserted {
			return orFail(err, list.Exists())
		}
		audit(ctx, tx, now, appID, string(list)+".create", e.ID, accessDetails(&e))
		view = AccessView{e}
		return made(ctx, view)
	})
	return view, err
}

// roomForEntries refuses to make a list longer than it may be. The lists must be locked.
func (s *Service) roomForEntries(ctx context.Context, tx *store.Tx, appID string, list latchkey.AccessList, n int64) error {
	counts, err := tx.CountsNow(ctx, appID)
	if err == nil && counts.Listed(list)+n > s.listLimit {
		return latchkey.Invalid("value", fmt.Sprintf("A list has at most %d entries; name networks instead of addresses.", s.listLimit))
	}
	return err
}

// accessDetails is what the audit log tells of an entry: no hardware id.
func accessDetails(e *latchkey.AccessEntry) map[string]any {
	details := map[string]any{"kind": string(e.Kind), "reason": e.Reason}
	if e.Kind != latchkey.AccessHWID {
		details["value"] = e.Value.Reveal()
	}
	if !e.ExpiresAt.IsZero() {
		details["expires_at"] = e.ExpiresAt.Format(time.RFC3339)
	}
	return details
}

// AccessFilter narrows and orders a list; zero fields do not.
type AccessFilter struct {
	Kind   latchkey.AccessKind
	Search string // a whole value; of an address also the networks around it
	Sort   string // "-created" (default), "created"
	Page
}

func (f *AccessFilter) query(list latchkey.AccessList) (store.AccessQuery, error) {
	q := store.AccessQuery{List: list, Kind: f.Kind, Search: f.Search}
	if f.Kind != "" {
		if err := list.CheckKind(f.Kind); err != nil {
			return q, err
		}
	}
	if len(f.Search) > latchkey.MaxHWIDLength || latchkey.CheckNote(f.Search) != nil {
		return q, latchkey.Invalid("search", "Search text has at most 256 bytes of UTF-8.")
	}
	return q, nil
}

// ListAccess lists the entries of a list.
func (s *Service) ListAccess(ctx context.Context, appID string, list latchkey.AccessList, f AccessFilter) (out List[AccessView], err error) {
	q, err := f.query(list)
	if err != nil {
		return out, err
	}
	asc, err := ascending(f.Sort)
	if err != nil {
		return out, err
	}
	shape := f
	shape.Page = Page{}
	if q.Keyset, err = s.keyset(f.Page, asc, list, appID, shape); err != nil {
		return out, err
	}
	err = s.read(ctx, list.Reads(), appID, func(tx *store.Tx, _ *latchkey.App) error {
		entries, err := tx.AccessEntries(ctx, appID, q)
		if err != nil {
			return err
		}
		views := make([]AccessView, len(entries))
		for i, e := range entries {
			views[i] = AccessView{e}
		}
		out, err = page(s, views, q.Keyset, func(v *AccessView) string { return v.ID }, list, appID, shape)
		return err
	})
	return out, err
}

// Access returns one entry of a list; blacklist.not_found or whitelist.not_found.
func (s *Service) Access(ctx context.Context, appID string, list latchkey.AccessList, id string) (view AccessView, err error) {
	err = s.read(ctx, list.Reads(), appID, func(tx *store.Tx, _ *latchkey.App) error {
		view.AccessEntry, err = tx.AccessEntry(ctx, appID, list, id)
		return err
	})
	return view, err
}

// AccessEdit is what to change of an entry; nil leaves a field.
type AccessEdit struct {
	Reason    *string
	ExpiresAt *time.Time // pointer to zero: never
}

// UpdateAccess changes why an entry is there and when it ends. Errors: those of
// [Service.Access], request.invalid.
func (s *Service) UpdateAccess(ctx context.Context, appID string, list latchkey.AccessList, id string, edit AccessEdit) (view AccessView, err error) {
	err = s.change(ctx, list.Writes(), appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		revision, err := tx.LockAccess(ctx, appID, false)
		if err != nil {
			return err
		}
		e, err := tx.AccessEntry(ctx, appID, list, id)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return AccessView{e}, nil }); err != nil {
			return err
		}
		before := accessFields(&e)
		set(&e.Reason, edit.Reason)
		if edit.ExpiresAt != nil {
			e.ExpiresAt = edit.ExpiresAt.UTC().Truncate(time.Millisecond)
			if err := e.CheckEnd(now); err != nil {
				return err
			}
		}
		if err := latchkey.CheckReason(e.Reason); err != nil {
			return err
		}
		e.UpdatedAt = now
		if err := tx.UpdateAccess(ctx, &e, revision); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, string(list)+".update", id, edited(accessDetails(&e), before, accessFields(&e)))
		view = AccessView{e}
		return made(ctx, view)
	})
	return view, err
}

// DeleteAccess takes an entry off its list. Errors: those of [Service.Access].
func (s *Service) DeleteAccess(ctx context.Context, appID string, list latchkey.AccessList, id string) error {
	return s.change(ctx, list.Writes(), appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		if _, err := tx.LockAccess(ctx, appID, true); err != nil {
			return err
		}
		e, err := tx.AccessEntry(ctx, appID, list, id)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return AccessView{e}, nil }); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, string(list)+".delete", id, accessDetails(&e))
		_, err = tx.DeleteAccess(ctx, appID, list, id)
		return err
	})
}

// SweepAccess deletes entries that have expired, in chunks, and returns how
// many. Nothing depends on it but the database's size.
func (s *Service) SweepAccess(ctx context.Context) (total int64, err error) {
	for {
		var n int64
		err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.SweepAccess(ctx, s.now(), sweepChunk)
			return err
		})
		if total += n; err != nil || n < sweepChunk {
			return total, err
		}
	}
}
