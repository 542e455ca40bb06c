package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestAudit(t *testing.T) {
	tell(t, []story{
		{"every use case that changes something leaves its event", everyChange},
		{"an event says who, what, when and from where", eventFields},
		{"what is refused leaves no event", refusalsLeaveNothing},
		{"the accounts' events are in the server's own log", serverLog},
		{"a deleted app's log stays verified", logOutlivesApp},
		{"many at once leave one chain", manyAtOnce},
	})
}

// newest are the app's first n actions, newest first.
func (s *scene) newest(ctx context.Context, app string, n int) []string {
	s.Helper()
	list, err := s.Service.ListAuditEvents(ctx, app, service.AuditFilter{Page: service.Page{Limit: n}})
	s.must(err)
	out := make([]string, len(list.Items))
	for i, ev := range list.Items {
		out[i] = ev.Action
	}
	return out
}

func everyChange(s *scene) {
	ann := other(s, s.Env, "audit@example.com")
	x := furnish(s, s.As(ann))
	want := map[string]string{ // what is not here only reads
		"AppSecrets": "app.read_secrets", "UpdateApp": "app.update", "PauseApp": "app.pause", "ResumeApp": "app.resume", "DisableApp": "app.disable",
		"EnableApp": "app.enable", "RotateCredentials": "app.rotate_credentials",
		"CreateSubscription": "subscription.create", "UpdateSubscription": "subscription.update", "PauseSubscription": "subscription.pause",
		"ResumeSubscription": "subscription.resume", "DeleteSubscription": "subscription.delete",
		// EachOfBatch reads; its call in the table makes the batch first.
		"CreateLicenses": "license.create", "CreateLicenseBatch": "license.create", "EachOfBatch": "license.create", "BeginLicenseExport": "licenses.export_begin", "ImportLicenses": "licenses.import", "BeginUserExport": "users.export_begin", "ImportUsers": "users.import", "UpdateLicense": "license.update", "ExtendLicense": "license.extend", "ExtendLicenses": "license.extend",
		"BanLicenses": "license.ban", "UnbanLicenses": "licenses.unban",
		"BanLicense": "license.ban", "UnbanLicense": "license.unban", "DeleteLicense": "license.delete",
		"CreateUser": "user.create", "UpdateUser": "user.update", "BanUser": "user.ban", "UnbanUser": "user.unban", "DisableUserTwoFactor": "user.disable_two_factor", "CreateSignInToken": "user.create_sign_in_token", "RedeemLicense": "license.redeem",
		"AddUserSubscription": "user.add_subscription", "PauseUserSubscription": "user.pause_subscription", "ResumeUserSubscription": "user.resume_subscription",
		"RemoveUserSubscription": "user.remove_subscription", "ChangeTime": "user.change_time", "UnbindDevice": "user.reset_device", "DeleteUser": "user.delete",
		"BeginAuditExport": "audit.export", "BeginLogExport": "logs.export", "DeleteLog": "log.delete", "DeleteLogs": "logs.delete", "SetLogWebhook": "log_webhook.set", "DeleteLogWebhook": "log_webhook.delete",
		"SetAuditWebhook": "audit_webhook.set", "RotateAuditWebhookSecret": "audit_webhook.rotate_secret", "ResumeAuditWebhook": "audit_webhook.resume", "DeleteAuditWebhook": "audit_webhook.delete",
		"RetryDelivery": "delivery.retry", "DeleteDelivery": "delivery.delete",
		"CreateToken": "token.create", "CreateTokens": "tokens.create", "BlacklistToken": "token.blacklist", "UnblacklistToken": "token.unblacklist",
		"ResetToken": "token.reset", "DeleteToken": "token.delete",
		"BlacklistTokens": "tokens.blacklist", "UnblacklistTokens": "tokens.unblacklist", "DeleteTokens": "tokens.delete",
		"CreateVariable": "variable.create", "UpdateVariable": "variable.update", "DeleteVariable": "variable.delete",
		"SetUserVariable": "user.set_variable", "UpdateUserVariable": "user.set_variable", "DeleteUserVariable": "user.delete_variable",
		"SetVariables": "user.set_variable", "DeleteVariables": "user.delete_variable",
		"UploadFile": "file.create", "LinkFile": "file.create", "ReplaceFile": "file.replace", "UpdateFile": "file.update", "DeleteFile": "file.delete",
		"CreateWebhook": "webhook.create", "UpdateWebhook": "webhook.update", "TestWebhook": "webhook.test", "DeleteWebhook": "webhook.delete",
		"DeclineReset": "user.decline_reset",
		"BanUsers":     "user.ban", "UnbanUsers": "user.unban users.unban",
		"CreateAccess": "LIST.create", "UpdateAccess": "LIST.update", "ImportAccess": "LIST.import", "DeleteAccess": "LIST.delete", "DeleteAccessEntries": "LIST.delete_many",
		"KillSession": "session.kill", "KillSessions": "session.kill_all",
		"CreateChannel": "chat.create", "UpdateChannel": "chat.update", "DeleteChannel": "chat.delete", "SendChatMessage": "chat.send",
		"DeleteChatMessage": "chat.delete_message", "ClearChannel": "chat.clear", "MuteUser": "chat.mute", "Unmute": "chat.unmute", "LiftMutes": "chat.unmute_many",
	}
	for _, u := range useCases() {
		if u.method == "DeleteApp" {
			break
		}
		before := s.newest(s.As(ann), x.app, service.MaxLimit)
		err := u.call(s.As(ann), s.Service, x)
		after := s.newest(s.As(ann), x.app, service.MaxLimit)
		added := slices.Clone(after[:len(after)-len(before)])
		if latchkey.CodeOf(err) == latchkey.CodeWebhookFailed { // it was called, though nobody listens
			err = nil
		}
		list, _, _ := strings.Cut(string(u.needs), "s.")
		wanted := strings.Fields(strings.ReplaceAll(want[u.method], "LIST", list))
		slices.Sort(added)
		switch {
		case err != nil || want[u.method] == "":
			if len(added) > 0 && u.method != "DeleteLicenses" && u.method != "DeleteUsers" && u.method != "ResetDevices" {
				s.Errorf("%s (%v) left %v", u.method, err, added)
			}
		case !cmp.Equal(added, wanted):
			s.Errorf("%s left %v, want %v", u.method, added, wanted)
		}
	}
	// Those of which the walk has left nothing to change.
	room := furnish(s, s.Ctx())
	_, err := s.Service.ResetDevices(s.Ctx(), room.app, service.UserSelection{All: true}, service.BulkCall{})
	s.must(err)
	_, err = s.Service.DeleteUsers(s.Ctx(), room.app, service.UserSelection{All: true}, service.BulkCall{})
	s.must(err)
	_, err = s.Service.DeleteLicenses(s.Ctx(), room.app, service.LicenseSelection{IDs: []string{room.license}}, false, service.BulkCall{})
	s.must(err)
	_, err = s.Service.DeleteLicenses(s.Ctx(), room.app, service.LicenseSelection{All: true}, false, service.BulkCall{})
	s.must(err)
	if diff := cmp.Diff([]string{"licenses.delete", "license.delete", "users.delete", "user.delete", "users.reset_devices", "user.reset_devices"}, s.newest(s.Ctx(), room.app, 6)); diff != "" {
		s.Errorf("selections (-want +got):\n%s", diff)
	}
	s.must(s.Service.DeleteApp(s.Ctx(), room.app, room.name))
}

