package manageapi

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
)

// lines imports text into a list.
func (w *world) lines(credential, list, query, text string, header ...string) answer {
	w.t.Helper()
	q := w.as(credential, "POST", "/apps/{app}/"+list+"/import", text)
	q.path += query
	q.header.Set("Content-Type", "text/plain")
	for i := 0; i < len(header); i += 2 {
		q.header.Set(header[i], header[i+1])
	}
	return w.send(q)
}

func TestListsFromFirstToLast(t *testing.T) {
	w := newWorld(t)
	w.settle()
	const list = "/apps/{app}/blacklists"
	made := ask[api.AccessEntry](w, "POST", list, `{"kind":"cidr","value":"203.0.113.9/24","reason":"abuse","expires_at":"2026-04-01T00:00:00Z"}`, 201)
	want := api.AccessEntry{ID: made.ID, Kind: "cidr", Value: "203.0.113.0/24", Reason: "abuse", ExpiresAt: api.At(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)),
		CreatedAt: made.CreatedAt, CreatedBy: made.CreatedBy, UpdatedAt: made.CreatedAt}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("made (-want +got):\n%s", diff)
	}
	w.ids["blacklist_entry"] = made.ID
	if got := ask[api.AccessEntry](w, "PATCH", list+"/{blacklist_entry}", `{"expires_at":null}`, 200); !got.ExpiresAt.IsZero() || got.Reason != "abuse" {
		t.Errorf("now it is %+v", got)
	}
	if p := w.checkProblem(w.send(w.as(w.key, "POST", list, `{"kind":"cidr","value":"203.0.113.0/24"}`)), "again"); p.Code != "blacklist.exists" || p.Status != 409 {
		t.Errorf("once more: %+v", p)
	}
	if p := w.checkProblem(w.send(w.as(w.key, "POST", "/apps/{app}/whitelists", `{"kind":"hwid","value":"x"}`)), "white"); p.Code != "request.invalid" {
		t.Errorf("a hardware id on the whitelist: %+v", p)
	}
	found := ask[api.AccessList](w, "GET", list+"?search=203.0.113.77&kind=cidr", "", 200)
	if len(found.Entries) != 1 || found.Entries[0].ID != made.ID {
		t.Errorf("found %+v", found)
	}
	report := read[api.AccessImported](w, w.lines(w.key, "blacklists", "?reason=a+list&expires_at=2026-05-01T00:00:00Z", "# mine\nDE\n203.0.113.0/24\nnonsense\n"), 200)
	if report.Lines != 3 || report.Imported != 1 || report.Existing != 1 || report.Refused != 1 || len(report.RefusedLines) != 1 || report.RefusedLines[0].Line != 4 {
		t.Errorf("imported %+v", report)
	}
	if got := ask[api.AccessChanged](w, "POST", list+"/delete", `{"all":true,"kind":"country","dry_run":true}`, 200); got != (api.AccessChanged{Change: api.Change{Matched: 1, Changed: 1}, DryRun: true}) {
		t.Errorf("would be deleted %+v", got)
	}
	if got := ask[api.AccessChanged](w, "POST", list+"/delete", `{"all":true}`, 200); got.Changed != 3 {
		t.Errorf("deleted %+v", got)
	}
	if p := w.checkProblem(w.send(w.as(w.key, "GET", list+"/{blacklist_entry}", "")), "deleted"); p.Code != "blacklist.not_found" || p.Status != 404 {
		t.Errorf("deleted: %+v", p)
	}
	if n := len(ask[api.AccessList](w, "GET", "/apps/{app}/whitelists", "", 200).Entries); n != 1 {
		t.Errorf("%d entries of the whitelist are left", n)
	}
}

func TestImportsIntoListsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	w.settle()
	cookie := w.signIn()
	for name, c := range map[string]struct {
		answer answer
		code   string
	}{
		"too long":         {w.lines(w.key, "blacklists", "", strings.Repeat("#\n", maxLines/2+1)), "request.too_large"},
		"too many lines":   {w.lines(w.key, "blacklists", "", strings.Repeat("x\n", 100_001)), "request.too_large"},
		"JSON":             {w.lines(w.key, "blacklists", "", `["DE"]`, "Content-Type", "application/json"), "request.media_type"},
		"compressed":       {w.lines(w.key, "blacklists", "", "DE", "Content-Encoding", "gzip"), "request.media_type"},
		"another charset":  {w.lines(w.key, "blacklists", "", "DE", "Content-Type", "text/plain; charset=latin1"), "request.media_type"},
		"a form's text":    {w.lines(cookie, "blacklists", "?format=txt", "DE"), "request.media_type"},
		"an end behind us": {w.lines(w.key, "blacklists", "?expires_at=2020-01-01T00:00:00Z", "DE"), "request.invalid"},
		"an unknown kind":  {w.lines(w.key, "whitelists", "?kind=asn", "AS1"), "request.invalid"},
	} {
		if p := w.checkProblem(c.answer, name); p.Code != c.code {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if got := read[api.AccessImported](w, w.lines(cookie, "blacklists", "?format=txt", "DE", "Content-Type", "application/json"), 200); got.Imported != 1 {
		t.Errorf("from the dashboard: %+v", got)
	}
}

func TestManyUsersAreBannedAndLetIn(t *testing.T) {
	w := newWorld(t)
	w.settle()
	w.bindDevice()
	got := ask[api.UsersChanged](w, "POST", "/apps/{app}/users/ban", `{"all":true,"reason":"fraud","blacklist_devices":true,"blacklist_ip":true}`, 200)
	if got.Change != (api.Change{Matched: 1, Changed: 1}) || got.Before.Banned != 0 || got.After.Banned != 1 {
		t.Errorf("banned: %+v", got)
	}
	list := ask[api.AccessList](w, "GET", "/apps/{app}/blacklists?kind=hwid", "", 200)
	if len(list.Entries) != 1 || list.Entries[0].UserID != w.ids["user"] || list.Entries[0].Reason != "fraud" {
		t.Errorf("listed: %+v", list)
	}
	if u := ask[api.User](w, "GET", "/apps/{app}/users/{user}", "", 200); u.BanReason != "fraud" {
		t.Errorf("the user: %+v", u)
	}
	got = ask[api.UsersChanged](w, "POST", "/apps/{app}/users/unban", `{"ids":["`+w.ids["user"]+`"]}`, 200)
	if got.Change != (api.Change{Matched: 1, Changed: 1}) || got.After.Banned != 0 {
		t.Errorf("let in: %+v", got)
	}
	if list := ask[api.AccessList](w, "GET", "/apps/{app}/blacklists?kind=hwid", "", 200); len(list.Entries) != 0 {
		t.Errorf("listed: %+v", list)
	}
}
