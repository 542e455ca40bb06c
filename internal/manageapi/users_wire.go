package manageapi

import (
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func (s *surface) user(v *service.UserView) api.User {
	now := s.now()
	return api.User{
		ID: v.ID, Username: v.Name, LicenseNamed: v.LicenseNamed,
		PasswordState: string(v.PasswordState), PasswordUntil: api.At(v.PasswordUntil), Email: v.Email,
		HWIDAffected: v.HWIDAffected, DeviceLimit: v.DeviceLimit, TwoFactor: !v.TwoFactorAt.IsZero(),
		BannedAt: api.At(v.BannedAt), BanReason: v.BanReason, BannedWith: v.BannedWith,
		LicenseID: v.LicenseID, CreatedAt: api.At(v.CreatedAt), CreatedBy: v.CreatedBy,
		LastSignInAt: api.At(v.LastSignInAt), LastIP: v.LastIP, DevicesResetAt: api.At(v.DevicesReset),
		ResetRequestedAt: api.At(v.ResetRequested), ResetDeclinedAt: api.At(v.ResetDeclined), UpdatedAt: api.At(v.UpdatedAt),
		Subscriptions: each(v.Holdings, func(h *latchkey.Holding) api.Holding { return holding(h, now) }),
		Devices: each(v.Devices, func(d *latchkey.Device) api.Device {
			return api.Device{ID: d.ID, HWID: d.HWID.Reveal(), BoundAt: api.At(d.BoundAt), LastSeenAt: api.At(d.LastSeenAt)}
		}),
	}
}

func signInToken(t *service.SignInToken) api.SignInToken {
	return api.SignInToken{Username: t.Username, Token: t.Token.Reveal(), ExpiresAt: api.At(t.ExpiresAt)}
}

func holding(h *latchkey.Holding, now time.Time) api.Holding {
	out := api.Holding{
		ID: h.ID, SubscriptionID: h.SubscriptionID, Name: h.Name, Level: h.Level, Status: "active",
		Lifetime: h.IsLifetime(), ExpiresAt: api.At(h.ExpiresAt), PausedAt: api.At(h.PausedAt),
		LicenseID: h.LicenseID, LicenseKey: h.LicenseKey.Reveal(), CreatedAt: api.At(h.CreatedAt), UpdatedAt: api.At(h.UpdatedAt),
	}
	switch {
	case h.Expired(now):
		out.Status = "expired"
	case h.Paused():
		out.Status = "paused"
	}
	if !h.IsLifetime() {
		out.SecondsLeft = new(int64(h.TimeLeft(now) / time.Second))
	}
	return out
}