func eventFields(s *scene) {
	l := s.Licenses(s.app.ID, 1, "1d")[0]
	key, token := s.newKey(service.NewAPIKey{Name: "bans", Permissions: []latchkey.Permission{latchkey.PermLicensesBan}})
	actor, err := s.Service.AuthenticateAPIKey(outside(), token)
	s.must(err)
	ctx := service.WithActor(service.WithOrigin(context.Background(), service.Origin{RequestID: "req_1", IP: "198.51.100.4"}), actor)
	_, err = s.Service.BanLicense(ctx, s.app.ID, l.ID, "fraud", false)
	s.must(err)
	list, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: 1}})
	s.must(err)
	got := list.Items[0].AuditEvent
	want := latchkey.AuditEvent{Chain: s.app.ID, Seq: got.Seq, At: s.Clock.Now(), ActorKind: "api_key", ActorID: key.ID, Action: "license.ban", TargetID: l.ID,
		Details: map[string]any{"reason": "fraud", "user_too": false}, RequestID: "req_1", IP: "198.51.100.4", Hash: got.Hash}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("event (-want +got):\n%s", diff)
	}
	_, err = s.license(s.key("1d"), machine)
	s.must(err)
	list, err = s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: 2}})
	s.must(err)
	for i, action := range []string{"device.bind", "license.redeem"} {
		ev := list.Items[i]
		if ev.Action != action || ev.ActorKind != "customer" || !latchkey.IsID(latchkey.KindUser, ev.ActorID) || ev.IP != "" {
			s.Errorf("event %+v, want %s by the customer, from nowhere", ev, action)
		}
	}
	seqs, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: service.MaxLimit}})
	s.must(err)
	for i, ev := range seqs.Items {
		if ev.Seq != int64(len(seqs.Items)-i) {
			s.Fatalf("the events are numbered %d at place %d", ev.Seq, i)
		}
	}
}

