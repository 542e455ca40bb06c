package service_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestApps(t *testing.T) {
	tell(t, []story{
		{"a new app has default settings and credentials of its own", newApp},
		{"a name is one per owner, compared exactly", appNames},
		{"settings are changed whole or not at all", appSettings},
		{"a message is the seller's own or the default, and can go back to it", appMessages},
		{"a clone has the model's settings and nothing else of it", cloneApp},
		{"deleting takes the exact name", deleteConfirmed},
		{"an app of a recycled name inherits nothing", recycledApp},
		{"reading the secrets is in the audit log", readSecrets},
		{"a rotation with overlap keeps the old credential until its end", rotateWithOverlap},
		{"a rotation without overlap is in force at once", rotateAtOnce},
		{"a rotation during another's overlap leaves the newest, for ever", rotateTwice},
		{"a rotation names each credential once and a bounded overlap", badRotations},
		{"of 20 creations of one name one wins", appRace},
	})
}

func newApp(s *scene) {
	view, secrets, err := s.Service.CreateApp(s.Ctx(), "My App")
	s.must(err)
	now := s.Clock.Now()
	want := latchkey.App{AccountID: s.Owner.Account.ID, OwnerID: s.Owner.Account.OwnerID, Name: "My App", SessionsFrom: now,
		Settings: latchkey.DefaultSettings(), Revision: 1, CreatedAt: now, UpdatedAt: now}
	if diff := cmp.Diff(want, view.App, cmpopts.IgnoreFields(latchkey.App{}, "ID")); diff != "" {
		s.Errorf("app (-want +got):\n%s", diff)
	}
	hex := func(what, text string, digits int) {
		if len(text) != digits || strings.Trim(text, "0123456789abcdef") != "" {
			s.Errorf("the %s is not %d hex digits", what, digits)
		}
	}
	hex("secret", secrets.Secret.Reveal(), 64)
	hex("seller key", secrets.SellerKey.Reveal(), 32)
	hex("client public key", view.ClientPublicKey, 64)
	hex("compat public key", view.CompatPublicKey, 64)
	if len(view.OwnerID) != 10 || len(secrets.Credentials) != 4 || view.ClientPublicKey == view.CompatPublicKey {
		s.Errorf("owner id %q, %d credentials", view.OwnerID, len(secrets.Credentials))
	}
	_, others, err := s.Service.CreateApp(s.Ctx(), "Another")
	s.must(err)
	if others.Secret == secrets.Secret || others.SellerKey == secrets.SellerKey {
		s.Error("two apps share a credential")
	}
	found, err := s.Service.App(s.Ctx(), view.ID)
	s.must(err)
	if diff := cmp.Diff(view, found, cmpopts.EquateEmpty()); diff != "" {
		s.Errorf("stored app (-made +stored):\n%s", diff)
	}
}

func appNames(s *scene) {
	_, _, err := s.Service.CreateApp(s.Ctx(), s.app.Name)
	s.refused(err, latchkey.CodeAppExists)
	upper, _, err := s.Service.CreateApp(s.Ctx(), strings.ToUpper(s.app.Name))
	s.must(err)
	_, err = s.Service.UpdateApp(s.Ctx(), upper.ID, service.AppEdit{Name: &s.app.Name, Version: point("9")})
	s.refused(err, latchkey.CodeAppExists)
	_, _, err = s.Service.CloneApp(s.Ctx(), upper.ID, s.app.Name)
	s.refused(err, latchkey.CodeAppExists)
	for _, name := range []string{"", " x", "x\n", "\xff", strings.Repeat("x", 71)} {
		_, _, err = s.Service.CreateApp(s.Ctx(), name)
		s.refused(err, latchkey.CodeInvalid)
		_, err = s.Service.UpdateApp(s.Ctx(), upper.ID, service.AppEdit{Name: &name})
		s.refused(err, latchkey.CodeInvalid)
	}
	if got, err := s.Service.App(s.Ctx(), upper.ID); err != nil || got.Name != upper.Name || got.Settings.Version != "1.0" {
		s.Errorf("refused edits changed it: %q %q %v", got.Name, got.Settings.Version, err)
	}
	list, err := s.Service.ListApps(s.Ctx(), s.app.Name, service.Page{})
	s.must(err)
	if len(list.Items) != 1 || list.Items[0].ID != s.app.ID {
		s.Errorf("by name are found %+v", list.Items)
	}
	eve := other(s, s.Env, "names@example.com")
	_, _, err = s.Service.CreateApp(s.As(eve), s.app.Name) // another owner's
	s.must(err)
}

