package clientapi

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// TestFieldsAreThoseOfTheSpecification compares what each function takes with
// the table of docs/client-protocol.md, to the letter.
func TestFieldsAreThoseOfTheSpecification(t *testing.T) {
	text, err := os.ReadFile("../../docs/client-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]string{}
	row := regexp.MustCompile("(?m)^\\| `([a-z/-]+)` \\| (?:–|started|two_factor|signed_in) \\| (?:reads|done once|remembered) \\| ([^|]*) \\|")
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		written[m[1]] = strings.TrimSpace(strings.ReplaceAll(m[2], "`", ""))
	}
	for _, r := range rows() {
		if diff := cmp.Diff(written[r.path], r.fields); diff != "" {
			t.Errorf("%s (-specification +code):\n%s", r.path, diff)
		}
	}
}

// TestEveryFunctionIsServed fails for a function of the protocol that no row
// answers, and for a row that the protocol has not.
func TestEveryFunctionIsServed(t *testing.T) {
	served := functions()
	for _, f := range client.Functions() {
		row := served[f.Path]
		delete(served, f.Path)
		if row == nil || row.run == nil {
			t.Errorf("%s is answered by no row", f.Path)
		}
	}
	for path := range served {
		t.Errorf("%s is a row, and no function of the protocol", path)
	}
}

// TestEveryFieldHasItsRule fails for a field that would take anything.
func TestEveryFieldHasItsRule(t *testing.T) {
	for path, f := range functions() {
		for _, field := range f.fields {
			if field.max == 0 || field.rule == "" {
				t.Errorf("%s: %s has no rule", path, field.name)
			}
		}
	}
}

// TestHandWrittenAnswersAreThoseOfTheTypes compares them with what the types'
// tags say.
func TestHandWrittenAnswersAreThoseOfTheTypes(t *testing.T) {
	odd := "\"quoted\\ \n\t\x01 Ångström 😀 \u2028 </script>"
	moment := int64(1_767_225_600_123)
	user := &client.User{Username: odd, CreatedAt: moment, Subscriptions: []client.Subscription{{Name: odd, Level: 3, ExpiresAt: &moment}, {Name: "x", Level: 1}}}
	full := *user
	full.Device, full.OfflineUntil = strings.Repeat("0f", 32), &moment
	for _, v := range []any{
		&client.Checked{SessionExpiresAt: moment, User: user},
		&client.SignedIn{Stage: client.StageSignedIn, Session: "token", SessionExpiresAt: moment, Message: odd, User: &full},
		&client.SignedIn{Stage: client.StageTwoFactor, Session: "token", SessionExpiresAt: moment},
		&client.Started{Stage: client.StageStarted, Session: "token", SessionExpiresAt: moment, App: client.App{Name: odd, Version: odd, PanelURL: odd}},
		&client.Empty{},
		&client.Refusal{Error: client.Error{Code: "user.banned", Message: odd, Reason: odd, RetryAfter: 3, RequestID: "req_1"}},
	} {
		got := appendBody([]byte("before"), v)[len("before"):]
		back := reflect.New(reflect.TypeOf(v).Elem()).Interface()
		if err := json.Unmarshal(got, back); err != nil {
			t.Errorf("%s: %v", got, err)
		}
		if diff := cmp.Diff(v, back); diff != "" {
			t.Errorf("%T (-meant +written):\n%s", v, diff)
		}
		if diff := cmp.Diff(names(t, mustJSON(t, v)), names(t, got)); diff != "" {
			t.Errorf("%T (-tags +written):\n%s", v, diff)
		}
	}
}

func mustJSON(t *testing.T, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// names are all names in a text of JSON, in their order.
func names(t *testing.T, text []byte) []string {
	return slices.Collect(func(yield func(string) bool) {
		for _, m := range regexp.MustCompile(`"([a-z_]+)":`).FindAllStringSubmatch(string(text), -1) {
			if !yield(m[1]) {
				return
			}
		}
	})
}

// TestCodesHaveTheStatusOfTheSpecification compares the table of refusals in
// docs/client-protocol.md with the server's.
func TestCodesHaveTheStatusOfTheSpecification(t *testing.T) {
	text, err := os.ReadFile("../../docs/client-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| ([0-9, ]+) \\| (`[a-z_]+\\.[a-z_]+`.*) \\|$").FindAllStringSubmatch(string(text), -1)
	if len(rows) < 10 {
		t.Fatalf("%d rows", len(rows))
	}
	known := map[latchkey.Code]bool{}
	for _, info := range latchkey.Codes() {
		known[info.Code] = true
	}
	for _, row := range rows {
		for _, m := range regexp.MustCompile("`([a-z_]+\\.[a-z_]+)`").FindAllStringSubmatch(row[2], -1) {
			code := latchkey.Code(m[1])
			if !known[code] || !strings.Contains(row[1], strconv.Itoa(web.Status(code))) {
				t.Errorf("%s (known: %t) is a %d here, and one of %s there", code, known[code], web.Status(code), row[1])
			}
		}
	}
}
