package legacyapi

import (
	"context"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// rename gives the user who is signed in another name, and ends their sessions.
func (a *api) rename(ctx context.Context, c *call) (answer, error) {
	switch err := a.svc.ClientRename(ctx, c.app, c.session, c.get("newUsername")); latchkey.CodeOf(err) {
	case "":
		return answer{Message: textRenamed}, nil
	case latchkey.CodeUserExists:
		return answer{}, reworded{err, textNameUsed}
	case latchkey.CodeInvalid:
		return answer{}, reworded{err, textRenameFailed}
	default:
		return answer{}, err
	}
}

// maxBanReason is how long a reason is on this wire, in characters.
const maxBanReason = 99

// ban bans the user who is signed in. The hardware id that some programs send
// with it is not looked at.
func (a *api) ban(ctx context.Context, c *call) (answer, error) {
	reason := c.get("reason")
	if err := a.svc.ClientCheck(ctx, c.app, c.session); err != nil {
		return answer{}, err
	}
	if utf8.RuneCountInString(reason) > maxBanReason {
		return answer{}, refusal{textReasonLong}
	}
	if err := a.svc.ClientBanSelf(ctx, c.app, c.session, reason); err != nil {
		return answer{}, err
	}
	return answer{Message: textBanned}, nil
}
