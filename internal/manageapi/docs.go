package manageapi

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/latchkey-dev/latchkey/internal/web"
)

//go:embed docs
var docsFiles embed.FS

// serveDocs adds the OpenAPI document and the page made from it. Both change
// only with the program, and are made when somebody first asks for them: most
// servers are never asked, and none should wait for them at its start.
func serveDocs(mux *http.ServeMux, spec *huma.OpenAPI, version string) error {
	page, err := template.ParseFS(docsFiles, "docs/page.html")
	if err != nil {
		return fmt.Errorf("parse page: %w", err)
	}
	css, err := docsFiles.ReadFile("docs/page.css")
	if err != nil {
		return fmt.Errorf("read style: %w", err)
	}
	document := onDemand(func() (http.Handler, error) {
		text, err := json.MarshalIndent(spec, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("encode openapi document: %w", err)
		}
		return web.Fixed("application/json", append(text, '\n')), nil
	})
	html := onDemand(func() (http.Handler, error) {
		var text bytes.Buffer
		if err := page.Execute(&text, docsView(spec, version)); err != nil {
			return nil, fmt.Errorf("render page: %w", err)
		}
		return web.Fixed("text/html; charset=utf-8", text.Bytes()), nil
	})
	mux.Handle("GET "+Prefix+"/openapi.json", revalidated(document))
	mux.Handle("GET "+Prefix+"/docs", web.Page(html))
	mux.Handle("GET "+Prefix+"/docs.css", web.Page(web.Fixed("text/css; charset=utf-8", css)))
	return nil
}

// onDemand serves with a handler that is made at the first request.
func onDemand(handler func() (http.Handler, error)) http.Handler {
	once := sync.OnceValues(handler)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, err := once()
		if err != nil {
			web.WriteProblem(w, r, err)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// revalidated lets caches keep what holds no secret, and ask whether it is
// still good.
func revalidated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}
