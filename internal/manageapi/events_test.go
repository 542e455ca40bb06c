package manageapi

import (
	"bufio"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// patience is for how long something is waited for that should happen at once.
const patience = time.Minute

// streamEvent is an event as it came, or the comment that shows life.
type streamEvent struct{ name, data string }

// events is a stream that somebody listens to.
type events struct {
	w    *world
	res  *http.Response
	next chan streamEvent // closed when the stream is over
}

// listen opens a stream of events and reads it as a browser does.
func (w *world) listen(credential, query string, header ...string) *events {
	w.t.Helper()
	q := w.as(credential, "GET", "/apps/{app}/events"+query, "")
	for i := 0; i < len(header); i += 2 {
		q.header.Set(header[i], header[i+1])
	}
	r, err := http.NewRequest(q.method, w.url+q.path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header = q.header
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	e := &events{w: w, res: res, next: make(chan streamEvent, 100)}
	w.t.Cleanup(func() { _ = res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != eventsType {
		w.t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	go func() {
		defer close(e.next)
		lines := bufio.NewScanner(res.Body)
		var ev streamEvent
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ":")
			switch {
			case lines.Text() == "":
				e.next <- ev
				ev = streamEvent{}
			case field == "event":
				ev.name = strings.TrimSpace(value)
			case field == "data":
				ev.data = strings.TrimSpace(value)
			}
		}
	}()
	return e
}

// event is the next one that is no comment; ok is false at the end of the stream.
func (e *events) event() (ev streamEvent, ok bool) {
	e.w.t.Helper()
	for {
		select {
		case ev, ok := <-e.next:
			if !ok || ev.name != "" {
				return ev, ok
			}
		case <-time.After(patience):
			e.w.t.Fatal("no event came")
		}
	}
}

// ready wants the stream to tell of the topics.
func (e *events) ready(topics ...string) *events {
	e.w.t.Helper()
	ev, _ := e.event()
	if want := text(api.Watching{Topics: topics}); ev.name != "ready" || ev.data != want {
		e.w.t.Errorf("the stream begins with %+v, want %s", ev, want)
	}
	return e
}

// told wants changes of exactly these topics, in one event or several.
func (e *events) told(topics ...string) {
	e.w.t.Helper()
	var got []string
	for !slices.Equal(got, slices.Sorted(slices.Values(topics))) {
		ev, ok := e.event()
		var c api.Changed
		if err := json.Unmarshal([]byte(ev.data), &c); !ok || ev.name != "changed" || err != nil {
			e.w.t.Fatalf("%+v came, want changes of %v, of which %v were told", ev, topics, got)
		}
		got = slices.Compact(slices.Sorted(slices.Values(append(got, c.Topics...))))
		if len(got) > len(topics) {
			e.w.t.Fatalf("told of %v, want %v", got, topics)
		}
	}
}

// ends wants the stream to end, and for this reason.
func (e *events) ends(code latchkey.Code) {
	e.w.t.Helper()
	ev, ok := e.event()
	for ok && ev.name == "changed" {
		ev, ok = e.event()
	}
	var end api.WatchEnd
	if err := json.Unmarshal([]byte(ev.data), &end); ev.name != "end" || err != nil || end.Code != string(code) || end.Detail == "" {
		e.w.t.Errorf("the stream ends with %+v, want %s", ev, code)
	}
	if ev, ok := e.event(); ok {
		e.w.t.Errorf("%+v comes after the end", ev)
	}
}

// silent streams do not say that they live, and say at once what changes.
func silentStreams() Options { return Options{beat: time.Hour, gap: time.Millisecond} }

func TestEventsTellWhatChanges(t *testing.T) {
	w := newWorldWith(t, silentStreams())
	w.settle()
	all := w.listen(w.key, "", "Accept-Encoding", "gzip, zstd").ready("sessions", "logs", "licenses", "users", "chats", "tokens", "counters")
	some := w.listen(w.signIn(), "?topics=users,chats").ready("users", "chats")
	if h := all.res.Header; h.Get("Content-Encoding") != "" || h.Get("X-Accel-Buffering") != "no" || !strings.Contains(h.Get("Cache-Control"), "no-store") ||
		h.Get("Content-Length") != "" {
		t.Errorf("headers: %v", h)
	}
	mine := w.ids
	w.settle2()
	elsewhere := w.listen(w.key, "").ready("sessions", "logs", "licenses", "users", "chats", "tokens", "counters")
	w.ids = mine

	ask[api.LicensesCreated](w, "POST", "/apps/{app}/licenses", `{"duration":"30d"}`, 201)
	all.told("licenses", "counters")
	ask[api.License](w, "PATCH", "/apps/{app}/licenses/{license}", `{"note":"x"}`, 200)
	all.told("licenses")
	ask[api.User](w, "POST", "/apps/{app}/users", `{"username":"bob"}`, 201)
	all.told("users", "counters")
	some.told("users")
	ask[api.ChatMessage](w, "POST", "/apps/{app}/chats/{chat}/messages", `{"text":"hello"}`, 201)
	all.told("chats")
	some.told("chats")
	w.bindDevice() // by a sign-in
	all.told("sessions", "users")
	some.told("users")
	ask[api.Change](w, "DELETE", "/apps/{app}/sessions", "", 200)
	all.told("sessions")
	if a := w.send(w.as(w.key, "POST", "/apps/{app}/users", `{"username":"bob"}`)); a.status != 409 {
		t.Errorf("%d %s", a.status, a.body)
	}
	ask[api.Token](w, "POST", "/apps/{app}/tokens/{token}/blacklist", `{}`, 200)
	all.told("tokens")
	ask[api.User](w, "POST", "/apps/{app}/users/{user}/ban", `{}`, 200)
	all.told("users", "sessions", "counters") // and nothing of the refused call before

	select {
	case ev := <-elsewhere.next:
		t.Errorf("another app's stream tells %+v", ev)
	default:
	}
}

// settle2 makes another app the one that paths name.
func (w *world) settle2() {
	w.t.Helper()
	w.ids = map[string]string{"app": ask[api.AppCreated](w, "POST", "/apps", `{"name":"Other"}`, 201).ID}
}

func TestEventsAreForWhoMayReadThem(t *testing.T) {
	w := newWorldWith(t, silentStreams())
	w.settle()
	w.listen(w.keyWith(latchkey.PermAppsRead), "").ready("counters")
	w.listen(w.keyWith(latchkey.PermAppsRead, latchkey.PermUsersRead, latchkey.PermLogsRead), "?topics=logs,users,sessions").ready("logs", "users")
	for query, c := range map[string]struct {
		key  string
		code latchkey.Code
	}{
		"?topics=sessions,users": {w.keyWith(latchkey.PermAppsRead), latchkey.CodeForbidden},
		"?topics=secrets":        {w.key, latchkey.CodeInvalid},
		"?topics=users,":         {w.key, latchkey.CodeInvalid},
		"?topic=users":           {w.key, latchkey.CodeInvalid},
	} {
		if p := w.checkProblem(w.send(w.as(c.key, "GET", "/apps/{app}/events"+query, "")), query); p.Code != string(c.code) {
			t.Errorf("%s: %s, want %s", query, p.Code, c.code)
		}
	}
}

func TestEventsEndWithTheCredential(t *testing.T) {
	w := newWorldWith(t, silentStreams())
	w.settle()
	made := ask[api.APIKeyCreated](w, "POST", "/api-keys", `{"name":"shop","permissions":["apps.read"]}`, 201)
	e := w.listen(made.Key, "").ready("counters")
	ask[struct{}](w, "DELETE", "/api-keys/"+made.ID, "", 204)
	e.ends(latchkey.CodeAuthInvalid)

	cookie := w.signIn()
	e = w.listen(cookie, "?topics=users").ready("users")
	if a := w.send(w.as(cookie, "DELETE", "/session", "")); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	e.ends(latchkey.CodeAuthInvalid)

	first, second := w.signIn(), w.signIn()
	mine, other := w.listen(first, "?topics=users").ready("users"), w.listen(second, "?topics=users").ready("users")
	if a := w.send(w.as(first, "POST", "/account/password", `{"current":"`+servicetest.OwnerPassword+`","new":"the next long password"}`)); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	other.ends(latchkey.CodeAuthInvalid)
	ask[api.User](w, "POST", "/apps/{app}/users", `{"username":"carl"}`, 201)
	mine.told("users")

	e = w.listen(w.key, "?topics=users").ready("users")
	ask[struct{}](w, "DELETE", "/apps/{app}?confirm=Demo", "", 204)
	e.ends(latchkey.CodeAppNotFound)
	mine.ends(latchkey.CodeAppNotFound)
	w.nobodyListens()
}

func TestEventsEndWhenTheCredentialExpires(t *testing.T) {
	w := newWorldWith(t, Options{beat: 10 * time.Millisecond})
	w.settle()
	brief := ask[api.APIKeyCreated](w, "POST", "/api-keys", `{"name":"brief","permissions":["apps.read"],"expires_at":"2026-03-01T13:00:00Z"}`, 201)
	e := w.listen(brief.Key, "").ready("counters")
	if ev := <-e.next; ev != (streamEvent{}) { // it says that it lives
		t.Errorf("%+v came", ev)
	}
	idle := w.listen(w.signIn(), "?topics=users").ready("users")
	w.env.Clock.Advance(time.Hour)
	e.ends(latchkey.CodeAuthInvalid)
	w.env.Clock.Advance(latchkey.AccountSessionIdle) // a page that is open is nobody at work
	idle.ends(latchkey.CodeAuthInvalid)
}

// nobodyListens waits until no stream is open.
func (w *world) nobodyListens() {
	w.t.Helper()
	deadline := time.After(patience)
	for w.env.Service.Watches() > 0 {
		select {
		case <-deadline:
			w.t.Fatalf("%d streams are still open", w.env.Service.Watches())
		case <-time.After(time.Millisecond):
		}
	}
}

func TestTopicsAreTheOnesOfTheDocument(t *testing.T) {
	doc := operation(document(t), rowOf(t, "watch-app"))
	for _, topic := range service.Topics() {
		if !strings.Contains(doc.Parameters[1].Description, string(topic)) {
			t.Errorf("the parameter does not name %s", topic)
		}
	}
	if diff := cmp.Diff([]service.Topic{"sessions", "logs", "licenses", "users", "chats", "tokens", "counters"}, service.Topics()); diff != "" {
		t.Error(diff)
	}
}
