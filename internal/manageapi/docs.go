package manageapi

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/latchkey-dev/latchkey/internal/web"
)

//go:embed docs
var docsFiles embed.FS

// serveDocs adds the OpenAPI document and the page made from it. Both are
// rendered once: they change only with the program.
func serveDocs(mux *http.ServeMux, spec *huma.OpenAPI, version string) error {
	document, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return fmt.Errorf("encode openapi document: %w", err)
	}
	page, err := template.ParseFS(docsFiles, "docs/page.html")
	if err != nil {
		return fmt.Errorf("parse page: %w", err)
	}
	var html bytes.Buffer
	if err := page.Execute(&html, docsView(spec, version)); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	css, err := docsFiles.ReadFile("docs/page.css")
	if err != nil {
		return fmt.Errorf("read style: %w", err)
	}
	mux.Handle("GET "+Prefix+"/openapi.json", revalidated(web.Fixed("application/json", append(document, '\n'))))
	mux.Handle("GET "+Prefix+"/docs", web.Page(web.Fixed("text/html; charset=utf-8", html.Bytes())))
	mux.Handle("GET "+Prefix+"/docs.css", web.Page(web.Fixed("text/css; charset=utf-8", css)))
	return nil
}

// revalidated lets caches keep what holds no secret, and ask whether it is
// still good.
func revalidated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}
