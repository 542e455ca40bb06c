package service

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// UserView is a user's card.
type UserView struct {
	latchkey.User
	Holdings []latchkey.Holding
	Devices  []latchkey.Device
}

func userView(ctx context.Context, tx *store.Tx, user latchkey.User) (view UserView, err error) {
	view.User = user
	if view.Holdings, err = tx.Holdings(ctx, user.AppID, user.ID); err != nil {
		return view, err
	}
	view.Devices, err = tx.Devices(ctx, user.AppID, user.ID)
	return view, err
}

// NewUser asks for a user made by hand.
type NewUser struct {
	Username       string
	Password       latchkey.Secret // "": set at the first sign-in, within 14 days
	Email          string
	SubscriptionID string // "": none yet
	Duration       latchkey.Duration
	HWIDAffected   bool
}

// CreateUser makes a user by hand. Errors: user.exists, user.name_too_short,
// user.password_leaked, subscription.not_found, request.invalid.
func (s *Service) CreateUser(ctx context.Context, appID string, in NewUser) (view UserView, err error) {
	if _, err := require(ctx, latchkey.PermUsersCreate); err != nil {
		return view, err
	}
	now := s.now()
	user := latchkey.User{AppID: appID, Name: in.Username, HWIDAffected: in.HWIDAffected, AuthVersion: 1, CreatedAt: now, UpdatedAt: now, CreatedBy: ActorFrom(ctx).ID}
	if err := latchkey.CheckUsername(in.Username); err != nil {
		return view, err
	}
	if in.Email != "" {
		if user.Email, err = latchkey.NormalizeEmail(in.Email); err != nil {
			return view, err
		}
	}
	if in.SubscriptionID != "" && in.Duration == (latchkey.Duration{}) {
		return view, latchkey.Invalid("duration", "Say for how long the user gets the subscription.")
	}
	leaked, err := s.setPassword(ctx, &user, in.Password, now)
	if err != nil {
		return view, err
	}
	if user.ID, err = s.newID(latchkey.KindUser, now); err != nil {
		return view, err
	}
	err = s.change(ctx, latchkey.PermUsersCreate, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		if err := app.CheckLeaked(leaked); err != nil {
			return err
		}
		if err := checkNewName(ctx, tx, app, user.Name); err != nil {
			return err
		}
		if err := tx.InsertUser(ctx, &user); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "user.create", user.ID, map[string]any{"subscription": in.SubscriptionID, "duration": in.Duration.String()})
		if in.SubscriptionID != "" {
			if err := s.prolong(ctx, tx, app, user.ID, in.SubscriptionID, in.Duration, "", now); err != nil {
				return err
			}
		}
		if view, err = userView(ctx, tx, user); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}

// setPassword puts a hash of password into user, or opens the first sign-in.
// leaked reports that the password is one that apps may refuse.
func (s *Service) setPassword(ctx context.Context, user *latchkey.User, password latchkey.Secret, now time.Time) (leaked bool, err error) {
	user.PasswordUntil = time.Time{}
	if password == "" {
		user.PasswordState, user.PasswordHash = latchkey.PasswordFirstSignIn, ""
		user.PasswordUntil = now.AddDate(0, 0, latchkey.FirstPasswordDays)
		return false, nil
	}
	if err := latchkey.CheckPassword(password, 1); err != nil {
		return false, err
	}
	if leaked, err = s.leaked.Has(password); err != nil {
		return false, err
	}
	if user.PasswordHash, err = s.passwords.Hash(ctx, password); err != nil {
		return false, fmt.Errorf("hash password: %w", err)
	}
	user.PasswordState = latchkey.PasswordSet
	return leaked, nil
}

// checkChosen refuses a password that a customer may not have in an app:
// request.invalid, user.password_leaked.
func (s *Service) checkChosen(app *latchkey.App, password latchkey.Secret) error {
	if err := latchkey.CheckPassword(password, 1); err != nil || !app.Settings.LeakedPasswordCheck {
		return err
	}
	leaked, err := s.leaked.Has(password)
	if err != nil {
		return err
	}
	return app.CheckLeaked(leaked)
}

// checkNewName refuses a name that is too short for the app, or that is one of
// the app's license keys: names are stored in clear, keys never are.
func checkNewName(ctx context.Context, tx *store.Tx, app *latchkey.App, name string) error {
	if int64(len([]rune(name))) < app.Settings.MinUsernameLength {
		return latchkey.Fail(latchkey.CodeUserNameShort)
	}
	_, err := tx.LicenseByKey(ctx, app.ID, latchkey.Secret(name))
	switch latchkey.CodeOf(err) {
	case latchkey.CodeLicenseNotFound:
		return nil
	case "":
		return latchkey.Fail(latchkey.CodeUserExists)
	}
	return err
}

// User returns one user's card; user.not_found.
func (s *Service) User(ctx context.Context, appID, id string) (view UserView, err error) {
	err = s.read(ctx, latchkey.PermUsersRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		user, err := tx.User(ctx, appID, id)
		if err != nil {
			return err
		}
		view, err = userView(ctx, tx, user)
		return err
	})
	return view, err
}

