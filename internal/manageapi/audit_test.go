package manageapi

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestAuditLogsAreNarrowedAndExported(t *testing.T) {
	w := newWorld(t)
	w.settle()
	// A formula that got into a log must not run in somebody's spreadsheet.
	ask[api.Subscription](w, "POST", "/apps/{app}/subscriptions", `{"name":"=1+1","level":3}`, 201)
	all := ask[api.AuditEventList](w, "GET", "/apps/{app}/audit-events?sort=at&limit=1000", "", 200).AuditEvents
	made := ask[api.AuditEventList](w, "GET", "/apps/{app}/audit-events?action=subscription.create,api_key.*&limit=1", "", 200)
	if len(made.AuditEvents) != 1 || made.AuditEvents[0].Action != "subscription.create" || made.AuditEvents[0].Names[made.AuditEvents[0].TargetID] != "=1+1" {
		t.Errorf("%+v", made)
	}
	for query, want := range map[string]int{"target=" + made.AuditEvents[0].TargetID: 1, "actor_kind=server": 0, "target_kind=subscription&search=%3D1%2B1": 1,
		"from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z": 0} {
		if got := ask[api.AuditEventList](w, "GET", "/apps/{app}/audit-events?"+query, "", 200).AuditEvents; len(got) != want {
			t.Errorf("%s: %d events, want %d", query, len(got), want)
		}
	}
	for _, path := range []string{"/apps/{app}/audit-events", "/audit-events", "/apps/{app}/audit-events/export", "/audit-events/export"} {
		for _, query := range []string{"action=license.fly", "action=license.*,", "actor_kind=robot", "target_kind=thing", "sort=created", "from=yesterday"} {
			if p := w.checkProblem(w.send(w.as(w.key, "GET", path+"?"+query, "")), query); p.Code != "request.invalid" {
				t.Errorf("%s?%s: %s", path, query, p.Code)
			}
		}
	}

	exported := w.send(w.as(w.key, "GET", "/apps/{app}/audit-events/export?format=csv", ""))
	if got := exported.header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="audit-Demo-`) {
		t.Errorf("Content-Disposition %q", got)
	}
	rows, err := csv.NewReader(strings.NewReader(string(exported.body))).ReadAll()
	if err != nil || len(rows) != len(all)+2 || rows[len(rows)-1][4] != "audit.export" {
		t.Fatalf("%d rows (%v) of %s", len(rows), err, exported.body)
	}
	for i, row := range rows[1 : len(rows)-1] {
		if row[4] != all[i].Action || row[5] != all[i].TargetID || row[11] != all[i].Hash {
			t.Errorf("row %d is %q of %+v", i, row, all[i])
		}
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("row %d has the formula %q", i, cell)
			}
		}
	}
	var asJSON []api.AuditEvent
	if err := json.Unmarshal(w.send(w.as(w.key, "GET", "/apps/{app}/audit-events/export", "")).body, &asJSON); err != nil || !cmp.Equal(asJSON[:len(all)], all) {
		t.Errorf("%v: %s", err, cmp.Diff(all, asJSON))
	}
	lines := strings.Split(strings.TrimSpace(string(w.send(w.as(w.key, "GET", "/audit-events/export?format=ndjson&search=nothing+of+that", "")).body)), "\n")
	if len(lines) != 1 || lines[0] != `{"done":true,"count":0}` {
		t.Errorf("%q", lines)
	}
	server := w.send(w.as(w.key, "GET", "/audit-events/export?format=csv&actor=nobody", ""))
	if string(server.body) != auditColumns || !strings.HasPrefix(server.header.Get("Content-Disposition"), `attachment; filename="audit-server-`) {
		t.Errorf("of the server: %q as %q", server.body, server.header.Get("Content-Disposition"))
	}
}

// The document's words are those of the domain.
func TestAuditWordsAgree(t *testing.T) {
	w := newWorld(t)
	w.settle()
	for _, o := range latchkey.AuditObjects() {
		ask[api.AuditEventList](w, "GET", "/apps/{app}/audit-events?target_kind="+o.Name, "", 200)
	}
	for _, a := range latchkey.AuditActions() {
		for _, kind := range a.Of {
			if !knownObject(kind) {
				t.Errorf("%s is done to a %s, by which no log can be narrowed", a.Name, kind)
			}
		}
	}
}

func knownObject(kind latchkey.Kind) bool {
	for _, o := range latchkey.AuditObjects() {
		if o.Kind == kind {
			return auditTarget(o.Name) == kind
		}
	}
	return false
}