func appSettings(s *scene) {
	good := service.AppEdit{Name: point("Renamed"), Version: point("2.5"), DownloadURL: point("https://example.com/get"),
		AcceptProtocols: &[]latchkey.Protocol{latchkey.Protocol12}, DeviceRule: point(false), ForceHWID: point(false), MinHWIDLength: point(int64(32)),
		DevicesPerUser: point(int64(5)), HWIDResetCooldown: point(int64(0)), SessionLength: point(int64(60)), OneSessionPerUser: point(true),
		MinUsernameLength: point(int64(4)), HashCheck: point(true), Hashes: &[]string{strings.Repeat("0a", 16)}, ForceEncryption: point(true), MinKeyBits: point(int64(128)),
		VPNBlock: point(true), AllowedCountries: &[]string{"DE", "FR"}, TokenSystem: point(true), HashLearn: point(true), LeakedPasswordCheck: point(true),
		BanDevices: point(false), BanIP: point(true), IPLogging: point(false), IPRetention: point(int64(7)), LogRetention: point(int64(365)), CustomerPanel: point(true),
		PanelButtons: &[]latchkey.PanelButton{{Text: "Start", Value: "start"}}, DeviceResetApproval: point(true)}
	for _, tt := range []struct {
		field string
		spoil func(e *service.AppEdit)
	}{
		{"version", func(e *service.AppEdit) { e.Version = point("") }},
		{"download_url", func(e *service.AppEdit) { e.DownloadURL = point("javascript:alert(1)") }},
		{"download_url", func(e *service.AppEdit) { e.DownloadURL = point("https://user:pass@example.com/") }},
		{"accept_protocols", func(e *service.AppEdit) { e.AcceptProtocols = &[]latchkey.Protocol{"2.0"} }},
		{"min_hwid_length", func(e *service.AppEdit) { e.MinHWIDLength = point(int64(257)) }},
		{"devices_per_user", func(e *service.AppEdit) { e.DevicesPerUser = point(int64(0)) }},
		{"hwid_reset_cooldown", func(e *service.AppEdit) { e.HWIDResetCooldown = point(int64(-1)) }},
		{"session_length", func(e *service.AppEdit) { e.SessionLength = point(int64(604_801)) }},
		{"min_username_length", func(e *service.AppEdit) { e.MinUsernameLength = point(int64(71)) }},
		{"hashes", func(e *service.AppEdit) { e.Hashes = &[]string{"ABCDEF"} }},
		{"min_key_bits", func(e *service.AppEdit) { e.MinKeyBits = point(int64(1)) }},
		{"allowed_countries", func(e *service.AppEdit) { e.AllowedCountries = &[]string{"DE", "DE"} }},
		{"allowed_countries", func(e *service.AppEdit) { e.AllowedCountries = &[]string{"de"} }},
		{"ip_retention", func(e *service.AppEdit) { e.IPRetention = point(int64(0)) }},
		{"log_retention", func(e *service.AppEdit) { e.LogRetention = point(int64(3651)) }},
		{"panel_buttons", func(e *service.AppEdit) { e.PanelButtons = &[]latchkey.PanelButton{{Text: "Start", Value: "a/b"}} }},
		{"messages.keyused", func(e *service.AppEdit) {
			e.Messages = map[latchkey.MessageKey]*string{latchkey.MsgKeyUsed: point("")}
		}},
		{"messages", func(e *service.AppEdit) {
			e.Messages = map[latchkey.MessageKey]*string{"no such message": point("x")}
		}},
	} {
		edit := good
		tt.spoil(&edit)
		_, err := s.Service.UpdateApp(s.Ctx(), s.app.ID, edit)
		if e, ok := err.(*latchkey.Error); !ok || e.Code != latchkey.CodeInvalid || e.Field != tt.field {
			s.Errorf("%s: answered %v", tt.field, err)
		}
	}
	before, err := s.Service.App(s.Ctx(), s.app.ID)
	s.must(err)
	if diff := cmp.Diff(s.app.Settings, before.Settings); diff != "" || before.Name != s.app.Name {
		s.Errorf("refused edits changed the settings (-before +after):\n%s", diff)
	}
	after, err := s.Service.UpdateApp(s.Ctx(), s.app.ID, good)
	s.must(err)
	want := latchkey.Settings{Version: "2.5", DownloadURL: "https://example.com/get", AcceptProtocols: []latchkey.Protocol{latchkey.Protocol12},
		MinHWIDLength: 32, DevicesPerUser: 5, SessionLength: 60, OneSessionPerUser: true, MinUsernameLength: 4, HashCheck: true,
		Hashes: []string{strings.Repeat("0a", 16)}, ForceEncryption: true, MinKeyBits: 128,
		VPNBlock: true, AllowedCountries: []string{"DE", "FR"}, TokenSystem: true, HashLearn: true, LeakedPasswordCheck: true,
		BanIP: true, IPRetention: 7, LogRetention: 365, CustomerPanel: true, PanelButtons: []latchkey.PanelButton{{Text: "Start", Value: "start"}}, DeviceResetApproval: true}
	if diff := cmp.Diff(want, after.Settings); diff != "" || after.Name != "Renamed" {
		s.Errorf("settings (-want +got):\n%s", diff)
	}
	stored, err := s.Service.App(s.Ctx(), s.app.ID)
	s.must(err)
	if diff := cmp.Diff(want, stored.Settings); diff != "" {
		s.Errorf("stored settings (-want +got):\n%s", diff)
	}
}

