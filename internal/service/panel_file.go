package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// maxPanelFiles bounds the list of files that a customer sees.
const maxPanelFiles = 200

// PanelFiles are the files that the seller shows on customers' pages and that
// this one may have, newest first. Of one behind a link neither size nor hash
// is known.
func (s *Service) PanelFiles(ctx context.Context, app *ClientApp, token latchkey.Secret) (list []ClientFile, err error) {
	err = s.readPanel(ctx, app, token, func(tx *store.Tx, me *own) error {
		list = nil
		holdings, err := tx.Holdings(ctx, me.app.ID, me.user.ID)
		if err != nil {
			return err
		}
		files, err := tx.PanelFiles(ctx, me.app.ID, maxPanelFiles)
		for i := range files {
			if f := &files[i]; panelReach(f, holdings, me.now) == nil {
				list = append(list, ClientFile{ID: f.ID, Name: f.Name, Size: f.Size, SHA256: f.SHA256})
			}
		}
		return err
	})
	return list, err
}

// PanelFileContent opens the content of one of these files. Errors: auth.invalid,
// file.not_found, subscription.expired, subscription.paused,
// subscription.level_too_low, file.unavailable.
func (s *Service) PanelFileContent(ctx context.Context, app *ClientApp, token latchkey.Secret, id string) (*FileContent, error) {
	content, err := s.openFile(ctx, func() (f latchkey.File, err error) {
		err = s.readPanel(ctx, app, token, func(tx *store.Tx, me *own) error {
			holdings, err := tx.Holdings(ctx, me.app.ID, me.user.ID)
			if err != nil {
				return err
			}
			if f, err = tx.File(ctx, me.app.ID, id); err != nil {
				return err
			}
			if !f.InPanel {
				return latchkey.Fail(latchkey.CodeFileNotFound)
			}
			return panelReach(&f, holdings, me.now)
		})
		return f, err
	})
	if latchkey.CodeOf(err) == latchkey.CodeFileUnavailable {
		// Why is between the seller and the address.
		err = latchkey.Fail(latchkey.CodeFileUnavailable).Because(err)
	}
	return content, err
}

// panelReach judges whether a customer may have a file: as in their programs,
// where nobody can sign in without an active subscription. Errors:
// subscription.expired, subscription.paused, subscription.level_too_low.
func panelReach(f *latchkey.File, holdings []latchkey.Holding, now time.Time) error {
	if f.NeedsSignIn || f.MinLevel > 0 {
		if err := latchkey.CheckActive(holdings, now); err != nil {
			return err
		}
	}
	if highestLevel(holdings, now) < f.MinLevel {
		return latchkey.Fail(latchkey.CodeLevelTooLow)
	}
	return nil
}

// highestLevel is that of the active holdings.
func highestLevel(holdings []latchkey.Holding, now time.Time) (level int64) {
	for i := range holdings {
		if h := &holdings[i]; h.Active(now) {
			level = max(level, h.Level)
		}
	}
	return level
}
