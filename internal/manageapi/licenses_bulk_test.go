package manageapi

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/password"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// inChunks puts a server in front of the world that changes n things at a time.
func (w *world) inChunks(n int) {
	w.t.Helper()
	gate, err := password.NewGate(4, servicetest.CheapPasswords(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	svc := service.New(service.Config{DB: w.env.DB, Box: w.env.Box, Passwords: gate, Now: w.env.Clock.Now, Rand: rand.Reader, Log: log,
		Limits: service.Limits{LicensesPerCall: 100_000}, BulkChunk: n})
	handler, err := New(svc, Options{Now: w.env.Clock.Now, Version: "test"})
	if err != nil {
		w.t.Fatal(err)
	}
	srv := httptest.NewServer(web.Wrap(web.Options{Log: log, Now: w.env.Clock.Now, Rand: rand.Reader}, handler))
	w.t.Cleanup(srv.Close)
	w.url = srv.URL + Prefix
}

// bulk makes a bulk call with more headers.
func (w *world) bulk(action, body string, header ...string) answer {
	w.t.Helper()
	q := w.as(w.key, "POST", "/apps/{app}/licenses/"+action, body)
	for i := 0; i < len(header); i += 2 {
		q.header.Set(header[i], header[i+1])
	}
	return w.send(q)
}

func TestBulkActionsByFilter(t *testing.T) {
	w := newWorld(t)
	w.settle()
	w.inChunks(2)
	ask[api.LicensesCreated](w, "POST", "/apps/{app}/licenses", `{"amount":5,"level":2,"duration":"30d","note":"spring"}`, 201)
	const unused, banned = `{"total":6,"not_used":6,"used":0,"banned":0}`, `{"total":6,"not_used":1,"used":0,"banned":5}`
	for _, step := range []struct{ action, body, want string }{
		{"extend", `{"filter":{"search":"SPRING","created_after":"2026-03-01T00:00:00Z"},"duration":"1d"}`,
			`{"matched":5,"changed":5,"skipped":{},"before":` + unused + `,"after":` + unused + `}`},
		{"ban", `{"filter":{"level":2},"reason":"leaked","dry_run":true}`,
			`{"matched":5,"changed":5,"skipped":{},"before":` + unused + `,"after":` + banned + `,"dry_run":true}`},
		{"ban", `{"filter":{"level":2},"reason":"leaked","user_too":true}`,
			`{"matched":5,"changed":5,"skipped":{},"before":` + unused + `,"after":` + banned + `}`},
		{"extend", `{"all":true,"duration":"1d"}`,
			`{"matched":6,"changed":1,"skipped":{"license.banned":5},"before":` + banned + `,"after":` + banned + `}`},
		{"unban", `{"all":true,"status":"banned"}`,
			`{"matched":5,"changed":5,"skipped":{},"before":` + banned + `,"after":` + unused + `}`},
		{"delete", `{"ids":["` + w.ids["license"] + `"]}`,
			`{"matched":1,"changed":1,"skipped":{},"before":` + unused + `,"after":{"total":5,"not_used":5,"used":0,"banned":0}}`},
		{"delete", `{"filter":{"status":"not_used"}}`,
			`{"matched":5,"changed":5,"skipped":{},"before":{"total":5,"not_used":5,"used":0,"banned":0},"after":{"total":0,"not_used":0,"used":0,"banned":0}}`},
	} {
		a := w.bulk(step.action, step.body)
		if a.status != 200 || strings.TrimSpace(string(a.body)) != step.want {
			t.Errorf("%s %s: %d %s, want %s", step.action, step.body, a.status, a.body, step.want)
		}
	}
}

func TestSelectionsAreIDsAFilterOrAll(t *testing.T) {
	w := newWorld(t)
	w.settle()
	for _, body := range []string{
		`{}`, `{"dry_run":true}`, `{"filter":{}}`, `{"all":false}`, `{"ids":[]}`, `{"all":true,"filter":{"level":1}}`, `{"ids":["x"],"all":true}`,
		`{"ids":["x"],"filter":{"level":1}}`, `{"status":"used"}`, `{"filter":{"level":1},"status":"used"}`, `{"filter":{"sort":"created"}}`,
		`{"filter":{"level":0}}`, `{"filter":{"created_after":"yesterday"}}`, `{"filter":null}`, `{"filter":{"search":"` + strings.Repeat("x", 255) + `"}}`,
	} {
		for _, action := range []string{"extend", "ban", "unban", "delete"} {
			text := body
			if action == "extend" {
				text = strings.Replace(strings.Replace(body, "{", `{"duration":"1d",`, 1), ",}", "}", 1)
			}
			if p := w.checkProblem(w.bulk(action, text, "Accept", linesType), action+text); p.Code != "request.invalid" {
				t.Errorf("%s %s: %s", action, text, p.Code)
			}
		}
	}
	if list := ask[api.LicenseList](w, "GET", "/apps/{app}/licenses", "", 200); list.Counts.NotUsed != 1 {
		t.Errorf("%+v", list.Counts)
	}
}

// bulkLines takes a stream apart.
func bulkLines(t *testing.T, body []byte) (progress []api.Progress, outcome *api.LicensesChanged, end api.StreamEnd) {
	t.Helper()
	for text := range strings.Lines(string(body)) {
		var l struct {
			api.ProgressLine
			api.StreamEnd
		}
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		switch {
		case l.Progress != nil:
			progress = append(progress, *l.Progress)
		case l.Done != nil:
			end = l.StreamEnd
		default:
			if err := json.Unmarshal([]byte(text), &outcome); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
		}
	}
	return progress, outcome, end
}

func TestABulkActionTellsItsProgress(t *testing.T) {
	w := newWorld(t)
	w.settle()
	w.inChunks(2)
	ask[api.LicensesCreated](w, "POST", "/apps/{app}/licenses", `{"amount":4,"duration":"30d"}`, 201)
	a := w.bulk("extend", `{"filter":{"level":1},"duration":"1d"}`, "Accept", linesType, "Idempotency-Key", "order 7")
	progress, outcome, end := bulkLines(t, a.body)
	if a.status != 200 || a.header.Get("Content-Type") != linesType || end.Done == nil || !*end.Done || *end.Count != 1 {
		t.Errorf("%d %v, then %+v", a.status, a.header, end)
	}
	if diff := cmp.Diff([]api.Progress{{Made: 2, Amount: 5}, {Made: 4, Amount: 5}, {Made: 5, Amount: 5}}, progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	if outcome == nil || outcome.Changed != 5 {
		t.Fatalf("outcome %+v", outcome)
	}
	repeated := w.bulk("extend", `{"filter":{"level":1},"duration":"1d"}`, "Idempotency-Key", "order 7")
	if a.header.Get("Idempotency-Replayed") != "" || repeated.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("replayed: %q, then %q", a.header.Get("Idempotency-Replayed"), repeated.header.Get("Idempotency-Replayed"))
	}
	again := read[api.LicensesChanged](w, repeated, 200)
	if diff := cmp.Diff(*outcome, again); diff != "" {
		t.Errorf("the answer again (-first +again):\n%s", diff)
	}
	if p := w.checkProblem(w.bulk("extend", `{"filter":{"level":1},"duration":"2d"}`, "Idempotency-Key", "order 7"), "other"); p.Code != "request.idempotency_mismatch" {
		t.Errorf("another request: %s", p.Code)
	}
	if p := w.checkProblem(w.bulk("ban", `{"all":true}`, "Idempotency-Key", strings.Repeat("x", 256)), "long"); p.Code != "request.invalid" {
		t.Errorf("a long key: %s", p.Code)
	}
	if l := ask[api.License](w, "GET", "/apps/{app}/licenses/{license}", "", 200); l.Duration != "31d" {
		t.Errorf("it lasts %s", l.Duration)
	}
}

// A client that goes away stops the action; the same request goes on with it.
func TestABulkActionWithoutAReaderStops(t *testing.T) {
	w := newWorld(t)
	w.settle()
	w.inChunks(1)
	const amount = 400
	ask[api.LicensesCreated](w, "POST", "/apps/{app}/licenses", `{"amount":399,"duration":"30d"}`, 201)
	ctx, cancel := context.WithCancel(t.Context())
	q := w.as(w.key, "POST", "/apps/{app}/licenses/extend", "")
	r, err := http.NewRequestWithContext(ctx, q.method, w.url+q.path, strings.NewReader(`{"all":true,"duration":"1d"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = q.header
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept": linesType, "Idempotency-Key": "order 7"} {
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	line, err := bufio.NewReader(res.Body).ReadString('\n')
	if err != nil || !strings.Contains(line, `"made":1,"amount":400`) {
		t.Fatalf("%q, %v", line, err)
	}
	cancel()
	for deadline := time.After(30 * time.Second); !strings.Contains(w.log.String(), `"route":"POST /api/v1/apps/{app}/licenses/extend"`); {
		select {
		case <-deadline:
			t.Fatal("the server did not notice")
		case <-time.After(5 * time.Millisecond):
		}
	}
	events := ask[api.AuditEventList](w, "GET", "/apps/{app}/audit-events?limit=1", "", 200)
	first := events.AuditEvents[0]
	if first.Action != "licenses.extend" || first.Details["complete"] != false {
		t.Fatalf("the log tells %+v", first)
	}
	outcome := read[api.LicensesChanged](w, w.bulk("extend", `{"all":true,"duration":"1d"}`, "Idempotency-Key", "order 7"), 200)
	if outcome.Changed != amount {
		t.Errorf("in the end %+v", outcome)
	}
	list := ask[api.LicenseList](w, "GET", "/apps/{app}/licenses?limit=1000", "", 200)
	for _, l := range list.Licenses {
		if l.Duration != "31d" {
			t.Fatalf("a license lasts %s", l.Duration)
		}
	}
}
