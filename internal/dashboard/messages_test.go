package dashboard

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// TestDefaultMessagesOfThePage compares the settings page's copy of the default
// messages with those of the domain.
func TestDefaultMessagesOfThePage(t *testing.T) {
	text, err := os.ReadFile("../../web/src/rules/messages.ts")
	if err != nil {
		t.Fatal(err)
	}
	var shown []latchkey.Message
	for _, m := range regexp.MustCompile(`(?m)^  (\w+): (?:'(.*)'|"(.*)"),$`).FindAllStringSubmatch(string(text), -1) {
		shown = append(shown, latchkey.Message{Key: latchkey.MessageKey(m[1]), Default: strings.Join(m[2:], "")})
	}
	if diff := cmp.Diff(latchkey.DefaultMessages(), shown); diff != "" {
		t.Errorf("the domain (-) and the page (+) differ:\n%s", diff)
	}
}

// TestPermissionsOfThePage compares the form of API keys with the domain.
func TestPermissionsOfThePage(t *testing.T) {
	text, err := os.ReadFile("../../web/src/pages/account/permissions.ts")
	if err != nil {
		t.Fatal(err)
	}
	var shown []latchkey.Permission
	for _, row := range regexp.MustCompile(`(?m)^  \['\w+', \[(.*)\]\],$`).FindAllStringSubmatch(string(text), -1) {
		for _, name := range regexp.MustCompile(`'([a-z.]+)'`).FindAllStringSubmatch(row[1], -1) {
			shown = append(shown, latchkey.Permission(name[1]))
		}
	}
	if diff := cmp.Diff(latchkey.Permissions(), shown); diff != "" {
		t.Errorf("the domain (-) and the page (+) differ:\n%s", diff)
	}
}
