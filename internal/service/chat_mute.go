package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// MuteView is a mute with its user's name.
type MuteView struct {
	latchkey.Mute
	Username     string
	LicenseNamed bool // Username is a license key
}

func muteView(m *latchkey.Mute, user *latchkey.User) MuteView {
	return MuteView{Mute: *m, Username: user.Name, LicenseNamed: user.LicenseNamed}
}

// ListMutes lists the mutes that are in force, newest first: all, or that of
// the user whose whole name or license key is searched for.
func (s *Service) ListMutes(ctx context.Context, appID, search string, p Page) (list List[MuteView], err error) {
	k, err := s.keyset(p, false, "chat-mutes", appID, search)
	if err != nil {
		return list, err
	}
	if err := checkSearch(search); err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermChatsRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		user, ok, err := whose(ctx, tx, appID, "", search)
		if err != nil || !ok {
			return err
		}
		rows, err := tx.Mutes(ctx, appID, user, s.now(), k)
		if err != nil {
			return err
		}
		views := make([]MuteView, len(rows))
		for i := range rows {
			views[i] = muteView(&rows[i].Mute, &rows[i].User)
		}
		list, err = page(s, views, k, func(m *MuteView) string { return m.ID }, "chat-mutes", appID, search)
		return err
	})
	return list, err
}

// NewMute asks for a mute.
type NewMute struct {
	UserID string
	Until  time.Time
	Reason string
}

// MuteUser keeps a user from writing in any channel of the app until a moment,
// in place of an earlier mute. Errors: user.not_found, request.invalid.
func (s *Service) MuteUser(ctx context.Context, appID string, in NewMute) (view MuteView, err error) {
	err = s.change(ctx, latchkey.PermChatsWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		m := latchkey.Mute{AppID: appID, UserID: in.UserID, Until: in.Until.UTC().Truncate(time.Millisecond), Reason: in.Reason,
			CreatedAt: now, CreatedBy: ActorFrom(ctx).ID}
		if err := m.Check(now); err != nil {
			return err
		}
		user, err := tx.LockUser(ctx, appID, in.UserID)
		if err != nil {
			return err
		}
		if m.ID, err = s.newID(latchkey.KindMute, now); err != nil {
			return err
		}
		if err := tx.SetMute(ctx, &m); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "chat.mute", user.ID, map[string]any{"until": m.Until.Format(time.RFC3339), "reason": m.Reason})
		view = muteView(&m, &user)
		return made(ctx, view)
	})
	return view, err
}

// Unmute ends a mute; chat.mute_not_found.
func (s *Service) Unmute(ctx context.Context, appID, id string) error {
	return s.change(ctx, latchkey.PermChatsWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		userID, err := tx.DeleteMute(ctx, appID, id, now)
		if err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "chat.unmute", userID, nil)
		return nil
	})
}

// turnsKept is for how long it is remembered when users last spoke: no channel
// asks for a longer pause.
const turnsKept = latchkey.MaxChatDelay * time.Second

// SweepChats deletes mutes that are over and forgets turns that delay nobody
// any more, in chunks, and says how many.
func (s *Service) SweepChats(ctx context.Context) (total int64, err error) {
	for {
		var mutes, turns int64
		err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
			now := s.now()
			if mutes, err = tx.SweepMutes(ctx, now, sweepChunk); err != nil {
				return err
			}
			turns, err = tx.SweepChatTurns(ctx, now.Add(-turnsKept), sweepChunk)
			return err
		})
		total += mutes + turns
		if err != nil || mutes < sweepChunk && turns < sweepChunk {
			return total, err
		}
	}
}
