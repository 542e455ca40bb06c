package dashboard

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

//go:embed all:dist
var built embed.FS

// Built is the folder that the build of web/ fills; it is empty in a program
// that was built without Node.js.
func Built() fs.FS {
	app, err := fs.Sub(built, "dist/app")
	if err != nil {
		// The name is a constant and valid.
		panic(err)
	}
	return app
}

// Options is what the pages need beside the service.
type Options struct {
	Cookies   web.Cookies // as the management API sets them; their path is that of the pages
	PublicURL string      // where customers reach this server, for the code of programs; "" if unknown
	Rand      io.Reader   // a cryptographic source, safe for concurrent use
	Files     fs.FS       // as the build of web/ leaves them
}

// New returns the handler of / and everything that no API takes. It has to run
// inside [web.Wrap]. It fails only on files that are not as they were built.
func New(svc *service.Service, o Options) (http.Handler, error) {
	assets, err := plainAssets()
	if err != nil {
		return nil, err
	}
	page, err := newApplication(svc, o)
	if err != nil {
		return nil, err
	}
	if page == nil {
		if page, err = newPlain(svc, o.Cookies.Base); err != nil {
			return nil, err
		}
	} else if err := addBuiltAssets(assets, o.Files); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /assets/{file...}", func(w http.ResponseWriter, r *http.Request) {
		asset, ok := assets[r.PathValue("file")]
		if !ok {
			notFound(w, r)
			return
		}
		asset.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		if !isPage(r.URL.Path) {
			notFound(w, r)
			return
		}
		// One pattern for all: which pages there are is known to the application.
		web.ExchangeFrom(r.Context()).Route = "GET /"
		page.ServeHTTP(w, r)
	})
	mux.HandleFunc("/", notFound)
	return mux, nil
}

// isPage reports whether the application may know a page at path. Nothing of
// the APIs is one, so that a wrong address of theirs is answered as theirs, nor
// what the listener for operations serves, nor what has a dot: strangers ask
// every server for files of that kind.
func isPage(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return !slices.Contains([]string{"api", "debug", "metrics", "panel"}, first) && !strings.Contains(path, ".")
}

func notFound(w http.ResponseWriter, r *http.Request) {
	web.ExchangeFrom(r.Context()).Route = "unknown"
	web.WriteProblem(w, r, latchkey.Fail(latchkey.CodeRouteNotFound))
}

// mediaType is fixed here: the table of package mime varies by machine.
func mediaType(extension string) (string, error) {
	switch extension {
	case ".css":
		return "text/css; charset=utf-8", nil
	case ".js":
		return "text/javascript; charset=utf-8", nil
	case ".svg":
		return "image/svg+xml", nil
	}
	return "", fmt.Errorf("files of the kind %q have no media type here", extension)
}
