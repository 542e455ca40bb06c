package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/metrics"

	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/geoip"
	"github.com/latchkey-dev/latchkey/internal/leaked"
	"github.com/latchkey-dev/latchkey/internal/password"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// metaFingerprint is where the database keeps the fingerprint of its key file.
const metaFingerprint = "key_fingerprint"

// startCheckLimit is the size in bytes up to which a database file is read
// whole at every start; doctor reads larger ones.
const startCheckLimit = 8 << 20

// Data is an opened installation: key file, migrated database, the store of
// files, and the use cases over them.
type Data struct {
	DB      *store.DB
	Files   contents
	Service *service.Service
	Geo     *geoip.DB

	egress *egress.Client
	leaked *leaked.List
	lock   folderLock
}

// OpenData opens the installation that c names, or makes it if there is none:
// the key file first and then the database, so that whatever interrupts a first
// start, the next one goes on. Data that cannot be used safely is a [*Refusal];
// a folder that another process serves from is [*InUse]. Until Close nobody else
// can open it so.
func OpenData(ctx context.Context, c Config) (*Data, error) {
	c = c.withDefaults()
	lock, err := c.enter(ctx)
	if err != nil {
		return nil, err
	}
	data, err := c.openData(ctx)
	if err != nil {
		return nil, errors.Join(err, lock.release())
	}
	data.lock = lock
	return data, nil
}

// enter makes the data folder, takes it and clears it of what was interrupted.
func (c Config) enter(ctx context.Context) (folderLock, error) {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return folderLock{}, fmt.Errorf("make data folder: %w", err)
	}
	if info, err := os.Stat(c.DataDir); err == nil && openToOthers(info.Mode()) {
		c.Log.WarnContext(ctx, "other users of this machine may look into the data folder", "path", c.DataDir)
	}
	lock, err := c.lock()
	if err != nil {
		return lock, err
	}
	if err := c.clearLeftovers(ctx); err != nil {
		return lock, errors.Join(err, lock.release())
	}
	return lock, nil
}

func (c Config) openData(ctx context.Context) (*Data, error) {
	box, err := c.unlock(ctx)
	if err != nil {
		return nil, err
	}
	db, err := c.openStore(ctx, box)
	if err != nil {
		return nil, err
	}
	data, err := c.prepare(ctx, db, box)
	if err != nil {
		_ = db.Close() // the error that stopped the start is the one to report
		return nil, err
	}
	return data, nil
}

// Close waits for accepted writes, disconnects and lets others have the folder.
// It may be called more than once.
func (d *Data) Close() error {
	return errors.Join(d.egress.Close(), d.leaked.Close(), d.Files.Close(), d.DB.Close(), d.lock.release())
}

// unlock opens the key file. A missing one is made only for a database that
// has never had one: a new key could not open what the old one sealed.
func (c Config) unlock(ctx context.Context) (*secretbox.Box, error) {
	box, err := loadKeyFile(c.KeyFile, c.Rand)
	if !errors.Is(err, fs.ErrNotExist) {
		return box, err
	}
	used, err := c.databaseHasKey(ctx)
	if err != nil {
		return nil, err
	}
	if used {
		return nil, refuse(nil, "The key file %s is missing, and the database cannot be read without it; put it or its backup there, or name its place with --key-file.", c.KeyFile)
	}
	box, err = createKeyFile(c.KeyFile, c.Rand)
	if errors.Is(err, fs.ErrExist) { // another process was faster
		return loadKeyFile(c.KeyFile, c.Rand)
	}
	if err == nil {
		c.Log.InfoContext(ctx, "key file made", "path", c.KeyFile)
	}
	return box, err
}

// databaseHasKey reports whether the database remembers a key file. It does
// not make a database.
func (c Config) databaseHasKey(ctx context.Context) (bool, error) {
	if path := c.databasePath(); path != "" {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
	}
	db, err := c.openStore(ctx, nil)
	if err != nil {
		return false, err
	}
	defer db.Close()
	fingerprint, err := storedFingerprint(ctx, db)
	return fingerprint != "", err
}

func (c Config) openStore(ctx context.Context, box *secretbox.Box) (*store.DB, error) {
	db, err := store.Open(ctx, store.Config{Database: c.Database, Path: c.databasePath(), Box: box, Log: c.Log, OnCommit: c.onCommit(), OnTransaction: c.onTransaction()})
	return db, c.explain(err)
}

// explain turns what the store says of data that it does not touch into a
// refusal that an operator can act on.
func (c Config) explain(err error) error {
	switch {
	case errors.Is(err, store.ErrUnreadable):
		return refuse(err, "The database file %s cannot be read as a Latchkey database: it is damaged, empty, cut off or another program's. It was left as it is; put a backup in its place. (%v)", c.databasePath(), err)
	case errors.Is(err, store.ErrNewerSchema):
		return refuse(err, "The database was migrated by a newer version of Latchkey; start that version, or restore a backup made before.")
	}
	return err
}

