package service

import (
	"context"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// AppView is an app with what may be shown of its keys.
type AppView struct {
	latchkey.App
	ClientPublicKey string // hex
	CompatPublicKey string // hex
	// Those that take over at the end of a rotation's overlap; empty otherwise.
	NextClientKey, NextCompatKey latchkey.Credential
	// When those in force end; zero: they have not been replaced.
	ClientKeyEnds, CompatKeyEnds time.Time
}

func (s *Service) appView(ctx context.Context, tx *store.Tx, app *latchkey.App) (AppView, error) {
	keys, err := s.credentials(ctx, tx, app)
	if err != nil {
		return AppView{}, err
	}
	now := s.now()
	client, _ := latchkey.Current(keys.list, latchkey.CredentialClientKey, now)
	compat, _ := latchkey.Current(keys.list, latchkey.CredentialCompatKey, now)
	view := AppView{App: *app, ClientPublicKey: client.PublicKey, CompatPublicKey: compat.PublicKey, ClientKeyEnds: client.RetiresAt, CompatKeyEnds: compat.RetiresAt}
	view.NextClientKey, _ = latchkey.Successor(keys.list, latchkey.CredentialClientKey, now)
	view.NextCompatKey, _ = latchkey.Successor(keys.list, latchkey.CredentialCompatKey, now)
	return view, nil
}

// ListApps lists the apps that the actor reaches, newest first. name, unless
// empty, must match exactly.
func (s *Service) ListApps(ctx context.Context, name string, p Page) (list List[AppView], err error) {
	actor, err := require(ctx, latchkey.PermAppsRead)
	if err != nil {
		return list, err
	}
	binding := []any{"apps", actor.AccountID, actor.AppIDs, name}
	k, err := s.keyset(p, false, binding...)
	if err != nil {
		return list, err
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		apps, err := tx.Apps(ctx, store.AppQuery{AccountID: actor.AccountID, AppIDs: actor.AppIDs, Name: name, Keyset: k})
		if err != nil {
			return err
		}
		cut, err := page(s, apps, k, func(a *latchkey.App) string { return a.ID }, binding...)
		if err != nil {
			return err
		}
		list = List[AppView]{Items: make([]AppView, len(cut.Items)), Next: cut.Next}
		for i := range cut.Items {
			if list.Items[i], err = s.appView(ctx, tx, &cut.Items[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// App returns one app; app.not_found.
func (s *Service) App(ctx context.Context, appID string) (view AppView, err error) {
	err = s.read(ctx, latchkey.PermAppsRead, appID, func(tx *store.Tx, app *latchkey.App) error {
		view, err = s.appView(ctx, tx, app)
		return err
	})
	return view, err
}

// AppEdit is what to change of an app; nil leaves a field.
type AppEdit struct {
	Name                *string
	Version             *string
	DownloadURL         *string
	AcceptProtocols     *[]latchkey.Protocol
	DeviceRule          *bool
	ForceHWID           *bool
	MinHWIDLength       *int64
	DevicesPerUser      *int64
	HWIDResetCooldown   *int64
	SessionLength       *int64
	OneSessionPerUser   *bool
	MinUsernameLength   *int64
	HashCheck           *bool
	Hashes              *[]string
	ForceEncryption     *bool
	MinKeyBits          *int64
	VPNBlock            *bool
	AllowedCountries    *[]string
	TokenSystem         *bool
	LeakedPasswordCheck *bool
	HashLearn           *bool
	BanDevices          *bool
	BanIP               *bool
	IPLogging           *bool
	IPRetention         *int64
	LogRetention        *int64
	CustomerPanel       *bool
	PanelButtons        *[]latchkey.PanelButton
	DeviceResetApproval *bool
	Messages            map[latchkey.MessageKey]*string // nil value: back to the default
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// apply changes app and checks the result.
func (e *AppEdit) apply(app *latchkey.App) error {
	if e.Name != nil {
		if err := latchkey.CheckName("name", *e.Name); err != nil {
			return err
		}
	}
	st := &app.Settings
	set(&app.Name, e.Name)
	set(&st.Version, e.Version)
	set(&st.DownloadURL, e.DownloadURL)
	set(&st.AcceptProtocols, e.AcceptProtocols)
	set(&st.DeviceRule, e.DeviceRule)
	set(&st.ForceHWID, e.ForceHWID)
	set(&st.MinHWIDLength, e.MinHWIDLength)
	set(&st.DevicesPerUser, e.DevicesPerUser)
	set(&st.HWIDResetCooldown, e.HWIDResetCooldown)
	set(&st.SessionLength, e.SessionLength)
	set(&st.OneSessionPerUser, e.OneSessionPerUser)
	set(&st.MinUsernameLength, e.MinUsernameLength)
	set(&st.HashCheck, e.HashCheck)
	set(&st.Hashes, e.Hashes)
	set(&st.ForceEncryption, e.ForceEncryption)
	set(&st.MinKeyBits, e.MinKeyBits)
	set(&st.VPNBlock, e.VPNBlock)
	set(&st.AllowedCountries, e.AllowedCountries)
	set(&st.TokenSystem, e.TokenSystem)
	set(&st.LeakedPasswordCheck, e.LeakedPasswordCheck)
	set(&st.HashLearn, e.HashLearn)
	set(&st.BanDevices, e.BanDevices)
	set(&st.BanIP, e.BanIP)
	set(&st.IPLogging, e.IPLogging)
	set(&st.IPRetention, e.IPRetention)
	set(&st.LogRetention, e.LogRetention)
	set(&st.CustomerPanel, e.CustomerPanel)
	set(&st.PanelButtons, e.PanelButtons)
	set(&st.DeviceResetApproval, e.DeviceResetApproval)
	if app.Messages == nil {
		app.Messages = latchkey.Messages{}
	}
	for key, text := range e.Messages {
		if text == nil {
			delete(app.Messages, key)
			continue
		}
		app.Messages[key] = *text
	}
	if err := app.Messages.Check(); err != nil {
		return err
	}
	return st.Check()
}

// changed names the fields that an edit sets, for the audit log.
func (e *AppEdit) changed() []string {
	var names []string
	add := func(name string, set bool) {
		if set {
			names = append(names, name)
		}
	}
	add("name", e.Name != nil)
	add("version", e.Version != nil)
	add("download_url", e.DownloadURL != nil)
	add("accept_protocols", e.AcceptProtocols != nil)
	add("device_rule", e.DeviceRule != nil)
	add("force_hwid", e.ForceHWID != nil)
	add("min_hwid_length", e.MinHWIDLength != nil)
	add("devices_per_user", e.DevicesPerUser != nil)
	add("hwid_reset_cooldown", e.HWIDResetCooldown != nil)
	add("session_length", e.SessionLength != nil)
	add("one_session_per_user", e.OneSessionPerUser != nil)
	add("min_username_length", e.MinUsernameLength != nil)
	add("hash_check", e.HashCheck != nil)
	add("hashes", e.Hashes != nil)
	add("force_encryption", e.ForceEncryption != nil)
	add("min_key_bits", e.MinKeyBits != nil)
	add("vpn_block", e.VPNBlock != nil)
	add("allowed_countries", e.AllowedCountries != nil)
	add("token_system", e.TokenSystem != nil)
	add("leaked_password_check", e.LeakedPasswordCheck != nil)
	add("hash_learn", e.HashLearn != nil)
	add("ban_devices", e.BanDevices != nil)
	add("ban_ip", e.BanIP != nil)
	add("ip_logging", e.IPLogging != nil)
	add("ip_retention", e.IPRetention != nil)
	add("log_retention", e.LogRetention != nil)
	add("customer_panel", e.CustomerPanel != nil)
	add("panel_buttons", e.PanelButtons != nil)
	add("device_reset_approval", e.DeviceResetApproval != nil)
	add("messages", len(e.Messages) > 0)
	return names
}

// changeApp locks an app, lets body change it, and stores and audits it.
func (s *Service) changeApp(ctx context.Context, p latchkey.Permission, appID, action string, details map[string]any, body func(tx *store.Tx, app *latchkey.App, now time.Time) error) (view AppView, err error) {
	err = s.change(ctx, p, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		app, err := tx.LockApp(ctx, appID)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return AppView{App: app}, nil }); err != nil {
			return err
		}
		before, err := appFields(&app)
		if err != nil {
			return err
		}
		if err := body(tx, &app, now); err != nil {
			return err
		}
		app.UpdatedAt = now
		if err := tx.UpdateApp(ctx, &app); err != nil {
			return err
		}
		after, err := appFields(&app)
		if err != nil {
			return err
		}
		audit(ctx, tx, now, app.ID, action, app.ID, edited(details, before, after))
		if view, err = s.appView(ctx, tx, &app); err != nil {
			return err
		}
		return made(ctx, view)
	})
	return view, err
}

// UpdateApp applies an edit, all or nothing. Errors: request.invalid, app.exists.
func (s *Service) UpdateApp(ctx context.Context, appID string, edit AppEdit) (AppView, error) {
	return s.changeApp(ctx, latchkey.PermAppsUpdate, appID, "app.update", map[string]any{"fields": edit.changed()},
		func(_ *store.Tx, app *latchkey.App, _ time.Time) error {
			before := app.Settings
			if err := edit.apply(app); err != nil {
				return err
			}
			return s.judgesOrigin(&before, &app.Settings)
		})
}

// judgesOrigin refuses to switch on what this server cannot judge: VPNs would
// pass, and customers of every country be kept out.
func (s *Service) judgesOrigin(before, after *latchkey.Settings) error {
	knows := s.geo.Knows()
	switch {
	case after.VPNBlock && !before.VPNBlock && !knows.Anonymity:
		return latchkey.Invalid("vpn_block", "This server has no geolocation file that tells VPNs, so it could not judge them; its operator can name one with --geoip.")
	case len(after.AllowedCountries) > 0 && !slices.Equal(after.AllowedCountries, before.AllowedCountries) && !knows.Countries:
		return latchkey.Invalid("allowed_countries", "This server has no geolocation file that tells countries, so it would keep everybody out; its operator can name one with --geoip.")
	}
	return nil
}

// PauseApp shuts the app and freezes the remaining time of every
// subscription; app.paused if it is paused already.
func (s *Service) PauseApp(ctx context.Context, appID string) (AppView, error) {
	return s.changeApp(ctx, latchkey.PermAppsUpdate, appID, "app.pause", nil, func(_ *store.Tx, app *latchkey.App, now time.Time) error {
		if !app.PausedAt.IsZero() {
			return latchkey.Fail(latchkey.CodeAppPaused)
		}
		app.PausedAt = now
		return nil
	})
}

// ResumeApp opens a paused app; holders get the frozen time back. Error: app.not_paused.
func (s *Service) ResumeApp(ctx context.Context, appID string) (AppView, error) {
	return s.changeApp(ctx, latchkey.PermAppsUpdate, appID, "app.resume", nil, func(tx *store.Tx, app *latchkey.App, now time.Time) error {
		if app.PausedAt.IsZero() {
			return latchkey.Fail(latchkey.CodeAppNotPaused)
		}
		paused, err := tx.PausedSubscriptions(ctx, app.ID)
		if err != nil {
			return err
		}
		if err := tx.ResumeAppHoldings(ctx, app.ID, app.PausedAt, now, paused); err != nil {
			return err
		}
		app.PausedAt = time.Time{}
		return nil
	})
}

// DisableApp shuts the app; time runs on. Disabling twice is no error.
func (s *Service) DisableApp(ctx context.Context, appID string) (AppView, error) {
	return s.changeApp(ctx, latchkey.PermAppsUpdate, appID, "app.disable", nil, func(_ *store.Tx, app *latchkey.App, now time.Time) error {
		if app.DisabledAt.IsZero() {
			app.DisabledAt = now
		}
		return nil
	})
}

// EnableApp opens a disabled app. Enabling twice is no error.
func (s *Service) EnableApp(ctx context.Context, appID string) (AppView, error) {
	return s.changeApp(ctx, latchkey.PermAppsUpdate, appID, "app.enable", nil, func(_ *store.Tx, app *latchkey.App, _ time.Time) error {
		app.DisabledAt = time.Time{}
		return nil
	})
}

// DeleteApp deletes the app and everything in it but its audit log. confirm
// must be its exact name; app.confirmation_required.
func (s *Service) DeleteApp(ctx context.Context, appID, confirm string) error {
	var contents []string
	err := s.change(ctx, latchkey.PermAppsDelete, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		if err := s.confirmed(ctx); err != nil {
			return err
		}
		app, err := tx.LockApp(ctx, appID)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return AppView{App: app}, nil }); err != nil {
			return err
		}
		if confirm != app.Name {
			return latchkey.Fail(latchkey.CodeAppConfirmation)
		}
		audit(ctx, tx, now, app.ID, "app.delete", app.ID, map[string]any{"name": app.Name})
		if contents, err = tx.BlobsOfApp(ctx, app.ID); err != nil {
			return err
		}
		return tx.DeleteApp(ctx, app.ID)
	})
	if err == nil {
		s.dropContents(ctx, contents...)
	}
	return err
}
