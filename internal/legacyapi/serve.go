package legacyapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// versionOf finds the version that a path of [Paths] names.
func (a *api) versionOf(path string) (version, bool) {
	v, ok := a.versions[strings.TrimPrefix(strings.Trim(path, "/"), "api/")]
	return v, ok
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Access-Control-Allow-Origin"] = a.headers.anyOrigin // no cookie is read here
	v, found := a.versionOf(r.URL.Path)
	if !found {
		v = version11{}
	}
	space := a.spaces.Get().(*space)
	defer a.putBack(space)
	c := space.begin(v.protocol())
	switch {
	case !found:
		a.fail(w, r, v, c, latchkey.Fail(latchkey.CodeRouteNotFound))
	case r.Method == http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", "*")
		h.Set("Access-Control-Max-Age", "86400") // seconds
		w.WriteHeader(http.StatusNoContent)
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		h.Set("Allow", methods)
		a.fail(w, r, v, c, latchkey.Fail(latchkey.CodeMethodNotAllowed))
	default:
		// Lets a page's script see the signatures.
		h["Access-Control-Expose-Headers"] = a.headers.exposed
		defer c.finish()
		done, err := a.serve(w, r, v, c)
		if err != nil {
			a.fail(w, r, v, c, err)
			return
		}
		a.write(w, r, v, c, ok(done))
	}
}

const methods = "GET, POST, OPTIONS"

// serve reads a request, makes the checks that come before every call, in
// the order of the wire, and runs the call.
func (a *api) serve(w http.ResponseWriter, r *http.Request, v version, c *call) (answer, error) {
	form := &c.space.form
	err := form.read(w, r)
	if err != nil {
		return answer{}, err
	}
	c.form = form
	v.names(form)
	if c.app, err = a.findApp(r.Context(), form); err != nil {
		return answer{}, err
	}
	if !c.app.Settings.Accepts(c.protocol) {
		return answer{}, latchkey.Fail(latchkey.CodeProtocolNotAccepted)
	}
	if !c.isInit() {
		// Opened before anything else can fail, so that its key signs the answer.
		c.session, err = a.svc.OpenSession(c.app, c.protocol, form.get("sessionid"))
	}
	if err := v.open(c); err != nil {
		return answer{}, err
	}
	if form.garbled {
		return answer{}, refusal{textNotText}
	}
	f, known := a.functions[form.get("type")]
	if !known {
		return answer{}, refusal{textUnknownType}
	}
	web.ExchangeFrom(r.Context()).Call = f.typ
	if f.needSession && err != nil {
		return answer{}, err
	}
	return a.limited(r.Context(), f, c)
}

// findApp finds the app that a request names.
func (a *api) findApp(ctx context.Context, form *form) (*service.ClientApp, error) {
	ownerID, name := form.get("ownerid"), form.get("name")
	switch {
	case form.isGarbled("ownerid") || form.isGarbled("name"):
		return nil, refusal{textNotText}
	case ownerID == "":
		return nil, refusal{textNoOwnerID}
	case name == "":
		return nil, refusal{textNoName}
	case len(ownerID) != ownerIDLength:
		return nil, refusal{textOwnerIDLength}
	}
	return a.svc.ClientApp(ctx, ownerID, name)
}

const ownerIDLength = 10
