package manageapi

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// guard is what a request passes before a row's handler: who calls, may they,
// is it not too often, is the request well formed. Strangers learn nothing but
// that they are strangers.
func (s *surface) guard(row route) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		actor, err := s.admit(row, r)
		if err == nil {
			err = s.count(w.Header(), row.rate, actor, r)
		}
		if err == nil {
			err = s.checkRequest(ctx.Operation(), w, r)
		}
		if err != nil {
			web.WriteProblem(w, r, err)
			return
		}
		s.serve(row, ctx, actor, next)
	}
}

// serve has a request that passed answered, compressed where that gives
// nothing away. A browser sends its cookie with whatever requests it is made to
// send, so the sizes of its answers are not to tell of what is in them.
func (s *surface) serve(row route, ctx huma.Context, actor service.Actor, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	inner := service.WithActor(r.Context(), actor)
	if actor.Kind != service.ActorAPIKey || showsCredentials(row) {
		next(huma.WithContext(ctx, inner))
		return
	}
	out := s.compress.Compress(w, r)
	next(huma.WithContext(humago.NewContext(ctx.Operation(), r, out), inner))
	_ = out.Close() // a client that left is no error
}

// showsCredentials reports whether a row's answers may hold what opens an
// application or an account.
func showsCredentials(row route) bool {
	switch row.needs {
	case latchkey.PermAppsSecrets, latchkey.PermAppsCreate, latchkey.PermAccount:
		return true
	}
	return false
}

// admit authenticates the call and enforces the row's permission.
func (s *surface) admit(row route, r *http.Request) (service.Actor, error) {
	if app := r.PathValue("app"); latchkey.IsID(latchkey.KindApp, app) {
		web.ExchangeFrom(r.Context()).App = app
	}
	if row.needs == public {
		if web.IsSafe(r.Method) {
			return service.Actor{}, nil
		}
		return service.Actor{}, s.origin.Check(r)
	}
	actor, err := s.authenticate(r)
	if err != nil {
		return actor, err
	}
	web.ExchangeFrom(r.Context()).Actor = actor.ID
	if row.needs == signedIn {
		if actor.Kind != service.ActorAccount {
			return actor, latchkey.FailWith(latchkey.CodeForbidden, "This call is for a person who is signed in, not for API keys.")
		}
		return actor, nil
	}
	if !actor.May(row.needs) {
		return actor, latchkey.FailWith(latchkey.CodeForbidden, "This call needs the permission "+string(row.needs)+".")
	}
	return actor, nil
}

// authenticate finds out who calls: the API key of the Authorization header,
// or else the dashboard's cookie. A changing call by cookie must come from our
// own page and say that it is JSON, which no plain form can.
func (s *surface) authenticate(r *http.Request) (service.Actor, error) {
	if headers := r.Header.Values("Authorization"); len(headers) > 0 {
		scheme, token, _ := strings.Cut(headers[0], " ")
		if len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") || token == "" {
			return service.Actor{}, latchkey.FailWith(latchkey.CodeAuthInvalid, "Send one Authorization header: Bearer and the API key.")
		}
		return s.svc.AuthenticateAPIKey(r.Context(), latchkey.Secret(token))
	}
	token := s.cookies.Read(r)
	if token == "" {
		return service.Actor{}, latchkey.Fail(latchkey.CodeAuthRequired)
	}
	if !web.IsSafe(r.Method) {
		if err := s.origin.Check(r); err != nil {
			return service.Actor{}, err
		}
		if !web.HasJSONType(r) {
			return service.Actor{}, latchkey.Fail(latchkey.CodeMediaType)
		}
	}
	return s.svc.AuthenticateSession(r.Context(), token)
}

// checkRequest refuses parameters and bodies that the operation does not
// describe, and leaves the body ready to be decoded.
func (s *surface) checkRequest(op *huma.Operation, w http.ResponseWriter, r *http.Request) error {
	if err := checkPathIDs(r); err != nil {
		return err
	}
	if err := s.checkQuery(op, r); err != nil {
		return err
	}
	if check, ok := op.Metadata[fileBody].(func(*http.Request) error); ok {
		return check(r)
	}
	body, err := web.ReadBody(w, r, bodyLimit(op))
	if err != nil {
		return err
	}
	if body, err = s.checkBody(op, r, body); err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if r.Header.Get("Accept") != linesType {
		r.Header.Del("Accept") // there is one format, but for streams
	}
	return nil
}

// checkPathIDs answers an id that none can be as one that does not exist.
func checkPathIDs(r *http.Request) error {
	for _, p := range []struct {
		name string
		kind latchkey.Kind
		gone latchkey.Code
	}{
		{"app", latchkey.KindApp, latchkey.CodeAppNotFound},
		{"subscription", latchkey.KindSubscription, latchkey.CodeSubscriptionNotFound},
		{"license", latchkey.KindLicense, latchkey.CodeLicenseNotFound},
		{"user", latchkey.KindUser, latchkey.CodeUserNotFound},
		{"token", latchkey.KindToken, latchkey.CodeTokenNotFound},
		{"variable", latchkey.KindVariable, latchkey.CodeVariableNotFound},
		{"user_variable", latchkey.KindVariable, latchkey.CodeVariableNotFound},
		{"device", latchkey.KindDevice, latchkey.CodeDeviceNotFound},
		{"session", latchkey.KindSession, latchkey.CodeSessionNotFound},
		{"chat", latchkey.KindChannel, latchkey.CodeChatNotFound},
		{"message", latchkey.KindChatMessage, latchkey.CodeChatMessageNotFound},
		{"mute", latchkey.KindMute, latchkey.CodeChatMuteNotFound},
		{"log", latchkey.KindLogLine, latchkey.CodeLogNotFound},
		{"delivery", latchkey.KindOutbox, latchkey.CodeDeliveryNotFound},
		{"account", latchkey.KindAccount, latchkey.CodeAccountGone},
		{"account_session", latchkey.KindAccountSession, latchkey.CodeSessionNotFound},
		{"api_key", latchkey.KindAPIKey, latchkey.CodeAPIKeyGone},
		{"file", latchkey.KindFile, latchkey.CodeFileNotFound},
		{"webhook", latchkey.KindWebhook, latchkey.CodeWebhookNotFound},
		{"blacklist_entry", latchkey.KindBlacklistEntry, latchkey.CodeBlacklistNotFound},
		{"whitelist_entry", latchkey.KindWhitelistEntry, latchkey.CodeWhitelistNotFound},
	} {
		if id := r.PathValue(p.name); id != "" && !latchkey.IsID(p.kind, id) {
			return latchkey.Fail(p.gone)
		}
	}
	return nil
}
