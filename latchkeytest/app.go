package latchkeytest

import (
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	sdk "github.com/latchkey-dev/latchkey/sdk/go"
)

// App is an application of a [Server]. Its fields are those that a program has
// built in; keys are the ones that it was made with.
type App struct {
	ID              string
	PublicKey       string // of the native protocol, 64 hex digits
	OwnerID         string // of the compatible protocols, and what follows
	Name            string
	Secret          string
	CompatPublicKey string // 1.3

	server *Server
}

// Config is what a program gives to the SDK.
func (a *App) Config() sdk.Config {
	return sdk.Config{BaseURL: a.server.URL, AppID: a.ID, PublicKeys: []string{a.PublicKey}, Version: latchkey.DefaultVersion}
}

// License makes a license of level 1, which the subscription "default" has.
// Durations are such as "30d", "12h" or "lifetime".
func (a *App) License(duration string) (key string) { return a.LicenseOfLevel(1, duration) }

// LicenseOfLevel makes a license of a level.
func (a *App) LicenseOfLevel(level int64, duration string) (key string) {
	made, err := a.server.svc.CreateLicenses(a.server.owner, a.ID, service.NewLicenses{Amount: 1, Level: level, Duration: a.length(duration),
		Charset: latchkey.Charset{Lowercase: true, Uppercase: true}})
	a.server.must(err)
	return made[0].Key.Reveal()
}

func (a *App) length(text string) latchkey.Duration {
	d, err := latchkey.ParseDuration(text)
	a.server.must(err)
	return d
}

// User makes a user who holds the subscription "default" for a duration.
func (a *App) User(name, password, duration string) {
	_, err := a.server.svc.CreateUser(a.server.owner, a.ID, service.NewUser{Username: name, Password: latchkey.Secret(password),
		SubscriptionID: a.subscription(latchkey.DefaultSubscription), Duration: a.length(duration), HWIDAffected: true})
	a.server.must(err)
}

// Subscription makes a tier. Licenses of its level give it.
func (a *App) Subscription(name string, level int64) {
	_, err := a.server.svc.CreateSubscription(a.server.owner, a.ID, name, level)
	a.server.must(err)
}

func (a *App) subscription(name string) (id string) {
	list, err := a.server.svc.ListSubscriptions(a.server.owner, a.ID, service.Page{Limit: service.MaxLimit})
	a.server.must(err)
	for _, s := range list.Items {
		if s.Name == name {
			return s.ID
		}
	}
	a.server.fail(fmt.Errorf("there is no subscription %q", name))
	return ""
}

// user finds a user by their name, or by the license that they were made by.
func (a *App) user(name string) (id string) {
	list, err := a.server.svc.ListUsers(a.server.owner, a.ID, service.UserFilter{Search: name})
	a.server.must(err)
	for _, u := range list.Items {
		if u.Name == name {
			return u.ID
		}
	}
	a.server.fail(fmt.Errorf("there is no user %q", name))
	return ""
}

// BanUser bans a user, named as they sign in: by name or by license.
func (a *App) BanUser(name, reason string) {
	_, err := a.server.svc.BanUser(a.server.owner, a.ID, a.user(name), service.UserBan{Reason: reason})
	a.server.must(err)
}

// UnbanUser lifts a user's ban.
func (a *App) UnbanUser(name string) {
	_, err := a.server.svc.UnbanUser(a.server.owner, a.ID, a.user(name))
	a.server.must(err)
}

// BanLicense bans a license, and the user who was made by it.
func (a *App) BanLicense(key, reason string) {
	_, err := a.server.svc.BanLicense(a.server.owner, a.ID, a.license(key), reason, true)
	a.server.must(err)
}

func (a *App) license(key string) (id string) {
	list, err := a.server.svc.ListLicenses(a.server.owner, a.ID, service.LicenseFilter{Search: key})
	a.server.must(err)
	if len(list.Items) != 1 {
		a.server.fail(fmt.Errorf("there are %d licenses %q", len(list.Items), key))
	}
	return list.Items[0].ID
}

// ResetDevices lets a user sign in from another computer.
func (a *App) ResetDevices(name string) {
	_, err := a.server.svc.ResetUserDevices(a.server.owner, a.ID, a.user(name))
	a.server.must(err)
}

// Extend gives a user more time of the subscription "default".
func (a *App) Extend(name, duration string) {
	_, err := a.server.svc.AddUserSubscription(a.server.owner, a.ID, a.user(name), a.subscription(latchkey.DefaultSubscription), a.length(duration))
	a.server.must(err)
}

// KillSessions signs everybody out.
func (a *App) KillSessions() {
	_, err := a.server.svc.KillSessions(a.server.owner, a.ID, "")
	a.server.must(err)
}

// Pause stops the application, and its customers' time with it.
func (a *App) Pause() { a.do(a.server.svc.PauseApp(a.server.owner, a.ID)) }

// Resume ends a pause.
func (a *App) Resume() { a.do(a.server.svc.ResumeApp(a.server.owner, a.ID)) }

// Disable switches the application off.
func (a *App) Disable() { a.do(a.server.svc.DisableApp(a.server.owner, a.ID)) }

// Enable switches it on again.
func (a *App) Enable() { a.do(a.server.svc.EnableApp(a.server.owner, a.ID)) }

// SetVersion makes another version the current one; download is where it is.
func (a *App) SetVersion(version, download string) {
	a.do(a.server.svc.UpdateApp(a.server.owner, a.ID, service.AppEdit{Version: &version, DownloadURL: &download}))
}

// RequireTokens has programs come with a token, which Config has, and with the
// hash of their file, to which its first use binds it.
func (a *App) RequireTokens() {
	on := true
	a.do(a.server.svc.UpdateApp(a.server.owner, a.ID, service.AppEdit{TokenSystem: &on}))
}

// Token makes the token of a license.
func (a *App) Token(licenseKey string) string {
	made, err := a.server.svc.CreateToken(a.server.owner, a.ID, "", a.license(licenseKey))
	a.server.must(err)
	return made.Value.Reveal()
}

// SetMessage gives one of the messages that customers see another text.
func (a *App) SetMessage(key, text string) {
	a.do(a.server.svc.UpdateApp(a.server.owner, a.ID, service.AppEdit{Messages: map[latchkey.MessageKey]*string{latchkey.MessageKey(key): &text}}))
}

// AcceptEveryProtocol switches the compatible protocols on that a new
// application does not answer to.
func (a *App) AcceptEveryProtocol() {
	all := latchkey.Protocols()
	a.do(a.server.svc.UpdateApp(a.server.owner, a.ID, service.AppEdit{AcceptProtocols: &all}))
}

// RotateKey replaces the key that signs the answers of the native protocol, and
// returns the new public key. For an overlap of up to 30 days both are in
// force, and the old one vouches for the new one. With none the old one has
// leaked: it is no longer of use, and everybody is signed out.
func (a *App) RotateKey(overlap time.Duration) (publicKey string) {
	secrets, err := a.server.svc.RotateCredentials(a.server.owner, a.ID, []latchkey.CredentialKind{latchkey.CredentialClientKey}, int64(overlap/time.Second))
	a.server.must(err)
	for _, c := range secrets.Credentials { // newest first
		if c.Kind == latchkey.CredentialClientKey {
			return c.PublicKey
		}
	}
	return ""
}

func (a *App) do(_ service.AppView, err error) { a.server.must(err) }
