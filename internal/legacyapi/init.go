package legacyapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// Bounds of the encryption key of a program, in bytes. Programs of 1.0 hash
// theirs and send all 64 digits.
const (
	maxEncKey   = 35
	maxEncKey10 = 64
)

func encKeyLimit(p latchkey.Protocol) int {
	if p == latchkey.Protocol10 {
		return maxEncKey10
	}
	return maxEncKey
}

// textFetchStats stands where init once counted; clients convert it as text.
const textFetchStats = "N/A - Use fetchStats() function in latest example"

// init opens a session for one run of a program.
func (a *api) init(ctx context.Context, c *call) (answer, error) {
	if len(c.get("enckey")) > encKeyLimit(c.protocol) {
		return answer{}, refusal{textEncKeyLong}
	}
	// The session goes into the answer only: init itself is signed without it.
	session, err := a.svc.ClientInit(ctx, c.app, service.ClientInit{
		Protocol: c.protocol, Version: c.get("ver"), Hash: c.get("hash"), EncKey: c.get("enckey"),
		Token: latchkey.Secret(c.get("token")), TokenHash: c.get("thash"),
	})
	if err != nil {
		return answer{}, err
	}
	return answer{
		Message:    textInitialized,
		SessionID:  session.Token.Reveal(),
		AppInfo:    a.appInfo(c.app),
		NewSession: true,
	}, nil
}

func (a *api) appInfo(app *service.ClientApp) *appInfo {
	return &appInfo{
		NumUsers:          textFetchStats,
		NumOnlineUsers:    textFetchStats,
		NumKeys:           textFetchStats,
		Version:           app.Settings.Version,
		CustomerPanelLink: "", // there is no page yet; programs expect a text
	}
}
