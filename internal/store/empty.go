package store

import "context"

// Empty reports whether no migration has ever run: there is no table yet.
func (db *DB) Empty(ctx context.Context) (bool, error) {
	current, _, err := db.versions(ctx)
	return err == nil && current == 0, err
}
