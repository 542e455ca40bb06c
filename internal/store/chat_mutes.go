package store

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	muteColumns = `x.id, x.app_id, x.user_id, x.until, x.reason, x.created_at, x.created_by`

	qMuteOfUser = `SELECT ` + muteColumns + ` FROM chat_mutes x WHERE x.app_id = $1 AND x.user_id = $2 AND x.until > $3`
	qMuteForget = `DELETE FROM chat_mutes WHERE app_id = $1 AND user_id = $2`
	qMuteInsert = `INSERT INTO chat_mutes (id, app_id, user_id, until, reason, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	qMuteDelete = `DELETE FROM chat_mutes WHERE app_id = $1 AND id = $2 AND until > $3 RETURNING user_id`
	qMutesBound = `SELECT x.until FROM chat_mutes x WHERE x.until <= $1 ORDER BY x.until LIMIT 1 OFFSET $2`
	qMutesSweep = `DELETE FROM chat_mutes WHERE until <= $1`
)

func scanMute(row scanner) (m latchkey.Mute, err error) {
	var until, created int64
	err = row.Scan(&m.ID, &m.AppID, &m.UserID, &until, &m.Reason, &created, &m.CreatedBy)
	m.Until, m.CreatedAt = fromMs(until), fromMs(created)
	return m, err
}

// SetMute mutes a user, who must be locked, in place of an earlier mute.
func (tx *Tx) SetMute(ctx context.Context, m *latchkey.Mute) error {
	tx.mark(m.AppID, TopicChats)
	if _, err := tx.exec(ctx, qMuteForget, m.AppID, m.UserID); err != nil {
		return wrap("replace mute", err)
	}
	_, err := tx.exec(ctx, qMuteInsert, m.ID, m.AppID, m.UserID, ms(m.Until), m.Reason, ms(m.CreatedAt), m.CreatedBy)
	return wrap("insert mute", err)
}

// MuteOf returns the mute of a user that is in force at now; chat.mute_not_found.
func (tx *Tx) MuteOf(ctx context.Context, appID, userID string, now time.Time) (latchkey.Mute, error) {
	m, err := scanMute(tx.queryRow(ctx, qMuteOfUser, appID, userID, ms(now)))
	if isNoRows(err) {
		return m, latchkey.Fail(latchkey.CodeChatMuteNotFound)
	}
	return m, wrap("read mute", err)
}

// DeleteMute ends a mute that is in force at now, and returns whose it was;
// chat.mute_not_found.
func (tx *Tx) DeleteMute(ctx context.Context, appID, id string, now time.Time) (userID string, err error) {
	tx.mark(appID, TopicChats)
	err = tx.queryRow(ctx, qMuteDelete, appID, id, ms(now)).Scan(&userID)
	if isNoRows(err) {
		return "", latchkey.Fail(latchkey.CodeChatMuteNotFound)
	}
	return userID, wrap("delete mute", err)
}

// MuteRow is a mute with its user.
type MuteRow struct {
	latchkey.Mute
	User latchkey.User
}

// muteWhere are the mutes that are in force at now: all, or that of a user.
func muteWhere(appID, userID string, now time.Time) *where {
	w := newWhere("x.app_id = ? AND x.until > ?", appID, ms(now))
	if userID != "" {
		w.add("x.user_id = ?", userID)
	}
	return w
}

// MuteIDs returns the ids of one page of them, of ids before until alone unless
// that is "".
func (tx *Tx) MuteIDs(ctx context.Context, appID, userID string, now time.Time, until string, k Keyset) ([]string, error) {
	w := muteWhere(appID, userID, now)
	if until != "" {
		w.add("x.id < ?", until)
	}
	text, args := w.page("SELECT x.id FROM chat_mutes x", "x.id", k)
	return tx.ids(ctx, text, args...)
}

// CountMutes is how many of certain mutes are in force at now.
func (tx *Tx) CountMutes(ctx context.Context, appID string, ids []string, now time.Time) (n int64, err error) {
	w := muteWhere(appID, "", now)
	w.addIn("x.id", ids)
	err = tx.queryRow(ctx, "SELECT COUNT(*) FROM chat_mutes x WHERE "+w.text.String(), w.args...).Scan(&n)
	return n, wrap("count mutes", err)
}

// Mutes returns one page of the mutes that are in force at now: all, or that of a
// user.
func (tx *Tx) Mutes(ctx context.Context, appID, userID string, now time.Time, k Keyset) ([]MuteRow, error) {
	text, args := muteWhere(appID, userID, now).page(`SELECT `+userColumns+`, `+muteColumns+` FROM chat_mutes x
		JOIN users u ON u.app_id = x.app_id AND u.id = x.user_id`, "x.id", k)
	return collect(tx, ctx, "list mutes", text, args, func(row scanner) (r MuteRow, err error) {
		r.Mute, err = scanMute(scanFunc(func(mute ...any) error {
			r.User, err = tx.scanUser(row, mute...)
			return err
		}))
		return r, err
	})
}

// SweepMutes deletes about limit mutes that were over at now.
func (tx *Tx) SweepMutes(ctx context.Context, now time.Time, limit int) (int64, error) {
	n, err := tx.sweep(ctx, qMutesBound, qMutesSweep, now, limit)
	return n, wrap("sweep mutes", err)
}
