package service_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// TestUseCases_are_all_in_the_table fails for a new method that is neither in
// useCases nor said here to concern no single app that an actor names.
func TestUseCases_are_all_in_the_table(t *testing.T) {
	var listed []string
	for _, u := range useCases() {
		listed = append(listed, u.method)
	}
	elsewhere := []string{
		"Setup", "SetupOpen", "NewSetupToken", "Init", "Ready", "SweepSessions", "SweepBatches", "SweepRepeats", "SweepBulkJobs", "SweepChats", "SweepAccess", // the server
		"ClaimDeliveries", "NextDelivery", "DeliveriesWoken", "DeliveryLoad", "SweepDeliveries", // delivery_test.go
		"SweepFiles", "SweepAddresses",
		// panel_test.go, and over HTTP in internal/panelapi
		"MailsResets", "OpenPanel", "PanelApp", "PanelCard", "PanelChangeEmail", "PanelChangePassword", "PanelEndSession", "PanelEndSessions", "PanelFileContent",
		"PanelFiles", "PanelForgot", "PanelRecoveryCodes", "PanelRedeem", "PanelRegister", "PanelResetDevices", "PanelSessions", "PanelSignIn", "PanelSignInByLicense",
		"PanelSignInToken", "PanelSignOut", "PanelTwoFactorConfirm", "PanelTwoFactorDisable", "PanelTwoFactorEnroll",
		"AnswerForgot", "ResetApp", "ResetPassword", "SweepPasswordResets", // password_reset_test.go
		"PostedLine", "StopLogWebhook", "SweepLogs", // log_test.go
		"AuditPost", "AuditTold", "ClaimAuditDeliveries", "EndAuditDelivery", // audit_webhook_test.go
		"EndRestoredSessions", "PasswordLoad", "Remembered", "Watches",
		"SignIn", "SignOut", "Me", "ChangePassword", "AuthenticateSession", "ListAccountSessions", "EndAccountSession", // account_test.go
		"ListAccountSignIns", "ChangeEmail", "SweepAccountSignIns", // account_sign_in_test.go
		"Confirm", // account_confirm_test.go
		"CreateAccount", "ListAccounts", "ServerStatus",
		"Account", "DisableAccount", "EnableAccount", "DeleteAccount", // account_control_test.go
		"CreateAPIKey", "AuthenticateAPIKey", "ListAPIKeys", "DeleteAPIKey", "APIKey", "UpdateAPIKey", // api_key_test.go, api_key_update_test.go
		"ListApps", "CreateApp", "CloneApp", // app_test.go, and below
		"Once", "ClientOnce", "Tag", // around the others
		"ClientApp", "ClientAppByID", "ClientKeys", "ClientCustomer", "ClientWaiting", "ClientInit", "OpenSession", "ClientCheck", "ClientLogout", // customers
		"ClientVariable", "ClientUserVariable", "ClientSetUserVariable",
		"ClientForgot", "ClientLog", "ClientLogin", "ClientRegister", "ClientLicense", "ClientUpgrade",
		"ClientTwoFactorEnroll", "ClientTwoFactorConfirm", "ClientTwoFactorDisable", "ClientTwoFactorVerify", // two_factor_test.go
		"ClientRename", "ClientBanSelf", // client_own_test.go
		"ClientChatMessages", "ClientChatSend",
		"ClientLoginEmail", "ClientNameByEmail", // client_email_test.go
		"ClientFileInfo", "ClientFileContent", "ClientFilePart", "ClientOpenPart", "ClientWebhook",
		"ClientBlacklisted", "ClientOnline", "ClientStats", "FlushActivity",
		"CountDays", "CountOnline", "CountRefusal", "SweepDailyStats", "TellsCountries", // daily_test.go
		"WatchApp", // watch_test.go
	}
	for m := range reflect.TypeFor[*service.Service]().Methods() {
		if !slices.Contains(listed, m.Name) && !slices.Contains(elsewhere, m.Name) {
			t.Errorf("%s is in no table", m.Name)
		}
	}
}

// TestTenants walks every use case: an app that is somebody else's, or outside
// an API key's scope, is answered exactly like one that does not exist.
func TestTenants(t *testing.T) {
	tell(t, []story{
		{"another account's app is not found", foreignApp},
		{"an app outside an API key's scope is not found", outOfScope},
		{"a stranger is asked to sign in, a key without the permission is refused", withoutPermission},
		{"the right permission is enough", rightPermission},
		{"what belongs to another app of one's own is not found", anotherAppsThings},
	})
}