// storedFingerprint is "" for a database that has not seen a key file yet.
func storedFingerprint(ctx context.Context, db *store.DB) (fingerprint string, err error) {
	if empty, err := db.Empty(ctx); err != nil || empty {
		return "", err
	}
	err = db.Read(ctx, func(tx *store.Tx) error {
		fingerprint, _, err = tx.Meta(ctx, metaFingerprint)
		return err
	})
	return fingerprint, err
}

// prepare makes sure that the database is sound and belongs to the key file
// before it changes anything, migrates it, and builds the use cases.
func (c Config) prepare(ctx context.Context, db *store.DB, box *secretbox.Box) (*Data, error) {
	if err := c.checkSmall(ctx, db); err != nil {
		return nil, c.explain(err)
	}
	fingerprint, err := storedFingerprint(ctx, db)
	if err != nil {
		return nil, err
	}
	if err := c.compare(fingerprint, box); err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, c.backupDir()); err != nil {
		return nil, c.explain(err)
	}
	if err := c.claim(ctx, db, box); err != nil {
		return nil, err
	}
	return c.useCases(db, box)
}

// useCases puts together what a service stands on.
func (c Config) useCases(db *store.DB, box *secretbox.Box) (*Data, error) {
	geo, err := geoip.Open(c.GeoIP...)
	if err != nil {
		return nil, fmt.Errorf("open geolocation files: %w", err)
	}
	gate, err := password.NewGate(max(1, runtime.NumCPU()-1), password.DefaultParams(), c.Rand)
	if err != nil {
		return nil, fmt.Errorf("make password gate: %w", err)
	}
	files, scratch, err := c.openFiles(box)
	if err != nil {
		return nil, err
	}
	client := egress.New(egress.Config{Now: c.Now, AllowHTTP: c.EgressAllowHTTP, Ports: c.EgressPorts, Allow: c.EgressAllow, Block: c.EgressBlock})
	known, err := leaked.Open(c.LeakedPasswords)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open leaked passwords: %w", err), files.Close(), client.Close())
	}
	limits := service.Limits{LicensesPerCall: c.LicensesPerCall, FileSize: c.FileSize, FilesPerApp: c.FilesPerApp, AppStorage: c.AppStorage,
		LogLinesPerApp: c.LogLinesPerApp}
	if c.Limits.Off {
		limits.ResetsOff = true
		limits.OwnOff = true
		limits.WebhooksOff = true
		limits.LogPerMinute = -1
		limits.ChatPerMinute = -1
	}
	svc := service.New(service.Config{DB: db, Box: box, Passwords: gate, Files: files, Scratch: scratch, Egress: client, Now: c.Now, Rand: c.Rand, Log: c.Log, Geo: geo, Limits: limits,
		SessionIdle: c.SessionIdle, ResetURL: c.resetURL(), Host: c.host(files), Leaked: known})
	return &Data{DB: db, Files: files, Service: svc, Geo: geo, egress: client, leaked: known}, nil
}

// host is what administrators are shown of this process.
func (c Config) host(files contents) service.Host {
	kind, look := c.fileStore(files)
	return service.Host{Version: c.Version, Started: c.Now(), Mail: c.Mail.Host != "", Memory: heldMemory, FileStore: kind, LookAtFiles: look,
		Free: func() (uint64, error) { return freeDiskSpace(c.FilesDir) }}
}

// heldMemory is what the process has from the system and has not given back,
// without the stacks that the system alone knows of.
func heldMemory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}

func (c Config) checkSmall(ctx context.Context, db *store.DB) error {
	path := c.databasePath()
	if path == "" {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("look at database file: %w", err)
	}
	if info.Size() > startCheckLimit {
		return nil
	}
	return db.Check(ctx)
}

// compare refuses a key file that is not the database's; a database without a
// fingerprint takes any.
func (c Config) compare(fingerprint string, box *secretbox.Box) error {
	if fingerprint == "" || fingerprint == box.Fingerprint() {
		return nil
	}
	return refuse(nil, "The key file %s is not the one that this database was made with; put the right one there, or name its place with --key-file. Servers that share a database need a copy of one key file.", c.KeyFile)
}

// claim has the database remember the key file. Of two servers that start
// first at the same time with key files of their own, one is refused.
func (c Config) claim(ctx context.Context, db *store.DB, box *secretbox.Box) error {
	fingerprint, err := storedFingerprint(ctx, db)
	if err == nil && fingerprint == "" {
		err = db.Write(ctx, func(tx *store.Tx) error {
			inserted, err := tx.InsertMeta(ctx, metaFingerprint, box.Fingerprint())
			if fingerprint = box.Fingerprint(); err != nil || inserted {
				return err
			}
			fingerprint, _, err = tx.Meta(ctx, metaFingerprint)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("store key fingerprint: %w", err)
	}
	return c.compare(fingerprint, box)
}
