package web_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

func TestEveryCodeHasAStatusAndAParagraph(t *testing.T) {
	doc, err := os.ReadFile("../../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	paragraph := map[string]string{}
	for _, part := range regexp.MustCompile(`(?m)^## `).Split(string(doc), -1)[1:] {
		heading, text, _ := strings.Cut(part, "\n")
		paragraph[heading] = text
	}
	anchors := map[string]bool{}
	for _, info := range latchkey.Codes() {
		status := web.Status(info.Code)
		if status == http.StatusInternalServerError && info.Code != latchkey.CodeInternal {
			t.Errorf("%s has no status", info.Code)
		}
		if !strings.HasPrefix(paragraph[string(info.Code)], fmt.Sprintf("Status %d. ", status)) {
			t.Errorf("docs/errors.md has no paragraph on %s that begins with its status %d", info.Code, status)
		}
		delete(paragraph, string(info.Code))
		if anchors[web.DocLink(info.Code)] {
			t.Errorf("%s shares its link with another code", info.Code)
		}
		anchors[web.DocLink(info.Code)] = true
	}
	for heading := range paragraph {
		t.Errorf("docs/errors.md explains %s, which is no code", heading)
	}
}