// state counts what an app holds and what its audit log tells.
func (s *scene) state(ctx context.Context, app string) (counts [7]int) {
	s.Helper()
	all := service.Page{Limit: service.MaxLimit}
	licenses, err := s.Service.ListLicenses(ctx, app, service.LicenseFilter{Page: all})
	s.must(err)
	users, err := s.Service.ListUsers(ctx, app, service.UserFilter{Page: all})
	s.must(err)
	subs, err := s.Service.ListSubscriptions(ctx, app, all)
	s.must(err)
	sessions, err := s.Service.ListSessions(ctx, app, service.SessionFilter{Page: all})
	s.must(err)
	events, err := s.Service.ListAuditEvents(ctx, app, service.AuditFilter{Page: all})
	s.must(err)
	black, err := s.Service.ListAccess(ctx, app, latchkey.Blacklist, service.AccessFilter{Page: all})
	s.must(err)
	white, err := s.Service.ListAccess(ctx, app, latchkey.Whitelist, service.AccessFilter{Page: all})
	s.must(err)
	return [7]int{len(licenses.Items), len(users.Items), len(subs.Items), len(sessions.Items), len(events.Items), len(black.Items), len(white.Items)}
}

// walk calls every use case on an app and wants one answer of all.
func (s *scene) walk(ctx context.Context, x things, want latchkey.Code) {
	s.Helper()
	nonexistent := latchkey.Fail(want).Error()
	for _, u := range useCases() {
		err := u.call(ctx, s.Service, x)
		if latchkey.CodeOf(err) != want || err.Error() != nonexistent {
			s.Errorf("%s answered %v, want %s", u.method, err, want)
		}
	}
	_, _, err := s.Service.CloneApp(ctx, x.app, "stolen")
	if latchkey.CodeOf(err) != want && latchkey.CodeOf(err) != latchkey.CodeForbidden {
		s.Errorf("CloneApp answered %v, want %s", err, want)
	}
}

func foreignApp(s *scene) {
	eve := other(s, s.Env, "eve@example.com")
	x := furnish(s, s.Ctx())
	before := s.state(s.Ctx(), x.app)
	s.walk(s.As(eve), x, latchkey.CodeAppNotFound)
	s.walk(s.As(eve), things{app: "app_none", name: x.name, license: x.license, user: x.user}, latchkey.CodeAppNotFound)
	_, token, err := s.Service.CreateAPIKey(s.As(eve), service.NewAPIKey{Name: "eve's", Permissions: permissionsBut(latchkey.PermAdministrator)})
	s.must(err)
	actor, err := s.Service.AuthenticateAPIKey(outside(), token)
	s.must(err)
	s.walk(service.WithActor(outside(), actor), x, latchkey.CodeAppNotFound)
	if diff := cmp.Diff(before, s.state(s.Ctx(), x.app)); diff != "" {
		s.Errorf("the walk has changed the app (-before +after):\n%s", diff)
	}
	list, err := s.Service.ListApps(s.As(eve), "", service.Page{})
	s.must(err)
	if len(list.Items) != 0 {
		s.Errorf("eve sees %d apps", len(list.Items))
	}
	// The administrator of the server does not see eve's either.
	s.walk(s.Ctx(), furnish(s, s.As(eve)), latchkey.CodeAppNotFound)
}

func permissionsBut(without ...latchkey.Permission) []latchkey.Permission {
	return slices.DeleteFunc(latchkey.Permissions(), func(p latchkey.Permission) bool { return slices.Contains(without, p) })
}

func outOfScope(s *scene) {
	ann := other(s, s.Env, "scope@example.com")
	x := furnish(s, s.As(ann))
	inScope, _, err := s.Service.CreateApp(s.As(ann), "in scope")
	s.must(err)
	_, token, err := s.Service.CreateAPIKey(s.As(ann), service.NewAPIKey{Name: "scoped", Permissions: permissionsBut(latchkey.PermAdministrator), AppIDs: []string{inScope.ID}})
	s.must(err)
	actor, err := s.Service.AuthenticateAPIKey(outside(), token)
	s.must(err)
	before := s.state(s.As(ann), x.app)
	s.walk(service.WithActor(outside(), actor), x, latchkey.CodeAppNotFound)
	if diff := cmp.Diff(before, s.state(s.As(ann), x.app)); diff != "" {
		s.Errorf("the walk has changed the app (-before +after):\n%s", diff)
	}
}

