package web

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func TestTheBestLikedCodingIsTaken(t *testing.T) {
	for accept, want := range map[string]Coding{
		"":                              Identity,
		"gzip":                          Gzip,
		"x-gzip":                        Gzip,
		"GZIP":                          Gzip,
		"gzip, zstd":                    Zstd,
		"gzip, deflate, br, zstd":       Zstd,
		"zstd;q=0.5, gzip":              Gzip,
		"gzip;q=0.5, zstd;q=0.9":        Zstd,
		"gzip;q=0":                      Identity,
		"gzip; q=0.0, *":                Zstd,
		"*":                             Zstd,
		"*;q=0":                         Identity,
		"br":                            Identity,
		"identity":                      Identity,
		"identity, gzip;q=0.5":          Identity,
		"identity;q=0.5, gzip":          Gzip,
		"identity;q=0.5, gzip;q=0.5":    Gzip,
		"gzip;q=2":                      Identity,
		"gzip;q=x":                      Identity,
		"gzip;level=9":                  Identity,
		"gzip;q=NaN":                    Identity,
		", ,gzip,":                      Gzip,
		"zstd;q=0, gzip;q=0, *;q=1":     Identity,
		"identity;q=0, gzip;q=0.001":    Gzip,
		strings.Repeat("a,", 10) + "gz": Identity,
	} {
		if got := AcceptedCoding(http.Header{"Accept-Encoding": {accept}}); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
	if got := AcceptedCoding(http.Header{"Accept-Encoding": {"gzip;q=0.1", "zstd"}}); got != Zstd {
		t.Errorf("two lines: %q", got)
	}
}

// unpack reads a body in its coding.
func unpack(t *testing.T, coding string, body io.Reader) io.Reader {
	t.Helper()
	switch coding {
	case "gzip":
		r, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		return r
	case "zstd":
		r, err := zstd.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(r.Close)
		return r
	}
	return body
}

// fetch asks a handler over HTTP and leaves the body as it comes.
func fetch(t *testing.T, h http.HandlerFunc, method, accept string, header ...string) *http.Response {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	r, err := http.NewRequestWithContext(t.Context(), method, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", accept)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := (&http.Transport{DisableCompression: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

func compressing(pool *Compressor, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out := pool.Compress(w, r)
		next(out, r)
		_ = out.Close()
	}
}

func TestLargeAnswersAreCompressed(t *testing.T) {
	text := strings.Repeat("a line of text that comes again and again\n", 100)
	for _, c := range []struct {
		name, accept, media, body string
		status                    int
		coding, etag              string
	}{
		{"gzip", "gzip", "application/json", text, 200, "gzip", `"t-gzip"`},
		{"zstd", "zstd", "application/json", text, 201, "zstd", `"t-zstd"`},
		{"not wanted", "", "application/json", text, 200, "", `"t"`},
		{"too little", "gzip", "application/json", text[:900], 200, "", `"t"`},
		{"nothing", "gzip", "application/json", "", 204, "", `"t"`},
		{"a large refusal", "gzip", ProblemType, text, 400, "gzip", `"t-gzip"`},
		{"a type that is dense already", "gzip", "image/png", text, 200, "", `"t"`},
		{"a page", "gzip", "text/html; charset=utf-8", text, 200, "gzip", `"t-gzip"`},
		{"not modified", "gzip", "application/json", "", 304, "", `"t"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var pool Compressor
			for range 3 { // encoders are used again
				for _, method := range []string{"GET", "HEAD"} {
					res := fetch(t, compressing(&pool, func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("Content-Type", c.media)
						w.Header().Set("ETag", `"t"`)
						w.WriteHeader(c.status)
						for part := range strings.SplitAfterSeq(c.body, "\n") {
							_, _ = io.WriteString(w, part)
						}
					}), method, c.accept)
					if res.StatusCode != c.status || res.Header.Get("Content-Encoding") != c.coding || res.Header.Get("ETag") != c.etag ||
						res.Header.Get("Vary") != "Accept-Encoding" {
						t.Errorf("%s: %d %v", method, res.StatusCode, res.Header)
					}
					if method == "HEAD" {
						continue
					}
					body, err := io.ReadAll(unpack(t, c.coding, res.Body))
					if err != nil || string(body) != c.body {
						t.Errorf("%d bytes, %v", len(body), err)
					}
				}
			}
		})
	}
}

func TestAStreamIsFlushedLineByLine(t *testing.T) {
	for _, coding := range []string{"gzip", "zstd", ""} {
		t.Run("as "+coding, func(t *testing.T) {
			var pool Compressor
			next := make(chan bool)
			res := fetch(t, compressing(&pool, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/x-ndjson")
				for n := range 3 {
					_, _ = fmt.Fprintf(w, "{\"made\":%d}\n", n)
					if err := http.NewResponseController(w).Flush(); err != nil {
						t.Error(err)
					}
					<-next // the client has read it before there is more
				}
			}), "GET", coding)
			if got := res.Header.Get("Content-Encoding"); got != coding {
				t.Fatalf("it comes as %q", got)
			}
			lines := bufio.NewReader(unpack(t, coding, res.Body))
			for n := range 3 {
				line, err := lines.ReadString('\n')
				if err != nil || line != fmt.Sprintf("{\"made\":%d}\n", n) {
					t.Fatalf("%q, %v", line, err)
				}
				next <- true
			}
			if rest, err := io.ReadAll(lines); len(rest) > 0 || err != nil {
				t.Errorf("%q, %v", rest, err)
			}
		})
	}
}

// A panic must not look like the end of an answer, nor keep one from being a 500.
func TestABrokenAnswerIsNotEnded(t *testing.T) {
	var pool Compressor
	panics := func(before string) http.HandlerFunc {
		wrapped := Wrap(Options{Log: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader}, compressing(&pool, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, before)
			if len(before) > minCompressed {
				_ = http.NewResponseController(w).Flush()
			}
			panic("surprise")
		}))
		return wrapped.ServeHTTP
	}
	if res := fetch(t, panics("{"), "GET", "gzip"); res.StatusCode != 500 || res.Header.Get("Content-Type") != ProblemType {
		t.Errorf("nothing was out: %d %v", res.StatusCode, res.Header)
	}
	res := fetch(t, panics(strings.Repeat("text ", 100_000)), "GET", "gzip")
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("a part passes for the whole")
	}
}

func TestFixedBodiesAreRevalidated(t *testing.T) {
	body := []byte(strings.Repeat("body { color: black }\n", 200))
	h := Fixed("text/css; charset=utf-8", body).ServeHTTP
	tags := map[string]string{}
	for _, coding := range []string{"", "gzip", "zstd"} {
		res := fetch(t, h, "GET", coding, "Range", "bytes=0-9")
		got, err := io.ReadAll(unpack(t, coding, res.Body))
		if err != nil || !bytes.Equal(got, body) || res.Header.Get("Content-Encoding") != coding || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %d bytes, %v, %v", coding, len(got), err, res.Header)
		}
		tags[coding] = res.Header.Get("ETag")
		if head := fetch(t, h, "HEAD", coding); head.Header.Get("Content-Length") != res.Header.Get("Content-Length") || head.Header.Get("ETag") != tags[coding] {
			t.Errorf("%q: HEAD says %v", coding, head.Header)
		}
	}
	if tags[""] == tags["gzip"] || tags["gzip"] == tags["zstd"] {
		t.Errorf("other bytes have the same strong tag: %v", tags)
	}
	for _, had := range []string{tags["gzip"], tags[""], "W/" + tags["zstd"], "*", `"x", ` + tags["zstd"]} {
		if res := fetch(t, h, "GET", "gzip", "If-None-Match", had); res.StatusCode != 304 || res.Header.Get("ETag") != tags["gzip"] || res.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %d %v", had, res.StatusCode, res.Header)
		}
	}
	for _, had := range []string{`"x"`, "no tag"} {
		if res := fetch(t, h, "GET", "gzip", "If-None-Match", had); res.StatusCode != 200 {
			t.Errorf("%s: %d", had, res.StatusCode)
		}
	}
}

// page is a page of licenses as the management API answers with.
func page(n int) []byte {
	type license struct {
		ID        string `json:"id"`
		Key       string `json:"key"`
		Status    string `json:"status"`
		Level     int64  `json:"level"`
		Duration  string `json:"duration"`
		Note      string `json:"note"`
		CreatedAt string `json:"created_at"`
		CreatedBy string `json:"created_by"`
		UpdatedAt string `json:"updated_at"`
	}
	random := mathrand.New(mathrand.NewPCG(1, 2))
	text := func(letters string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	const base32, base62 = "0123456789abcdefghijklmnopqrstuv", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	list := make([]license, n)
	for i := range list {
		var groups []string
		for range 6 {
			groups = append(groups, text(base62, 6))
		}
		list[i] = license{"lic_06fs4kkq8v" + text(base32, 16), strings.Join(groups, "-"), "not_used", 1, "30d", "spring sale",
			"2026-03-01T12:00:00Z", "key_06fs4kkq8vxg7m1x2ndn0k3b1r", "2026-03-01T12:00:00Z"}
	}
	out, _ := json.Marshal(list)
	return out
}

// BenchmarkCompress is what the levels were chosen by.
func BenchmarkCompress(b *testing.B) {
	body := page(1000)
	b.Logf("%d bytes", len(body))
	run := func(name string, c Coding, gz int, zs zstd.EncoderLevel) {
		b.Run(name, func(b *testing.B) {
			e, err := newEncoder(c, gz, zs)
			if err != nil {
				b.Fatal(err)
			}
			var out bytes.Buffer
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				out.Reset()
				e.Reset(&out)
				if _, err := e.Write(body); err != nil || e.Close() != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(out.Len()), "bytes-out")
		})
	}
	for _, level := range []int{1, 3, 5, 6, 9} {
		run(fmt.Sprintf("gzip-%d", level), Gzip, level, 0)
	}
	for _, level := range []zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedDefault, zstd.SpeedBetterCompression, zstd.SpeedBestCompression} {
		run("zstd-"+level.String(), Zstd, 0, level)
	}
}
