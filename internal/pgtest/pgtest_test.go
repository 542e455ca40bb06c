package pgtest

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

func TestNew(t *testing.T) {
	a, b := New(t), New(t)
	if a == b {
		t.Fatalf("two calls gave the same database %s", a)
	}
	if !strings.HasPrefix(a, "postgres://") {
		t.Errorf("%s is not a PostgreSQL URL", a)
	}
}

func TestStop(t *testing.T) {
	dir, err := os.MkdirTemp("", "pgtest-")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Start(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Halt(); err != nil {
		t.Fatal(err)
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Stop the folder is still there (%v)", err)
	}
}

func TestStartRefusesAPathTooLongForASocket(t *testing.T) {
	if _, err := Start("/" + strings.Repeat("x", maxSocketDir)); err == nil {
		t.Error("Start accepted it")
	}
}

func TestMissingBinaries(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	dir, err := findBinaries()
	switch {
	case err != nil && !strings.Contains(err.Error(), "apt-get install postgresql"):
		t.Errorf("the error does not say what to install: %v", err)
	case err == nil && !strings.HasPrefix(dir, "/usr/lib/postgresql/"):
		t.Errorf("found %s without a PATH", dir)
	}
}