func refusalsLeaveNothing(s *scene) {
	list := s.Licenses(s.app.ID, 2, "1d")
	s.ban(list[0].ID, "", false)
	before := s.actions()
	_, err := s.Service.BanLicense(s.Ctx(), s.app.ID, list[0].ID, "", true)
	s.refused(err, latchkey.CodeLicenseBanned)
	_, err = s.license(list[0].Key.Reveal(), machine)
	s.refused(err, latchkey.CodeLicenseBanned)
	s.refused(s.Service.KillSession(s.Ctx(), s.app.ID, "ses_none"), latchkey.CodeSessionNotFound)
	_, err = s.Service.CreateSubscription(s.Ctx(), s.app.ID, "default", 1)
	s.refused(err, latchkey.CodeSubscriptionExists)
	s.refused(s.Service.DeleteApp(s.Ctx(), s.app.ID, "no"), latchkey.CodeAppConfirmation)
	if diff := cmp.Diff(before, s.actions()); diff != "" {
		s.Errorf("events (-before +after):\n%s", diff)
	}
}

func serverLog(s *scene) {
	other(s, s.Env, "log@example.com")
	ctx, in := s.signedInAs("log@example.com", "another long password")
	key, _, err := s.Service.CreateAPIKey(ctx, service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
	s.must(err)
	s.must(s.Service.DeleteAPIKey(ctx, key.ID))
	s.must(drop(s.Service.ChangePassword(ctx, "another long password", "the next long password")))
	s.must(s.Service.EndAccountSession(ctx, in.Session.ID))
	want := []string{"account.sign_out", "account.change_password", "api_key.delete", "api_key.create", "account.sign_in", "account.create"}
	if diff := cmp.Diff(want, s.newest(s.Ctx(), "", len(want))); diff != "" {
		s.Errorf("events (-want +got):\n%s", diff)
	}
	all := s.newest(s.Ctx(), "", service.MaxLimit)
	if diff := cmp.Diff([]string{"api_key.create", "setup.complete"}, all[len(all)-2:]); diff != "" {
		if diff := cmp.Diff([]string{"setup.complete", "api_key.create"}, all[len(all)-2:]); diff != "" {
			s.Errorf("the log begins with (-want +got):\n%s", diff)
		}
	}
}

func logOutlivesApp(s *scene) {
	s.signedIn("1d")
	s.must(s.Service.DeleteApp(s.Ctx(), s.app.ID, s.app.Name))
	s.must(s.DB.VerifyAudit(s.Context()))
	_, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{})
	s.refused(err, latchkey.CodeAppNotFound)
}

func manyAtOnce(s *scene) {
	l := s.Licenses(s.app.ID, 1, "1d")[0]
	before := len(s.actions())
	errs := together(40, func(i int) error {
		return drop(s.Service.UpdateLicense(s.Ctx(), s.app.ID, l.ID, latchkey.LicenseEdit{Note: point(fmt.Sprint(i))}))
	})
	if diff := cmp.Diff(map[latchkey.Code]int{"": 40}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
	if n := len(s.actions()) - before; n != 40 {
		s.Errorf("%d events, want 40", n)
	}
	s.must(s.DB.VerifyAudit(s.Context()))
}

// events are all events that the owner may read, as text.
func (s *scene) events(apps ...string) string {
	s.Helper()
	var text strings.Builder
	for _, app := range append(apps, "") {
		list, err := s.Service.ListAuditEvents(s.Ctx(), app, service.AuditFilter{Page: service.Page{Limit: service.MaxLimit}})
		s.must(err)
		for _, ev := range list.Items {
			b, err := json.Marshal(ev.AuditEvent) // what is stored, without the names that are read beside it
			s.must(err)
			text.Write(b)
			text.WriteByte('\n')
		}
	}
	return text.String()
}
