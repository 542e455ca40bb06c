package latchkey

// Code names a kind of refusal. Codes are stable: programs compare them.
type Code string

// The closed list of codes. Each has its sentence below, its HTTP status in
// internal/web, its text on the compatible wire in internal/legacyapi, and its
// paragraph in docs/errors.md.
const (
	CodeInvalid          Code = "request.invalid"
	CodeMalformed        Code = "request.malformed"
	CodeTooLarge         Code = "request.too_large"
	CodeMediaType        Code = "request.media_type"
	CodeRouteNotFound    Code = "request.not_found"
	CodeMethodNotAllowed Code = "request.method_not_allowed"
	CodeCursorInvalid    Code = "request.cursor_invalid"
	CodeCrossOrigin      Code = "request.cross_origin"
	CodeRepeatDiffers    Code = "request.idempotency_mismatch"
	CodeRepeatRunning    Code = "request.in_progress"
	CodePrecondition     Code = "request.precondition_failed"
	CodeRateLimited      Code = "request.rate_limited"
	CodeCanceled         Code = "request.canceled"

	CodeAuthRequired  Code = "auth.required"
	CodeAuthInvalid   Code = "auth.invalid"
	CodeCredentials   Code = "auth.credentials"
	CodeForbidden     Code = "auth.forbidden"
	CodeConfirmation  Code = "auth.confirmation_required"
	CodeSetupClosed   Code = "setup.closed"
	CodeSetupToken    Code = "setup.token_invalid"
	CodeAccountExists Code = "account.exists"
	CodeAccountGone   Code = "account.not_found"
	CodeAPIKeyGone    Code = "api_key.not_found"

	CodeAccountDisabled Code = "account.disabled"
	CodeAccountOwnsApps Code = "account.owns_apps"
	CodeAccountOwn      Code = "account.own"
	CodeAccountLast     Code = "account.last_administrator"

	CodeAppNotFound         Code = "app.not_found"
	CodeAppExists           Code = "app.exists"
	CodeAppPaused           Code = "app.paused"
	CodeAppDisabled         Code = "app.disabled"
	CodeAppNotPaused        Code = "app.not_paused"
	CodeAppConfirmation     Code = "app.confirmation_required"
	CodeAppVersion          Code = "app.version_mismatch"
	CodeAppHash             Code = "app.hash_mismatch"
	CodeProtocolNotAccepted Code = "app.protocol_not_accepted"
	CodeEncryptionRequired  Code = "app.encryption_required"

	CodeSubscriptionNotFound  Code = "subscription.not_found"
	CodeSubscriptionExists    Code = "subscription.exists"
	CodeSubscriptionInUse     Code = "subscription.in_use"
	CodeSubscriptionPaused    Code = "subscription.paused"
	CodeSubscriptionNotPaused Code = "subscription.not_paused"
	CodeSubscriptionExpired   Code = "subscription.expired"
	CodeSubscriptionNoLevel   Code = "subscription.no_level"
	CodeSubscriptionNotHeld   Code = "subscription.not_held"

	CodeLicenseNotFound  Code = "license.not_found"
	CodeLicenseUsed      Code = "license.used"
	CodeLicenseBanned    Code = "license.banned"
	CodeLicenseNotBanned Code = "license.not_banned"
	CodeLicenseExists    Code = "license.exists"
	CodeLicenseWeak      Code = "license.weak_mask"
	CodeLicenseCustom    Code = "license.custom_unconfirmed"
	CodeImportRefused    Code = "import.refused"

	CodeUserNotFound   Code = "user.not_found"
	CodeUserExists     Code = "user.exists"
	CodeUserBanned     Code = "user.banned"
	CodeUserNotBanned  Code = "user.not_banned"
	CodeUserNameShort  Code = "user.name_too_short"
	CodePasswordWrong  Code = "user.password_mismatch"
	CodePasswordAbsent Code = "user.password_not_set"

	CodeDeviceMismatch Code = "device.mismatch"
	CodeDeviceRequired Code = "device.required"
	CodeDeviceShort    Code = "device.too_short"
	CodeDeviceNotFound Code = "device.not_found"

	CodeSessionNotFound    Code = "session.not_found"
	CodeSessionNotSignedIn Code = "session.not_signed_in"

	CodeClientBlacklisted Code = "client.blacklisted"
	CodeClientVPN         Code = "client.vpn_blocked"
	CodeClientRegion      Code = "client.region_blocked"

	CodeTokenNotFound     Code = "token.not_found"
	CodeTokenExists       Code = "token.exists"
	CodeTokenRequired     Code = "token.required"
	CodeTokenHashRequired Code = "token.hash_required"
	CodeTokenInvalid      Code = "token.invalid"
	CodeTokenBlacklisted  Code = "token.blacklisted"
	CodeTokenHash         Code = "token.hash_mismatch"

	CodeTokenNotBlacklisted Code = "token.not_blacklisted"

	CodeLevelTooLow Code = "subscription.level_too_low"

	CodeTwoFactorRequired   Code = "two_factor.code_required"
	CodeTwoFactorWrong      Code = "two_factor.code_mismatch"
	CodeTwoFactorEnabled    Code = "two_factor.enabled"
	CodeTwoFactorNotEnabled Code = "two_factor.not_enabled"
	CodeTwoFactorNotPending Code = "two_factor.not_pending"

	CodePasswordLeaked  Code = "user.password_leaked"
	CodeResetInvalid    Code = "password_reset.invalid"
	CodeMailOff         Code = "mail.not_configured"
	CodeDeviceResetSoon Code = "device.reset_too_soon"

	CodeResetNotRequested Code = "device.reset_not_requested"

	CodeVariableNotFound Code = "variable.not_found"
	CodeVariableExists   Code = "variable.exists"
	CodeVariableReadOnly Code = "variable.read_only"
	CodeVariableQuota    Code = "variable.quota_exceeded"

	CodeFileNotFound    Code = "file.not_found"
	CodeFileChanged     Code = "file.changed"
	CodeFileUnavailable Code = "file.unavailable"
	CodeFileQuota       Code = "file.quota_exceeded"

	CodeWebhookNotFound Code = "webhook.not_found"
	CodeWebhookExists   Code = "webhook.exists"
	CodeWebhookFailed   Code = "webhook.failed"

	CodeChatNotFound        Code = "chat.not_found"
	CodeChatExists          Code = "chat.exists"
	CodeChatTooFast         Code = "chat.too_fast"
	CodeChatMuted           Code = "chat.muted"
	CodeChatMessageNotFound Code = "chat.message_not_found"
	CodeChatMuteNotFound    Code = "chat.mute_not_found"

	CodeLogNotFound        Code = "log.not_found"
	CodeLogWebhookNotSet   Code = "log_webhook.not_set"
	CodeAuditWebhookNotSet Code = "audit_webhook.not_set"
	CodeDeliveryNotFound   Code = "delivery.not_found"
	CodeBlacklistNotFound  Code = "blacklist.not_found"
	CodeBlacklistExists    Code = "blacklist.exists"
	CodeWhitelistNotFound  Code = "whitelist.not_found"
	CodeWhitelistExists    Code = "whitelist.exists"

	CodeBusy        Code = "server.busy"
	CodeUnavailable Code = "server.unavailable"
	CodeInternal    Code = "server.internal"
)

