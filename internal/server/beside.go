package server

import (
	"context"
	"errors"
	"io/fs"

	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// OpenBeside opens an installation also while a server serves it, for what that
// server cannot have remembered: its first account. Where nobody serves it, it
// is [OpenData]. A database that would have to be migrated under a running
// server is [*InUse].
func OpenBeside(ctx context.Context, c Config) (*Data, error) {
	c = c.withDefaults()
	data, err := OpenData(ctx, c)
	if _, served := errors.AsType[*InUse](err); !served {
		return data, err
	}
	box, keyErr := loadKeyFile(c.KeyFile, c.Rand)
	if errors.Is(keyErr, fs.ErrNotExist) {
		return nil, err // the other process has only just begun
	}
	if keyErr != nil {
		return nil, keyErr
	}
	db, err := c.openStore(ctx, box)
	if err != nil {
		return nil, err
	}
	if data, err = c.beside(ctx, db, box); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return data, nil
}

func (c Config) beside(ctx context.Context, db *store.DB, box *secretbox.Box) (*Data, error) {
	switch err := db.CheckSchema(ctx); {
	case errors.Is(err, store.ErrOldSchema):
		return nil, &InUse{Dir: c.DataDir}
	case err != nil:
		return nil, c.explain(err)
	}
	if err := c.examineFingerprint(ctx, db, box); err != nil {
		return nil, err
	}
	return c.useCases(db, box)
}
