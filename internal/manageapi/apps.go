package manageapi

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func app(v *service.AppView) api.App {
	return api.App{
		ID: v.ID, Name: v.Name, OwnerID: v.OwnerID, Version: v.Settings.Version,
		ClientPublicKey: v.ClientPublicKey, CompatPublicKey: v.CompatPublicKey,
		NextClientKey: nextKey(&v.NextClientKey, v.ClientKeyEnds), NextCompatKey: nextKey(&v.NextCompatKey, v.CompatKeyEnds),
		Settings: settings(&v.Settings), Messages: messages(v.Messages),
		PausedAt: api.At(v.PausedAt), DisabledAt: api.At(v.DisabledAt),
		CreatedAt: api.At(v.CreatedAt), UpdatedAt: api.At(v.UpdatedAt),
	}
}

func nextKey(c *latchkey.Credential, oldUntil time.Time) *api.NextKey {
	if c.ID == "" {
		return nil
	}
	return &api.NextKey{PublicKey: c.PublicKey, ActiveFrom: api.At(c.ActiveFrom), OldUntil: api.At(oldUntil)}
}

func settings(s *latchkey.Settings) api.Settings {
	return api.Settings{
		Version: s.Version, DownloadURL: s.DownloadURL, AcceptProtocols: texts(s.AcceptProtocols),
		DeviceRule: s.DeviceRule, ForceHWID: s.ForceHWID, MinHWIDLength: s.MinHWIDLength,
		DevicesPerUser: s.DevicesPerUser, HWIDResetCooldown: s.HWIDResetCooldown, DeviceResetApproval: s.DeviceResetApproval,
		SessionLength: s.SessionLength, OneSessionPerUser: s.OneSessionPerUser,
		MinUsernameLength: s.MinUsernameLength, HashCheck: s.HashCheck, Hashes: texts(s.Hashes),
		ForceEncryption: s.ForceEncryption, MinKeyBits: s.MinKeyBits,
		VPNBlock:            s.VPNBlock,
		AllowedCountries:    texts(s.AllowedCountries),
		TokenSystem:         s.TokenSystem,
		LeakedPasswordCheck: s.LeakedPasswordCheck,
		HashLearn:           s.HashLearn,
		BanDevices:          s.BanDevices,
		BanIP:               s.BanIP,
		IPLogging:           s.IPLogging,
		IPRetention:         s.IPRetention,
		LogRetention:        s.LogRetention,
		CustomerPanel:       s.CustomerPanel,
		PanelButtons:        panelButtons(s.PanelButtons),
	}
}

func panelButtons(list []latchkey.PanelButton) []api.PanelButton {
	out := []api.PanelButton{}
	for _, b := range list {
		out = append(out, api.PanelButton(b))
	}
	return out
}

func messages(m latchkey.Messages) map[string]string {
	out := make(map[string]string, len(m))
	for key, text := range m {
		out[string(key)] = text
	}
	return out
}

type listAppsInput struct {
	Name string `query:"name" maxLength:"70" doc:"Only the application of exactly this name."`
	PageQuery
}

func (s *surface) listApps(ctx context.Context, in *listAppsInput) (api.AppList, error) {
	list, err := s.svc.ListApps(ctx, in.Name, in.page())
	return api.AppList{Apps: each(list.Items, app), Next: list.Next}, err
}

type createAppInput struct {
	Body api.CreateApp
}

func (s *surface) createApp(ctx context.Context, in *createAppInput) (service.CreatedApp, error) {
	view, secrets, err := s.svc.CreateApp(ctx, in.Body.Name)
	return service.CreatedApp{App: view, Secrets: secrets}, err
}

type cloneAppInput struct {
	AppPath
	Body api.CreateApp
}

func (s *surface) cloneApp(ctx context.Context, in *cloneAppInput) (service.CreatedApp, error) {
	view, secrets, err := s.svc.CloneApp(ctx, in.App, in.Body.Name)
	return service.CreatedApp{App: view, Secrets: secrets}, err
}

