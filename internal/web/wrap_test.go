package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// serve answers one request through Wrap and returns the answer and the lines
// of the log.
func serve(t *testing.T, r *http.Request, h http.HandlerFunc) (*http.Response, []map[string]any) {
	t.Helper()
	var log bytes.Buffer
	now := func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /things/{thing}", h)
	w := httptest.NewRecorder()
	web.Wrap(web.Options{Log: slog.New(slog.NewJSONHandler(&log, nil)), Now: now, Rand: rand.Reader, HTTPS: true}, mux).ServeHTTP(w, r)
	var lines []map[string]any
	for line := range strings.Lines(log.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		delete(entry, "time")
		lines = append(lines, entry)
	}
	return w.Result(), lines
}

func request() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/things/7?secret=canary", nil)
	r.Header.Set("Authorization", "Bearer canary")
	return r
}

func problem(t *testing.T, res *http.Response) api.Problem {
	t.Helper()
	var p api.Problem
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return p
}

func TestEveryRequestHasAnIDAndOneAccessLineWithoutSecrets(t *testing.T) {
	var origin service.Origin
	res, lines := serve(t, request(), func(w http.ResponseWriter, r *http.Request) {
		origin = service.OriginFrom(r.Context())
		web.ExchangeFrom(r.Context()).App = "app_1"
		web.WithActor(r.Context(), service.Actor{ID: "key_1"})
		w.WriteHeader(http.StatusAccepted)
	})
	id := res.Header.Get("X-Request-Id")
	if !latchkey.IsID(latchkey.KindRequest, id) || origin.RequestID != id || origin.IP != "192.0.2.1" {
		t.Errorf("id %q, origin %+v", id, origin)
	}
	want := []map[string]any{{"level": "INFO", "msg": "request", "method": "GET", "route": "GET /things/{thing}", "status": 202.0,
		"code": "", "ms": 0.0, "actor": "key_1", "app": "app_1", "request_id": id}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(fmt.Sprint(lines), "canary") {
		t.Errorf("the log holds a secret: %v", lines)
	}
}

func TestAProxyThatNobodyNamedIsWarnedOfOnce(t *testing.T) {
	for peer, want := range map[string]int{"127.0.0.1:5000": 1, "10.1.2.3:5000": 1, "192.168.7.7:5000": 0, "203.0.113.9:5000": 0} {
		var log bytes.Buffer
		h := web.Wrap(web.Options{Log: slog.New(slog.NewJSONHandler(&log, nil)), Now: time.Now, Rand: rand.Reader,
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.168.0.0/16")}}, http.NotFoundHandler())
		for range 3 {
			r := request()
			r.RemoteAddr = peer
			r.Header.Set("X-Forwarded-For", "198.51.100.1")
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		if got := strings.Count(log.String(), `"level":"WARN"`); got != want {
			t.Errorf("%s: %d warnings, want %d", peer, got, want)
		}
	}
}

func TestAPanicIsA500WithTheIDAndItsStackStaysInTheLog(t *testing.T) {
	res, lines := serve(t, request(), func(http.ResponseWriter, *http.Request) { panic("secret detail") })
	got := problem(t, res)
	want := api.Problem{Type: web.DocLink(latchkey.CodeInternal), Title: latchkey.CodeInternal.Sentence(), Status: 500,
		Detail: latchkey.CodeInternal.Sentence(), Code: "server.internal", RequestID: res.Header.Get("X-Request-Id")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(lines) != 2 || !strings.Contains(fmt.Sprint(lines[0]["stack"]), "wrap_test.go") || lines[1]["status"] != 500.0 {
		t.Errorf("log: %v", lines)
	}
}

func TestAPanicAfterTheAnswerBeganBreaksTheConnection(t *testing.T) {
	defer func() {
		if p, ok := recover().(error); !ok || !errors.Is(p, http.ErrAbortHandler) {
			t.Errorf("recovered %v", p)
		}
	}()
	serve(t, request(), func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		panic("late")
	})
	t.Error("the answer looks whole")
}

func TestProblemsShowOurErrorsAndHideAllOthers(t *testing.T) {
	cause := errors.New("dial tcp 10.1.2.3: refused")
	for name, c := range map[string]struct {
		err        error
		want       api.Problem
		retryAfter string
		logged     bool
	}{
		"a field to blame": {
			err: fmt.Errorf("create app: %w", latchkey.Invalid("name", "A name.")),
			want: api.Problem{Title: latchkey.CodeInvalid.Sentence(), Status: 400, Detail: "A name.", Code: "request.invalid",
				Errors: []api.FieldError{{Field: "name", Message: "A name."}}},
		},
		"waiting helps": {
			err:        &latchkey.Error{Code: latchkey.CodeBusy, Message: "Busy.", RetryAfter: 1500 * time.Millisecond},
			want:       api.Problem{Title: latchkey.CodeBusy.Sentence(), Status: 503, Detail: "Busy.", Code: "server.busy"},
			retryAfter: "2", logged: true,
		},
		"the cause of our error is hidden": {
			err: latchkey.Fail(latchkey.CodeUnavailable).Because(cause),
			want: api.Problem{Title: latchkey.CodeUnavailable.Sentence(), Status: 503,
				Detail: latchkey.CodeUnavailable.Sentence(), Code: "server.unavailable"},
			retryAfter: "1", logged: true,
		},
		"a foreign error is hidden": {
			err: cause,
			want: api.Problem{Title: latchkey.CodeInternal.Sentence(), Status: 500,
				Detail: latchkey.CodeInternal.Sentence(), Code: "server.internal"},
			logged: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			res, lines := serve(t, request(), func(w http.ResponseWriter, r *http.Request) { web.WriteProblem(w, r, c.err) })
			c.want.Type, c.want.RequestID = web.DocLink(latchkey.Code(c.want.Code)), res.Header.Get("X-Request-Id")
			if diff := cmp.Diff(c.want, problem(t, res)); diff != "" {
				t.Error(diff)
			}
			if got := res.Header.Get("Retry-After"); got != c.retryAfter {
				t.Errorf("Retry-After %q, want %q", got, c.retryAfter)
			}
			if res.Header.Get("Content-Type") != web.ProblemType || res.StatusCode != c.want.Status {
				t.Errorf("status %d, type %s", res.StatusCode, res.Header.Get("Content-Type"))
			}
			if _, has := lines[0]["error"]; len(lines) != 1 || has != c.logged {
				t.Errorf("log: %v", lines)
			}
		})
	}
}

// TestWhoHangsUpIsNoFault: what breaks off because its client went is not the
// server's error, and only that.
func TestWhoHangsUpIsNoFault(t *testing.T) {
	unavailable := func(cause error) error { return latchkey.Fail(latchkey.CodeUnavailable).Because(cause) }
	for name, c := range map[string]struct {
		hangUp bool
		err    error
		level  string
		status float64
		code   string
	}{
		"the client went":                      {true, unavailable(fmt.Errorf("commit: %w", context.Canceled)), "INFO", 499, "request.canceled"},
		"the client went and the database too": {true, unavailable(io.ErrUnexpectedEOF), "ERROR", 503, "server.unavailable"},
		"the server gave up by itself":         {false, unavailable(context.Canceled), "ERROR", 503, "server.unavailable"},
		"it took too long":                     {false, unavailable(context.DeadlineExceeded), "ERROR", 503, "server.unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, hangUp := context.WithCancel(t.Context())
			defer hangUp()
			_, lines := serve(t, request().WithContext(ctx), func(w http.ResponseWriter, r *http.Request) {
				if c.hangUp {
					hangUp()
				}
				web.WriteProblem(w, r, c.err)
			})
			if len(lines) != 1 || lines[0]["level"] != c.level || lines[0]["status"] != c.status || lines[0]["code"] != c.code {
				t.Errorf("log: %v", lines)
			}
		})
	}
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	res, _ := serve(t, request(), func(http.ResponseWriter, *http.Request) {})
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Strict-Transport-Security": "max-age=31536000",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
