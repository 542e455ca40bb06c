package server

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/pgtest"
)

// initialized makes an installation and returns its configuration.
func initialized(t *testing.T) Config {
	t.Helper()
	c := Config{DataDir: filepath.Join(t.TempDir(), "data")}.withDefaults()
	open(t, c)
	return c
}

// open opens an installation, which must work, and closes it.
func open(t *testing.T, c Config) {
	t.Helper()
	data, err := OpenData(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := data.Close(); err != nil {
		t.Fatal(err)
	}
}

// refused checks that an installation is refused, with a sentence that says why.
func refused(t *testing.T, c Config, why string) {
	t.Helper()
	_, err := OpenData(t.Context(), c)
	var refusal *Refusal
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Message, why) {
		t.Fatalf("got %v, want a refusal that says %q", err, why)
	}
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestFirstStartMakesEverythingForItsOwnerOnly(t *testing.T) {
	c := initialized(t)
	if got := mode(t, c.DataDir); got != 0o700 {
		t.Errorf("data folder has mode %04o", got)
	}
	if got := mode(t, c.KeyFile); got != 0o600 {
		t.Errorf("key file has mode %04o", got)
	}
	if got := mode(t, c.databasePath()); got&0o077 != 0 {
		t.Errorf("database has mode %04o", got)
	}
	drafts, err := filepath.Glob(filepath.Join(c.DataDir, ".latchkey-key-*"))
	if err != nil || len(drafts) != 0 {
		t.Errorf("drafts are left: %v %v", drafts, err)
	}
	open(t, c)
}

func TestKeyFileRules(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(t *testing.T, c Config)
		why   string
	}{
		"a missing key file is not replaced": {
			func(t *testing.T, c Config) { must(t, os.Remove(c.KeyFile)) }, "is missing"},
		"a key file that the group may read is refused": {
			func(t *testing.T, c Config) { must(t, os.Chmod(c.KeyFile, 0o640)) }, "chmod 600"},
		"a key file that others may write is refused": {
			func(t *testing.T, c Config) { must(t, os.Chmod(c.KeyFile, 0o602)) }, "chmod 600"},
		"another installation's key file is refused": {
			func(t *testing.T, c Config) {
				must(t, os.Remove(c.KeyFile))
				_, err := createKeyFile(c.KeyFile, rand.Reader)
				must(t, err)
			}, "not the one that this database was made with"},
		"a cut key file is refused": {
			func(t *testing.T, c Config) { must(t, os.Truncate(c.KeyFile, 100)) }, "damaged"},
		"an empty key file is refused": {
			func(t *testing.T, c Config) { must(t, os.Truncate(c.KeyFile, 0)) }, "damaged"},
		"a folder in its place is refused": {
			func(t *testing.T, c Config) {
				must(t, os.Remove(c.KeyFile))
				must(t, os.Mkdir(c.KeyFile, 0o700))
			}, "not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			c := initialized(t)
			test.spoil(t, c)
			before := listing(t, c.DataDir)
			refused(t, c, test.why)
			if after := listing(t, c.DataDir); after != before {
				t.Errorf("the folder changed from %s to %s", before, after)
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// listing is the folder's files, without what SQLite keeps while it runs.
func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var names []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "-wal") && !strings.HasSuffix(e.Name(), "-shm") {
			names = append(names, e.Name())
		}
	}
	return strings.Join(names, " ")
}

func TestAnInterruptedFirstStartGoesOn(t *testing.T) {
	for name, interrupt := range map[string]func(t *testing.T, c Config){
		"before the key file was in its place": func(t *testing.T, c Config) {
			must(t, os.WriteFile(filepath.Join(c.DataDir, ".latchkey-key-1"), []byte("{"), 0o600))
		},
		"before the database": func(t *testing.T, c Config) {
			_, err := createKeyFile(c.KeyFile, rand.Reader)
			must(t, err)
		},
		"before the tables": func(t *testing.T, c Config) {
			box, err := createKeyFile(c.KeyFile, rand.Reader)
			must(t, err)
			db, err := c.openStore(t.Context(), box)
			must(t, err)
			must(t, db.Close())
		},
		"before the database knew its key file": func(t *testing.T, c Config) {
			box, err := createKeyFile(c.KeyFile, rand.Reader)
			must(t, err)
			db, err := c.openStore(t.Context(), box)
			must(t, err)
			must(t, db.Migrate(t.Context(), c.backupDir()))
			must(t, db.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := Config{DataDir: t.TempDir()}.withDefaults()
			interrupt(t, c)
			open(t, c)
			open(t, c)
		})
	}
}

func TestOneKeyFileIsMadeByManyProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latchkey.key")
	made := make(chan error)
	const processes = 8
	for range processes {
		go func() {
			_, err := createKeyFile(path, rand.Reader)
			made <- err
		}()
	}
	winners := 0
	for range processes {
		err := <-made
		if err == nil {
			winners++
		} else if !errors.Is(err, fs.ErrExist) {
			t.Error(err)
		}
	}
	if winners != 1 {
		t.Errorf("%d made the key file", winners)
	}
	if _, err := loadKeyFile(path, rand.Reader); err != nil {
		t.Error(err)
	}
}

func TestServersOnOnePostgresShareAKeyFile(t *testing.T) {
	url := pgtest.New(t)
	first := Config{DataDir: t.TempDir(), Database: url}.withDefaults()
	open(t, first)

	second := Config{DataDir: t.TempDir(), Database: url}.withDefaults()
	refused(t, second, "is missing")
	if _, err := os.Stat(second.KeyFile); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key file was made: %v", err)
	}
	_, err := createKeyFile(second.KeyFile, rand.Reader)
	must(t, err)
	refused(t, second, "not the one that this database was made with")

	second.KeyFile = first.KeyFile
	open(t, second)
}
