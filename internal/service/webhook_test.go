package service_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/egress/egresstest"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// listen has every name lead to a handler, for this story and those after it,
// and returns the beginning of its URLs.
func (s *scene) listen(handler http.HandlerFunc) string {
	s.Helper()
	server := httptest.NewServer(handler)
	s.Cleanup(server.Close)
	port := netip.MustParseAddrPort(server.Listener.Addr().String()).Port()
	client := egress.New(egress.Config{Now: s.Clock.Now, AllowHTTP: true, Ports: []uint16{port}, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		Resolver: egresstest.Resolver(s, func(string, int) []string { return []string{"127.0.0.1"} })})
	s.Cleanup(func() { _ = client.Close() })
	s.Change(func(c *service.Config) { c.Egress = client })
	return "http://hooks.example.com:" + strconv.Itoa(int(port))
}

func TestLinks(t *testing.T) {
	tell(t, []story{
		{"however many ask, the link is followed once in a minute", linkFollowedOnce},
		{"what the link leads to is described and read like any content", linkParts},
		{"a link that fails is tried again after a while", linkFails},
		{"a changed link is followed at once", linkChanges},
		{"more than a file may have is refused, and nothing of it is kept", linkTooLarge},
		{"copies are few, and go when others need their place", linkCopies},
		{"who leaves does not spoil it for others", linkLeft},
	})
}

// link adds a file behind a URL.
func (s *scene) link(url string) service.FileView {
	s.Helper()
	f, err := s.Service.LinkFile(s.Ctx(), s.app.ID, service.NewFile{Name: "linked", Link: latchkey.Secret(url)})
	s.must(err)
	return f
}

// fetch reads a file as a program does.
func (s *scene) fetch(ses *service.ClientSession, id string) (string, error) {
	content, err := s.Service.ClientFileContent(outside(), s.client(), ses, id)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(content)
	return string(b), errors.Join(err, content.Close())
}

func linkFollowedOnce(s *scene) {
	var asked atomic.Int64
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	url := s.listen(func(w http.ResponseWriter, _ *http.Request) {
		n := asked.Add(1)
		arrived <- struct{}{}
		<-release
		_, _ = io.WriteString(w, "content "+strconv.FormatInt(n, 10))
	})
	f, ses := s.link(url+"/a"), s.start()
	go func() {
		<-arrived
		close(release)
	}()
	for _, err := range together(20, func(int) error {
		got, err := s.fetch(ses, f.ID)
		if err == nil && got != "content 1" {
			return errors.New(got)
		}
		return err
	}) {
		if err != nil {
			s.Error(err)
		}
	}
	s.Clock.Advance(59 * time.Second)
	if got, err := s.fetch(ses, f.ID); got != "content 1" || err != nil {
		s.Errorf("%q, %v", got, err)
	}
	s.Clock.Advance(time.Second)
	if got, err := s.fetch(ses, f.ID); got != "content 2" || err != nil || asked.Load() != 2 {
		s.Errorf("%q, %v", got, err)
	}
}

func linkParts(s *scene) {
	content := "0123456789"
	f, ses := s.link(s.listen(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, content) })), s.start()
	info, err := s.Service.ClientFileInfo(outside(), s.client(), ses, f.ID)
	s.must(err)
	if want := (service.ClientFile{ID: f.ID, Name: "linked", Size: 10, SHA256: sum(content)}); info != want {
		s.Errorf("%+v", info)
	}
	content = "9876543210"
	part := latchkey.FilePart{SHA256: info.SHA256, Offset: 3, Length: 4}
	b, err := s.Service.ClientFilePart(outside(), s.client(), ses, f.ID, part)
	s.must(err)
	if string(b) != "3456" {
		s.Errorf("%q", b)
	}
	s.Clock.Advance(time.Minute)
	_, err = s.Service.ClientFilePart(outside(), s.client(), ses, f.ID, part)
	s.refused(err, latchkey.CodeFileChanged)
}

