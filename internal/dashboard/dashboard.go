package dashboard

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"path"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

//go:embed pages assets
var files embed.FS

// pages answers with the server's own pages.
type pages struct {
	svc   *service.Service
	start *template.Template
	setup *template.Template
	mux   *http.ServeMux

	assets map[string]http.Handler
}

// New returns the handler of / and everything that no API takes. It has to run
// inside [web.Wrap]. It fails only on a template that does not parse.
func New(svc *service.Service) (http.Handler, error) {
	p := &pages{svc: svc, mux: http.NewServeMux()}
	for name, page := range map[string]**template.Template{"start": &p.start, "setup": &p.setup} {
		t, err := template.ParseFS(files, "pages/layout.html", "pages/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		*page = t.Lookup("layout.html")
	}
	var err error
	if p.assets, err = readAssets(); err != nil {
		return nil, err
	}
	p.mux.HandleFunc("GET /{$}", p.showStart)
	p.mux.HandleFunc("GET /setup", p.showSetup)
	p.mux.HandleFunc("GET /assets/{file}", p.asset)
	p.mux.HandleFunc("/", p.notFound)
	return web.Page(p.mux), nil
}

func (p *pages) showStart(w http.ResponseWriter, r *http.Request) { p.show(w, r, p.start) }
func (p *pages) showSetup(w http.ResponseWriter, r *http.Request) { p.show(w, r, p.setup) }

// show renders a page whole before it answers, so that a failure is a 500.
func (p *pages) show(w http.ResponseWriter, r *http.Request, page *template.Template) {
	open, err := p.svc.SetupOpen(r.Context())
	if err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	var html bytes.Buffer
	if err := page.Execute(&html, struct{ SetupOpen bool }{open}); err != nil {
		web.WriteProblem(w, r, fmt.Errorf("render page: %w", err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(html.Bytes()) // a client that left is no error
}

func (p *pages) asset(w http.ResponseWriter, r *http.Request) {
	asset, ok := p.assets[r.PathValue("file")]
	if !ok {
		p.notFound(w, r)
		return
	}
	asset.ServeHTTP(w, r)
}

// readAssets returns the handlers of the files that pages are made with.
func readAssets() (map[string]http.Handler, error) {
	entries, err := files.ReadDir("assets")
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", err)
	}
	assets := map[string]http.Handler{}
	for _, e := range entries {
		body, err := files.ReadFile("assets/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read asset: %w", err)
		}
		assets[e.Name()] = web.Fixed(mediaType(path.Ext(e.Name())), body)
	}
	return assets, nil
}

func (p *pages) notFound(w http.ResponseWriter, r *http.Request) {
	web.ExchangeFrom(r.Context()).Route = "unknown"
	web.WriteProblem(w, r, latchkey.Fail(latchkey.CodeRouteNotFound))
}

// mediaType is fixed here: the table of package mime varies by machine.
func mediaType(extension string) string {
	switch extension {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}