func appMessages(s *scene) {
	text := func(want string) {
		s.Helper()
		if got := s.client().Messages.Text(latchkey.MsgUserBanned, "rude"); got != want {
			s.Errorf("the customer reads %q, want %q", got, want)
		}
	}
	text("The user is banned")
	edit := func(value *string) {
		s.edit(service.AppEdit{Messages: map[latchkey.MessageKey]*string{latchkey.MsgUserBanned: value}})
	}
	edit(point("Out, because: {reason}"))
	text("Out, because: rude")
	s.edit(service.AppEdit{Version: point("2.0")})
	text("Out, because: rude")
	edit(nil)
	text("The user is banned")
	edit(nil)
}

func cloneApp(s *scene) {
	s.edit(service.AppEdit{Version: point("7.0"), DevicesPerUser: point(int64(3)),
		Messages: map[latchkey.MessageKey]*string{latchkey.MsgLoggedIn: point("Welcome")}})
	_, err := s.Service.CreateSubscription(s.Ctx(), s.app.ID, "gold", 2)
	s.must(err)
	_, err = s.Service.PauseSubscription(s.Ctx(), s.app.ID, s.tier().ID)
	s.must(err)
	ses := s.start()
	key := s.key("30d")
	s.user("ann", "secret")
	_, err = s.Service.PauseApp(s.Ctx(), s.app.ID)
	s.must(err)
	model, err := s.Service.App(s.Ctx(), s.app.ID)
	s.must(err)
	secretsOfModel, err := s.Service.AppSecrets(s.Ctx(), s.app.ID)
	s.must(err)

	clone, secrets, err := s.Service.CloneApp(s.Ctx(), s.app.ID, "Clone")
	s.must(err)
	if diff := cmp.Diff([]any{model.Settings, model.Messages}, []any{clone.Settings, clone.Messages}); diff != "" {
		s.Errorf("settings and messages (-model +clone):\n%s", diff)
	}
	if secrets.Secret == secretsOfModel.Secret || secrets.SellerKey == secretsOfModel.SellerKey || clone.ClientPublicKey == model.ClientPublicKey || !clone.PausedAt.IsZero() {
		s.Error("the clone shares a credential, or is paused")
	}
	c := &scene{T: s.T, Env: s.Env, app: clone}
	subs, err := s.Service.ListSubscriptions(s.Ctx(), clone.ID, service.Page{})
	s.must(err)
	var names []string
	for _, sub := range subs.Items {
		names = append(names, sub.Name)
		if !sub.PausedAt.IsZero() {
			s.Errorf("%s is paused in the clone", sub.Name)
		}
	}
	if diff := cmp.Diff([]string{"default", "gold"}, names, cmpopts.SortSlices(strings.Compare)); diff != "" {
		s.Errorf("subscriptions (-want +got):\n%s", diff)
	}
	if len(c.users()) != 0 || len(c.licenses()) != 0 {
		s.Error("the clone has users or licenses")
	}
	_, err = c.license(key, machine)
	s.refused(err, latchkey.CodeLicenseNotFound)
	s.refused(c.call(ses), latchkey.CodeSessionNotFound)
	_, _, err = s.Service.CloneApp(s.Ctx(), "app_none", "Nothing")
	s.refused(err, latchkey.CodeAppNotFound)
}