func linkFails(s *scene) {
	status := http.StatusForbidden
	asked := 0
	f := s.link(s.listen(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "content")
	}))
	ses := s.start()
	for range 3 {
		_, err := s.fetch(ses, f.ID)
		s.refused(err, latchkey.CodeFileUnavailable)
		if strings.Contains(err.(*latchkey.Error).Message, "403") {
			s.Error("the program learns why")
		}
	}
	_, err := s.Service.FileContent(s.Ctx(), s.app.ID, f.ID)
	if e, _ := errors.AsType[*latchkey.Error](err); e == nil || e.Message != "The address of the link answers with status 403." {
		s.Errorf("the seller is told %v", err)
	}
	status = http.StatusOK
	s.Clock.Advance(9 * time.Second)
	_, err = s.fetch(ses, f.ID)
	s.refused(err, latchkey.CodeFileUnavailable)
	s.Clock.Advance(time.Second)
	if got, err := s.fetch(ses, f.ID); got != "content" || err != nil || asked != 2 {
		s.Errorf("%q, %v after %d requests", got, err, asked)
	}
}

func linkChanges(s *scene) {
	url := s.listen(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) })
	f, ses := s.link(url+"/a"), s.start()
	if got, err := s.fetch(ses, f.ID); got != "/a" || err != nil {
		s.Errorf("%q, %v", got, err)
	}
	_, err := s.Service.UpdateFile(s.Ctx(), s.app.ID, f.ID, service.FileEdit{Link: point(latchkey.Secret(url + "/b"))})
	s.must(err)
	if got, err := s.fetch(ses, f.ID); got != "/b" || err != nil {
		s.Errorf("%q, %v", got, err)
	}
	_, err = replace(s.Ctx(), s.Service, s.app.ID, f.ID, "uploaded")
	s.must(err)
	if got, err := s.fetch(ses, f.ID); got != "uploaded" || err != nil {
		s.Errorf("%q, %v", got, err)
	}
}

func linkTooLarge(s *scene) {
	before := s.contents()
	f := s.link(s.listen(func(w http.ResponseWriter, _ *http.Request) { // 1 MiB is the limit
		_, _ = w.Write(make([]byte, 1<<20+1))
	}))
	_, err := s.fetch(s.start(), f.ID)
	s.refused(err, latchkey.CodeFileUnavailable)
	if n := s.contents() - before; n != 0 {
		s.Errorf("%d contents are left", n)
	}
}

func linkCopies(s *scene) {
	before := s.contents()
	url := s.listen(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) })
	ses := s.start()
	for i := range 50 {
		s.Clock.Advance(time.Millisecond)
		f := s.link(url + "/" + strconv.Itoa(i))
		if got, err := s.fetch(ses, f.ID); got != "/"+strconv.Itoa(i) || err != nil {
			s.Errorf("%q, %v", got, err)
		}
	}
	if n := s.contents() - before; n != 32 {
		s.Errorf("%d copies", n)
	}
	s.Clock.Advance(time.Hour)
	f := s.link(url + "/last")
	_, err := s.fetch(ses, f.ID)
	s.must(err)
	if n := s.contents() - before; n != 1 {
		s.Errorf("%d copies after an hour", n)
	}
}

func linkLeft(s *scene) {
	arrived, release := make(chan struct{}), make(chan struct{})
	f := s.link(s.listen(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = io.WriteString(w, "content")
	}))
	ses := s.start()
	first := make(chan error)
	go func() {
		_, err := s.fetch(ses, f.ID)
		first <- err
	}()
	<-arrived
	gone, cancel := context.WithCancel(outside())
	cancel()
	_, err := s.Service.ClientFileContent(gone, s.client(), ses, f.ID)
	if err == nil {
		s.Error("it waited")
	}
	close(release)
	s.must(<-first)
}

func TestWebhookCalls(t *testing.T) {
	tell(t, []story{
		{"two calls of one webhook are made at once, and sixteen of one app", webhooksAtOnce},
		{"the parameters of the native protocol are pairs of the query", webhookParams},
		{"ten calls a minute for a session, sixty for a customer", webhooksInAMinute},
		{"a test tells status and time, and nothing that the receiver says", webhookTest},
		{"too much is refused before anything is called", webhookTooMuch},
	})
}

// hook makes a webhook that anybody may call.
func (s *scene) hook(name, url string) service.WebhookView {
	s.Helper()
	w, err := s.Service.CreateWebhook(s.Ctx(), s.app.ID, service.NewWebhook{Name: name, URL: latchkey.Secret(url), ShowAnswer: true})
	s.must(err)
	return w
}

