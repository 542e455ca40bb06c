package service_test

import (
	"context"
	"slices"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/service"
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
	room.asksForReset(ctx, "ann", "secret")
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
	_, err = s.Service.SetAuditWebhook(ctx, app.ID, receiver, "")
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
	return append(slices.Concat(chatUseCases(), shelfUseCases(), auditWebhookUseCases()), []useCase{
		{"Session", latchkey.PermSessionsRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.Session(ctx, x.app, x.session))
		}, latchkey.CodeSessionNotFound},
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
			return drop(s.ListAuditEvents(ctx, x.app, service.AuditFilter{}))
		}, ""},
		{"BeginAuditExport", latchkey.PermAuditRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.BeginAuditExport(ctx, x.app, service.AuditFilter{}, "csv"))
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
			in, err := listfile.NewReader(strings.NewReader("FOR-"+x.license), listfile.Options{Format: listfile.Text, Duration: long})
			if err != nil {
				return err
			}
			return drop(s.ImportLicenses(ctx, x.app, service.ImportCall{}, &file{Reader: in}, nil))
		}, ""},
		{"BeginUserExport", latchkey.PermUsersRead, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.BeginUserExport(ctx, x.app, service.UserFilter{}, "csv"))
		}, ""},
		{"ImportUsers", latchkey.PermUsersCreate, func(ctx context.Context, s *service.Service, x things) error {
			in, err := listfile.NewUserReader(strings.NewReader("username\nimported-"+x.license), listfile.CSV)
			if err != nil {
				return err
			}
			return drop(s.ImportUsers(ctx, x.app, service.ImportCall{}, &people{UserReader: in}, nil))
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
		{"DeclineReset", latchkey.PermUsersUpdate, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.DeclineReset(ctx, x.app, x.user, "asks each day"))
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
		{"Log", latchkey.PermLogsRead, func(ctx context.Context, s *service.Service, x things) error { return drop(s.Log(ctx, x.app, x.log)) }, latchkey.CodeLogNotFound},
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
		{"BlacklistTokens", latchkey.PermTokensWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.BlacklistTokens(ctx, x.app, service.TokenSelection{All: true}, "resold", service.BulkCall{}))
		}, ""},
		{"UnblacklistTokens", latchkey.PermTokensWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.UnblacklistTokens(ctx, x.app, service.TokenSelection{All: true}, service.BulkCall{}))
		}, ""},
		{"DeleteTokens", latchkey.PermTokensWrite, func(ctx context.Context, s *service.Service, x things) error {
			return drop(s.DeleteTokens(ctx, x.app, service.TokenSelection{All: true, Status: latchkey.TokenBlacklisted}, service.BulkCall{}))
		}, ""},
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
			return drop(s.ListVariables(ctx, x.app, service.NamedFilter{}))
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