func deleteConfirmed(s *scene) {
	for _, confirm := range []string{"", strings.ToUpper(s.app.Name), s.app.Name + " ", s.app.ID} {
		s.refused(s.Service.DeleteApp(s.Ctx(), s.app.ID, confirm), latchkey.CodeAppConfirmation)
	}
	s.must(s.Service.DeleteApp(s.Ctx(), s.app.ID, s.app.Name))
	s.refused(s.Service.DeleteApp(s.Ctx(), s.app.ID, s.app.Name), latchkey.CodeAppNotFound)
	_, err := s.Service.App(s.Ctx(), s.app.ID)
	s.refused(err, latchkey.CodeAppNotFound)
}

func recycledApp(s *scene) {
	key := s.key("30d")
	signedIn := s.signedIn("30d")
	begun := s.start()
	s.user("ann", "secret")
	machineCtx := s.machine(service.NewAPIKey{Name: "old", Permissions: []latchkey.Permission{latchkey.PermAppsRead, latchkey.PermLicensesRead}, AppIDs: []string{s.app.ID}})
	old, err := s.Service.AppSecrets(s.Ctx(), s.app.ID)
	s.must(err)
	s.edit(service.AppEdit{DevicesPerUser: point(int64(9)), Messages: map[latchkey.MessageKey]*string{latchkey.MsgLoggedIn: point("Welcome")}})
	s.must(s.Service.DeleteApp(s.Ctx(), s.app.ID, s.app.Name))

	app, secrets, err := s.Service.CreateApp(s.Ctx(), s.app.Name)
	s.must(err)
	fresh := &scene{T: s.T, Env: s.Env, app: app}
	if secrets.Secret == old.Secret || secrets.SellerKey == old.SellerKey || app.Settings.DevicesPerUser != 1 || len(app.Messages) != 0 {
		s.Error("the new app inherits credentials, settings or messages")
	}
	if len(fresh.users()) != 0 || len(fresh.licenses()) != 0 {
		s.Error("the new app inherits users or licenses")
	}
	for _, ses := range []*service.ClientSession{signedIn, begun} {
		s.refused(fresh.call(ses), latchkey.CodeSessionNotFound)
	}
	_, err = fresh.license(key, machine)
	s.refused(err, latchkey.CodeLicenseNotFound)
	_, err = fresh.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeUserNotFound)
	_, err = s.Service.ListLicenses(machineCtx, app.ID, service.LicenseFilter{})
	s.refused(err, latchkey.CodeAppNotFound)
	list, err := s.Service.ListApps(machineCtx, "", service.Page{})
	s.must(err)
	if len(list.Items) != 0 {
		s.Errorf("a key for the old app reaches %+v", list.Items)
	}
	if n := len(fresh.actions()); n != 1 {
		s.Errorf("the new app's audit log has %d events, want its creation alone", n)
	}
}

func readSecrets(s *scene) {
	_, err := s.Service.AppSecrets(s.Ctx(), s.app.ID)
	s.must(err)
	if got := s.actions()[0]; got != "app.read_secrets" {
		s.Errorf("the audit log's last event is %s", got)
	}
}

