package manageapi

import (
	"context"
	"math"

	"github.com/latchkey-dev/latchkey/api"
)

func (s *surface) serverStatus(ctx context.Context, _ *struct{}) (api.ServerStatus, error) {
	st, err := s.svc.ServerStatus(ctx)
	if err != nil {
		return api.ServerStatus{}, err
	}
	return api.ServerStatus{
		Version: st.Version, StartedAt: api.At(st.Started), Database: st.Engine, DatabaseBytes: st.DatabaseBytes,
		FreeBytes: bytes64(st.FreeBytes), MemoryBytes: bytes64(st.MemoryBytes), WritesWaiting: st.WritesWaiting,
		FileStore: st.FileStore, FilesReachable: st.FilesReachable,
		Deliveries: api.DeliveryUse{Waiting: st.DeliveriesWaiting, Failed: st.DeliveriesFailed},
		Mail:       st.Mail, Locations: st.Locations, Apps: st.Apps, Accounts: st.Accounts,
		PasswordsBusy: st.PasswordsBusy, PasswordsSlots: st.PasswordSlots,
	}, nil
}

// bytes64 is 0, not measured, for what no disk holds.
func bytes64(n uint64) int64 {
	if n > math.MaxInt64 {
		return 0
	}
	return int64(n)
}
