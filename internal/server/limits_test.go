package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// tries makes wrong dashboard sign-ins from an address that the client claims,
// and returns the statuses.
func tries(h http.Handler, n int) string {
	var got []string
	for i := range n {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/session", strings.NewReader(fmt.Sprintf(`{"email":"a%d@example.com","password":"wrong"}`, i)))
		r.RemoteAddr = "127.0.0.1:5000"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i))
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		got = append(got, fmt.Sprint(rec.Code))
	}
	return strings.Join(got, " ")
}

func TestLimitsAreOnUnlessSwitchedOff(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	clock := servicetest.NewClock()
	for name, test := range map[string]struct {
		config Config
		want   string
	}{
		"by default ten":                     {Config{}, "401 401 401 401 401 401 401 401 401 401 429 429"},
		"as many as configured":              {Config{Limits: Limits{FailuresPerMinute: 3}}, "401 401 401 429 429 429 429 429 429 429 429 429"},
		"addresses that a named proxy tells": {Config{TrustedProxies: proxies, Limits: Limits{FailuresPerMinute: 1}}, "401 401 401 401 401 401 401 401 401 401 401 401"},
		"none":                               {Config{Limits: Limits{Off: true}}, "401 401 401 401 401 401 401 401 401 401 401 401"},
	} {
		t.Run(name, func(t *testing.T) {
			test.config.Now = clock.Now
			if got := tries(newServer(t, test.config).Handler(), 12); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
