package web

import (
	"net/http"
	"strings"
)

// ContentPolicy is the Content-Security-Policy of the server's own pages:
// everything comes from this server, nothing runs inline, nobody frames them.
const ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"

// PolicyFor is the [ContentPolicy] of a page that also runs and applies what
// carries nonce: a single-page application's own script, and the styles that it
// makes.
func PolicyFor(nonce string) string {
	with := " 'nonce-" + nonce + "';"
	policy := strings.Replace(ContentPolicy, "script-src 'self';", "script-src 'self'"+with, 1)
	return strings.Replace(policy, "style-src 'self';", "style-src 'self'"+with, 1)
}

// apiPolicy is for answers that are no pages: opened as one, they do nothing.
const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

// fixedHeader is a header, by its canonical name, that all answers share.
type fixedHeader struct {
	name  string
	value []string // nobody may change it
}

// securityHeaders are what every answer carries. Pages replace the policy.
func securityHeaders(https bool) []fixedHeader {
	all := []fixedHeader{
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"Referrer-Policy", []string{"no-referrer"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
		{"Content-Security-Policy", []string{apiPolicy}},
	}
	if https {
		all = append(all, fixedHeader{"Strict-Transport-Security", []string{"max-age=31536000"}})
	}
	return all
}

// NoStore keeps an answer out of every cache.
func NoStore(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// Page gives an answer the headers of a page of the server's own.
func Page(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", ContentPolicy)
		w.Header().Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}
