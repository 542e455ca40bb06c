package panelapi

import (
	"context"
	"net/http"
)

// row is one call.
type row struct {
	method   string
	path     string // below the application's part
	signedIn bool   // whether it wants a session
	run      func(*call, context.Context) (any, error)
}

// rows is the one table of calls. docs/customer-panel-api.md describes them.
func rows() []row {
	const get, post, put, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	return []row{
		{get, "", false, (*call).about},
		{post, "/session", false, (*call).signIn},
		{post, "/registration", false, (*call).register},
		{post, "/password-reset", false, (*call).forgot},
		{get, "/session", true, (*call).current},
		{remove, "/session", true, (*call).signOut},
		{get, "/me", true, (*call).card},
		{post, "/licenses", true, (*call).redeem},
		{post, "/devices/reset", true, (*call).resetDevices},
		{put, "/password", true, (*call).changePassword},
		{put, "/email", true, (*call).changeEmail},
		{post, "/two-factor/enroll", true, (*call).enroll},
		{post, "/two-factor/confirm", true, (*call).confirm},
		{post, "/two-factor/disable", true, (*call).disable},
		{post, "/two-factor/recovery-codes", true, (*call).recoveryCodes},
		{get, "/sessions", true, (*call).sessions},
		{remove, "/sessions/{session}", true, (*call).endSession},
		{remove, "/sessions", true, (*call).endSessions},
		{post, "/sign-in-token", true, (*call).signInToken},
		{get, "/files", true, (*call).files},
		{get, "/files/{file}/content", true, (*call).fileContent},
	}
}