func rotateWithOverlap(s *scene) {
	before, err := s.Service.AppSecrets(s.Ctx(), s.app.ID)
	s.must(err)
	keyBefore := s.client().CompatKey
	s.Clock.Advance(time.Second)
	shown, err := s.Service.RotateCredentials(s.Ctx(), s.app.ID, latchkey.CredentialKinds(), 86_400)
	s.must(err)
	if len(shown.Credentials) != 8 || shown.Secret != before.Secret || shown.SellerKey == before.SellerKey {
		s.Errorf("%d credentials are shown; the secret stays for a day, the seller key is new at once", len(shown.Credentials))
	}
	during, err := s.Service.App(s.Ctx(), s.app.ID)
	s.must(err)
	if during.ClientPublicKey != s.app.ClientPublicKey || !during.NextClientKey.ActiveFrom.Equal(s.Clock.Now().Add(day)) || !during.NextCompatKey.ActiveFrom.Equal(s.Clock.Now().Add(day)) {
		s.Errorf("in the overlap: %+v", during)
	}
	s.Clock.Advance(day - time.Millisecond)
	if c := s.client(); c.Secret != before.Secret || !c.CompatKey.Equal(keyBefore) {
		s.Error("the old credentials have ended before the overlap has")
	}
	s.Clock.Advance(time.Millisecond)
	after, err := s.Service.AppSecrets(s.Ctx(), s.app.ID)
	s.must(err)
	c := s.client()
	if len(after.Credentials) != 4 || after.Secret == before.Secret || c.Secret != after.Secret || c.CompatKey.Equal(keyBefore) {
		s.Errorf("after the overlap %d credentials are shown", len(after.Credentials))
	}
	view, err := s.Service.App(s.Ctx(), s.app.ID)
	s.must(err)
	if view.CompatPublicKey != during.NextCompatKey.PublicKey || view.ClientPublicKey != during.NextClientKey.PublicKey || view.CompatPublicKey == s.app.CompatPublicKey {
		s.Error("the public keys shown are not those that were announced")
	}
	if view.NextClientKey.ID != "" || view.NextCompatKey.ID != "" {
		s.Errorf("the overlap is over: %+v", view)
	}
}

func rotateAtOnce(s *scene) {
	before, err := s.Service.AppSecrets(s.Ctx(), s.app.ID)
	s.must(err)
	after, err := s.Service.RotateCredentials(s.Ctx(), s.app.ID, []latchkey.CredentialKind{latchkey.CredentialSecret}, 0)
	s.must(err)
	if after.Secret == before.Secret || after.SellerKey != before.SellerKey || s.client().Secret != after.Secret || len(after.Credentials) != 4 {
		s.Errorf("%d credentials; want a new secret and nothing else", len(after.Credentials))
	}
}

func rotateTwice(s *scene) {
	kinds := []latchkey.CredentialKind{latchkey.CredentialSecret, latchkey.CredentialCompatKey}
	first, err := s.Service.RotateCredentials(s.Ctx(), s.app.ID, kinds, 10*86_400)
	s.must(err)
	s.Clock.Advance(day)
	second, err := s.Service.RotateCredentials(s.Ctx(), s.app.ID, kinds, 86_400)
	s.must(err)
	var newest latchkey.Secret
	var from time.Time
	for _, c := range second.Credentials {
		if c.Kind == latchkey.CredentialSecret && c.RetiresAt.IsZero() {
			newest, from = c.Value, c.ActiveFrom
		}
	}
	view, err := s.Service.App(s.Ctx(), s.app.ID)
	s.must(err)
	if !view.CompatKeyEnds.Equal(s.Clock.Now().Add(day)) || !view.NextCompatKey.ActiveFrom.Equal(s.Clock.Now().Add(day)) || !view.ClientKeyEnds.IsZero() || view.NextClientKey.ID != "" {
		s.Errorf("%+v", view)
	}
	if newest == "" || newest == first.Secret || !from.Equal(s.Clock.Now().Add(day)) {
		s.Fatalf("the newest secret takes over %s", from)
	}
	if s.client().Secret != first.Secret {
		s.Error("the oldest secret has ended during the overlap")
	}
	for range 20 {
		s.Clock.Advance(day)
		if c := s.client(); c.Secret != newest {
			s.Fatalf("at %s a retired secret is in force", s.Clock.Now())
		}
	}
}

func badRotations(s *scene) {
	one := []latchkey.CredentialKind{latchkey.CredentialSecret}
	for _, tt := range []struct {
		kinds   []latchkey.CredentialKind
		overlap int64
	}{
		{nil, 0}, {one, -1}, {one, 30*86_400 + 1}, {[]latchkey.CredentialKind{"password"}, 0}, {append(one, one...), 0},
	} {
		_, err := s.Service.RotateCredentials(s.Ctx(), s.app.ID, tt.kinds, tt.overlap)
		s.refused(err, latchkey.CodeInvalid)
	}
	if secrets, err := s.Service.AppSecrets(s.Ctx(), s.app.ID); err != nil || len(secrets.Credentials) != 4 {
		s.Errorf("%d credentials, %v", len(secrets.Credentials), err)
	}
}

func appRace(s *scene) {
	errs := together(20, func(int) error {
		_, _, err := s.Service.CreateApp(s.Ctx(), "The One")
		return err
	})
	if diff := cmp.Diff(map[latchkey.Code]int{"": 1, latchkey.CodeAppExists: 19}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
}
