package cli

import (
	"context"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
)

type statusCommand struct {
	remoteFlags
}

func (*statusCommand) Run(ctx context.Context, c *call) error {
	var s api.ServerStatus
	if err := c.get(ctx, "/server", nil, &s); err != nil {
		return err
	}
	t := &table{header: []string{"FIELD", "VALUE"}}
	for _, row := range [][2]string{
		{"version", s.Version}, {"started", when(s.StartedAt)},
		{"database", s.Database}, {"database size", mebibytes(s.DatabaseBytes)}, {"free disk space", mebibytes(s.FreeBytes)}, {"memory", mebibytes(s.MemoryBytes)},
		{"files", fileStore(s)},
		{"applications", strconv.FormatInt(s.Apps, 10)}, {"accounts", strconv.FormatInt(s.Accounts, 10)},
		{"writes waiting", strconv.Itoa(s.WritesWaiting)},
		{"deliveries waiting", strconv.FormatInt(s.Deliveries.Waiting, 10)}, {"deliveries given up", strconv.FormatInt(s.Deliveries.Failed, 10)},
		{"passwords under way", strconv.Itoa(s.PasswordsBusy) + " of " + strconv.Itoa(s.PasswordsSlots)},
		{"mail", strconv.FormatBool(s.Mail)}, {"locations", strconv.FormatBool(s.Locations)},
	} {
		t.add(row[0], row[1])
	}
	return c.show(s, t)
}

// fileStore says where files are kept, and whether they can be reached.
func fileStore(s api.ServerStatus) string {
	if s.FilesReachable {
		return s.FileStore
	}
	return s.FileStore + ", which cannot be reached"
}

// mebibytes writes a number of bytes for people; "" what was not measured.
func mebibytes(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n>>20, 10) + " MiB"
}
