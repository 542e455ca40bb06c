package dashboard

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// What the build of web/ leaves in its index.html to be filled in.
const (
	nonceMark = "__NONCE__" // wherever a nonce stands
	baseMark  = "__BASE__"  // the path below which the server lives
	urlMark   = "__URL__"   // where customers reach the server; "" if it was not told
	setupMark = "__SETUP__" // "open" or "closed"
	signMark  = "__SIGN__"  // "out" if nobody can be signed in, else "unknown"
	// Files are named relative to the page, which stands at every path.
	fileMark = `="./assets/`
)

const nonceBytes = 18

// state is what the page is told beside its nonce.
type state struct{ setupOpen, signedOut bool }

// application answers with the one page of the single-page application. It is
// new for each request: the nonce in it lets the page's own inline script run,
// and styles that it makes apply, and nobody can know it beforehand.
type application struct {
	svc     *service.Service
	rand    io.Reader
	cookies web.Cookies
	parts   map[state][]string // of the page, between nonces
	closed  atomic.Bool        // setup is over, and never opens again
}

// newApplication reads the built page, nil if there is none.
func newApplication(svc *service.Service, o Options) (http.Handler, error) {
	text, err := fs.ReadFile(o.Files, "index.html")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	page := string(text)
	for _, mark := range []string{nonceMark, baseMark, urlMark, setupMark, signMark, fileMark} {
		if !strings.Contains(page, mark) {
			return nil, fmt.Errorf("the built page has no %s", mark)
		}
	}
	base := html.EscapeString(o.Cookies.Base)
	page = strings.ReplaceAll(page, fileMark, `="`+base+`/assets/`)
	page = strings.ReplaceAll(page, baseMark, base)
	page = strings.ReplaceAll(page, urlMark, html.EscapeString(strings.TrimRight(o.PublicURL, "/")))
	parts := map[state][]string{}
	for open, setup := range map[bool]string{true: "open", false: "closed"} {
		for out, sign := range map[bool]string{true: "out", false: "unknown"} {
			filled := strings.NewReplacer(setupMark, setup, signMark, sign).Replace(page)
			parts[state{open, out}] = strings.Split(filled, nonceMark)
		}
	}
	return &application{svc: svc, rand: o.Rand, cookies: o.Cookies, parts: parts}, nil
}

func (a *application) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	open, err := a.setupOpen(r)
	if err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	random := make([]byte, nonceBytes)
	if _, err := io.ReadFull(a.rand, random); err != nil {
		web.WriteProblem(w, r, fmt.Errorf("make nonce: %w", err))
		return
	}
	nonce := base64.StdEncoding.EncodeToString(random)
	page := strings.Join(a.parts[state{open, a.signedOut(r)}], nonce)
	h := w.Header()
	h.Set("Content-Security-Policy", web.PolicyFor(nonce))
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(page)))
	_, _ = io.WriteString(w, page) // a client that left is no error
}

// signedOut reports whether the browser surely has no session, so that the
// page need not ask. A browser that comes from another site keeps the cookie to
// itself this once.
func (a *application) signedOut(r *http.Request) bool {
	from := r.Header.Get("Sec-Fetch-Site")
	return from != "" && from != "cross-site" && a.cookies.Read(r) == ""
}

func (a *application) setupOpen(r *http.Request) (bool, error) {
	if a.closed.Load() {
		return false, nil
	}
	open, err := a.svc.SetupOpen(r.Context())
	if err == nil && !open {
		a.closed.Store(true)
	}
	return open, err
}
