package clientapi

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/sign"
	"github.com/latchkey-dev/latchkey/internal/web"
)

const allowed = "POST, OPTIONS"

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Access-Control-Allow-Origin"] = a.headers.anyOrigin
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", allowed)
		h.Set("Access-Control-Allow-Headers", strings.Join([]string{"Content-Type", sign.HeaderNativeApp, sign.HeaderNativeNonce, sign.HeaderNativeKeys}, ", "))
		h.Set("Access-Control-Max-Age", "86400") // seconds
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h["Access-Control-Expose-Headers"] = a.headers.exposed
	c := &call{api: a, r: r}
	ex := web.ExchangeFrom(r.Context())
	ex.Route, ex.Refuser = client.Prefix, c
	if err := c.findApp(); err != nil {
		c.Refuse(w, err)
		return
	}
	ex.App = c.app.ID
	done, err := c.serve(w)
	if err != nil {
		c.Refuse(w, err)
		return
	}
	c.answer(w, done)
}

// findApp finds the app that the request names, and the key that signs.
func (c *call) findApp() (err error) {
	names := c.r.Header[sign.HeaderNativeApp]
	if len(names) != 1 {
		return latchkey.Fail(latchkey.CodeAppNotFound)
	}
	app, err := c.api.svc.ClientAppByID(c.r.Context(), names[0])
	if err != nil {
		return err
	}
	named := ""
	if keys := c.r.Header[sign.HeaderNativeKeys]; len(keys) == 1 && strings.Count(keys[0], ",") < sign.MaxNativeKeys {
		named = keys[0]
	}
	c.key, c.app = app.NativeKey(named), app
	return nil
}

// serve makes the checks that come before every function, in the order of the
// protocol, and runs the function. The body is read before all of them, because
// its hash is in the signature of every answer.
func (c *call) serve(w http.ResponseWriter) (any, error) {
	body, readErr := web.ReadBody(w, c.r, client.MaxRequest)
	if readErr == nil {
		c.read, c.hash = true, sha256.Sum256(body)
	}
	nonces := c.r.Header[sign.HeaderNativeNonce]
	if len(nonces) == 1 && sign.IsNativeNonce(nonces[0]) {
		c.nonce = nonces[0]
	}
	f := c.api.functions[strings.TrimPrefix(c.r.URL.Path, client.Prefix)]
	switch {
	case c.r.Method != http.MethodPost:
		w.Header().Set("Allow", allowed)
		return nil, latchkey.Fail(latchkey.CodeMethodNotAllowed)
	case c.nonce == "":
		return nil, latchkey.Invalid(sign.HeaderNativeNonce, "A nonce is 32 lower-case hexadecimal digits, once and new for each call.")
	case f == nil || c.r.URL.RawPath != "":
		return nil, latchkey.Fail(latchkey.CodeRouteNotFound)
	case c.r.URL.RawQuery != "" || c.r.URL.ForceQuery:
		return nil, latchkey.Invalid("", "Requests have no query string.")
	case !web.HasJSONType(c.r):
		return nil, latchkey.Fail(latchkey.CodeMediaType)
	case readErr != nil:
		return nil, readErr
	}
	web.ExchangeFrom(c.r.Context()).Call = f.Path
	var err error
	if c.body, err = readBody(body); err != nil {
		return nil, err
	}
	if !c.app.Settings.Accepts(latchkey.ProtocolNative) {
		return nil, latchkey.Fail(latchkey.CodeProtocolNotAccepted)
	}
	if err := f.checkFields(c.body); err != nil {
		return nil, err
	}
	if err := c.openSession(f); err != nil {
		return nil, err
	}
	done, err := c.limited(f)
	if c.waiting != nil && latchkey.CodeOf(err) == latchkey.CodeTwoFactorRequired {
		return c.needsCode()
	}
	return done, err
}

// run runs a function; one that is remembered runs once for each request.
func (c *call) run(f *function) (any, error) {
	ctx := c.r.Context()
	if f.Repeat != client.RepeatRemembered {
		return f.run(c.api, ctx, c)
	}
	asked := sha256.Sum256(c.identity())
	answer, _, err := c.api.svc.ClientOnce(ctx, c.app, c.session, service.Repeat{Key: c.nonce, Asked: asked[:], Encode: encodeMade, Silent: []byte("{}")},
		func(ctx context.Context) error {
			_, err := f.run(c.api, ctx, c)
			return err
		})
	return encoded(answer), err
}

// encodeMade writes the answer of a function from what its use case has made.
func encodeMade(made any) ([]byte, error) { return appendBody(nil, told(made)), nil }

// told is what a program is told of what a remembered function has made.
func told(made any) any {
	switch made := made.(type) {
	case service.Enrolment:
		return &client.Enrollment{Secret: made.Secret.Reveal(), URI: made.URI.Reveal()}
	case service.ClientWebhookAnswer:
		return &client.WebhookAnswer{Status: made.Status, Body: made.Body}
	case service.RecoveryCodes:
		out := &client.Enrolled{RecoveryCodes: []string{}}
		for _, code := range made {
			out.RecoveryCodes = append(out.RecoveryCodes, code.Reveal())
		}
		return out
	}
	return made
}

// openSession opens the token that a function asks for.
func (c *call) openSession(f *function) (err error) {
	if f.Stage == client.StageNone {
		return nil
	}
	c.session, err = c.api.svc.OpenSession(c.app, latchkey.ProtocolNative, c.get("session"))
	if err != nil {
		return err
	}
	return c.session.Stage.Opens(latchkey.Stage(f.Stage))
}
