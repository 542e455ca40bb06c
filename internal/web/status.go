package web

import (
	"net/http"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// StatusCanceled stands in the log and the metrics for an answer that nobody
// waited for. HTTP has no such status; proxies use this one.
const StatusCanceled = 499

// Status is the one table from codes to HTTP statuses, for every surface that
// answers in plain HTTP. A code that is missing is a 500, and a test fails.
func Status(code latchkey.Code) int {
	switch code {
	case latchkey.CodeInvalid,
		latchkey.CodeMalformed,
		latchkey.CodeCursorInvalid,
		latchkey.CodeAppConfirmation,
		latchkey.CodeLicenseWeak,
		latchkey.CodeLicenseCustom,
		latchkey.CodeUserNameShort,
		latchkey.CodeDeviceRequired,
		latchkey.CodeDeviceShort,
		latchkey.CodeTokenRequired,
		latchkey.CodeTokenHashRequired,
		latchkey.CodePasswordLeaked:
		return http.StatusBadRequest

	case latchkey.CodeAuthRequired,
		latchkey.CodeAuthInvalid,
		latchkey.CodeCredentials,
		latchkey.CodePasswordWrong,
		latchkey.CodeSessionNotSignedIn,
		latchkey.CodeTwoFactorRequired,
		latchkey.CodeTwoFactorWrong:
		return http.StatusUnauthorized

	case latchkey.CodeForbidden,
		latchkey.CodeConfirmation,
		latchkey.CodeCrossOrigin,
		latchkey.CodeSetupToken,
		latchkey.CodeAccountDisabled,
		latchkey.CodeAppPaused,
		latchkey.CodeAppDisabled,
		latchkey.CodeAppVersion,
		latchkey.CodeAppHash,
		latchkey.CodeProtocolNotAccepted,
		latchkey.CodeEncryptionRequired,
		latchkey.CodeSubscriptionPaused,
		latchkey.CodeSubscriptionExpired,
		latchkey.CodeUserBanned,
		latchkey.CodeDeviceMismatch,
		latchkey.CodeClientBlacklisted,
		latchkey.CodeClientVPN,
		latchkey.CodeClientRegion,
		latchkey.CodeTokenInvalid,
		latchkey.CodeTokenBlacklisted,
		latchkey.CodeTokenHash,
		latchkey.CodeLevelTooLow,
		latchkey.CodeResetInvalid,
		latchkey.CodeDeviceResetSoon,
		latchkey.CodeVariableReadOnly,
		latchkey.CodeChatMuted:
		return http.StatusForbidden

	case latchkey.CodeRouteNotFound,
		latchkey.CodeAccountGone,
		latchkey.CodeAPIKeyGone,
		latchkey.CodeAppNotFound,
		latchkey.CodeSubscriptionNotFound,
		latchkey.CodeSubscriptionNotHeld,
		latchkey.CodeLicenseNotFound,
		latchkey.CodeUserNotFound,
		latchkey.CodeDeviceNotFound,
		latchkey.CodeSessionNotFound,
		latchkey.CodeTokenNotFound,
		latchkey.CodeVariableNotFound,
		latchkey.CodeFileNotFound,
		latchkey.CodeWebhookNotFound,
		latchkey.CodeChatNotFound,
		latchkey.CodeChatMessageNotFound,
		latchkey.CodeChatMuteNotFound,
		latchkey.CodeLogNotFound,
		latchkey.CodeLogWebhookNotSet,
		latchkey.CodeAuditWebhookNotSet,
		latchkey.CodeDeliveryNotFound,
		latchkey.CodeBlacklistNotFound,
		latchkey.CodeWhitelistNotFound:
		return http.StatusNotFound

	case latchkey.CodeMethodNotAllowed:
		return http.StatusMethodNotAllowed

	case latchkey.CodeRepeatDiffers:
		return http.StatusUnprocessableEntity

	case latchkey.CodeRepeatRunning,
		latchkey.CodeSetupClosed,
		latchkey.CodeAccountExists,
		latchkey.CodeAccountOwnsApps,
		latchkey.CodeAccountOwn,
		latchkey.CodeAccountLast,
		latchkey.CodeAppExists,
		latchkey.CodeAppNotPaused,
		latchkey.CodeSubscriptionExists,
		latchkey.CodeSubscriptionInUse,
		latchkey.CodeSubscriptionNotPaused,
		latchkey.CodeSubscriptionNoLevel,
		latchkey.CodeLicenseUsed,
		latchkey.CodeLicenseBanned,
		latchkey.CodeLicenseNotBanned,
		latchkey.CodeLicenseExists,
		latchkey.CodeImportRefused,
		latchkey.CodeUserExists,
		latchkey.CodeUserNotBanned,
		latchkey.CodeResetNotRequested,
		latchkey.CodePasswordAbsent,
		latchkey.CodeTokenExists,
		latchkey.CodeTokenNotBlacklisted,
		latchkey.CodeTwoFactorEnabled,
		latchkey.CodeTwoFactorNotEnabled,
		latchkey.CodeTwoFactorNotPending,
		latchkey.CodeMailOff,
		latchkey.CodeVariableExists,
		latchkey.CodeVariableQuota,
		latchkey.CodeFileChanged,
		latchkey.CodeFileQuota,
		latchkey.CodeWebhookExists,
		latchkey.CodeChatExists,
		latchkey.CodeBlacklistExists,
		latchkey.CodeWhitelistExists:
		return http.StatusConflict

	case latchkey.CodePrecondition:
		return http.StatusPreconditionFailed

	case latchkey.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case latchkey.CodeMediaType:
		return http.StatusUnsupportedMediaType

	case latchkey.CodeRateLimited, latchkey.CodeChatTooFast:
		return http.StatusTooManyRequests
	case latchkey.CodeCanceled:
		return StatusCanceled

	case latchkey.CodeFileUnavailable, latchkey.CodeWebhookFailed:
		return http.StatusBadGateway

	case latchkey.CodeBusy, latchkey.CodeUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