// changeUser locks a user, lets body change it, and stores and audits it.
func (s *Service) changeUser(ctx context.Context, p latchkey.Permission, appID, id, action string, details map[string]any, body func(tx *store.Tx, app *latchkey.App, user *latchkey.User, now time.Time) error) (view UserView, err error) {
	err = s.change(ctx, p, appID, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		user, err := tx.LockUser(ctx, appID, id)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return userView(ctx, tx, user) }); err != nil {
			return err
		}
		before := userFields(&user)
		if err := body(tx, app, &user, now); err != nil {
			return err
		}
		user.UpdatedAt = now
		if err := tx.UpdateUser(ctx, &user); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, action, id, edited(details, before, userFields(&user)))
		if view, err = userView(ctx, tx, user); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}

// UserEdit is what to change of a user; nil leaves a field.
type UserEdit struct {
	Username      *string          // ends the user's sessions
	Email         *string          // "" removes it
	Password      *latchkey.Secret // ends the user's sessions
	ClearPassword bool             // set at the next sign-in, within 14 days; ends the user's sessions
	HWIDAffected  *bool
	DeviceLimit   **int64 // pointer to nil: the app's
}

// UpdateUser applies an edit, all or nothing. Errors: user.not_found,
// user.exists, user.name_too_short, user.password_leaked, request.invalid.
func (s *Service) UpdateUser(ctx context.Context, appID, id string, edit UserEdit) (UserView, error) {
	if _, err := require(ctx, latchkey.PermUsersUpdate); err != nil {
		return UserView{}, err
	}
	var credentials latchkey.User // the new password, hashed before the transaction
	var leaked bool
	if edit.Password != nil && (edit.ClearPassword || *edit.Password == "") {
		return UserView{}, latchkey.Invalid("password", "Give a password, or clear it with clear_password.")
	}
	if edit.Password != nil || edit.ClearPassword {
		var password latchkey.Secret
		set(&password, edit.Password)
		var err error
		if leaked, err = s.setPassword(ctx, &credentials, password, s.now()); err != nil {
			return UserView{}, err
		}
	}
	details := map[string]any{"username": edit.Username != nil, "email": edit.Email != nil, "password": credentials.PasswordState != "",
		"hwid_affected": edit.HWIDAffected != nil, "device_limit": edit.DeviceLimit != nil}
	return s.changeUser(ctx, latchkey.PermUsersUpdate, appID, id, "user.update", details, func(tx *store.Tx, app *latchkey.App, user *latchkey.User, _ time.Time) error {
		if err := app.CheckLeaked(leaked); err != nil {
			return err
		}
		if err := editUser(ctx, tx, app, user, edit); err != nil {
			return err
		}
		if credentials.PasswordState != "" {
			user.PasswordState, user.PasswordHash, user.PasswordUntil = credentials.PasswordState, credentials.PasswordHash, credentials.PasswordUntil
			user.AuthVersion++
		}
		if credentials.PasswordState != "" || edit.Email != nil {
			return tx.EndPasswordReset(ctx, appID, id)
		}
		return nil
	})
}

func editUser(ctx context.Context, tx *store.Tx, app *latchkey.App, user *latchkey.User, edit UserEdit) (err error) {
	if edit.Username != nil && *edit.Username != user.Name {
		if err := rename(ctx, tx, app, user, *edit.Username); err != nil {
			return err
		}
	}
	if edit.Email != nil {
		if user.Email = ""; *edit.Email != "" {
			if user.Email, err = latchkey.NormalizeEmail(*edit.Email); err != nil {
				return err
			}
		}
	}
	set(&user.HWIDAffected, edit.HWIDAffected)
	if edit.DeviceLimit != nil {
		limit := *edit.DeviceLimit
		if limit != nil && (*limit < 1 || *limit > latchkey.MaxDevicesPerUser) {
			return latchkey.Invalid("device_limit", "A user has 1 to 1,000 devices, or null for the application's number.")
		}
		user.DeviceLimit = limit
	}
	return nil
}

// DeleteUser deletes a user with everything that belongs to them; user.not_found.
func (s *Service) DeleteUser(ctx context.Context, appID, id string) error {
	return s.change(ctx, latchkey.PermUsersDelete, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		user, err := tx.LockUser(ctx, appID, id)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return userView(ctx, tx, user) }); err != nil {
			return err
		}
		return deleteUser(ctx, tx, appID, id, now)
	})
}

// deleteUser ends the user's sessions first: their tokens stay dead.
func deleteUser(ctx context.Context, tx *store.Tx, appID, id string, now time.Time) error {
	if _, err := tx.LockUser(ctx, appID, id); err != nil {
		return err
	}
	if _, err := tx.EndUserSessions(ctx, appID, id, "", latchkey.EndUserDeleted, now); err != nil {
		return err
	}
	audit(ctx, tx, now, appID, "user.delete", id, nil)
	return tx.DeleteUser(ctx, appID, id)
}

// SignInRecord is one line of a user's sign-in history.
type SignInRecord = store.SignIn

// ListSignIns lists a user's sign-ins, newest first; user.not_found.
func (s *Service) ListSignIns(ctx context.Context, appID, userID string, p Page) (list List[SignInRecord], err error) {
	k, err := s.keyset(p, false, "sign-ins", appID, userID)
	if err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermUsersRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		if _, err := tx.User(ctx, appID, userID); err != nil {
			return err
		}
		items, err := tx.SignIns(ctx, appID, userID, k)
		if err != nil {
			return err
		}
		list, err = page(s, items, k, func(r *SignInRecord) string { return r.ID }, "sign-ins", appID, userID)
		return err
	})
	return list, err
}
