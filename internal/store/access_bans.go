package store

import "context"

const (
	qAccessBanInsert  = `INSERT INTO access_bans (app_id, user_id, entry_id) VALUES ($1, $2, $3) ON CONFLICT (app_id, user_id, entry_id) DO NOTHING`
	qAccessBansOfUser = `SELECT b.entry_id FROM access_bans b WHERE b.app_id = $1 AND b.user_id = $2 ORDER BY b.entry_id`
	qAccessBansDelete = `DELETE FROM access_bans WHERE app_id = $1 AND user_id = $2`
	// The entry stands for whoever of the banned is left.
	qAccessBanLeft = `UPDATE access_entries SET user_id = (SELECT MIN(b.user_id) FROM access_bans b WHERE b.app_id = $1 AND b.entry_id = $2)
		WHERE app_id = $1 AND id = $2 AND EXISTS (SELECT 1 FROM access_bans b WHERE b.app_id = $1 AND b.entry_id = $2)`
)

// InsertAccessBan records that an entry that bans have made stands for the ban
// of a user.
func (tx *Tx) InsertAccessBan(ctx context.Context, appID, userID, entryID string) error {
	_, err := tx.exec(ctx, qAccessBanInsert, appID, userID, entryID)
	return wrap("insert entry's ban", err)
}

// AccessOfBan returns the ids of the entries that stand for the ban of a user.
func (tx *Tx) AccessOfBan(ctx context.Context, appID, userID string) ([]string, error) {
	return tx.ids(ctx, qAccessBansOfUser, appID, userID)
}

// LiftAccessBan ends that entries stand for the ban of a user, and returns
// those that now stand for nobody's. The lists must be locked.
func (tx *Tx) LiftAccessBan(ctx context.Context, appID, userID string, entries []string) (free []string, err error) {
	if _, err := tx.exec(ctx, qAccessBansDelete, appID, userID); err != nil {
		return nil, wrap("delete entries' bans", err)
	}
	for _, id := range entries {
		left, err := tx.exec(ctx, qAccessBanLeft, appID, id)
		if err != nil {
			return nil, wrap("hand over entry", err)
		}
		if left == 0 {
			free = append(free, id)
		}
	}
	return free, nil
}
