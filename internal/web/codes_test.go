package web_test

import (
	"context"
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

// What exists already is said at the field that named it, whichever call it was.
func TestWhatExistsIsSaidAtItsField(t *testing.T) {
	want := map[latchkey.Code]string{
		latchkey.CodeAccountExists: "email", latchkey.CodeAppExists: "name", latchkey.CodeSubscriptionExists: "name",
		latchkey.CodeLicenseExists: "mask", latchkey.CodeUserExists: "username", latchkey.CodeTokenExists: "user_id",
		latchkey.CodeVariableExists: "name", latchkey.CodeWebhookExists: "name", latchkey.CodeChatExists: "name",
		latchkey.CodeBlacklistExists: "value", latchkey.CodeWhitelistExists: "value",
	}
	for _, info := range latchkey.Codes() {
		if !strings.HasSuffix(string(info.Code), ".exists") {
			continue
		}
		p, _ := web.NewProblem(context.Background(), latchkey.Fail(info.Code))
		if len(p.Errors) != 1 || p.Errors[0].Field != want[info.Code] || p.Errors[0].Field == "" || p.Errors[0].Message != info.Sentence {
			t.Errorf("%s: %v, want it at %q", info.Code, p.Errors, want[info.Code])
		}
		delete(want, info.Code)
	}
	for code := range want {
		t.Errorf("%s is no code", code)
	}
	p, _ := web.NewProblem(context.Background(), latchkey.Fail(latchkey.CodeTokenExists).At("license_id"))
	if len(p.Errors) != 1 || p.Errors[0].Field != "license_id" {
		t.Errorf("a field that the error names is not kept: %v", p.Errors)
	}
	p, _ = web.NewProblem(context.Background(), latchkey.Fail(latchkey.CodeLicenseBanned))
	if len(p.Errors) != 0 {
		t.Errorf("a field is blamed without a reason: %v", p.Errors)
	}
}
