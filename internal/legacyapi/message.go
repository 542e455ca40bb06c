package legacyapi

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// wireText says how a refusal of the domain reads on this wire: by a fixed text,
// or by one of the app's messages (see [latchkey.MessageOf]), or, with neither,
// by the error's own sentence.
type wireText struct {
	code latchkey.Code
	text string
	// failed sends the code's HTTP status. All others are sent as 200, for
	// clients that give up on any other status before they read the message.
	failed bool
}

// wireTexts is the one table of refusals: every code that a call of this API
// can end in.
func wireTexts() []wireText {
	return []wireText{
		{code: latchkey.CodeInvalid}, // says which parameter breaks which rule
		{code: latchkey.CodeMalformed, text: textUnreadable, failed: true},
		{code: latchkey.CodeTooLarge, failed: true},
		{code: latchkey.CodeMediaType, text: textEncoded, failed: true},
		{code: latchkey.CodeRouteNotFound, text: textNoPath, failed: true},
		{code: latchkey.CodeMethodNotAllowed, text: textMethod, failed: true},

		{code: latchkey.CodeAppNotFound, text: textNoSuchApp},
		{code: latchkey.CodeProtocolNotAccepted},
		{code: latchkey.CodeEncryptionRequired, text: textEncKeyRequired},
		{code: latchkey.CodeAppDisabled},
		{code: latchkey.CodeAppPaused},
		{code: latchkey.CodeAppVersion, text: textInvalidVersion},
		{code: latchkey.CodeAppHash},

		{code: latchkey.CodeSessionNotFound, text: textNoSession},
		{code: latchkey.CodeSessionNotSignedIn},

		{code: latchkey.CodeUserNameShort},
		{code: latchkey.CodeUserExists},
		{code: latchkey.CodeUserNotFound},
		{code: latchkey.CodeUserBanned},
		{code: latchkey.CodePasswordWrong},
		{code: latchkey.CodePasswordAbsent},

		{code: latchkey.CodeLicenseNotFound},
		{code: latchkey.CodeLicenseUsed},
		{code: latchkey.CodeLicenseBanned},

		{code: latchkey.CodeDeviceRequired, text: textHWIDForced},
		{code: latchkey.CodeDeviceShort, text: textHWIDShort},
		{code: latchkey.CodeDeviceMismatch},

		{code: latchkey.CodeSubscriptionNoLevel},
		{code: latchkey.CodeSubscriptionExpired},
		{code: latchkey.CodeSubscriptionPaused},

		{code: latchkey.CodeClientBlacklisted},
		{code: latchkey.CodeClientVPN},
		{code: latchkey.CodeClientRegion},

		{code: latchkey.CodeTokenRequired, text: textTokenRequired},
		{code: latchkey.CodeTokenHashRequired, text: textTokenHashRequired},
		{code: latchkey.CodeTokenInvalid},
		{code: latchkey.CodeTokenBlacklisted, text: textTokenBlacklisted},
		{code: latchkey.CodeTokenHash, text: textTokenHash},

		{code: latchkey.CodeLevelTooLow},

		{code: latchkey.CodeTwoFactorRequired, text: textTwoFactorRequired},
		{code: latchkey.CodeTwoFactorWrong, text: textTwoFactorWrong},
		{code: latchkey.CodeTwoFactorEnabled, text: textTwoFactorEnabled},
		{code: latchkey.CodeTwoFactorNotEnabled, text: textTwoFactorNotEnabled},
		{code: latchkey.CodeTwoFactorNotPending, text: textTwoFactorNotPending},

		{code: latchkey.CodePasswordLeaked},
		{code: latchkey.CodeMailOff},

		{code: latchkey.CodeVariableNotFound, text: textVariableNotFound},
		{code: latchkey.CodeVariableReadOnly, text: textVariableReadOnly},
		{code: latchkey.CodeVariableQuota, text: textVariableNotSet},

		{code: latchkey.CodeFileNotFound, text: textFileNotFound},
		{code: latchkey.CodeFileUnavailable, text: textFileUnavailable},

		{code: latchkey.CodeWebhookNotFound, text: textWebhookNotFound},
		{code: latchkey.CodeWebhookFailed},

		{code: latchkey.CodeChatNotFound, text: textChatNotFound},
		{code: latchkey.CodeChatTooFast},
		{code: latchkey.CodeChatMuted, text: textChatMuted},

		// 200 as well: some clients end the program on a 429, and one reads no message.
		{code: latchkey.CodeRateLimited},
		{code: latchkey.CodeBusy},
		{code: latchkey.CodeUnavailable, failed: true},
		{code: latchkey.CodeInternal, text: textInternal, failed: true},
	}
}

// mutedUntil is how this wire tells a moment to a person, in UTC.
const mutedUntil = "January 2, 2006, 3:04 pm"

// refused turns the error of a call into its reply. A code without a row is a
// fault of ours and reads like one. app may be nil where none was found.
func refused(app *service.ClientApp, err error) reply {
	if r, isRefusal := errors.AsType[refusal](err); isRefusal {
		return reply{status: http.StatusOK, answer: answer{Message: r.text}}
	}
	if r, isReworded := errors.AsType[reworded](err); isReworded {
		return reply{status: http.StatusOK, answer: answer{Message: r.text}}
	}
	e, isOurs := errors.AsType[*latchkey.Error](err)
	if isOurs {
		for _, row := range wireTexts() {
			if row.code == e.Code {
				return row.reply(app, e)
			}
		}
	}
	return reply{status: http.StatusInternalServerError, answer: answer{Message: textInternal}}
}

func (t wireText) reply(app *service.ClientApp, e *latchkey.Error) reply {
	r := reply{status: http.StatusOK, retryAfter: e.RetryAfter, answer: answer{Message: t.text}}
	if t.failed {
		r.status = web.Status(t.code)
	}
	switch {
	case t.code == latchkey.CodeAppNotFound:
		r.bare = t.text
	case t.code == latchkey.CodeAppVersion:
		r.answer.Download = &app.Settings.DownloadURL
	case t.code == latchkey.CodeTokenBlacklisted:
		r.answer.Message = fmt.Sprintf(t.text, e.Reason)
	case t.code == latchkey.CodeChatMuted:
		r.answer.Message = fmt.Sprintf(t.text, e.Until.UTC().Format(mutedUntil))
	case t.code == latchkey.CodeDeviceShort:
		r.answer.Message = fmt.Sprintf(t.text, app.Settings.MinHWIDLength)
	case t.text == "" && latchkey.MessageOf(t.code) != "":
		r.answer.Message = app.Messages.Text(latchkey.MessageOf(t.code), e.Reason)
	case t.text == "":
		r.answer.Message = e.Message
	}
	return r
}
