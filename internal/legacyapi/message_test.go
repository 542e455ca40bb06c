package legacyapi

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// notOnThisWire lists the codes in which no call of a client can end.
func notOnThisWire() []latchkey.Code {
	return []latchkey.Code{
		latchkey.CodeCursorInvalid, latchkey.CodeCrossOrigin, latchkey.CodeRepeatDiffers, latchkey.CodeRepeatRunning, latchkey.CodePrecondition, latchkey.CodeCanceled,
		latchkey.CodeAuthRequired, latchkey.CodeAuthInvalid, latchkey.CodeCredentials, latchkey.CodeForbidden, latchkey.CodeConfirmation,
		latchkey.CodeSetupClosed, latchkey.CodeSetupToken, latchkey.CodeAccountExists, latchkey.CodeAccountGone, latchkey.CodeAPIKeyGone,
		latchkey.CodeAccountDisabled, latchkey.CodeAccountOwnsApps, latchkey.CodeAccountOwn, latchkey.CodeAccountLast,
		latchkey.CodeAppExists, latchkey.CodeAppNotPaused, latchkey.CodeAppConfirmation,
		latchkey.CodeSubscriptionNotFound, latchkey.CodeSubscriptionExists, latchkey.CodeSubscriptionInUse,
		latchkey.CodeSubscriptionNotPaused, latchkey.CodeSubscriptionNotHeld,
		latchkey.CodeLicenseNotBanned, latchkey.CodeLicenseExists, latchkey.CodeLicenseWeak, latchkey.CodeLicenseCustom, latchkey.CodeImportRefused,
		latchkey.CodeUserNotBanned, latchkey.CodeDeviceNotFound,
		latchkey.CodeTokenNotFound,
		latchkey.CodeTokenExists, latchkey.CodeTokenNotBlacklisted,
		latchkey.CodeResetInvalid,
		latchkey.CodeDeviceResetSoon, latchkey.CodeResetNotRequested,
		latchkey.CodeVariableExists,
		latchkey.CodeFileChanged,
		latchkey.CodeFileQuota,
		latchkey.CodeWebhookExists,
		latchkey.CodeChatExists,
		latchkey.CodeChatMessageNotFound,
		latchkey.CodeChatMuteNotFound,
		latchkey.CodeLogNotFound,
		latchkey.CodeLogWebhookNotSet,
		latchkey.CodeAuditWebhookNotSet,
		latchkey.CodeDeliveryNotFound,
		latchkey.CodeBlacklistNotFound,
		latchkey.CodeBlacklistExists,
		latchkey.CodeWhitelistNotFound,
		latchkey.CodeWhitelistExists,
	}
}

func TestEveryCodeIsDecided(t *testing.T) {
	rows := map[latchkey.Code]int{}
	for _, row := range wireTexts() {
		rows[row.code]++
		if latchkey.MessageOf(row.code) != "" && row.text != "" {
			t.Errorf("%s has both a message and a text", row.code)
		}
	}
	for _, info := range latchkey.Codes() {
		want := 1
		if slices.Contains(notOnThisWire(), info.Code) {
			want = 0
		}
		if rows[info.Code] != want {
			t.Errorf("%s has %d rows in wireTexts, want %d", info.Code, rows[info.Code], want)
		}
	}
}

func TestRefused(t *testing.T) {
	app := &service.ClientApp{}
	app.Settings = latchkey.DefaultSettings()
	app.Settings.DownloadURL = "https://example.com/new"
	app.Messages = latchkey.Messages{latchkey.MsgUserBanned: "Banned: {reason}"}
	banned := latchkey.Fail(latchkey.CodeUserBanned)
	banned.Reason = "charge-back"
	muted := latchkey.Fail(latchkey.CodeChatMuted)
	muted.Until = time.Date(2024, 3, 3, 18, 16, 0, 0, time.FixedZone("east", 3600))

	for _, c := range []struct {
		name string
		err  error
		want reply
	}{
		{"a message of the app, with the reason", banned, reply{status: 200, answer: answer{Message: "Banned: charge-back"}}},
		{"the end of a mute", muted, reply{status: 200, answer: answer{Message: "You're muted from chat until March 3, 2024, 5:16 pm"}}},
		{"a default message", latchkey.Fail(latchkey.CodeLicenseUsed), reply{status: 200, answer: answer{Message: "License key has already been used"}}},
		{"a text of the wire", latchkey.Fail(latchkey.CodeDeviceRequired), reply{status: 200, answer: answer{Message: textHWIDForced}}},
		{"the least length of a hardware id", latchkey.Fail(latchkey.CodeDeviceShort),
			reply{status: 200, answer: answer{Message: "HWID must be 20 or more characters, change this in app settings."}}},
		{"another version", latchkey.Fail(latchkey.CodeAppVersion),
			reply{status: 200, answer: answer{Message: "invalidver", Download: &app.Settings.DownloadURL}}},
		{"no such app", latchkey.Fail(latchkey.CodeAppNotFound),
			reply{status: 200, bare: "KeyAuth_Invalid", answer: answer{Message: "KeyAuth_Invalid"}}},
		{"a sentence of the domain", latchkey.Invalid("email", "This is not a mail address."),
			reply{status: 200, answer: answer{Message: "This is not a mail address."}}},
		{"a busy server", latchkey.Fail(latchkey.CodeBusy), reply{status: 200, answer: answer{Message: latchkey.CodeBusy.Sentence()}}},
		{"an unreachable database", latchkey.Fail(latchkey.CodeUnavailable),
			reply{status: 503, answer: answer{Message: latchkey.CodeUnavailable.Sentence()}}},
		{"a fault of ours", latchkey.Fail(latchkey.CodeInternal).Because(errors.New("secret detail")),
			reply{status: 500, answer: answer{Message: textInternal}}},
		{"a code without a row", latchkey.Fail(latchkey.CodeLicenseWeak), reply{status: 500, answer: answer{Message: textInternal}}},
		{"a foreign error", errors.New("secret detail"), reply{status: 500, answer: answer{Message: textInternal}}},
		{"a refusal of the wire", refusal{textKeyLong}, reply{status: 200, answer: answer{Message: textKeyLong}}},
		{"a form that cannot be read", latchkey.Fail(latchkey.CodeMalformed), reply{status: 400, answer: answer{Message: textUnreadable}}},
		{"a form that is too large", latchkey.Fail(latchkey.CodeTooLarge),
			reply{status: 413, answer: answer{Message: latchkey.CodeTooLarge.Sentence()}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, refused(app, c.err), cmp.AllowUnexported(reply{})); diff != "" {
				t.Errorf("reply (-want +got):\n%s", diff)
			}
		})
	}
}
