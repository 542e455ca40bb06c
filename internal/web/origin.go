package web

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// SameOrigin refuses changing requests that another site's page makes in a
// visitor's browser. It guards what a browser sends credentials with by itself:
// the cookie, and the calls that set it.
type SameOrigin struct {
	protection *http.CrossOriginProtection
}

// NewSameOrigin trusts the server's own address as the browser sees it
// (publicURL, "" if it is not configured) besides the Host of each request.
// It fails if publicURL is not an http or https address.
func NewSameOrigin(publicURL string) (SameOrigin, error) {
	p := http.NewCrossOriginProtection()
	if publicURL != "" {
		u, err := url.Parse(publicURL)
		if err != nil {
			return SameOrigin{}, fmt.Errorf("read public url: %w", err)
		}
		if err := p.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return SameOrigin{}, fmt.Errorf("trust public url: %w", err)
		}
	}
	return SameOrigin{protection: p}, nil
}

// Check returns request.cross_origin for a request from another site.
func (s SameOrigin) Check(r *http.Request) error {
	if err := s.protection.Check(r); err != nil {
		return latchkey.Fail(latchkey.CodeCrossOrigin).Because(err)
	}
	return nil
}

// IsSafe reports whether a method promises to change nothing.
func IsSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
