package dashboard

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"

	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

//go:embed plain
var plain embed.FS

// plainPages are what a program shows that was built without the application.
type plainPages struct {
	svc          *service.Service
	base         string
	start, setup *template.Template
}

func newPlain(svc *service.Service, base string) (http.Handler, error) {
	p := &plainPages{svc: svc, base: base}
	for name, page := range map[string]**template.Template{"start": &p.start, "setup": &p.setup} {
		t, err := template.ParseFS(plain, "plain/pages/layout.html", "plain/pages/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		*page = t.Lookup("layout.html")
	}
	return web.Page(p), nil
}

// ServeHTTP renders a page whole before it answers, so that a failure is a 500.
func (p *plainPages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var page *template.Template
	switch r.URL.Path {
	case "/":
		page = p.start
	case "/setup":
		page = p.setup
	default:
		notFound(w, r)
		return
	}
	open, err := p.svc.SetupOpen(r.Context())
	if err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	var html bytes.Buffer
	err = page.Execute(&html, struct {
		SetupOpen bool
		Base      string
	}{open, p.base})
	if err != nil {
		web.WriteProblem(w, r, fmt.Errorf("render page: %w", err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(html.Bytes()) // a client that left is no error
}
