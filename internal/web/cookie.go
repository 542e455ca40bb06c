package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// Names of the dashboard's session cookie. Browsers accept the first one only
// with Secure, Path=/ and no Domain, so no neighbouring host can set it. A
// server below a path keeps its cookie there, away from its neighbours on the
// host; that takes the second name, which asks for Secure alone. Over plain
// HTTP, as on loopback, neither can exist; the third name keeps them from being
// taken for one another.
const (
	hostCookie  = "__Host-latchkey"
	pathCookie  = "__Secure-latchkey"
	plainCookie = "latchkey_dev"
)

// Cookies reads and writes the dashboard's session cookie.
type Cookies struct {
	HTTPS bool   // the public address is https, even if a proxy speaks HTTP to us
	Base  string // path below which the server lives, without a slash at its end; "" for none
}

// CookiesAt are the cookies of a server that browsers reach at publicURL, ""
// if that is not configured.
func CookiesAt(publicURL string) Cookies {
	return Cookies{HTTPS: strings.HasPrefix(publicURL, "https://"), Base: BasePath(publicURL)}
}

func (c Cookies) name(r *http.Request) (name string, secure bool) {
	switch {
	case !c.HTTPS && r.TLS == nil:
		return plainCookie, false
	case c.Base != "":
		return pathCookie, true
	}
	return hostCookie, true
}

// Read returns the session token of a request, "" if it has none or several.
func (c Cookies) Read(r *http.Request) latchkey.Secret {
	name, _ := c.name(r)
	found := r.CookiesNamed(name)
	if len(found) != 1 {
		return ""
	}
	return latchkey.Secret(found[0].Value)
}

// Set returns the Set-Cookie value that keeps a session token for maxAge.
func (c Cookies) Set(r *http.Request, token latchkey.Secret, maxAge time.Duration) string {
	return c.cookie(r, token.Reveal(), int(maxAge/time.Second))
}

// Clear returns the Set-Cookie value that removes the session token.
func (c Cookies) Clear(r *http.Request) string { return c.cookie(r, "", -1) }

func (c Cookies) cookie(r *http.Request, value string, maxAge int) string {
	name, secure := c.name(r)
	cookie := http.Cookie{Name: name, Value: value, Path: c.Base + "/", MaxAge: maxAge,
		Secure: secure, HttpOnly: true, SameSite: http.SameSiteStrictMode}
	return cookie.String()
}
