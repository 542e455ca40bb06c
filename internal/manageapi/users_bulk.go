package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func userSelection(sel api.UserSelection) service.UserSelection {
	to := service.UserSelection{IDs: sel.IDs, All: sel.All, Active: sel.Active, Expired: sel.Expired}
	if f := sel.Filter; f != nil {
		to.Filter = &service.UserFilter{Search: f.Search, Banned: f.Banned, SubscriptionID: f.SubscriptionID, ResetRequested: f.ResetRequested, Time: latchkey.UserTime(f.Time), ExpiresAfter: f.ExpiresAfter.Time, ExpiresBefore: f.ExpiresBefore.Time}
	}
	return to
}

func userCounts(c *service.AppStats) api.UserCounts {
	return api.UserCounts{Total: c.Users, Banned: c.UsersBanned}
}

func usersChanged(c *service.BulkChange) any {
	return api.UsersChanged{Change: change(c.Change), Skipped: skipped(c), Before: userCounts(&c.Before), After: userCounts(&c.After), DryRun: c.DryRun}
}

func (s *surface) bulkUsers(in *BulkInput, dryRun bool, do func(ctx context.Context, call service.BulkCall) (service.BulkChange, error)) writer {
	return s.bulk(in, service.BulkCall{DryRun: dryRun, Repeat: in.Repeat}, do, usersChanged)
}

type changeTimeInput struct {
	BulkInput
	Body api.ChangeTime
}

func (s *surface) changeTime(_ context.Context, in *changeTimeInput) (writer, error) {
	d, err := latchkey.ParseDuration(in.Body.Duration)
	if err != nil {
		return nil, err
	}
	return s.bulkUsers(&in.BulkInput, in.Body.DryRun, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.ChangeTime(ctx, in.App, userSelection(in.Body.UserSelection),
			service.TimeChange{SubscriptionID: in.Body.SubscriptionID, Duration: d, Subtract: in.Body.Subtract}, call)
	}), nil
}

type userSelectionInput struct {
	BulkInput
	Body api.UserSelection
}

func (s *surface) deleteUsers(_ context.Context, in *userSelectionInput) (writer, error) {
	return s.bulkUsers(&in.BulkInput, in.Body.DryRun, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.DeleteUsers(ctx, in.App, userSelection(in.Body), call)
	}), nil
}

func (s *surface) resetDevices(_ context.Context, in *userSelectionInput) (writer, error) {
	return s.bulkUsers(&in.BulkInput, in.Body.DryRun, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.ResetDevices(ctx, in.App, userSelection(in.Body), call)
	}), nil
}

type banUsersInput struct {
	BulkInput
	Body api.BanUsers
}

func (s *surface) banUsers(_ context.Context, in *banUsersInput) (writer, error) {
	return s.bulkUsers(&in.BulkInput, in.Body.DryRun, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.BanUsers(ctx, in.App, userSelection(in.Body.UserSelection), userBan(&in.Body.BanUser), call)
	}), nil
}

func (s *surface) unbanUsers(_ context.Context, in *userSelectionInput) (writer, error) {
	return s.bulkUsers(&in.BulkInput, in.Body.DryRun, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.UnbanUsers(ctx, in.App, userSelection(in.Body), call)
	}), nil
}