// CodeInfo is one row of the documented list.
type CodeInfo struct {
	Code     Code
	Sentence string // what the caller can do about it
}

// Codes returns every code with its standard sentence, in documentation order.
func Codes() []CodeInfo {
	return []CodeInfo{
		{CodeInvalid, "A field of the request breaks a rule; see errors."},
		{CodeMalformed, "The request could not be read; check that the body is well-formed JSON in UTF-8 without duplicate names."},
		{CodeTooLarge, "The request is larger than this call accepts."},
		{CodeMediaType, "Send the body as application/json without content encoding."},
		{CodeRouteNotFound, "There is no such call; see /api/v1/docs."},
		{CodeMethodNotAllowed, "This path does not answer to that method; see /api/v1/docs."},
		{CodeCursorInvalid, "The cursor is not one that this server gave for this list; start again from the first page."},
		{CodeCrossOrigin, "Requests that change something are accepted from this server's own pages only."},
		{CodeRepeatDiffers, "This Idempotency-Key was used for another request; take a new one for each request."},
		{CodeRepeatRunning, "The request with this Idempotency-Key is still being served; repeat it in a moment."},
		{CodePrecondition, "It has been changed since you read it; read it again and decide anew."},
		{CodeRateLimited, "Too many attempts; wait a while before the next one."},
		{CodeCanceled, "The client hung up before it was answered."},

		{CodeAuthRequired, "Sign in or send an API key."},
		{CodeAuthInvalid, "The session or API key is not valid any more; sign in again or create a new key."},
		{CodeCredentials, "The e-mail address or the password is wrong."},
		{CodeConfirmation, "Type in your password once more; then make the call again."},
		{CodeForbidden, "Your account or API key does not have the permission that this call needs."},
		{CodeSetupClosed, "This server has its owner already; sign in instead."},
		{CodeSetupToken, "The setup link is not valid; use the one that the server printed last."},
		{CodeAccountExists, "An account with this e-mail address exists already."},
		{CodeAccountGone, "There is no such account."},
		{CodeAPIKeyGone, "There is no such API key."},
		{CodeAccountDisabled, "An administrator of this server has disabled the account."},
		{CodeAccountOwnsApps, "The account owns applications; have its owner delete them first, or disable the account."},
		{CodeAccountOwn, "This is your own account; another administrator can do that."},
		{CodeAccountLast, "Nobody else could administer this server; make another administrator first."},

		{CodeAppNotFound, "There is no such application."},
		{CodeAppExists, "You have an application of this name already; choose another name."},
		{CodeAppPaused, "The application is paused; resume it first."},
		{CodeAppDisabled, "The application is disabled."},
		{CodeAppNotPaused, "The application is not paused."},
		{CodeAppConfirmation, "Repeat the application's exact name as confirmation."},
		{CodeAppVersion, "The program's version is not the application's current one."},
		{CodeAppHash, "The program's file hash is not in the application's list."},
		{CodeProtocolNotAccepted, "The application does not accept this version of the client API; its owner can switch it on."},
		{CodeEncryptionRequired, "The application requires an encryption key at init."},

		{CodeSubscriptionNotFound, "There is no such subscription."},
		{CodeSubscriptionExists, "The application has a subscription of this name already; choose another name."},
		{CodeSubscriptionInUse, "Users hold this subscription; confirm that it is to be taken from them."},
		{CodeSubscriptionPaused, "The subscription is paused."},
		{CodeSubscriptionNotPaused, "The subscription is not paused."},
		{CodeSubscriptionExpired, "The user has no active subscription."},
		{CodeSubscriptionNoLevel, "No subscription has the license's level; create one first."},
		{CodeSubscriptionNotHeld, "The user does not hold this subscription."},

		{CodeLicenseNotFound, "There is no such license."},
		{CodeLicenseUsed, "The license has been used; extend its user instead."},
		{CodeLicenseBanned, "The license is banned."},
		{CodeLicenseNotBanned, "The license is not banned."},
		{CodeLicenseExists, "A license with this key exists already."},
		{CodeLicenseWeak, "The mask is easier to guess than the application allows; add stars."},
		{CodeLicenseCustom, "A mask without a star is a custom key; confirm it with custom_key and an amount of 1."},
		{CodeImportRefused, "A row of the file is refused, so nothing was imported; correct it, or let such rows be skipped."},

		{CodeUserNotFound, "There is no such user."},
		{CodeUserExists, "A user of this name exists already; choose another name."},
		{CodeUserBanned, "The user is banned."},
		{CodeUserNotBanned, "The user is not banned."},
		{CodeUserNameShort, "The user name is shorter than the application allows."},
		{CodePasswordWrong, "The password is wrong."},
		{CodePasswordAbsent, "The user has no password; set one first."},

		{CodeDeviceMismatch, "The user is bound to another device; reset its devices first."},
		{CodeDeviceRequired, "The application requires a hardware id."},
		{CodeDeviceShort, "The hardware id is shorter than the application allows."},
		{CodeDeviceNotFound, "There is no such device."},

		{CodeSessionNotFound, "The session has ended or never was; start a new one."},
		{CodeSessionNotSignedIn, "Nobody has signed in with this session."},

		{CodeClientBlacklisted, "The device or address is blacklisted."},
		{CodeClientVPN, "The application does not accept VPNs, proxies and hosting providers."},
		{CodeClientRegion, "The application is not available in this country."},

		{CodeTokenNotFound, "There is no such token."},
		{CodeTokenExists, "The user or license has a token already; reset it instead."},
		{CodeTokenRequired, "The application requires a token at init."},
		{CodeTokenHashRequired, "The application requires the hash of the token file at init."},
		{CodeTokenInvalid, "The token is not valid."},
		{CodeTokenBlacklisted, "The token is blacklisted."},
		{CodeTokenHash, "The token is bound to another file."},
		{CodeTokenNotBlacklisted, "The token is not blacklisted."},

		{CodeLevelTooLow, "No active subscription of the user has the level that this needs."},

		{CodeTwoFactorRequired, "The user signs in with a code of their authenticator as well."},
		{CodeTwoFactorWrong, "The code is wrong or has been used."},
		{CodeTwoFactorEnabled, "The user has a second factor already."},
		{CodeTwoFactorNotEnabled, "The user has no second factor."},
		{CodeTwoFactorNotPending, "No enrolment is waiting for its code; start again."},

		{CodePasswordLeaked, "The password is known from data breaches; choose another one."},
		{CodeResetInvalid, "The link for a new password is not valid any more; ask for a new one."},
		{CodeMailOff, "This server sends no mail; its operator can set it up."},
		{CodeDeviceResetSoon, "The devices were reset a short while ago; try again later."},
		{CodeResetNotRequested, "The user has not asked for a reset of their devices."},

		{CodeVariableNotFound, "There is no such variable."},
		{CodeVariableExists, "The application has a variable of this name already."},
		{CodeVariableReadOnly, "The variable can be changed by the seller only."},
		{CodeVariableQuota, "The application or the user has as many variables as it may have; delete one first."},

		{CodeFileNotFound, "There is no such file."},
		{CodeFileChanged, "The file has been replaced meanwhile; start again."},
		{CodeFileUnavailable, "The file cannot be fetched from where it is kept."},
		{CodeFileQuota, "The application's files would be more, or larger, than the server allows."},

		{CodeWebhookNotFound, "There is no such webhook."},
		{CodeWebhookExists, "The application has a webhook of this name already."},
		{CodeWebhookFailed, "The address of the webhook could not be called."},

		{CodeChatNotFound, "There is no such chat channel."},
		{CodeChatExists, "The application has a chat channel of this name already."},
		{CodeChatTooFast, "The channel asks for a pause between messages."},
		{CodeChatMuted, "The user is muted."},
		{CodeChatMessageNotFound, "There is no such message."},
		{CodeChatMuteNotFound, "The user is not muted."},

		{CodeLogNotFound, "There is no such log line."},
		{CodeLogWebhookNotSet, "The application has no webhook for its log lines."},
		{CodeAuditWebhookNotSet, "The application has no webhook for its audit log."},
		{CodeDeliveryNotFound, "There is no such failed delivery."},
		{CodeBlacklistNotFound, "There is no such blacklist entry."},
		{CodeBlacklistExists, "The blacklist has this entry already."},
		{CodeWhitelistNotFound, "There is no such whitelist entry."},
		{CodeWhitelistExists, "The whitelist has this entry already."},

		{CodeBusy, "The server is busy; try again in a moment."},
		{CodeUnavailable, "The database cannot be reached or cannot be written; try again in a moment."},
		{CodeInternal, "Something went wrong on the server; its log has the details under this request id."},
	}
}

// Sentence returns the standard sentence of a code.
func (c Code) Sentence() string {
	for _, info := range Codes() {
		if info.Code == c {
			return info.Sentence
		}
	}
	return ""
}

// Field is the field of a request that a code always blames, "" if that depends
// on the call: an error of the code that names another field wins.
func (c Code) Field() string {
	switch c {
	case CodeAppExists, CodeSubscriptionExists, CodeVariableExists, CodeWebhookExists, CodeChatExists:
		return "name"
	case CodeUserExists, CodeUserNameShort:
		return "username"
	case CodeAccountExists:
		return "email"
	case CodeBlacklistExists, CodeWhitelistExists:
		return "value"
	case CodeLicenseExists, CodeLicenseWeak, CodeLicenseCustom:
		return "mask"
	case CodeTokenExists:
		return "user_id"
	case CodePasswordLeaked:
		return "password"
	case CodeAppConfirmation:
		return "confirm"
	}
	return ""
}
