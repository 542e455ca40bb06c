package server

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/pgtest"
)

func TestOneProcessServesAFolder(t *testing.T) {
	c := initialized(t)
	first, err := OpenData(t.Context(), c)
	must(t, err)
	if _, err := OpenData(t.Context(), c); !isInUse(err) {
		t.Errorf("a second server got %v", err)
	}
	beside, err := OpenBeside(t.Context(), c)
	must(t, err)
	must(t, beside.Close())
	if _, err := OpenData(t.Context(), c); !isInUse(err) {
		t.Errorf("after a command beside it, a second server got %v", err)
	}
	must(t, first.Close())
	open(t, c)
}

func TestABadFolderIsLeftFree(t *testing.T) {
	c := initialized(t)
	must(t, os.Chmod(c.KeyFile, 0o644))
	refused(t, c, "chmod 600")
	must(t, os.Chmod(c.KeyFile, 0o600))
	open(t, c)
}

func TestServersOnPostgresMayShareAFolder(t *testing.T) {
	c := Config{DataDir: t.TempDir(), Database: pgtest.New(t)}.withDefaults()
	first, err := OpenData(t.Context(), c)
	must(t, err)
	open(t, c)
	must(t, first.Close())
}

func isInUse(err error) bool {
	_, is := errors.AsType[*InUse](err)
	return is
}

// TestDraftsOfKilledProcessesAreRemoved: a start removes what no process can
// be writing any more, and leaves alone what one may.
func TestDraftsOfKilledProcessesAreRemoved(t *testing.T) {
	c := initialized(t)
	drafts := []string{"latchkey.db.new-1", "latchkey.db.new-1-journal", "latchkey.db.staged", "latchkey.db.staged-wal",
		"backups/before-migration-from-00001.partial-1", ".latchkey-key-old"}
	kept := []string{"latchkey.db.replaced-x", "latchkey.database", "backups/before-migration-from-00001.db",
		"backups/mine.partial-1", ".latchkey-key-new"}
	must(t, os.MkdirAll(c.backupDir(), 0o700))
	for _, name := range append(drafts, kept...) {
		must(t, os.WriteFile(filepath.Join(c.DataDir, name), []byte("x"), 0o600))
	}
	old := time.Now().Add(-2 * keyDraftAge)
	must(t, os.Chtimes(filepath.Join(c.DataDir, ".latchkey-key-old"), old, old))
	open(t, c)
	for _, name := range drafts {
		if _, err := os.Lstat(filepath.Join(c.DataDir, name)); err == nil {
			t.Errorf("%s stays", name)
		}
	}
	for _, name := range kept {
		if _, err := os.Lstat(filepath.Join(c.DataDir, name)); err != nil {
			t.Errorf("%s is gone", name)
		}
	}
}
