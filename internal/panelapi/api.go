package panelapi

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// Prefix is what the paths of the API begin with. Owner ids have ten
// characters, so that none stands in its way.
const Prefix = "/panel/api"

// Options configure the API.
type Options struct {
	PublicURL string               // where browsers reach the server, "" if that is not configured
	Limits    *ratelimit.Customers // those of the client APIs, so that this is no second door; nil: none
	// KeepOpen gives an answer more time while its client takes what is sent;
	// nil: none.
	KeepOpen func(*http.ResponseController) error
}

// surface answers the calls.
type surface struct {
	svc     *service.Service
	opts    Options
	cookies cookies
	origin  web.SameOrigin
}

// New returns the handler of everything below [Prefix].
func New(svc *service.Service, o Options) (http.Handler, error) {
	origin, err := web.NewSameOrigin(o.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("build the API of customers' pages: %w", err)
	}
	a := &surface{svc: svc, opts: o, origin: origin, cookies: cookiesAt(o.PublicURL)}
	mux := http.NewServeMux()
	for _, row := range rows() {
		mux.HandleFunc(row.method+" "+Prefix+"/{owner}/{app}"+row.path, a.serve(row))
	}
	mux.HandleFunc("/", unknown)
	return mux, nil
}

// unknown answers what no row does.
func unknown(w http.ResponseWriter, r *http.Request) {
	web.ExchangeFrom(r.Context()).Route = Prefix + "/…"
	web.WriteProblem(w, r, latchkey.Fail(latchkey.CodeRouteNotFound))
}

// call is one request on its way.
type call struct {
	api     *surface
	w       http.ResponseWriter
	r       *http.Request
	app     *service.ClientApp
	token   latchkey.Secret      // of the cookie
	session service.PanelSession // whose it is, in rows that need one
	body    []byte
	status  int // of the answer; 0: 200, or 204 without a body
}

// serve answers the calls of a row.
func (a *surface) serve(row row) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		web.ExchangeFrom(r.Context()).Route = row.method + " " + Prefix + "/{owner}/{app}" + row.path
		c := &call{api: a, w: w, r: r}
		answer, err := c.answer(row)
		switch {
		case err != nil:
			c.refuse(err)
		case answer != noAnswer{}:
			c.write(answer)
		}
	}
}

// noAnswer is that of a row which has answered by itself.
type noAnswer struct{}

// answer passes a request through what comes before every row, and runs it.
func (c *call) answer(row row) (any, error) {
	ctx := c.r.Context()
	if !web.IsSafe(c.r.Method) {
		if err := c.api.origin.Check(c.r); err != nil {
			return nil, err
		}
		// A plain form, which any page may send, is not JSON.
		if !web.HasJSONType(c.r) {
			return nil, latchkey.Fail(latchkey.CodeMediaType)
		}
	}
	if err := refuseQuery(c.r); err != nil {
		return nil, err
	}
	var err error
	if c.app, err = c.api.svc.PanelApp(ctx, c.r.PathValue("owner"), c.r.PathValue("app")); err != nil {
		return nil, err
	}
	web.ExchangeFrom(ctx).App = c.app.ID
	if row.signedIn {
		if err := c.authenticate(ctx); err != nil {
			return nil, err
		}
	}
	if !web.IsSafe(c.r.Method) {
		if c.body, err = web.ReadBody(c.w, c.r, web.MaxBody); err != nil {
			return nil, err
		}
	}
	return row.run(c, ctx)
}

// authenticate finds out whose page it is.
func (c *call) authenticate(ctx context.Context) (err error) {
	if c.token = c.api.cookies.read(c.r); c.token == "" {
		return latchkey.Fail(latchkey.CodeAuthRequired)
	}
	if c.session, err = c.api.svc.OpenPanel(ctx, c.app, c.token); err != nil {
		return err
	}
	web.ExchangeFrom(ctx).Actor = c.session.UserID
	return nil
}

// refuseQuery refuses parameters, of which no call has any.
func refuseQuery(r *http.Request) error {
	if r.URL.RawQuery != "" {
		return latchkey.Invalid("query", "This call takes no parameters in its address.")
	}
	return nil
}

// keep has the browser keep a new session.
func (c *call) keep(token latchkey.Secret, expires time.Time) {
	c.w.Header().Add("Set-Cookie", c.api.cookies.set(c.r, token, expires))
}

// renew has the browser go on under another token, "" for the same.
func (c *call) renew(token latchkey.Secret) {
	if token != "" {
		c.keep(token, c.session.ExpiresAt)
	}
}

// guess makes an attempt at what could be found out by trying.
func (c *call) guess(what ratelimit.Guessed, subject string, registers bool, try func() error) error {
	t := ratelimit.Trial{AppID: c.app.ID, Guessed: what, Subject: subject, Registers: registers}
	t.Addr, _ = netip.ParseAddr(service.OriginFrom(c.r.Context()).IP) // none on a Unix socket
	return c.api.opts.Limits.Try(t, try)
}
