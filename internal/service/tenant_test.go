package service_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/licensefile"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// things are the ids of an app and of one thing of each kind in it.
type things struct {
	app, name, subscription, license, key, user, device, session string
	chat

	delivery, otherDelivery string // failed ones
	shelf

	variable, userVariable, token string

	black, white string
	log          string
}

// furnish makes an app with one of everything, as an account.
func furnish(s *scene, ctx context.Context) things {
	s.Helper()
	app, _, err := s.Service.CreateApp(ctx, "room of "+s.app.ID)
	s.must(err)
	room := &scene{T: s.T, Env: s.Env, app: app}
	subs, err := s.Service.ListSubscriptions(ctx, app.ID, service.Page{})
	s.must(err)
	list, err := s.Service.CreateLicenses(ctx, app.ID, service.NewLicenses{Amount: 2, Charset: bothCases(), Level: 1, Duration: s.length("30d")})
	s.must(err)
	ses, err := room.register("ann", "secret", list[0].Key.Reveal(), machine)
	s.must(err)
	room.secondFactor(ses)
	users, err := s.Service.ListUsers(ctx, app.ID, service.UserFilter{})
	s.must(err)
	sessions, err := s.Service.ListSessions(ctx, app.ID, service.SessionFilter{})
	s.must(err)
	black, err := s.Service.CreateAccess(ctx, app.ID, latchkey.Blacklist, service.NewAccess{Kind: "ip", Value: "192.0.2.1"})
	s.must(err)
	white, err := s.Service.CreateAccess(ctx, app.ID, latchkey.Whitelist, service.NewAccess{Kind: "ip", Value: "192.0.2.1"})
	s.must(err)
	variable, err := s.Service.CreateVariable(ctx, app.ID, service.NewVariable{Name: "motd", Value: "hello"})
	s.must(err)
	own, err := s.Service.SetUserVariable(ctx, app.ID, users.Items[0].ID, service.SetVariable{Name: "plan", Value: "gold"})
	s.must(err)
	token, err := s.Service.CreateToken(ctx, app.ID, users.Items[0].ID, "")
	s.must(err)
	return things{token: token.ID, black: black.ID, white: white.ID, variable: variable.ID, userVariable: own.ID, chat: room.furnishChat(ctx), shelf: room.furnishShelf(ctx), app: app.ID, name: app.Name, subscription: subs.Items[0].ID, license: list[1].ID, key: list[1].Key.Reveal(),
		user: users.Items[0].ID, device: users.Items[0].Devices[0].ID, session: sessions.Items[0].ID,
		delivery: room.failedDelivery(), otherDelivery: room.failedDelivery(), log: room.furnishLog(ctx)}
}

// useCase is a method that concerns one app, with the permission that it needs.
type useCase struct {
	method string
	needs  latchkey.Permission
	call   func(ctx context.Context, s *service.Service, x things) error
	// missing is the answer when the thing that it names is another app's; "" where it names none.
	missing latchkey.Code
}

