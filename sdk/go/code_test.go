package latchkey_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// TestCodesAreTheServers holds the codes to the server's own, and to the
// specification.
func TestCodesAreTheServers(t *testing.T) {
	document, err := os.ReadFile("../../docs/client-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, info := range latchkey.Codes() {
		known[string(info.Code)] = true
	}
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	lists := 0
	for _, decl := range file.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST {
			continue
		}
		lists++
		for _, spec := range d.Specs {
			code, err := strconv.Unquote(spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			if !known[code] {
				t.Errorf("the server has no code %s", code)
			}
			if !strings.Contains(string(document), "`"+code+"`") {
				t.Errorf("the specification has no code %s", code)
			}
		}
	}
	if lists != 2 {
		t.Errorf("%d lists of codes", lists)
	}
}
