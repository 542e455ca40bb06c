package latchkey

import (
	"slices"
	"strings"
)

// AuditAction is one of the things that audit logs tell of.
type AuditAction struct {
	Name string // such as "license.ban"
	Of   []Kind // what its target may be; none: nothing that has an id
}

// auditActions is the closed list: what an event says happened is one of these.
// What has once been in a log stays here, so that old events can be found.
var auditActions = []AuditAction{
	{"account.change_email", []Kind{KindAccount}},
	{"account.change_password", []Kind{KindAccount}},
	{"account.confirm", []Kind{KindAccountSession}},
	{"account.create", []Kind{KindAccount}},
	{"account.delete", []Kind{KindAccount}},
	{"account.disable", []Kind{KindAccount}},
	{"account.enable", []Kind{KindAccount}},
	{"account.sign_in", []Kind{KindAccount}},
	{"account.sign_out", []Kind{KindAccountSession}},
	{"api_key.create", []Kind{KindAPIKey}},
	{"api_key.delete", []Kind{KindAPIKey}},
	{"api_key.update", []Kind{KindAPIKey}},
	{"app.create", []Kind{KindApp}},
	{"app.delete", []Kind{KindApp}},
	{"app.disable", []Kind{KindApp}},
	{"app.enable", []Kind{KindApp}},
	{"app.learn_hash", []Kind{KindApp}},
	{"app.pause", []Kind{KindApp}},
	{"app.read_secrets", []Kind{KindApp}},
	{"app.resume", []Kind{KindApp}},
	{"app.rotate_credentials", []Kind{KindApp}},
	{"app.update", []Kind{KindApp}},
	{"audit.export", []Kind{KindApp}},
	{"audit_webhook.delete", []Kind{KindApp}},
	{"audit_webhook.resume", []Kind{KindApp}},
	{"audit_webhook.rotate_secret", []Kind{KindApp}},
	{"audit_webhook.set", []Kind{KindApp}},
	{"audit_webhook.stop", []Kind{KindApp}},
	{"blacklist.create", []Kind{KindBlacklistEntry}},
	{"blacklist.delete", []Kind{KindBlacklistEntry}},
	{"blacklist.delete_many", []Kind{KindApp}},
	{"blacklist.import", []Kind{KindApp}},
	{"blacklist.update", []Kind{KindBlacklistEntry}},
	{"chat.clear", []Kind{KindChannel}},
	{"chat.create", []Kind{KindChannel}},
	{"chat.delete", []Kind{KindChannel}},
	{"chat.delete_message", []Kind{KindChatMessage}},
	{"chat.mute", []Kind{KindUser}},
	{"chat.send", []Kind{KindChatMessage}},
	{"chat.unmute", []Kind{KindUser}},
	{"chat.unmute_many", []Kind{KindApp}},
	{"chat.update", []Kind{KindChannel}},
	{"database.restore", nil},
	{"deliveries.delete", []Kind{KindApp}},
	{"deliveries.retry", []Kind{KindApp}},
	{"delivery.delete", []Kind{KindOutbox}},
	{"delivery.retry", []Kind{KindOutbox}},
	{"device.bind", []Kind{KindDevice}},
	{"file.create", []Kind{KindFile}},
	{"file.delete", []Kind{KindFile}},
	{"file.replace", []Kind{KindFile}},
	{"file.update", []Kind{KindFile}},
	{"license.ban", []Kind{KindLicense}},
	{"license.create", []Kind{KindLicense, KindApp}},
	{"license.delete", []Kind{KindLicense}},
	{"license.extend", []Kind{KindLicense}},
	{"license.redeem", []Kind{KindLicense}},
	{"license.unban", []Kind{KindLicense}},
	{"license.update", []Kind{KindLicense}},
	{"licenses.ban", []Kind{KindApp}},
	{"licenses.delete", []Kind{KindApp}},
	{"licenses.export", []Kind{KindApp}},
	{"licenses.export_begin", []Kind{KindApp}},
	{"licenses.extend", []Kind{KindApp}},
	{"licenses.import", []Kind{KindApp}},
	{"licenses.unban", []Kind{KindApp}},
	{"log.delete", []Kind{KindLogLine}},
	{"log_webhook.delete", []Kind{KindApp}},
	{"log_webhook.set", []Kind{KindApp}},
	{"log_webhook.stop", []Kind{KindApp}},
	{"logs.delete", []Kind{KindApp}},
	{"logs.export", []Kind{KindApp}},
	{"panel.sign_in", []Kind{KindUser}},
	{"session.kill", []Kind{KindSession, KindPanelSession}},
	{"session.kill_all", []Kind{KindUser}},
	{"setup.complete", []Kind{KindAccount}},
	{"subscription.create", []Kind{KindSubscription}},
	{"subscription.delete", []Kind{KindSubscription}},
	{"subscription.pause", []Kind{KindSubscription}},
	{"subscription.resume", []Kind{KindSubscription}},
	{"subscription.update", []Kind{KindSubscription}},
	{"token.bind", []Kind{KindToken}},
	{"token.blacklist", []Kind{KindToken}},
	{"token.create", []Kind{KindToken}},
	{"token.delete", []Kind{KindToken}},
	{"token.reset", []Kind{KindToken}},
	{"token.unblacklist", []Kind{KindToken}},
	{"tokens.blacklist", []Kind{KindApp}},
	{"tokens.create", []Kind{KindApp}},
	{"tokens.delete", []Kind{KindApp}},
	{"tokens.unblacklist", []Kind{KindApp}},
	{"two_factor.disable", []Kind{KindUser}},
	{"two_factor.enable", []Kind{KindUser}},
	{"two_factor.enroll", []Kind{KindUser}},
	{"two_factor.new_recovery_codes", []Kind{KindUser}},
	{"two_factor.tries_used_up", []Kind{KindUser}},
	{"two_factor.use_recovery_code", []Kind{KindUser}},
	{"user.add_subscription", []Kind{KindUser}},
	{"user.ban", []Kind{KindUser}},
	{"user.ban_self", []Kind{KindUser}},
	{"user.change_email", []Kind{KindUser}},
	{"user.change_password", []Kind{KindUser}},
	{"user.change_time", []Kind{KindUser}},
	{"user.create", []Kind{KindUser}},
	{"user.create_sign_in_token", []Kind{KindUser}},
	{"user.decline_reset", []Kind{KindUser}},
	{"user.delete", []Kind{KindUser}},
	{"user.delete_variable", []Kind{KindUser}},
	{"user.disable_two_factor", []Kind{KindUser}},
	{"user.pause_subscription", []Kind{KindUser}},
	{"user.remove_subscription", []Kind{KindUser}},
	{"user.rename", []Kind{KindUser}},
	{"user.request_reset", []Kind{KindUser}},
	{"user.reset_device", []Kind{KindUser}},
	{"user.reset_devices", []Kind{KindUser}},
	{"user.reset_password", []Kind{KindUser}},
	{"user.resume_subscription", []Kind{KindUser}},
	{"user.send_password_reset", []Kind{KindUser}},
	{"user.set_first_password", []Kind{KindUser}},
	{"user.set_variable", []Kind{KindUser}},
	{"user.unban", []Kind{KindUser}},
	{"user.update", []Kind{KindUser}},
	{"users.ban", []Kind{KindApp}},
	{"users.change_time", []Kind{KindApp}},
	{"users.delete", []Kind{KindApp}},
	{"users.delete_variable", []Kind{KindApp}},
	{"users.export", []Kind{KindApp}},
	{"users.export_begin", []Kind{KindApp}},
	{"users.import", []Kind{KindApp}},
	{"users.reset_devices", []Kind{KindApp}},
	{"users.set_variable", []Kind{KindApp}},
	{"users.unban", []Kind{KindApp}},
	{"variable.create", []Kind{KindVariable}},
	{"variable.delete", []Kind{KindVariable}},
	{"variable.update", []Kind{KindVariable}},
	{"webhook.create", []Kind{KindWebhook}},
	{"webhook.delete", []Kind{KindWebhook}},
	{"webhook.test", []Kind{KindWebhook}},
	{"webhook.update", []Kind{KindWebhook}},
	{"whitelist.create", []Kind{KindWhitelistEntry}},
	{"whitelist.delete", []Kind{KindWhitelistEntry}},
	{"whitelist.delete_many", []Kind{KindApp}},
	{"whitelist.import", []Kind{KindApp}},
	{"whitelist.update", []Kind{KindWhitelistEntry}},
}

