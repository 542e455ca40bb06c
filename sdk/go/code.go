package latchkey

import "slices"

// Code names a kind of refusal. Servers may send codes that are not listed here.
type Code string

// The codes that a program may want to tell apart. docs/errors.md says what
// each means.
const (
	CodeInvalid       Code = "request.invalid"
	CodeMalformed     Code = "request.malformed"
	CodeTooLarge      Code = "request.too_large"
	CodeMediaType     Code = "request.media_type"
	CodeNotFound      Code = "request.not_found"
	CodeMethod        Code = "request.method_not_allowed"
	CodeRepeatDiffers Code = "request.idempotency_mismatch"
	CodeRepeatRunning Code = "request.in_progress"
	CodeRateLimited   Code = "request.rate_limited"

	CodeAppPaused   Code = "app.paused"
	CodeAppDisabled Code = "app.disabled"
	CodeAppVersion  Code = "app.version_mismatch"
	CodeAppHash     Code = "app.hash_mismatch"
	CodeAppProtocol Code = "app.protocol_not_accepted"

	CodeSubscriptionPaused  Code = "subscription.paused"
	CodeSubscriptionExpired Code = "subscription.expired"
	CodeSubscriptionNoLevel Code = "subscription.no_level"

	CodeLicenseNotFound Code = "license.not_found"
	CodeLicenseUsed     Code = "license.used"
	CodeLicenseBanned   Code = "license.banned"

	CodeUserNotFound  Code = "user.not_found"
	CodeUserExists    Code = "user.exists"
	CodeUserBanned    Code = "user.banned"
	CodeUserNameShort Code = "user.name_too_short"
	CodePasswordWrong Code = "user.password_mismatch" // or no such user: which is not said

	CodeDeviceMismatch Code = "device.mismatch"
	CodeDeviceRequired Code = "device.required"
	CodeDeviceShort    Code = "device.too_short"

	CodeSessionNotFound    Code = "session.not_found"
	CodeSessionNotSignedIn Code = "session.not_signed_in"

	CodeBusy        Code = "server.busy"
	CodeUnavailable Code = "server.unavailable"
	CodeInternal    Code = "server.internal"
)

// The codes of single functions, and of what an application may ask for.
const (
	CodeTwoFactorWrong     Code = "two_factor.code_mismatch"
	CodeTwoFactorEnabled   Code = "two_factor.enabled"
	CodeTwoFactorDisabled  Code = "two_factor.not_enabled"
	CodeVariableNotFound   Code = "variable.not_found"
	CodeVariableReadOnly   Code = "variable.read_only"
	CodeFileNotFound       Code = "file.not_found"
	CodeFileChanged        Code = "file.changed"
	CodeFileUnavailable    Code = "file.unavailable"
	CodeWebhookNotFound    Code = "webhook.not_found"
	CodeWebhookFailed      Code = "webhook.failed"
	CodeChatNotFound       Code = "chat.not_found"
	CodeChatTooFast        Code = "chat.too_fast"
	CodeChatMuted          Code = "chat.muted"
	CodeClientBlacklisted  Code = "client.blacklisted"
	CodeClientVPN          Code = "client.vpn_blocked"
	CodeClientRegion       Code = "client.region_blocked"
	CodeTokenInvalid       Code = "token.invalid"
	CodeTokenRequired      Code = "token.required"
	CodeTokenHashRequired  Code = "token.hash_required"
	CodeTokenHashMismatch  Code = "token.hash_mismatch"
	CodeTokenBlacklisted   Code = "token.blacklisted"
	CodeMailOff            Code = "mail.not_configured"
	CodePasswordLeaked     Code = "user.password_leaked"
	CodeSubscriptionTooLow Code = "subscription.level_too_low"
)

// final reports whether a refusal ends what the customer had, so that nothing
// may be left to go on with offline.
func (c Code) final() bool {
	return slices.Contains([]Code{CodeUserBanned, CodeUserNotFound, CodeLicenseBanned, CodeLicenseNotFound, CodeSubscriptionExpired, CodeSubscriptionPaused,
		CodeDeviceMismatch, CodeAppDisabled, CodeAppPaused, CodeAppHash, CodeAppProtocol, CodeSessionNotFound, CodeClientBlacklisted, CodeTokenInvalid, CodeTokenBlacklisted}, c)
}
