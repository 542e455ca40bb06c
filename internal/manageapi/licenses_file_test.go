package manageapi

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// sendFile imports a body with more headers.
func (w *world) sendFile(query, body string, header ...string) answer {
	w.t.Helper()
	q := w.as(w.key, "POST", "/apps/{app}/licenses/import", body)
	q.path += query
	q.header.Del("Content-Type")
	for i := 0; i < len(header); i += 2 {
		q.header.Set(header[i], header[i+1])
	}
	return w.send(q)
}

func TestLicensesLeaveAndEnterAsFiles(t *testing.T) {
	w := newWorld(t)
	w.settle()
	read[api.LicensesCreated](w, w.batch(`{"amount":3,"duration":"30d","note":"=a,\r\n\"b\" 🔑"}`), 201)
	for format, media := range map[string]string{"": "application/json", "json": "application/json", "csv": "text/csv", "txt": "text/plain", "ndjson": linesType} {
		t.Run("as "+format, func(t *testing.T) {
			w := *w
			w.t = t
			a := w.send(w.as(w.key, "GET", "/apps/{app}/licenses/export?format="+format, ""))
			if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), media) ||
				!strings.HasPrefix(a.header.Get("Content-Disposition"), `attachment; filename="licenses-Demo-2026-03-01.`) {
				t.Fatalf("%d %v", a.status, a.header)
			}
			if format == "" {
				var list []api.License
				if err := json.Unmarshal(a.body, &list); err != nil || len(list) != 4 || !strings.Contains(list[0].Note+list[1].Note, "=a,\r\n\"b\" 🔑") {
					t.Errorf("%v in %s", err, a.body)
				}
			}
			if format == "ndjson" && !strings.HasSuffix(string(a.body), `{"done":true,"count":4}`+"\n") {
				t.Errorf("it ends %s", a.body)
			}
			copied := ask[api.AppCreated](&w, "POST", "/apps", `{"name":"a copy`+format+`"}`, 201)
			w.ids = map[string]string{"app": copied.ID}
			report := read[api.ImportReport](&w, w.sendFile("?duration=30d", string(a.body), "Content-Type", a.header.Get("Content-Type")), 200)
			if report.Rows != 4 || report.Imported != 4 || report.DryRun {
				t.Errorf("%+v", report)
			}
		})
	}
}

func TestAnImportReportsEachRowAndItsProgress(t *testing.T) {
	w := newWorld(t)
	w.settle()
	body := "key,colour\n" + strings.Repeat("AAAA,red\n", 5001) + "\xff,red\n"
	a := w.sendFile("?duration=30d&dry_run=true", body, "Content-Type", "text/csv", "Accept", linesType)
	if a.status != 200 || a.header.Get("Content-Type") != linesType {
		t.Fatalf("%d %s", a.status, a.body)
	}
	lines := strings.Split(strings.TrimSpace(string(a.body)), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], `{"progress":{"made":5000,"amount":500`) || lines[1] != `{"progress":{"made":5002,"amount":5002}}` || lines[3] != `{"done":true,"count":1}` {
		t.Fatalf("lines %q", lines)
	}
	var got api.ImportReport
	if err := json.Unmarshal([]byte(lines[2]), &got); err != nil {
		t.Fatal(err)
	}
	rows := got.SkippedRows
	got.SkippedRows = nil
	want := api.ImportReport{DryRun: true, Rows: 5002, Imported: 1, Skipped: []api.ReasonCount{{Reason: "repeated", Count: 5000}, {Reason: "not_utf8", Count: 1}},
		Warnings: []api.ReasonCount{{Reason: "weak_key", Count: 1}}, MissingLevels: []int64{}, Ignored: []string{"colour"}}
	if diff := cmp.Diff(want, got); diff != "" || len(rows) != 1000 || rows[0] != (api.SkippedRow{Row: 2, Line: 3, Reason: "repeated"}) {
		t.Errorf("%d rows are named; (-want +got):\n%s", len(rows), diff)
	}
	if n := ask[api.AppStats](w, "GET", "/apps/{app}/stats", "", 200).Licenses.Total; n != 1 {
		t.Errorf("%d licenses", n)
	}
}

func TestImportsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	w.settle()
	for name, c := range map[string]struct {
		query, body string
		header      []string
		code        latchkey.Code
	}{
		"no format":            {"", "A", nil, latchkey.CodeMediaType},
		"a form":               {"", "A", []string{"Content-Type", "multipart/form-data; boundary=x"}, latchkey.CodeMediaType},
		"another charset":      {"", "A", []string{"Content-Type", "text/csv; charset=latin1"}, latchkey.CodeMediaType},
		"a compressed body":    {"?format=csv", "A", []string{"Content-Encoding", "gzip"}, latchkey.CodeMediaType},
		"an unknown format":    {"?format=xls", "A", nil, latchkey.CodeInvalid},
		"an unknown parameter": {"?format=csv&force=true", "A", nil, latchkey.CodeInvalid},
		"a wrong duration":     {"?format=txt&duration=30", "A", nil, latchkey.CodeInvalid},
		"a wrong level":        {"?format=txt&level=0", "A", nil, latchkey.CodeInvalid},
		"no header of CSV":     {"?format=csv", "A,B\n", nil, latchkey.CodeMalformed},
		"half a list":          {"?format=json&duration=1d", `["A",`, nil, latchkey.CodeMalformed},
		"deep JSON":            {"?format=json", strings.Repeat(`{"keys":`, 20_000), nil, latchkey.CodeMalformed},
		"a row, all or none":   {"?format=txt&on_error=abort", "A", nil, latchkey.CodeImportRefused},
		"too many rows":        {"?format=txt", strings.Repeat("A\n", 100_001), nil, latchkey.CodeTooLarge},
		"a long name":          {"?format=txt", "A", []string{"Idempotency-Key", strings.Repeat("x", 256)}, latchkey.CodeInvalid},
	} {
		for _, accept := range []string{"application/json", linesType} {
			a := w.sendFile(c.query, c.body, append(c.header, "Accept", accept)...)
			if a.status == 200 { // lines had begun
				if !strings.Contains(string(a.body), `{"done":false,"problem":{`) || !strings.Contains(string(a.body), string(c.code)) {
					t.Errorf("%s: %s", name, a.body)
				}
				continue
			}
			if p := w.checkProblem(a, name); p.Code != string(c.code) {
				t.Errorf("%s: %s, want %s", name, p.Code, c.code)
			}
		}
	}
	if n := ask[api.AppStats](w, "GET", "/apps/{app}/stats", "", 200).Licenses.Total; n != 1 {
		t.Errorf("%d licenses", n)
	}
}

func TestARepeatedImportReportsTheSame(t *testing.T) {
	w := newWorld(t)
	w.settle()
	first := w.sendFile("?duration=30d", "A\nB\nA\n", "Content-Type", "text/plain", "Idempotency-Key", "once")
	again := w.sendFile("?duration=30d", "A\nB\nA\n", "Content-Type", "text/plain", "Idempotency-Key", "once")
	if first.status != 200 || string(first.body) != string(again.body) {
		t.Errorf("%s, then %d %s", first.body, again.status, again.body)
	}
	for _, a := range []answer{
		w.sendFile("?duration=30d", "A\nB\nC\n", "Content-Type", "text/plain", "Idempotency-Key", "once"),
		w.sendFile("?duration=31d", "A\nB\nA\n", "Content-Type", "text/plain", "Idempotency-Key", "once"),
	} {
		if p := w.checkProblem(a, "another"); p.Code != "request.idempotency_mismatch" {
			t.Errorf("another request: %s", p.Code)
		}
	}
}

// A client that hangs up while it sends leaves nothing, and finds progress
// before its file has ended.
func TestAnImportThatBreaksOffLeavesNothing(t *testing.T) {
	w := newWorld(t)
	w.settle()
	body, send := io.Pipe()
	q := w.as(w.key, "POST", "/apps/{app}/licenses/import?format=txt&duration=30d", "")
	r, err := http.NewRequestWithContext(t.Context(), q.method, w.url+q.path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = q.header
	r.Header.Set("Accept", linesType)
	go func() {
		var list strings.Builder
		for i := range 11_000 {
			list.WriteString("BROKEN-")
			list.WriteString(strings.Repeat("X", i%60))
			list.WriteString("\n")
		}
		_, _ = io.WriteString(send, list.String())
	}()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if line, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil || !strings.Contains(line, `"made":5000`) {
		t.Fatalf("%q, %v", line, err)
	}
	_ = send.CloseWithError(errors.New("the line is dead"))
	for deadline := time.After(30 * time.Second); !strings.Contains(w.log.String(), `"route":"POST /api/v1/apps/{app}/licenses/import"`); {
		select {
		case <-deadline:
			t.Fatal("the server did not notice")
		case <-time.After(20 * time.Millisecond):
		}
	}
	if n := ask[api.AppStats](w, "GET", "/apps/{app}/stats", "", 200).Licenses.Total; n != 1 {
		t.Errorf("%d licenses", n)
	}
	if n, err := w.env.Service.SweepBatches(t.Context()); n != 0 || err != nil {
		t.Errorf("%d batches were left to be swept, %v", n, err)
	}
}
