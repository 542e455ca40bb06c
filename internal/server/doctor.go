package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Finding is one thing that Examine looked at.
type Finding struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"` // what was found, and what to do about it
}

const (
	// leastFree is the free disk space in bytes below which a server is in
	// danger of refusing writes.
	leastFree = 512 << 20
	// clockSlack is how far an audit event may lie ahead of the clock.
	clockSlack = 5 * time.Minute
)

// Examine looks over an installation without changing it: key file, schema,
// damage, audit chains, clock, contents of files and disk. It may run beside a server. The error
// is a [*Refusal] if there is nothing that could be examined.
func Examine(ctx context.Context, c Config) ([]Finding, error) {
	c = c.withDefaults()
	if path := c.databasePath(); path != "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, refuse(err, "There is no database at %s; name its folder with --data.", path)
		}
	}
	box, keyErr := loadKeyFile(c.KeyFile, c.Rand)
	if errors.Is(keyErr, fs.ErrNotExist) {
		keyErr = refuse(keyErr, "The key file %s is missing; put it or its backup there.", c.KeyFile)
	}
	db, err := c.openStore(ctx, box)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	findings := []Finding{
		finding("key file", keyErr, "present, readable by its owner only"),
		finding("key fingerprint", c.examineFingerprint(ctx, db, box), "belongs to this database"),
		finding("schema", db.CheckSchema(ctx), "of this version"),
		finding("integrity", db.Check(ctx), "no damage found"),
		finding("audit chains", db.VerifyAudit(ctx), "unbroken"),
		finding("clock", c.examineClock(ctx, db), "plausible"),
		c.examineFiles(ctx, db, box),
		c.examineFolder(),
		c.examineDisk(),
	}
	return findings, nil
}

func finding(check string, err error, fine string) Finding {
	if err != nil {
		return Finding{Check: check, Detail: err.Error()}
	}
	return Finding{Check: check, OK: true, Detail: fine}
}

func (c Config) examineFingerprint(ctx context.Context, db *store.DB, box *secretbox.Box) error {
	if box == nil {
		return errors.New("not compared, because there is no usable key file")
	}
	fingerprint, err := storedFingerprint(ctx, db)
	if err != nil {
		return err
	}
	return c.compare(fingerprint, box)
}

// examineClock compares the clock with the newest event of the server's own
// audit chain: time that runs backwards brings expired things to life.
func (c Config) examineClock(ctx context.Context, db *store.DB) error {
	var newest []latchkey.AuditEvent
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		newest, err = tx.AuditEvents(ctx, latchkey.InstanceChain, 0, 1)
		return err
	})
	if err != nil {
		return err
	}
	if now := c.Now(); len(newest) > 0 && newest[0].At.After(now.Add(clockSlack)) {
		return fmt.Errorf("the clock says %s, but the newest audit event is of %s; set the clock", now.UTC().Format(time.RFC3339), newest[0].At.Format(time.RFC3339))
	}
	return nil
}

func (c Config) examineFolder() Finding {
	info, err := os.Stat(c.DataDir)
	if err == nil && openToOthers(info.Mode()) {
		err = fmt.Errorf("other users of this machine may look into %s (mode %04o); run: chmod 700 %s", c.DataDir, info.Mode().Perm(), c.DataDir)
	}
	return finding("data folder", err, "closed to other users")
}

func (c Config) examineDisk() Finding {
	dir, err := filepath.Abs(c.DataDir)
	if err != nil {
		return finding("disk space", err, "")
	}
	free, err := freeDiskSpace(dir)
	if err == nil && free < leastFree {
		err = fmt.Errorf("only %d MiB are free for %s", free>>20, dir)
	}
	return finding("disk space", err, fmt.Sprintf("%d MiB free", free>>20))
}
