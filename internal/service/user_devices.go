package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Devices are unbound by the seller here, and by customers in panel_own.go. A
// customer's request for it ends with their last device, however that is
// unbound, or when it is declined.

// UnbindDevice resets one device of a user and ends the user's sessions; with
// the last one, a request for a reset is approved. Errors: user.not_found,
// device.not_found.
func (s *Service) UnbindDevice(ctx context.Context, appID, userID, deviceID string) error {
	details := map[string]any{"device": deviceID}
	_, err := s.changeUser(ctx, latchkey.PermUsersUpdate, appID, userID, "user.reset_device", details,
		func(tx *store.Tx, _ *latchkey.App, user *latchkey.User, now time.Time) error {
			delete(details, "requested")
			user.AuthVersion++
			if err := tx.DeleteDevice(ctx, appID, userID, deviceID); err != nil || user.ResetRequested.IsZero() {
				return err
			}
			left, err := tx.Devices(ctx, appID, userID)
			if err == nil && len(left) == 0 {
				user.OwnReset(now)
				details["requested"] = true
			}
			return err
		})
	return err
}

// ResetUserDevices unbinds every device of one user, who may then bind new
// ones, and ends their sessions; a request for it is approved. Error:
// user.not_found.
func (s *Service) ResetUserDevices(ctx context.Context, appID, id string) (change Change, err error) {
	err = s.change(ctx, latchkey.PermUsersUpdate, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		user, err := tx.LockUser(ctx, appID, id)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return userView(ctx, tx, user) }); err != nil {
			return err
		}
		change = Change{}
		return resetDevices(ctx, tx, &user, now, &change)
	})
	return change, err
}

// resetDevices unbinds a locked user's devices and counts the user.
func resetDevices(ctx context.Context, tx *store.Tx, user *latchkey.User, now time.Time, change *Change) error {
	change.Matched++
	n, err := tx.DeleteDevices(ctx, user.AppID, user.ID)
	asked := !user.ResetRequested.IsZero()
	if err != nil || n == 0 && !asked {
		return err
	}
	change.Changed++
	user.AuthVersion++
	user.UpdatedAt, user.ResetDeclined = now, time.Time{}
	details := map[string]any{"devices": n}
	if asked {
		user.OwnReset(now)
		details["requested"] = true
	}
	audit(ctx, tx, now, user.AppID, "user.reset_devices", user.ID, details)
	return tx.UpdateUser(ctx, user)
}

// ResetDevices unbinds every device of a selection of users, who may then bind
// new ones, and ends their sessions; their requests for it are approved. Users
// without a device count as matched, not as changed. Errors: request.invalid,
// and those of a repeated call.
func (s *Service) ResetDevices(ctx context.Context, appID string, sel UserSelection, call BulkCall) (BulkChange, error) {
	return s.actOnUsers(ctx, appID, sel, call, &userAction{
		action: "users.reset_devices", needs: latchkey.PermUsersUpdate,
		act: func(ctx context.Context, tx *store.Tx, user *latchkey.User, _ []latchkey.Holding, now time.Time) (bool, error) {
			if tx.ReadOnly() {
				devices, err := tx.Devices(ctx, appID, user.ID)
				return len(devices) > 0 || !user.ResetRequested.IsZero(), err
			}
			var change Change
			err := resetDevices(ctx, tx, user, now, &change)
			return change.Changed > 0, err
		},
	})
}

// DeclineReset turns down a user's request for a reset of their devices, which
// stay as they are. The reason is for the audit log. Errors: user.not_found,
// device.reset_not_requested, request.invalid.
func (s *Service) DeclineReset(ctx context.Context, appID, id, reason string) (UserView, error) {
	if _, err := require(ctx, latchkey.PermUsersUpdate); err != nil {
		return UserView{}, err
	}
	if err := latchkey.CheckReason(reason); err != nil {
		return UserView{}, err
	}
	return s.changeUser(ctx, latchkey.PermUsersUpdate, appID, id, "user.decline_reset", map[string]any{"reason": reason},
		func(_ *store.Tx, _ *latchkey.App, user *latchkey.User, now time.Time) error {
			return user.DeclineReset(now)
		})
}