func appCreated(c *service.CreatedApp) api.AppCreated {
	return api.AppCreated{App: app(&c.App), Secret: c.Secrets.Secret.Reveal(), SellerKey: c.Secrets.SellerKey.Reveal()}
}

func (s *surface) getApp(ctx context.Context, in *AppPath) (service.AppView, error) {
	return s.svc.App(ctx, in.App)
}

func (s *surface) appStats(ctx context.Context, in *AppPath) (service.AppNumbers, error) {
	return s.svc.AppStats(ctx, in.App)
}

func appStats(n *service.AppNumbers) api.AppStats {
	return api.AppStats{Licenses: licenseCounts(n.Licenses), Users: api.UserCounts{Total: n.Users, Banned: n.UsersBanned}, ResetRequests: n.ResetRequests, Online: n.Online}
}

type updateAppInput struct {
	AppPath
	Body api.UpdateApp
}

func (s *surface) updateApp(ctx context.Context, in *updateAppInput) (service.AppView, error) {
	return s.svc.UpdateApp(ctx, in.App, appEdit(&in.Body))
}

func appEdit(u *api.UpdateApp) service.AppEdit {
	edit := service.AppEdit{Name: u.Name}
	if len(u.Messages) > 0 {
		edit.Messages = make(map[latchkey.MessageKey]*string, len(u.Messages))
		for key, text := range u.Messages {
			edit.Messages[latchkey.MessageKey(key)] = text.Value
		}
	}
	if set := u.Settings; set != nil {
		edit.Version, edit.DownloadURL, edit.Hashes = set.Version, set.DownloadURL, set.Hashes
		edit.DeviceRule, edit.ForceHWID, edit.MinHWIDLength = set.DeviceRule, set.ForceHWID, set.MinHWIDLength
		edit.DevicesPerUser, edit.HWIDResetCooldown = set.DevicesPerUser, set.HWIDResetCooldown
		edit.SessionLength, edit.OneSessionPerUser = set.SessionLength, set.OneSessionPerUser
		edit.MinUsernameLength, edit.HashCheck = set.MinUsernameLength, set.HashCheck
		edit.ForceEncryption, edit.MinKeyBits = set.ForceEncryption, set.MinKeyBits
		edit.VPNBlock = set.VPNBlock
		edit.AllowedCountries = set.AllowedCountries
		edit.TokenSystem = set.TokenSystem
		edit.LeakedPasswordCheck = set.LeakedPasswordCheck
		edit.HashLearn = set.HashLearn
		edit.BanDevices = set.BanDevices
		edit.BanIP = set.BanIP
		edit.IPLogging = set.IPLogging
		edit.IPRetention = set.IPRetention
		edit.LogRetention = set.LogRetention
		edit.CustomerPanel, edit.DeviceResetApproval = set.CustomerPanel, set.DeviceResetApproval
		if set.PanelButtons != nil {
			list := []latchkey.PanelButton{}
			for _, b := range *set.PanelButtons {
				list = append(list, latchkey.PanelButton(b))
			}
			edit.PanelButtons = &list
		}
		if set.AcceptProtocols != nil {
			edit.AcceptProtocols = new(named[latchkey.Protocol](*set.AcceptProtocols))
		}
	}
	return edit
}

type deleteAppInput struct {
	AppPath
	Confirm string `query:"confirm" maxLength:"70" doc:"The application's exact name."`
}

func (s *surface) deleteApp(ctx context.Context, in *deleteAppInput) error {
	return s.svc.DeleteApp(ctx, in.App, in.Confirm)
}

func (s *surface) pauseApp(ctx context.Context, in *AppPath) (service.AppView, error) {
	return s.svc.PauseApp(ctx, in.App)
}

func (s *surface) resumeApp(ctx context.Context, in *AppPath) (service.AppView, error) {
	return s.svc.ResumeApp(ctx, in.App)
}

func (s *surface) disableApp(ctx context.Context, in *AppPath) (service.AppView, error) {
	return s.svc.DisableApp(ctx, in.App)
}

func (s *surface) enableApp(ctx context.Context, in *AppPath) (service.AppView, error) {
	return s.svc.EnableApp(ctx, in.App)
}
