package manageapi

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// report has a program report a line from an address.
func (w *world) report(message, device string) {
	w.t.Helper()
	w.env.Clock.Advance(time.Second)
	app, err := w.env.Service.App(w.env.Ctx(), w.ids["app"])
	if err != nil {
		w.t.Fatal(err)
	}
	client := w.env.Client(app)
	ctx := service.WithOrigin(w.t.Context(), service.Origin{IP: "203.0.113.7"})
	if err := w.env.Service.ClientLog(ctx, client, w.env.Session(client), message, device); err != nil {
		w.t.Fatal(err)
	}
}

// formulas are what a spreadsheet would run.
var formulas = []string{`=HYPERLINK("http://evil.example","x")`, "+1+1", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "'=1", ` "=1"`, "＝1"}

func TestLogsAreListedExportedAndDeleted(t *testing.T) {
	w := newWorld(t)
	w.settle()
	w.report("plain, with \"quotes\"\nand a second line", "ANN-PC")
	for _, f := range formulas {
		w.report(f, f)
	}
	list := ask[api.LogList](w, "GET", "/apps/{app}/logs?sort=created&limit=1", "", 200)
	if got := list.Logs[0]; got.Message != "plain, with \"quotes\"\nand a second line" || got.Device != "ANN-PC" || got.IP != "203.0.113.7" || list.Next == "" {
		t.Errorf("%+v", list)
	}
	if got := ask[api.LogList](w, "GET", "/apps/{app}/logs?device=ANN-PC&search=QUOTES", "", 200).Logs; len(got) != 1 {
		t.Errorf("%+v", got)
	}
	all := ask[api.LogList](w, "GET", "/apps/{app}/logs?sort=created", "", 200).Logs

	exported := w.send(w.as(w.key, "GET", "/apps/{app}/logs/export?format=csv", ""))
	if got := exported.header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="logs-Demo-`) {
		t.Errorf("Content-Disposition %q", got)
	}
	rows, err := csv.NewReader(strings.NewReader(string(exported.body))).ReadAll()
	if err != nil || len(rows) != len(all)+1 {
		t.Fatalf("%d rows (%v) of %s", len(rows), err, exported.body)
	}
	for i, row := range rows[1:] {
		message := strings.ReplaceAll(all[i].Message, "\r\n", "\n")
		if row[1] != message && row[1] != "'"+message || row[6] != all[i].ID {
			t.Errorf("row %d is %q of %q", i, row, all[i].Message)
		}
		for _, cell := range row {
			if trimmed := strings.TrimLeft(cell, ` "`); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@\t\r") {
				t.Errorf("row %d has the formula %q", i, cell)
			}
		}
	}
	var asJSON []api.LogLine
	if err := json.Unmarshal(w.send(w.as(w.key, "GET", "/apps/{app}/logs/export", "")).body, &asJSON); err != nil || !cmp.Equal(asJSON, all) {
		t.Errorf("%v: %s", err, cmp.Diff(all, asJSON))
	}
	lines := strings.Split(strings.TrimSpace(string(w.send(w.as(w.key, "GET", "/apps/{app}/logs/export?format=ndjson&search=nothing+of+that", "")).body)), "\n")
	if len(lines) != 1 || lines[0] != `{"done":true,"count":0}` {
		t.Errorf("%q", lines)
	}
	for format, want := range map[string]string{"json": "[]\n", "csv": logColumns} {
		if got := w.send(w.as(w.key, "GET", "/apps/{app}/logs/export?search=nothing+of+that&format="+format, "")); string(got.body) != want {
			t.Errorf("%s of nothing: %q", format, got.body)
		}
	}

	w.ids["log"] = all[0].ID
	if a := w.send(w.as(w.key, "DELETE", "/apps/{app}/logs/{log}", "")); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if p := w.checkProblem(w.send(w.as(w.key, "DELETE", "/apps/{app}/logs/{log}", "")), "again"); p.Code != "log.not_found" {
		t.Errorf("again: %s", p.Code)
	}
	would := ask[api.LogsChanged](w, "POST", "/apps/{app}/logs/delete", `{"filter":{"device":"+1+1"},"dry_run":true}`, 200)
	did := ask[api.LogsChanged](w, "POST", "/apps/{app}/logs/delete", `{"all":true}`, 200)
	if would.Changed != 1 || !would.DryRun || did.Changed != int64(len(formulas)) {
		t.Errorf("would %+v, did %+v", would, did)
	}
}

func TestALogWebhookIsWrittenAndNeverRead(t *testing.T) {
	w := newWorld(t)
	w.settle()
	if got := ask[api.LogWebhook](w, "GET", "/apps/{app}/log-webhook", "", 200); got != (api.LogWebhook{}) {
		t.Errorf("none: %+v", got)
	}
	if p := w.checkProblem(w.send(w.as(w.key, "DELETE", "/apps/{app}/log-webhook", "")), "none"); p.Code != "log_webhook.not_set" {
		t.Errorf("none to delete: %s", p.Code)
	}
	const secret = "https://discord.com/api/webhooks/1/canary-7f3a"
	set := w.send(w.as(w.key, "PUT", "/apps/{app}/log-webhook", `{"url":"`+secret+`"}`))
	got := w.send(w.as(w.key, "GET", "/apps/{app}/log-webhook", ""))
	for what, a := range map[string]answer{"set": set, "read": got} {
		if a.status != http.StatusOK || strings.Contains(string(a.body), canary) || !strings.Contains(string(a.body), `"host":"discord.com"`) {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
	}
	p := w.checkProblem(w.send(w.as(w.key, "PUT", "/apps/{app}/log-webhook", `{"url":"https://10.1.2.3/canary-7f3a"}`)), "internal")
	if p.Code != "request.invalid" || len(p.Errors) != 1 || p.Errors[0].Field != "url" {
		t.Errorf("an internal address: %+v", p)
	}
	if a := w.send(w.as(w.key, "DELETE", "/apps/{app}/log-webhook", "")); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if strings.Contains(w.log.String(), canary) {
		t.Error("the log has the address")
	}
}
