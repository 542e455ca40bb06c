package service

import (
	"context"
	"strconv"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// ListAuditEvents lists an app's audit log or, with appID "", the server's own,
// which only administrators may read, newest first.
func (s *Service) ListAuditEvents(ctx context.Context, appID string, p Page) (list List[latchkey.AuditEvent], err error) {
	chain := appID
	if appID == "" {
		chain = latchkey.InstanceChain
		if _, err := require(ctx, latchkey.PermAdministrator); err != nil {
			return list, err
		}
	}
	k, err := s.keyset(p, false, "audit", chain)
	if err != nil {
		return list, err
	}
	var before int64
	if k.After != "" {
		if before, err = strconv.ParseInt(k.After, 10, 64); err != nil {
			return list, latchkey.Fail(latchkey.CodeCursorInvalid)
		}
	}
	read := func(tx *store.Tx) error {
		events, err := tx.AuditEvents(ctx, chain, before, k.Limit)
		if err != nil {
			return err
		}
		list, err = page(s, events, k, func(e *latchkey.AuditEvent) string { return strconv.FormatInt(e.Seq, 10) }, "audit", chain)
		return err
	}
	if appID == "" {
		return list, s.db.Read(ctx, read)
	}
	err = s.read(ctx, latchkey.PermAuditRead, appID, func(tx *store.Tx, _ *latchkey.App) error { return read(tx) })
	return list, err
}
