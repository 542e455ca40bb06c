package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
)

// browser is an HTTP client that keeps enough connections for a crowd.
func browser() *http.Client {
	return &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// seller calls the management API.
type seller struct {
	t    testing.TB
	url  string // of the server
	key  string // API key
	http *http.Client
}

func newSeller(t testing.TB, url, key string) *seller {
	return &seller{t: t, url: url, key: key, http: browser()}
}

// in is the same seller in a test of its own.
func (s *seller) in(t testing.TB) *seller {
	other := *s
	other.t = t
	return &other
}

// at is the same seller on another server.
func (s *seller) at(url string) *seller {
	other := *s
	other.url = url
	return &other
}

// refused is an answer that is not a success.
type refused struct {
	status int
	api.Problem
}

func (r *refused) Error() string {
	return fmt.Sprintf("%d %s: %s", r.status, r.Code, r.Detail)
}

// try makes one call. in and out may be nil. Its error is a [*refused] if the
// server answered.
func (s *seller) try(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		content, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(content)
	}
	req, err := http.NewRequest(method, s.url+"/api/v1"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := s.http.Do(req)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return err
	}
	if res.StatusCode/100 == 2 {
		if out == nil {
			return nil
		}
		return json.Unmarshal(content, out)
	}
	r := &refused{status: res.StatusCode}
	if err := json.Unmarshal(content, &r.Problem); err != nil || res.Header.Get("Content-Type") != "application/problem+json" {
		return fmt.Errorf("status %d with a body that is no problem: %.200q", res.StatusCode, content)
	}
	return r
}

// call makes one call that has to succeed.
func (s *seller) call(method, path string, in, out any) {
	s.t.Helper()
	if err := s.try(method, path, in, out); err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
}

// createApp makes an app that answers to both versions of the client API.
func (s *seller) createApp(name string) api.AppCreated {
	s.t.Helper()
	var app api.AppCreated
	s.call("POST", "/apps", api.CreateApp{Name: name}, &app)
	protocols := []string{"native", "1.3", "1.2"}
	s.call("PATCH", "/apps/"+app.ID, api.UpdateApp{Settings: &api.UpdateSettings{AcceptProtocols: &protocols}}, nil)
	return app
}

// answered is the most licenses of one call that are answered in one document;
// more are streamed.
const answered = 1000

// createLicenses makes licenses of 30 days and returns them.
func (s *seller) createLicenses(appID string, amount int) (all []api.License) {
	s.t.Helper()
	for ; amount > 0; amount -= answered {
		var made api.LicensesCreated
		s.call("POST", "/apps/"+appID+"/licenses", api.CreateLicenses{Amount: new(int64(min(amount, answered))), Duration: "30d"}, &made)
		all = append(all, made.Licenses...)
	}
	return all
}

// licenses lists every license of an app.
func (s *seller) licenses(appID string) []api.License {
	s.t.Helper()
	var all []api.License
	s.pages("/apps/"+appID+"/licenses", func(path string) string {
		var page api.LicenseList
		s.call("GET", path, nil, &page)
		all = append(all, page.Licenses...)
		return page.Next
	})
	return all
}

// users lists every user of an app.
func (s *seller) users(appID string) []api.User {
	s.t.Helper()
	var all []api.User
	s.pages("/apps/"+appID+"/users", func(path string) string {
		var page api.UserList
		s.call("GET", path, nil, &page)
		all = append(all, page.Users...)
		return page.Next
	})
	return all
}

func (s *seller) pages(path string, fetch func(path string) (next string)) {
	query := url.Values{"limit": {"1000"}}
	for {
		next := fetch(path + "?" + query.Encode())
		if next == "" {
			return
		}
		query.Set("cursor", next)
	}
}

// granted sums what was ever given to the users of an app. Holdings that never
// expired while they were extended end exactly that long after their beginning.
func granted(users []api.User) (total time.Duration) {
	for _, u := range users {
		for _, h := range u.Subscriptions {
			total += h.ExpiresAt.Sub(h.CreatedAt.Time)
		}
	}
	return total
}