// AuditActions returns every action that audit logs tell of, sorted by name.
func AuditActions() []AuditAction { return slices.Clone(auditActions) }

// AuditActionsNamed returns the names of the actions that a name or a pattern
// such as license.* stands for; none: there is no such action.
func AuditActionsNamed(pattern string) (names []string) {
	begins, isPattern := strings.CutSuffix(pattern, "*")
	isPattern = isPattern && strings.HasSuffix(begins, ".")
	for _, a := range auditActions {
		if a.Name == pattern || isPattern && strings.HasPrefix(a.Name, begins) {
			names = append(names, a.Name)
		}
	}
	return names
}

// AuditActionsOf returns the names of the actions whose target may be of a kind.
func AuditActionsOf(kind Kind) (names []string) {
	for _, a := range auditActions {
		if slices.Contains(a.Of, kind) {
			names = append(names, a.Name)
		}
	}
	return names
}

// AuditObject is a word for what an event may be about, and the kind of its ids.
type AuditObject struct {
	Name string
	Kind Kind
}

// AuditObjects returns what audit logs can be narrowed to.
func AuditObjects() []AuditObject {
	return []AuditObject{
		{"account", KindAccount}, {"account_session", KindAccountSession}, {"api_key", KindAPIKey}, {"app", KindApp},
		{"blacklist_entry", KindBlacklistEntry}, {"chat_channel", KindChannel}, {"chat_message", KindChatMessage}, {"delivery", KindOutbox},
		{"device", KindDevice}, {"file", KindFile}, {"license", KindLicense}, {"log_line", KindLogLine}, {"panel_session", KindPanelSession},
		{"session", KindSession}, {"subscription", KindSubscription}, {"token", KindToken}, {"user", KindUser}, {"variable", KindVariable},
		{"webhook", KindWebhook}, {"whitelist_entry", KindWhitelistEntry},
	}
}
