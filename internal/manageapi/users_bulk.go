package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func userSelection(sel api.UserSelection) service.UserSelection {
	return service.UserSelection{IDs: sel.IDs, All: sel.All, Active: sel.Active, Expired: sel.Expired}
}

type changeTimeInput struct {
	AppPath
	Body api.ChangeTime
}

func (s *surface) changeTime(ctx context.Context, in *changeTimeInput) (api.Change, error) {
	d, err := latchkey.ParseDuration(in.Body.Duration)
	if err != nil {
		return api.Change{}, err
	}
	c, err := s.svc.ChangeTime(ctx, in.App, userSelection(in.Body.UserSelection),
		service.TimeChange{SubscriptionID: in.Body.SubscriptionID, Duration: d, Subtract: in.Body.Subtract})
	return change(c), err
}

type userSelectionInput struct {
	AppPath
	Body api.UserSelection
}

func (s *surface) deleteUsers(ctx context.Context, in *userSelectionInput) (api.Change, error) {
	c, err := s.svc.DeleteUsers(ctx, in.App, userSelection(in.Body))
	return change(c), err
}

func (s *surface) resetDevices(ctx context.Context, in *userSelectionInput) (api.Change, error) {
	c, err := s.svc.ResetDevices(ctx, in.App, userSelection(in.Body))
	return change(c), err
}
