package store

import "context"

const (
	qMeta       = `SELECT value FROM meta WHERE name = $1`
	qMetaSet    = `INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
	qMetaInsert = `INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`
	qMetaDelete = `DELETE FROM meta WHERE name = $1 AND value = $2`
)

// Meta returns a named value of the installation and whether there is one.
func (tx *Tx) Meta(ctx context.Context, name string) (value string, found bool, err error) {
	err = tx.queryRow(ctx, qMeta, name).Scan(&value)
	if isNoRows(err) {
		return "", false, nil
	}
	return value, err == nil, wrap("read meta", err)
}

// SetMeta stores a named value, in place of an older one.
func (tx *Tx) SetMeta(ctx context.Context, name, value string) error {
	_, err := tx.exec(ctx, qMetaSet, name, value)
	return wrap("set meta", err)
}

// InsertMeta stores a named value unless there is one; of several callers
// exactly one inserts.
func (tx *Tx) InsertMeta(ctx context.Context, name, value string) (inserted bool, err error) {
	n, err := tx.exec(ctx, qMetaInsert, name, value)
	return n == 1, wrap("insert meta", err)
}

// DeleteMeta removes a named value if it is still ifValue; of several callers
// exactly one deletes.
func (tx *Tx) DeleteMeta(ctx context.Context, name, ifValue string) (deleted bool, err error) {
	n, err := tx.exec(ctx, qMetaDelete, name, ifValue)
	return n == 1, wrap("delete meta", err)
}
