package panelapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// Names of the session cookie. Browsers take the first over https only. Over
// plain http, as on loopback, it cannot exist; the second name keeps the two
// from being taken for one another. Neither is a name of the dashboard's.
const (
	secureCookie = "__Secure-latchkey-panel"
	plainCookie  = "latchkey_panel_dev"
)

// cookies reads and writes the session cookie. It lives below the part of the
// API that is its application's, so that the pages of two applications share
// nothing, and below no page.
type cookies struct {
	https bool
	base  string
}

func cookiesAt(publicURL string) cookies {
	return cookies{https: strings.HasPrefix(publicURL, "https://"), base: web.BasePath(publicURL)}
}

func (c cookies) name(r *http.Request) string {
	if c.secure(r) {
		return secureCookie
	}
	return plainCookie
}

func (c cookies) secure(r *http.Request) bool { return c.https || r.TLS != nil }

// read returns the session token of a request, "" if it has none or several.
func (c cookies) read(r *http.Request) latchkey.Secret {
	found := r.CookiesNamed(c.name(r))
	if len(found) != 1 {
		return ""
	}
	return latchkey.Secret(found[0].Value)
}

func (c cookies) set(r *http.Request, token latchkey.Secret, expires time.Time) string {
	return c.cookie(r, http.Cookie{Value: token.Reveal(), Expires: expires})
}

func (c cookies) clear(r *http.Request) string { return c.cookie(r, http.Cookie{MaxAge: -1}) }

func (c cookies) cookie(r *http.Request, cookie http.Cookie) string {
	cookie.Name, cookie.Path = c.name(r), c.base+scope(r)
	cookie.Secure, cookie.HttpOnly, cookie.SameSite = c.secure(r), true, http.SameSiteStrictMode
	return cookie.String()
}

// scope is the application's part of the API, spelled as in the request: there
// are several ways to escape a name, and browsers compare letters.
func scope(r *http.Request) string {
	path := r.URL.EscapedPath()
	end := len(Prefix)
	for range 2 { // owner and app
		next := strings.IndexByte(path[min(end+1, len(path)):], '/')
		if next < 0 {
			end = len(path)
			break
		}
		end += 1 + next
	}
	if strings.Contains(path[:end], ";") { // which no cookie's path can hold
		end = strings.LastIndexByte(path[:end], '/')
	}
	return path[:end] + "/"
}
