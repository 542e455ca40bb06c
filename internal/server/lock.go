package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// lockName is the file in a data folder that whoever may write there holds. It
// stays when it is free: removing it would let two hold it at once.
const lockName = "latchkey.lock"

// InUse says that another process works with the data folder. It passes by
// itself when that one ends, so the command line ends with exit code 1 and a
// service manager may try again.
type InUse struct {
	Dir string
}

func (e *InUse) Error() string {
	return fmt.Sprintf("Another Latchkey process works with the data folder %s; two would not see each other's changes. Stop that one first.", e.Dir)
}

// errLocked is what an operating system says of a file that another holds.
var errLocked = errors.New("the file is locked")

// folderLock is the hold on a data folder. The operating system lets go of it
// when the process ends, however it ends.
type folderLock struct {
	file *os.File // nil: nothing is held
}

// lock takes the data folder of an embedded database, which one process at a
// time may serve: what a server remembers is right because nobody else writes.
// Servers that share a PostgreSQL do not rely on that. The error is an [*InUse]
// if another process holds the folder.
func (c Config) lock() (folderLock, error) {
	if c.databasePath() == "" {
		return folderLock{}, nil
	}
	f, err := os.OpenFile(filepath.Join(c.DataDir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return folderLock{}, fmt.Errorf("lock data folder: %w", err)
	}
	err = lockFile(f)
	if err == nil {
		return folderLock{file: f}, nil
	}
	_ = f.Close() // it holds nothing
	if errors.Is(err, errLocked) {
		return folderLock{}, &InUse{Dir: c.DataDir}
	}
	return folderLock{}, fmt.Errorf("lock data folder: %w", err)
}

// release lets others have the folder. It may be called more than once.
func (l *folderLock) release() error {
	if l.file == nil {
		return nil
	}
	f := l.file
	l.file = nil
	return f.Close()
}
