package web

import (
	"net/http"
	"net/url"
	"strings"
)

// BasePath is the path of the address at which browsers reach the server, as
// [Below] and [Cookies] take it: "/keys" of https://example.com/keys/, ""
// where there is none.
func BasePath(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.Path, "/")
}

// IsBasePath reports whether path can be one: segments of letters, digits and
// the signs that no browser and no proxy writes in two ways.
func IsBasePath(path string) bool {
	if path == "" {
		return true
	}
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		if segment == "" || segment == "." || segment == ".." || strings.ContainsFunc(segment, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-._~", r))
		}) {
			return false
		}
	}
	return path[0] == '/'
}

// Below serves next at the path base as well as at the root: some proxies pass
// the path on under which they publish a server, and some cut it off.
func Below(base string, next http.Handler) http.Handler {
	if base == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, ok := strings.CutPrefix(r.URL.Path, base)
		raw, rawOK := strings.CutPrefix(r.URL.RawPath, base)
		switch {
		case !ok || path != "" && path[0] != '/' || r.URL.RawPath != "" && !rawOK:
			next.ServeHTTP(w, r)
			return
		case path == "":
			http.Redirect(w, r, base+"/", http.StatusPermanentRedirect)
			return
		}
		inner := new(http.Request)
		*inner = *r
		inner.URL = new(url.URL)
		*inner.URL = *r.URL
		inner.URL.Path, inner.URL.RawPath = path, raw
		defer func() { r.Pattern = inner.Pattern }() // for the access line
		next.ServeHTTP(w, inner)
	})
}