func webhooksAtOnce(s *scene) {
	arrived, release := make(chan struct{}), make(chan struct{})
	url := s.listen(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	})
	done := make(chan error)
	call := func(w service.WebhookView) error {
		_, err := s.Service.ClientWebhook(outside(), s.client(), s.start(), service.ClientWebhookCall{Webhook: w.ID})
		return err
	}
	var hooks []service.WebhookView
	for i := range 9 {
		hooks = append(hooks, s.hook(strconv.Itoa(i), url))
	}
	for i := range 16 {
		go func() { done <- call(hooks[i/2]) }()
		<-arrived
	}
	s.refused(call(hooks[0]), latchkey.CodeBusy)
	s.refused(call(hooks[8]), latchkey.CodeBusy) // nobody calls it, but the app has enough
	_, err := s.Service.TestWebhook(s.Ctx(), s.app.ID, hooks[0].ID)
	s.refused(err, latchkey.CodeBusy)
	close(release)
	for range 16 {
		s.must(<-done)
	}
	go func() { <-arrived }()
	s.must(call(hooks[0]))
}

func webhookParams(s *scene) {
	w := s.hook("orders", s.listen(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.RequestURI()) })+"/x?key=1")
	got, err := s.Service.ClientWebhook(outside(), s.client(), s.start(), service.ClientWebhookCall{Webhook: w.ID, Params: map[string]string{"b": "2&3", "a": "ü"}})
	s.must(err)
	if got.Status != 200 || got.Body != "/x?key=1&a=%C3%BC&b=2%263" {
		s.Errorf("%+v", got)
	}
	_, err = s.Service.ClientWebhook(outside(), s.client(), s.start(), service.ClientWebhookCall{Webhook: w.ID, Params: map[string]string{"key": "2"}})
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.Service.UpdateWebhook(s.Ctx(), s.app.ID, w.ID, service.WebhookEdit{ShowAnswer: point(false)})
	s.must(err)
	if got, err = s.Service.ClientWebhook(outside(), s.client(), s.start(), service.ClientWebhookCall{Webhook: w.ID}); err != nil || got.Body != "" || got.Status != 200 {
		s.Errorf("hidden: %+v, %v", got, err)
	}
}

func webhooksInAMinute(s *scene) {
	calls := 0
	w := s.hook("orders", s.listen(func(http.ResponseWriter, *http.Request) { calls++ }))
	key := s.key("30d")
	for session := range 8 {
		ses, err := s.license(key, machine)
		s.must(err)
		for n := range 11 {
			_, err := s.Service.ClientWebhook(outside(), s.client(), ses, service.ClientWebhookCall{Webhook: w.ID})
			want := latchkey.Code("")
			if n == 10 || session > 5 {
				want = latchkey.CodeRateLimited
			}
			s.refused(err, want)
		}
	}
	if calls != 60 {
		s.Errorf("%d calls were made", calls)
	}
	// Somebody else at the same address is counted for themselves.
	ses := s.signedIn("30d")
	_, err := s.Service.ClientWebhook(outside(), s.client(), ses, service.ClientWebhookCall{Webhook: w.ID})
	s.must(err)
}

func webhookTest(s *scene) {
	w := s.hook("orders", s.listen(func(w http.ResponseWriter, r *http.Request) {
		s.Clock.Advance(1500 * time.Millisecond)
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "a secret of the network")
	}))
	got, err := s.Service.TestWebhook(s.Ctx(), s.app.ID, w.ID)
	s.must(err)
	if want := (service.WebhookTest{Status: 418, Duration: 1500 * time.Millisecond}); got != want {
		s.Errorf("%+v", got)
	}
}

func webhookTooMuch(s *scene) {
	calls := 0
	w := s.hook("orders", s.listen(func(http.ResponseWriter, *http.Request) { calls++ }))
	many := map[string]string{}
	for i := range 17 {
		many[strconv.Itoa(i)] = "x"
	}
	for _, in := range []service.ClientWebhookCall{{Params: many}, {Body: strings.Repeat("x", 16<<10+1)}, {ContentType: "text/html"},
		{Params: map[string]string{"a": strings.Repeat("x", 2048)}}, {Text: "a=" + strings.Repeat("x", 2048)}} {
		in.Webhook = w.ID
		_, err := s.Service.ClientWebhook(outside(), s.client(), s.start(), in)
		s.refused(err, latchkey.CodeInvalid)
	}
	if calls != 0 {
		s.Errorf("%d calls were made", calls)
	}
	_, err := s.Service.ClientWebhook(outside(), s.client(), s.start(), service.ClientWebhookCall{Webhook: w.ID, Body: strings.Repeat("x", 16<<10)})
	s.must(err)
}
