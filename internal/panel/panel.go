// Package panel serves the pages for customers of an application: so far the
// one behind a link for a new password.
//
// It owns what these pages look like and how their forms are read. They work
// without JavaScript; where there is some, it saves typing. The package knows no
// rule: what is allowed is the service's answer.
package panel

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

//go:embed files
var files embed.FS

// Prefix is where the pages for new passwords are.
const Prefix = "/reset/"

// panel answers with the pages.
type panel struct {
	svc    *service.Service
	origin web.SameOrigin
	reset  *template.Template
}

// New returns the handler of everything under [Prefix]. It has to run inside
// [web.Wrap]. publicURL is as in [web.NewSameOrigin].
func New(svc *service.Service, publicURL string) (http.Handler, error) {
	p := &panel{svc: svc}
	var err error
	if p.origin, err = web.NewSameOrigin(publicURL); err != nil {
		return nil, err
	}
	if p.reset, err = template.ParseFS(files, "files/reset.html"); err != nil {
		return nil, fmt.Errorf("parse page: %w", err)
	}
	mux := http.NewServeMux()
	for name, media := range map[string]string{"reset.js": "text/javascript; charset=utf-8", "style.css": "text/css; charset=utf-8"} {
		body, err := files.ReadFile("files/" + name)
		if err != nil {
			return nil, fmt.Errorf("read file of page: %w", err)
		}
		mux.Handle("GET "+Prefix+name, web.Fixed(media, body))
	}
	mux.HandleFunc("GET "+Prefix+"{app}", p.show)
	mux.HandleFunc("POST "+Prefix+"{app}", p.set)
	mux.HandleFunc(Prefix, func(w http.ResponseWriter, r *http.Request) {
		web.ExchangeFrom(r.Context()).Route = "unknown"
		web.WriteProblem(w, r, latchkey.Fail(latchkey.CodeRouteNotFound))
	})
	return web.Page(mux), nil
}

// view is what the page shows.
type view struct {
	App   string // "" if there is no such app
	Title string
	Lead  string
	Form  bool
	Done  bool
	Error string
	Code  string // as it was entered, so that it need not be entered again
}

// Mark is the sign of the app: the first character of its name.
func (v view) Mark() string {
	for _, r := range v.App {
		return strings.ToUpper(string(r))
	}
	return ""
}

func form(app string) view {
	return view{App: app, Title: "Choose a new password", Lead: "For your account in " + app + ".", Form: true}
}

func (p *panel) show(w http.ResponseWriter, r *http.Request) {
	app, err := p.app(r)
	if err != nil {
		p.refuse(w, r, view{}, err)
		return
	}
	p.write(w, r, http.StatusOK, form(app))
}

func (p *panel) app(r *http.Request) (string, error) {
	id := r.PathValue("app")
	if latchkey.IsID(latchkey.KindApp, id) {
		web.ExchangeFrom(r.Context()).App = id
	}
	return p.svc.ResetApp(r.Context(), id)
}

// set takes the form.
func (p *panel) set(w http.ResponseWriter, r *http.Request) {
	app, err := p.app(r)
	if err != nil {
		p.refuse(w, r, view{}, err)
		return
	}
	v := form(app)
	if v.Code, err = p.take(w, r); err != nil {
		p.refuse(w, r, v, err)
		return
	}
	p.write(w, r, http.StatusOK, view{App: app, Title: "Your password is set", Done: true,
		Lead: "Sign in with it in the program. Wherever you were signed in before, you are signed out."})
}

// take reads the form and sets the password.
func (p *panel) take(w http.ResponseWriter, r *http.Request) (code string, err error) {
	if err := p.origin.Check(r); err != nil {
		return "", err
	}
	body, err := web.ReadBody(w, r, web.MaxBody)
	if err != nil {
		return "", err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return "", latchkey.Fail(latchkey.CodeMalformed).Because(err)
	}
	code = strings.TrimSpace(form.Get("code"))
	if form.Get("password") != form.Get("again") {
		return code, latchkey.Invalid("again", "The two passwords are not the same.")
	}
	return code, p.svc.ResetPassword(r.Context(), r.PathValue("app"), latchkey.Secret(code), latchkey.Secret(form.Get("password")))
}

// refuse shows what is wrong: in the form where entering something else helps.
func (p *panel) refuse(w http.ResponseWriter, r *http.Request, v view, err error) {
	e, ok := errors.AsType[*latchkey.Error](err)
	if !ok || web.Status(e.Code) >= http.StatusInternalServerError {
		web.WriteProblem(w, r, err)
		return
	}
	web.ExchangeFrom(r.Context()).Code = e.Code
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", web.RetryAfter(e.RetryAfter))
	}
	switch e.Code {
	case latchkey.CodeAppNotFound:
		v = view{Title: "There is nothing here", Lead: "The address is not complete, or the application is gone. Take the whole link out of the mail."}
	case latchkey.CodeResetInvalid:
		v = view{App: v.App, Title: "This link is not good any more",
			Lead: "A link works once, within 24 hours, and only the newest one does. Ask for a new one in the program."}
	default:
		v.Error = e.Message
	}
	p.write(w, r, web.Status(e.Code), v)
}

// write renders the page whole before it answers, so that a failure is a 500.
func (p *panel) write(w http.ResponseWriter, r *http.Request, status int, v view) {
	var html bytes.Buffer
	if err := p.reset.Execute(&html, v); err != nil {
		web.WriteProblem(w, r, fmt.Errorf("render page: %w", err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store") // it may hold the code
	w.WriteHeader(status)
	_, _ = w.Write(html.Bytes()) // a client that left is no error
}
