package server

import (
	"encoding/json"
	"io"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/pgtest"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// A customer who has forgotten the password asks for a link in the program,
// gets it from a real mail server, follows it, and signs in.
func TestPasswordResetByMail(t *testing.T) {
	for engine, database := range map[string]string{"sqlite": "sqlite", "postgres": pgtest.New(t)} {
		t.Run(engine, func(t *testing.T) { resetByMail(t, database) })
	}
}

// program is one that was sold, with a session.
type program struct {
	t    *testing.T
	url  string
	form url.Values
}

func (p *program) call(typ string, more url.Values) (success bool, message string) {
	p.t.Helper()
	form := url.Values{"type": {typ}}
	for _, values := range []url.Values{p.form, more} {
		for name, v := range values {
			form[name] = v
		}
	}
	res, err := http.PostForm(p.url+"/api/1.3/", form)
	must(p.t, err)
	defer res.Body.Close()
	var answer struct {
		Success            bool
		Message, SessionID string
	}
	must(p.t, json.NewDecoder(res.Body).Decode(&answer))
	if answer.SessionID != "" {
		p.form.Set("sessionid", answer.SessionID)
	}
	return answer.Success, answer.Message
}

func resetByMail(t *testing.T, database string) {
	office := newPostOffice(t)
	s := newServer(t, Config{Database: database, Mail: office.config(), PublicURL: "https://keys.example.com/licenses"})
	owner, err := s.data.Service.Init(t.Context(), "owner@example.com", "a long enough password")
	must(t, err)
	ctx := service.WithActor(t.Context(), service.Actor{Kind: service.ActorAccount, ID: owner.Account.ID, AccountID: owner.Account.ID})
	app, _, err := s.data.Service.CreateApp(ctx, "demo")
	must(t, err)
	subscriptions, err := s.data.Service.ListSubscriptions(ctx, app.ID, service.Page{})
	must(t, err)
	_, err = s.data.Service.CreateUser(ctx, app.ID, service.NewUser{Username: "ann", Password: "old words", Email: "ann@example.com",
		SubscriptionID: subscriptions.Items[0].ID, Duration: latchkey.Lifetime(), HWIDAffected: false})
	must(t, err)
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(srv.Close)
	stop := s.delivering(t.Context())
	defer stop()

	p := &program{t: t, url: srv.URL, form: url.Values{"name": {"demo"}, "ownerid": {app.OwnerID}}}
	if ok, message := p.call("init", nil); !ok {
		t.Fatal(message)
	}
	// Whose address it is not gets nothing: the next mail is the second request's.
	for _, email := range []string{"eve@example.com", "ann@example.com"} {
		if ok, message := p.call("forgot", url.Values{"username": {"ann"}, "email": {email}}); !ok || message != "Successfully sent email to change password." {
			t.Fatalf("forgot: %t %s", ok, message)
		}
	}
	got := office.next(t)
	link := linkIn(t, got.text)
	if got.to != "ann@example.com" || !strings.HasPrefix(link, "https://keys.example.com/licenses/reset/"+app.ID+"#") {
		t.Fatalf("to %s: %s", got.to, link)
	}
	path, code, _ := strings.Cut(strings.TrimPrefix(link, "https://keys.example.com/licenses"), "#")
	status := func(res *http.Response, err error) int {
		t.Helper()
		must(t, err)
		must(t, res.Body.Close())
		return res.StatusCode
	}
	// As a proxy sends it on: below the path, or with the path taken off.
	if status(http.Get(srv.URL+"/licenses"+path)) != http.StatusOK {
		t.Error("the page is not there")
	}
	form := url.Values{"code": {code}, "password": {"new words"}, "again": {"new words"}}
	if got := status(http.PostForm(srv.URL+path, form)); got != http.StatusOK {
		t.Errorf("setting the password: %d", got)
	}
	if got := status(http.PostForm(srv.URL+path, form)); got != http.StatusForbidden {
		t.Errorf("a second time: %d", got)
	}
	for password, want := range map[string]string{"old words": "Password does not match.", "new words": "Logged in!"} {
		if _, message := p.call("login", url.Values{"username": {"ann"}, "pass": {password}, "hwid": {"4c4c4544-0042-3510-8052"}}); message != want {
			t.Errorf("%s: %s", password, message)
		}
	}
}

// linkIn is the address in a mail as it was sent.
func linkIn(t *testing.T, mail string) string {
	t.Helper()
	_, body, _ := strings.Cut(mail, "\r\n\r\n")
	if strings.Contains(mail, "quoted-printable") {
		text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
		must(t, err)
		body = string(text)
	}
	link := regexp.MustCompile(`https://\S+`).FindString(body)
	if link == "" {
		t.Fatalf("no link in %s", mail)
	}
	return link
}

func TestWithoutAMailServerNothingIsReset(t *testing.T) {
	for _, c := range []Config{{PublicURL: "https://keys.example.com"}, {Mail: newPostOffice(t).config()}} {
		if got := c.resetURL(); got != "" {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
