package store

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	qSuccessionInsert = `INSERT INTO successions (app_id, made_at, key_id, public_key, signature) VALUES ($1, $2, $3, $4, $5)`
	qSuccessions      = `SELECT made_at, key_id, public_key, signature FROM successions WHERE app_id = $1 ORDER BY made_at, public_key`
	// Keeps the newest $2.
	qSuccessionsOld = `DELETE FROM successions WHERE app_id = $1 AND made_at <=
		(SELECT s.made_at FROM successions s WHERE s.app_id = $1 ORDER BY s.made_at DESC, s.public_key DESC LIMIT 1 OFFSET $2)`
	qSuccessionsDelete = `DELETE FROM successions WHERE app_id = $1`
)

// InsertSuccession stores a statement and drops the oldest ones of the app
// beyond [latchkey.MaxSuccessions]. The app must be locked.
func (tx *Tx) InsertSuccession(ctx context.Context, s *latchkey.Succession) error {
	tx.touch(stampApp, s.AppID)
	if _, err := tx.exec(ctx, qSuccessionInsert, s.AppID, ms(s.From), s.KeyID, s.PublicKey, s.Signature); err != nil {
		return wrap("insert succession", err)
	}
	_, err := tx.exec(ctx, qSuccessionsOld, s.AppID, latchkey.MaxSuccessions)
	return wrap("delete old successions", err)
}

// Successions returns the statements of an app, oldest first.
func (tx *Tx) Successions(ctx context.Context, appID string) ([]latchkey.Succession, error) {
	return collect(tx, ctx, "list successions", qSuccessions, []any{appID}, func(row scanner) (s latchkey.Succession, err error) {
		var from int64
		err = row.Scan(&from, &s.KeyID, &s.PublicKey, &s.Signature)
		s.AppID, s.From = appID, fromMs(from)
		return s, err
	})
}

// DeleteSuccessions deletes every statement of an app. The app must be locked.
func (tx *Tx) DeleteSuccessions(ctx context.Context, appID string) error {
	tx.touch(stampApp, appID)
	_, err := tx.exec(ctx, qSuccessionsDelete, appID)
	return wrap("delete successions", err)
}