// useCases are in an order in which each succeeds after those before it.
func useCases() []useCase {
	long := latchkey.Duration{Amount: 1, Unit: latchkey.UnitDay}
	return append(append(chatUseCases(), shelfUseCases()...), []useCase{
		{"App", latchkey.PermAppsRead, func(ctx context.Context, s *service.Service, x things) error { return drop(s.App(ctx, x.app)) }, ""},
		{"DailyStats", latchkey.PermAppsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.DailyStats(ctx, x.app, service.DaySpan{}))
		}, ""},
		{"AppStats", latchkey.PermAppsRead, func(ctx context.Context, s *service.Service, x things) error { return drop(s.AppStats(ctx, x.app)) }, ""},
		{"AppSecrets", latchkey.PermAppsSecrets, func(ctx context.Context, s *service.Service, x things) error { return drop(s.AppSecrets(ctx, x.app)) }, ""},
		{"UpdateApp", latchkey.PermAppsUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UpdateApp(ctx, x.app, service.AppEdit{Version: point("3.0")}))
		}, ""},
		{"PauseApp", latchkey.PermAppsUpdate, func(ctx context.Context, s *service.Service, x things) error { return drop(s.PauseApp(ctx, x.app)) }, ""},
		{"ResumeApp", latchkey.PermAppsUpdate, func(ctx context.Context, s *service.Service, x things) error { return drop(s.ResumeApp(ctx, x.app)) }, ""},
		{"DisableApp", latchkey.PermAppsUpdate, func(ctx context.Context, s *service.Service, x things) error { return drop(s.DisableApp(ctx, x.app)) }, ""},
		{"EnableApp", latchkey.PermAppsUpdate, func(ctx context.Context, s *service.Service, x things) error { return drop(s.EnableApp(ctx, x.app)) }, ""},
		{"RotateCredentials", latchkey.PermAppsSecrets, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.RotateCredentials(ctx, x.app, latchkey.CredentialKinds(), 0))
		}, ""},
		{"ListAuditEvents", latchkey.PermAuditRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListAuditEvents(ctx, x.app, service.Page{}))
		}, ""},

		{"ListSubscriptions", latchkey.PermSubscriptionsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListSubscriptions(ctx, x.app, service.Page{}))
		}, ""},
		{"Subscription", latchkey.PermSubscriptionsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.Subscription(ctx, x.app, x.subscription))
		}, latchkey.CodeSubscriptionNotFound},
		{"CreateSubscription", latchkey.PermSubscriptionsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.CreateSubscription(ctx, x.app, "gold", 2))
		}, ""},
		{"UpdateSubscription", latchkey.PermSubscriptionsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UpdateSubscription(ctx, x.app, x.subscription, point("silver"), nil))
		}, latchkey.CodeSubscriptionNotFound},
		{"PauseSubscription", latchkey.PermSubscriptionsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.PauseSubscription(ctx, x.app, x.subscription))
		}, latchkey.CodeSubscriptionNotFound},
		{"ResumeSubscription", latchkey.PermSubscriptionsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ResumeSubscription(ctx, x.app, x.subscription))
		}, latchkey.CodeSubscriptionNotFound},

		{"ListLicenses", latchkey.PermLicensesRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListLicenses(ctx, x.app, service.LicenseFilter{}))
		}, ""},
		{"License", latchkey.PermLicensesRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.License(ctx, x.app, x.license))
		}, latchkey.CodeLicenseNotFound},
		{"CreateLicenses", latchkey.PermLicensesCreate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.CreateLicenses(ctx, x.app, service.NewLicenses{Amount: 1, Charset: bothCases(), Level: 1, Duration: long}))
		}, ""},
		{"CreateLicenseBatch", latchkey.PermLicensesCreate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.CreateLicenseBatch(ctx, x.app, service.NewLicenses{Amount: 1, Charset: bothCases(), Level: 1, Duration: long}, nil))
		}, ""},
		{"EachOfBatch", latchkey.PermLicensesCreate, func(ctx context.Context, s *service.Service, x things) error {
			b, err := s.CreateLicenseBatch(ctx, x.app, service.NewLicenses{Amount: 1, Charset: bothCases(), Level: 1, Duration: long}, nil)
			if err != nil {
				return err
			}
			return s.EachOfBatch(ctx, x.app, b, func([]latchkey.License) error { return nil })
		}, ""},
		{"BeginLicenseExport", latchkey.PermLicensesRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.BeginLicenseExport(ctx, x.app, service.LicenseFilter{}, "txt"))
		}, ""},
		{"ImportLicenses", latchkey.PermLicensesCreate, func(ctx context.Context, s *service.Service, x things) error {
			in, err := licensefile.NewReader(strings.NewReader("FOR-"+x.license), licensefile.Options{Format: licensefile.Text, Duration: long})
			if err != nil {
				return err
			}
			return drop(s.ImportLicenses(ctx, x.app, service.LicenseImport{}, &file{Reader: in}, nil))
		}, ""},
		{"UpdateLicense", latchkey.PermLicensesUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UpdateLicense(ctx, x.app, x.license, latchkey.LicenseEdit{Note: point("x")}))
		}, latchkey.CodeLicenseNotFound},
		{"ExtendLicense", latchkey.PermLicensesUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ExtendLicense(ctx, x.app, x.license, long))
		}, latchkey.CodeLicenseNotFound},
		{"ExtendLicenses", latchkey.PermLicensesUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ExtendLicenses(ctx, x.app, service.LicenseSelection{IDs: []string{x.license}}, long, service.BulkCall{}))
		}, ""},
		{"BanLicense", latchkey.PermLicensesBan, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.BanLicense(ctx, x.app, x.license, "", false))
		}, latchkey.CodeLicenseNotFound},
		{"UnbanLicense", latchkey.PermLicensesBan, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UnbanLicense(ctx, x.app, x.license))
		}, latchkey.CodeLicenseNotFound},
		{"BanLicenses", latchkey.PermLicensesBan, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.BanLicenses(ctx, x.app, service.LicenseSelection{IDs: []string{x.license}}, service.LicenseBan{}, service.BulkCall{}))
		}, ""},
		{"UnbanLicenses", latchkey.PermLicensesBan, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UnbanLicenses(ctx, x.app, service.LicenseSelection{All: true}, service.BulkCall{}))
		}, ""},

		{"ListUsers", latchkey.PermUsersRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListUsers(ctx, x.app, service.UserFilter{SubscriptionID: x.subscription}))
		}, ""},
		{"User", latchkey.PermUsersRead, func(ctx context.Context, s *service.Service, x things) error { return drop(s.User(ctx, x.app, x.user)) }, latchkey.CodeUserNotFound},
		{"ListSignIns", latchkey.PermUsersRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListSignIns(ctx, x.app, x.user, service.Page{}))
		}, latchkey.CodeUserNotFound},
		{"CreateUser", latchkey.PermUsersCreate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.CreateUser(ctx, x.app, service.NewUser{Username: "bob", SubscriptionID: x.subscription, Duration: long}))
		}, latchkey.CodeSubscriptionNotFound},
		{"UpdateUser", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UpdateUser(ctx, x.app, x.user, service.UserEdit{Email: point("x@example.com")}))
		}, latchkey.CodeUserNotFound},
		{"BanUser", latchkey.PermUsersBan, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.BanUser(ctx, x.app, x.user, service.UserBan{}))
		}, latchkey.CodeUserNotFound},
		{"UnbanUser", latchkey.PermUsersBan, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UnbanUser(ctx, x.app, x.user))
		}, latchkey.CodeUserNotFound},
		{"DisableUserTwoFactor", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.DisableUserTwoFactor(ctx, x.app, x.user))
		}, latchkey.CodeUserNotFound},
		{"CreateSignInToken", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.CreateSignInToken(ctx, x.app, x.user))
		}, latchkey.CodeUserNotFound},
		{"RedeemLicense", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.RedeemLicense(ctx, x.app, x.user, x.key))
		}, latchkey.CodeUserNotFound},
		{"AddUserSubscription", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.AddUserSubscription(ctx, x.app, x.user, x.subscription, long))
		}, latchkey.CodeUserNotFound},
		{"PauseUserSubscription", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.PauseUserSubscription(ctx, x.app, x.user, x.subscription))
		}, latchkey.CodeUserNotFound},
		{"ResumeUserSubscription", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ResumeUserSubscription(ctx, x.app, x.user, x.subscription))
		}, latchkey.CodeUserNotFound},
		{"ChangeTime", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ChangeTime(ctx, x.app, service.UserSelection{IDs: []string{x.user}}, service.TimeChange{SubscriptionID: x.subscription, Duration: long}, service.BulkCall{}))
		}, latchkey.CodeSubscriptionNotFound},
		{"SendPasswordReset", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			// There is no mail server: the user is found, and then that.
			if err := drop(s.SendPasswordReset(ctx, x.app, x.user)); latchkey.CodeOf(err) != latchkey.CodeMailOff {
				return err
			}
			return nil
		}, latchkey.CodeUserNotFound},
		{"ListLogs", latchkey.PermLogsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListLogs(ctx, x.app, service.LogFilter{}))
		}, ""},
		{"BeginLogExport", latchkey.PermLogsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.BeginLogExport(ctx, x.app, service.LogFilter{}, "csv"))
		}, ""},
		{"DeleteLog", latchkey.PermLogsWrite, func(ctx context.Context, s *service.Service, x things) error { return s.DeleteLog(ctx, x.app, x.log) }, latchkey.CodeLogNotFound},
		{"DeleteLogs", latchkey.PermLogsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.DeleteLogs(ctx, x.app, service.LogSelection{All: true}, service.BulkCall{}))
		}, ""},
		{"LogWebhook", latchkey.PermLogsRead, func(ctx context.Context, s *service.Service, x things) error { return drop(s.LogWebhook(ctx, x.app)) }, ""},
		{"SetLogWebhook", latchkey.PermLogsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.SetLogWebhook(ctx, x.app, channel))
		}, ""},
		{"DeleteLogWebhook", latchkey.PermLogsWrite, func(ctx context.Context, s *service.Service, x things) error { return s.DeleteLogWebhook(ctx, x.app) }, ""},
		{"ListDeliveries", latchkey.PermAppsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListDeliveries(ctx, x.app, service.DeliveryFilter{}))
		}, ""},
		{"RetryDelivery", latchkey.PermAppsUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.RetryDelivery(ctx, x.app, x.otherDelivery))
		}, latchkey.CodeDeliveryNotFound},
		{"DeleteDelivery", latchkey.PermAppsUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteDelivery(ctx, x.app, x.delivery)
		}, latchkey.CodeDeliveryNotFound},
		{"RetryDeliveries", latchkey.PermAppsUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.RetryDeliveries(ctx, x.app))
		}, ""},
		{"DeleteDeliveries", latchkey.PermAppsUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.DeleteDeliveries(ctx, x.app))
		}, ""},
		{"ListTokens", latchkey.PermTokensRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListTokens(ctx, x.app, service.TokenFilter{UserID: x.user}))
		}, ""},
		{"Token", latchkey.PermTokensRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.Token(ctx, x.app, x.token))
		}, latchkey.CodeTokenNotFound},
		{"BlacklistToken", latchkey.PermTokensWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.BlacklistToken(ctx, x.app, x.token, ""))
		}, latchkey.CodeTokenNotFound},
		{"UnblacklistToken", latchkey.PermTokensWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UnblacklistToken(ctx, x.app, x.token))
		}, latchkey.CodeTokenNotFound},
		{"ResetToken", latchkey.PermTokensWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ResetToken(ctx, x.app, x.token))
		}, latchkey.CodeTokenNotFound},
		{"DeleteToken", latchkey.PermTokensWrite, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteToken(ctx, x.app, x.token)
		}, latchkey.CodeTokenNotFound},
		{"CreateToken", latchkey.PermTokensWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.CreateToken(ctx, x.app, x.user, ""))
		}, latchkey.CodeUserNotFound},
		{"CreateTokens", latchkey.PermTokensWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.CreateTokens(ctx, x.app, service.LicenseSelection{Filter: &service.LicenseFilter{Level: 99}}, service.BulkCall{}))
		}, ""},
		{"ListVariables", latchkey.PermVariablesRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListVariables(ctx, x.app, "", service.Page{}))
		}, ""},
		{"Variable", latchkey.PermVariablesRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.Variable(ctx, x.app, x.variable))
		}, latchkey.CodeVariableNotFound},
		{"CreateVariable", latchkey.PermVariablesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.CreateVariable(ctx, x.app, service.NewVariable{Name: "another"}))
		}, ""},
		{"UpdateVariable", latchkey.PermVariablesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UpdateVariable(ctx, x.app, x.variable, service.VariableEdit{Value: point(latchkey.Secret("x"))}))
		}, latchkey.CodeVariableNotFound},
		{"ListUserVariables", latchkey.PermVariablesRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListUserVariables(ctx, x.app, x.user, service.Page{}))
		}, latchkey.CodeUserNotFound},
		{"UserVariable", latchkey.PermVariablesRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UserVariable(ctx, x.app, x.user, x.userVariable))
		}, latchkey.CodeUserNotFound},
		{"SetUserVariable", latchkey.PermVariablesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.SetUserVariable(ctx, x.app, x.user, service.SetVariable{Name: "plan", Value: "silver"}))
		}, latchkey.CodeUserNotFound},
		{"UpdateUserVariable", latchkey.PermVariablesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UpdateUserVariable(ctx, x.app, x.user, x.userVariable, service.UserVariableEdit{ReadOnly: point(true)}))
		}, latchkey.CodeUserNotFound},
		{"SetVariables", latchkey.PermVariablesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.SetVariables(ctx, x.app, service.UserSelection{IDs: []string{x.user}}, service.SetVariable{Name: "theme", Value: "dark"}, service.BulkCall{}))
		}, ""},
		{"DeleteVariables", latchkey.PermVariablesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.DeleteVariables(ctx, x.app, service.UserSelection{IDs: []string{x.user}}, "theme", service.BulkCall{}))
		}, ""},
		{"DeleteUserVariable", latchkey.PermVariablesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteUserVariable(ctx, x.app, x.user, x.userVariable)
		}, latchkey.CodeUserNotFound},
		{"DeleteVariable", latchkey.PermVariablesWrite, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteVariable(ctx, x.app, x.variable)
		}, latchkey.CodeVariableNotFound},
		{"ListSessions", latchkey.PermSessionsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListSessions(ctx, x.app, service.SessionFilter{UserID: x.user}))
		}, ""},
		{"KillSession", latchkey.PermSessionsKill, func(ctx context.Context, s *service.Service, x things) error {
			return s.KillSession(ctx, x.app, x.session)
		}, latchkey.CodeSessionNotFound},
		{"KillSessions", latchkey.PermSessionsKill, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.KillSessions(ctx, x.app, x.user))
		}, latchkey.CodeUserNotFound},
		{"UnbindDevice", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return s.UnbindDevice(ctx, x.app, x.user, x.device)
		}, latchkey.CodeUserNotFound},
		{"ResetDevices", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ResetDevices(ctx, x.app, service.UserSelection{IDs: []string{x.user}}, service.BulkCall{}))
		}, ""},
		{"ResetUserDevices", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ResetUserDevices(ctx, x.app, x.user))
		}, latchkey.CodeUserNotFound},
		{"RemoveUserSubscription", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.RemoveUserSubscription(ctx, x.app, x.user, x.subscription))
		}, latchkey.CodeUserNotFound},
		{"ListAccess", latchkey.PermBlacklistsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListAccess(ctx, x.app, latchkey.Blacklist, service.AccessFilter{}))
		}, ""},
		{"Access", latchkey.PermBlacklistsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.Access(ctx, x.app, latchkey.Blacklist, x.black))
		}, latchkey.CodeBlacklistNotFound},
		{"CreateAccess", latchkey.PermBlacklistsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.CreateAccess(ctx, x.app, latchkey.Blacklist, service.NewAccess{Kind: "ip", Value: "192.0.2.2"}))
		}, ""},
		{"UpdateAccess", latchkey.PermBlacklistsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UpdateAccess(ctx, x.app, latchkey.Blacklist, x.black, service.AccessEdit{Reason: point("x")}))
		}, latchkey.CodeBlacklistNotFound},
		{"ImportAccess", latchkey.PermBlacklistsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ImportAccess(ctx, x.app, latchkey.Blacklist, service.AccessImport{Text: "192.0.2.3"}))
		}, ""},
		{"DeleteAccess", latchkey.PermBlacklistsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteAccess(ctx, x.app, latchkey.Blacklist, x.black)
		}, latchkey.CodeBlacklistNotFound},
		{"DeleteAccessEntries", latchkey.PermBlacklistsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.DeleteAccessEntries(ctx, x.app, latchkey.Blacklist, service.AccessSelection{All: true}, service.BulkCall{}))
		}, ""},

		{"ListAccess", latchkey.PermWhitelistsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ListAccess(ctx, x.app, latchkey.Whitelist, service.AccessFilter{}))
		}, ""},
		{"Access", latchkey.PermWhitelistsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.Access(ctx, x.app, latchkey.Whitelist, x.white))
		}, latchkey.CodeWhitelistNotFound},
		{"CreateAccess", latchkey.PermWhitelistsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.CreateAccess(ctx, x.app, latchkey.Whitelist, service.NewAccess{Kind: "ip", Value: "192.0.2.2"}))
		}, ""},
		{"UpdateAccess", latchkey.PermWhitelistsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UpdateAccess(ctx, x.app, latchkey.Whitelist, x.white, service.AccessEdit{Reason: point("x")}))
		}, latchkey.CodeWhitelistNotFound},
		{"ImportAccess", latchkey.PermWhitelistsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.ImportAccess(ctx, x.app, latchkey.Whitelist, service.AccessImport{Text: "192.0.2.3"}))
		}, ""},
		{"DeleteAccess", latchkey.PermWhitelistsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteAccess(ctx, x.app, latchkey.Whitelist, x.white)
		}, latchkey.CodeWhitelistNotFound},
		{"DeleteAccessEntries", latchkey.PermWhitelistsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.DeleteAccessEntries(ctx, x.app, latchkey.Whitelist, service.AccessSelection{All: true}, service.BulkCall{}))
		}, ""},
		{"BanUsers", latchkey.PermUsersBan, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.BanUsers(ctx, x.app, service.UserSelection{IDs: []string{x.user}}, service.UserBan{}, service.BulkCall{}))
		}, ""},
		{"UnbanUsers", latchkey.PermUsersBan, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UnbanUsers(ctx, x.app, service.UserSelection{All: true}, service.BulkCall{}))
		}, ""},
		{"DeleteUser", latchkey.PermUsersDelete, func(ctx context.Context, s *service.Service, x things) error { return s.DeleteUser(ctx, x.app, x.user) }, latchkey.CodeUserNotFound},
		{"DeleteUsers", latchkey.PermUsersDelete, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.DeleteUsers(ctx, x.app, service.UserSelection{IDs: []string{x.user}}, service.BulkCall{}))
		}, ""},
		{"DeleteLicense", latchkey.PermLicensesDelete, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteLicense(ctx, x.app, x.license, false)
		}, latchkey.CodeLicenseNotFound},
		{"DeleteLicenses", latchkey.PermLicensesDelete, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.DeleteLicenses(ctx, x.app, service.LicenseSelection{IDs: []string{x.license}}, false, service.BulkCall{}))
		}, ""},
		{"DeleteSubscription", latchkey.PermSubscriptionsWrite, func(ctx context.Context, s *service.Service, x things) error {
			return s.DeleteSubscription(ctx, x.app, x.subscription, true)
		}, latchkey.CodeSubscriptionNotFound},
		{"DeleteApp", latchkey.PermAppsDelete, func(ctx context.Context, s *service.Service, x things) error { return s.DeleteApp(ctx, x.app, x.name) }, ""},
	}...)
}

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
		"OpenPanel", "PanelApp", "PanelCard", "PanelChangeEmail", "PanelChangePassword", "PanelEndSession", "PanelEndSessions", "PanelFileContent",
		"PanelFiles", "PanelRecoveryCodes", "PanelRedeem", "PanelRegister", "PanelResetDevices", "PanelSessions", "PanelSignIn", "PanelSignInByLicense",
		"PanelSignInToken", "PanelSignOut", "PanelTwoFactorConfirm", "PanelTwoFactorDisable", "PanelTwoFactorEnroll",
		"AnswerForgot", "ResetApp", "ResetPassword", "SweepPasswordResets", // password_reset_test.go
		"PostedLine", "StopLogWebhook", "SweepLogs", // log_test.go
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
		"CountDays", "CountOnline", "CountRefusal", "SweepDailyStats", // daily_test.go
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
	events, err := s.Service.ListAuditEvents(ctx, app, all)
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
		err := u.call(key, s.Service, x)
		// What an earlier use case of the walk ended or deleted is gone.
		gone := strings.HasPrefix(u.method, "Kill") || u.method == "DeleteUsers"
		gone = gone || u.method == "TestWebhook" && latchkey.CodeOf(err) == latchkey.CodeWebhookFailed // nobody listens
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