func withoutPermission(s *scene) {
	x := furnish(s, s.Ctx())
	s.walk(outside(), x, latchkey.CodeAuthRequired)
	s.walk(service.WithActor(outside(), service.Actor{Kind: service.ActorCustomer, ID: x.user}), x, latchkey.CodeAuthRequired)
	before := s.state(s.Ctx(), x.app)
	for _, u := range useCases() {
		key := service.WithActor(outside(), service.Actor{Kind: service.ActorAPIKey, ID: "key_x", AccountID: s.Owner.Account.ID, Permissions: permissionsBut(u.needs)})
		if err := u.call(key, s.Service, x); latchkey.CodeOf(err) != latchkey.CodeForbidden {
			s.Errorf("%s without %s answered %v", u.method, u.needs, err)
		}
	}
	if diff := cmp.Diff(before, s.state(s.Ctx(), x.app)); diff != "" {
		s.Errorf("the walk has changed the app (-before +after):\n%s", diff)
	}
}

func rightPermission(s *scene) {
	ann := other(s, s.Env, "right@example.com")
	x := furnish(s, s.As(ann))
	for _, u := range useCases() {
		key := service.WithActor(outside(), service.Actor{Kind: service.ActorAPIKey, ID: "key_x", AccountID: ann.ID, Permissions: []latchkey.Permission{u.needs}, AppIDs: []string{x.app}})
		if u.method == "SetAuditWebhook" { // whoever has the log sent to them reads it
			key = service.WithActor(outside(), service.Actor{Kind: service.ActorAPIKey, ID: "key_x", AccountID: ann.ID, Permissions: []latchkey.Permission{u.needs, latchkey.PermAuditRead}})
		}
		err := u.call(key, s.Service, x)
		// What an earlier use case of the walk ended or deleted is gone.
		gone := strings.HasPrefix(u.method, "Kill") || u.method == "DeleteUsers"
		gone = gone || (u.method == "TestWebhook" || u.method == "TestAuditWebhook") && latchkey.CodeOf(err) == latchkey.CodeWebhookFailed // nobody listens
		if err != nil && !gone {
			s.Errorf("%s with %s answered %v", u.method, u.needs, err)
		}
	}
}

func anotherAppsThings(s *scene) {
	x := furnish(s, s.Ctx())
	ann := other(s, s.Env, "things@example.com")
	theirs := furnish(s, s.As(ann))
	before, theirsBefore := s.state(s.Ctx(), x.app), s.state(s.As(ann), theirs.app)
	mixed := theirs
	mixed.app, mixed.name = s.app.ID, "not its name"
	for _, u := range useCases() {
		if u.missing == "" {
			continue
		}
		if err := u.call(s.Ctx(), s.Service, mixed); latchkey.CodeOf(err) != u.missing {
			s.Errorf("%s with another's things answered %v, want %s", u.method, err, u.missing)
		}
	}
	// The user is one's own, what is done with them is not.
	own := s.user("ann", "secret").ID
	_, err := s.Service.RedeemLicense(s.Ctx(), s.app.ID, own, theirs.key)
	s.refused(err, latchkey.CodeLicenseNotFound)
	_, err = s.Service.AddUserSubscription(s.Ctx(), s.app.ID, own, theirs.subscription, latchkey.Lifetime())
	s.refused(err, latchkey.CodeSubscriptionNotFound)
	s.refused(s.Service.UnbindDevice(s.Ctx(), s.app.ID, own, theirs.device), latchkey.CodeDeviceNotFound)
	for _, change := range []func() (service.Change, error){
		func() (service.Change, error) {
			c, err := s.Service.DeleteLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{IDs: []string{theirs.license}}, true, service.BulkCall{})
			return c.Change, err
		},
		func() (service.Change, error) {
			c, err := s.Service.DeleteUsers(s.Ctx(), s.app.ID, service.UserSelection{IDs: []string{theirs.user}}, service.BulkCall{})
			return c.Change, err
		},
	} {
		got, err := change()
		s.must(err)
		if got != (service.Change{}) {
			s.Errorf("a selection of another's things: %+v", got)
		}
	}
	if diff := cmp.Diff(before, s.state(s.Ctx(), x.app)); diff != "" {
		s.Errorf("the walk has changed an app (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(theirsBefore, s.state(s.As(ann), theirs.app)); diff != "" {
		s.Errorf("the walk has changed another's app (-before +after):\n%s", diff)
	}
}

func TestReady(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		if err := servicetest.NewOn(t, engine).Service.Ready(t.Context()); err != nil {
			t.Errorf("%s: %v", engine, err)
		}
	}
}
