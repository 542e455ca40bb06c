package manageapi

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write api/openapi.json anew")

func TestOpenAPIDocumentIsTheOneThatClientsKnow(t *testing.T) {
	const golden = "../../api/openapi.json"
	w := newWorld(t)
	a := w.send(w.as("", "GET", "/openapi.json", ""))
	if *update {
		if err := os.WriteFile(golden, a.body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(a.body), "\n")); diff != "" {
		t.Errorf("the document changed; if it should have, run the test with -update:\n%s", diff)
	}
	if bytes.Contains(a.body, []byte("$schema")) {
		t.Error("the document has $schema fields")
	}
}

func TestDocumentationShowsEveryCall(t *testing.T) {
	w := newWorld(t)
	a := w.send(w.as("", "GET", "/docs", ""))
	if a.status != 200 || !strings.Contains(a.header.Get("Content-Security-Policy"), "script-src 'self'") {
		t.Fatalf("%d %v", a.status, a.header)
	}
	page := string(a.body)
	for _, row := range rows() {
		for _, want := range []string{`id="` + row.id + `"`, Prefix + row.path, string(row.needs)} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not show %s of %s", want, row.id)
			}
		}
	}
	for _, foreign := range []string{"src=\"http", "href=\"http", "<script", "style="} {
		if strings.Contains(page, foreign) {
			t.Errorf("the page has %s", foreign)
		}
	}
	if css := w.send(w.as("", "GET", "/docs.css", "")); css.status != 200 || !strings.HasPrefix(css.header.Get("Content-Type"), "text/css") {
		t.Errorf("style: %d %v", css.status, css.header)
	}
}
