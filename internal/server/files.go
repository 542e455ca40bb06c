package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
	"github.com/latchkey-dev/latchkey/internal/blob/s3"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/service"
)

const (
	// claimTime is how long a start waits for the bucket of files, and lookTime
	// an administrator who asks how it is.
	claimTime = time.Minute
	lookTime  = 3 * time.Second
)

// contents is a store of files that is open.
type contents interface {
	service.Files
	io.Closer
}

// openFiles opens the store of files, and a place on the local disk for copies
// that are kept a moment, which is closed with it. It asks nobody on the network.
func (c Config) openFiles(box *secretbox.Box) (files contents, scratch service.Files, err error) {
	disk := blob.Config{Now: c.Now, Rand: c.Rand, Floor: leastFree, FreeSpace: func() (uint64, error) { return freeDiskSpace(c.FilesDir) }}
	if c.S3.Bucket == "" {
		store, err := blob.Open(c.FilesDir, disk)
		return store, store, err
	}
	// In a folder of its own: what is old there is deleted, and beside it may
	// still be files of the time before the bucket.
	disk.Fleeting = true
	spool, err := blob.Open(filepath.Join(c.FilesDir, "spool"), disk)
	if err != nil {
		return nil, nil, err
	}
	settings := c.S3
	settings.Spool, settings.Installation = spool, box.Fingerprint()
	bucket, err := s3.New(settings)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open file store: %w", err), spool.Close())
	}
	return bucket, spool, nil
}

// claimFiles makes sure, before anything is served, that files can be kept.
func (c Config) claimFiles(ctx context.Context, files contents) error {
	bucket, remote := files.(*s3.Store)
	if !remote {
		return nil
	}
	if c.FileSize > s3.MaxSize {
		return fmt.Errorf("files of up to %d bytes cannot be kept in a bucket, which takes %d: lower --max-file-size", c.FileSize, int64(s3.MaxSize))
	}
	if strings.HasPrefix(c.S3.Endpoint, "http://") {
		c.Log.WarnContext(ctx, "files go to the bucket in clear; whoever is between can read them", "endpoint", c.S3.Endpoint)
	}
	ctx, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	err := bucket.Claim(ctx)
	if errors.Is(err, s3.ErrForeign) {
		return refuse(err, "Cannot start: %v.", err)
	}
	if err != nil {
		return fmt.Errorf("files cannot be kept: %w", err)
	}
	c.Log.InfoContext(ctx, "files are kept in a bucket", "store", bucket.String())
	return nil
}

// fileStore is what administrators are told of where files are kept.
func (c Config) fileStore(files contents) (kind string, look func(context.Context) error) {
	bucket, remote := files.(*s3.Store)
	if !remote {
		return "disk", nil
	}
	return "s3", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, lookTime)
		defer cancel()
		return bucket.Examine(ctx)
	}
}
