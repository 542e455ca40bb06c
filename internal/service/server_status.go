package service

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/geoip"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Host is what a service is told of the process that it runs in.
type Host struct {
	Version string
	Started time.Time
	Mail    bool                   // a mail server is set up
	Free    func() (uint64, error) // disk space where files are kept, in bytes; nil: not measured
	Memory  func() uint64          // of the process, in bytes; nil: not measured

	FileStore   string                      // disk, s3; "": disk
	LookAtFiles func(context.Context) error // whether they can be reached, soon; nil: they always can
}

// ServerStatus is how the server is.
type ServerStatus struct {
	Host
	Engine            string // of the database: sqlite, postgres
	DatabaseBytes     int64
	FreeBytes         uint64 // 0: not measured
	FilesReachable    bool
	MemoryBytes       uint64
	WritesWaiting     int
	DeliveriesWaiting int64
	DeliveriesFailed  int64
	Locations         bool // a geolocation file is loaded
	Apps, Accounts    int64
	PasswordsBusy     int
	PasswordSlots     int
}

// ServerStatus tells an administrator how the server is. Errors: auth.forbidden.
func (s *Service) ServerStatus(ctx context.Context) (status ServerStatus, err error) {
	if _, err := require(ctx, latchkey.PermAdministrator); err != nil {
		return status, err
	}
	status = ServerStatus{Host: s.host, Engine: s.db.Engine(), WritesWaiting: s.db.Stats().Waiting, Locations: s.geo.Knows() != (geoip.Knowledge{})}
	status.PasswordsBusy, _, status.PasswordSlots = s.PasswordLoad()
	if s.host.Memory != nil {
		status.MemoryBytes = s.host.Memory()
	}
	if s.host.Free != nil {
		if status.FreeBytes, err = s.host.Free(); err != nil {
			return status, fmt.Errorf("measure free disk space: %w", err)
		}
	}
	status.FileStore, status.FilesReachable = cmp.Or(s.host.FileStore, "disk"), true
	if s.host.LookAtFiles != nil {
		if err := s.host.LookAtFiles(ctx); err != nil {
			s.log.WarnContext(ctx, "the store of files is not as it should be", "error", err)
			status.FilesReachable = false
		}
	}
	if status.DatabaseBytes, err = s.db.Size(ctx); err != nil {
		return status, err
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if status.Apps, status.Accounts, err = tx.HouseCounts(ctx); err != nil {
			return err
		}
		status.DeliveriesWaiting, status.DeliveriesFailed, err = tx.DeliveryCounts(ctx)
		return err
	})
	return status, err
}
