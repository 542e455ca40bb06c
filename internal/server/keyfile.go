package server

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

// maxKeyFile bounds what is read as a key file, in bytes.
const maxKeyFile = 64 << 10

// keyDrafts is the pattern of the files under which key files are written.
const keyDrafts = ".latchkey-key-*"

// loadKeyFile opens the box of an existing key file. A missing file is
// fs.ErrNotExist; everything else that is wrong with it is a [*Refusal].
func loadKeyFile(path string, rand io.Reader) (*secretbox.Box, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, refuse(err, "The key file %s cannot be opened; make it readable by the user that runs latchkey, and by nobody else.", path)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, refuse(err, "The key file %s cannot be read.", path)
	}
	if !info.Mode().IsRegular() {
		return nil, refuse(nil, "The key file %s is not a regular file.", path)
	}
	if openToOthers(info.Mode()) {
		return nil, refuse(nil, "The key file %s may be read by other users of this machine (mode %04o); run: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	content, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, refuse(err, "The key file %s cannot be read.", path)
	}
	box, err := secretbox.New(content, rand)
	if err != nil {
		return nil, refuse(err, "The key file %s is damaged or is not a Latchkey key file; put its backup in its place.", path)
	}
	return box, nil
}

// createKeyFile makes a new key file and returns its box. The file appears
// whole or not at all: it is written and synced under another name and then
// linked, which also fails if another process was faster (fs.ErrExist).
func createKeyFile(path string, rand io.Reader) (*secretbox.Box, error) {
	content, err := secretbox.GenerateKeyFile(rand)
	if err != nil {
		return nil, fmt.Errorf("make key file: %w", err)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of key file: %w", err)
	}
	draft, err := writeDraft(dir, content)
	if err != nil {
		return nil, fmt.Errorf("write key file: %w", err)
	}
	defer os.Remove(draft)
	if err := os.Link(draft, path); err != nil {
		return nil, fmt.Errorf("place key file: %w", err)
	}
	if err := syncDir(dir); err != nil {
		return nil, fmt.Errorf("write key file: %w", err)
	}
	return secretbox.New(content, rand)
}

// openToOthers reports whether others than the owner have any access. Windows
// keeps access in lists that the mode does not show.
func openToOthers(mode fs.FileMode) bool {
	return mode.Perm()&0o077 != 0 && runtime.GOOS != "windows"
}

func writeDraft(dir string, content []byte) (name string, err error) {
	f, err := os.CreateTemp(dir, keyDrafts) // O_EXCL, mode 0600
	if err != nil {
		return "", err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			_ = os.Remove(f.Name()) // the write's error is the one to report
		}
	}()
	if _, err := f.Write(content); err != nil {
		return "", err
	}
	return f.Name(), f.Sync()
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // which cannot open folders for this
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
