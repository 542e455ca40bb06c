package manageapi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
)

// batchLines is a stream taken apart.
type batchLines struct {
	progress []api.Progress
	keys     []string
	end      api.StreamEnd
}

func readLines(t *testing.T, body []byte) (b batchLines) {
	t.Helper()
	for line := range strings.Lines(string(body)) {
		var l struct {
			Key string
			api.ProgressLine
			api.StreamEnd
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if b.end.Done != nil {
			t.Errorf("%q comes after the end", line)
		}
		switch {
		case l.Progress != nil:
			if len(b.keys) > 0 {
				t.Error("progress comes after keys")
			}
			b.progress = append(b.progress, *l.Progress)
		case l.Done != nil:
			b.end = l.StreamEnd
		default:
			b.keys = append(b.keys, l.Key)
		}
	}
	return b
}

// batch asks for licenses with more headers.
func (w *world) batch(body string, header ...string) answer {
	w.t.Helper()
	q := w.as(w.key, "POST", "/apps/{app}/licenses", body)
	for i := 0; i < len(header); i += 2 {
		q.header.Set(header[i], header[i+1])
	}
	return w.send(q)
}

func TestManyLicensesComeALineEach(t *testing.T) {
	w := newWorld(t)
	w.settle()
	a := w.batch(`{"amount":3000,"duration":"30d"}`)
	if a.status != http.StatusCreated || a.header.Get("Content-Type") != linesType {
		t.Fatalf("%d %v", a.status, a.header)
	}
	got := readLines(t, a.body)
	if diff := cmp.Diff([]api.Progress{{Made: 2_000, Amount: 3_000}, {Made: 3_000, Amount: 3_000}}, got.progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	if len(got.keys) != 3_000 || got.end.Done == nil || !*got.end.Done || *got.end.Count != 3_000 {
		t.Errorf("%d keys, then %+v", len(got.keys), got.end)
	}
	stats := ask[api.AppStats](w, "GET", "/apps/{app}/stats", "", 200)
	if stats.Licenses.NotUsed != 3_001 {
		t.Errorf("the app counts %+v", stats)
	}
	few := w.batch(`{"amount":2,"duration":"30d"}`, "Accept", linesType)
	if got := readLines(t, few.body); len(got.keys) != 2 || len(got.progress) != 1 {
		t.Errorf("a stream of two: %s", few.body)
	}
	list := read[api.LicensesCreated](w, w.batch(`{"amount":1000,"duration":"30d"}`, "Accept", "text/html"), 201)
	if len(list.Licenses) != 1000 {
		t.Errorf("%d licenses in one value", len(list.Licenses))
	}
}

func TestAStreamThatCannotBeginIsAProblem(t *testing.T) {
	w := newWorld(t)
	w.settle()
	for body, code := range map[string]string{
		`{"amount":3000,"duration":"30d","mask":"****"}`: "license.weak_mask",
		`{"amount":3000,"duration":"30d","mask":"KEY"}`:  "license.custom_unconfirmed",
		`{"amount":200000,"duration":"30d"}`:             "request.invalid", // the operator's cap
	} {
		if p := w.checkProblem(w.batch(body, "Accept", linesType), body); p.Code != code {
			t.Errorf("%s: %s, want %s", body, p.Code, code)
		}
	}
}

func TestARepeatedRequestAnswersTheSame(t *testing.T) {
	w := newWorld(t)
	w.settle()
	for _, c := range []struct{ name, body, other string }{
		{"as one value", `{"amount":3,"duration":"30d"}`, `{"amount":4,"duration":"30d"}`},
		{"as a stream", `{"amount":1500,"duration":"30d"}`, `{"amount":1500,"duration":"31d"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := w.batch(c.body, "Idempotency-Key", c.name)
			again := w.batch(c.body, "Idempotency-Key", c.name)
			keys := func(a answer) []byte {
				_, list, _ := bytes.Cut(a.body, []byte(`{"id"`))
				return list
			}
			if first.status != 201 || again.status != 201 || len(keys(first)) == 0 || !bytes.Equal(keys(first), keys(again)) {
				t.Errorf("%d, then %d; the same: %t", first.status, again.status, bytes.Equal(first.body, again.body))
			}
			if p := w.checkProblem(w.batch(c.other, "Idempotency-Key", c.name), c.name); p.Code != "request.idempotency_mismatch" {
				t.Errorf("another request: %s", p.Code)
			}
		})
	}
	if p := w.checkProblem(w.batch(`{"duration":"30d"}`, "Idempotency-Key", strings.Repeat("x", 256)), "long"); p.Code != "request.invalid" {
		t.Errorf("a long key: %s", p.Code)
	}
}

// A client that goes away while its batch is made leaves nothing.
func TestAStreamWithoutAReaderLeavesNothing(t *testing.T) {
	w := newWorld(t)
	w.settle()
	ctx, cancel := context.WithCancel(t.Context())
	q := w.as(w.key, "POST", "/apps/{app}/licenses", "")
	r, err := http.NewRequestWithContext(ctx, q.method, w.url+q.path, strings.NewReader(`{"amount":50000,"duration":"30d","note":"for nobody"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = q.header
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	line, err := bufio.NewReader(res.Body).ReadString('\n')
	if err != nil || !strings.Contains(line, `"made":2000`) {
		t.Fatalf("%q, %v", line, err)
	}
	cancel()
	// The server finds out when it writes, and then deletes what it made; the
	// access line is its last word.
	for deadline := time.After(30 * time.Second); strings.Count(w.log.String(), `"route":"POST /api/v1/apps/{app}/licenses"`) < 2; {
		select {
		case <-deadline:
			t.Fatal("the server did not notice")
		case <-time.After(20 * time.Millisecond):
		}
	}
	stats := ask[api.AppStats](w, "GET", "/apps/{app}/stats", "", 200)
	list := ask[api.LicenseList](w, "GET", "/apps/{app}/licenses?search=nobody", "", 200)
	if stats.Licenses.Total != 1 || len(list.Licenses) != 0 {
		t.Errorf("%+v, %d found", stats, len(list.Licenses))
	}
	if n, err := w.env.Service.SweepBatches(t.Context()); n != 0 || err != nil {
		t.Errorf("%d batches were left to be swept, %v", n, err)
	}
}
