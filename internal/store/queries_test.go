package store_test

import (
	"errors"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// Every constant whose name begins with q is a query that both engines accept.
func TestEveryQueryIsPortable(t *testing.T) {
	queries := queryConstants(t)
	if len(queries) < 10 {
		t.Fatalf("only %d queries found", len(queries))
	}
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		db := open(t)
		for name, query := range queries {
			err := db.Read(t.Context(), func(tx *store.Tx) error { return tx.Prepare(t.Context(), query) })
			if err != nil {
				t.Errorf("%s: %v\n%s", name, err, query)
			}
		}
	})
}

// queryConstants evaluates this package's constants named q….
func queryConstants(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	// Constants of text need no other package, so none is loaded and what is
	// missing for the rest of the code does not matter.
	conf := types.Config{Importer: noImports{}, Error: func(error) {}}
	pkg, _ := conf.Check("store", fset, files, nil)
	queries := map[string]string{}
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if ok && len(name) > 1 && name[0] == 'q' && name[1] >= 'A' && name[1] <= 'Z' && c.Val().Kind() == constant.String {
			queries[name] = constant.StringVal(c.Val())
		}
	}
	return queries
}

type noImports struct{}

var _ types.Importer = noImports{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not needed") }
