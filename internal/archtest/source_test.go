package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// goFile is one parsed file, its name from the root of the repository.
type goFile struct {
	name string
	set  *token.FileSet
	*ast.File
}

func (f goFile) isTest() bool { return strings.HasSuffix(f.name, "_test.go") }

// at says where in the repository a node stands.
func (f goFile) at(n ast.Node) string {
	return f.name + ":" + strconv.Itoa(f.set.Position(n.Pos()).Line)
}

// local is the name under which the file imports a package, "" if it does not.
func (f goFile) local(importPath string) string {
	for _, spec := range f.Imports {
		if value, err := strconv.Unquote(spec.Path.Value); err != nil || value != importPath {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(importPath)
	}
	return ""
}

func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	for _, name := range sources(t, ".go") {
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, filepath.Join(root, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, goFile{name, set, parsed})
	}
	return files
}

// TestClock_and_randomness_come_from_outside: only the composition root, the
// command line and code for tests take them from the machine; everything else
// is given Now and Rand, so that tests decide both.
func TestClock_and_randomness_come_from_outside(t *testing.T) {
	rooms := []string{"internal/bench", "internal/cli", "internal/server", "internal/pgtest", "internal/store/storetest", "internal/service/servicetest", "latchkeytest"}
	jitter := []string{"internal/store/postgres.go"} // spreads retries, makes nothing secret
	theirs := "sdk/go/environment.go"                // a program of somebody else, which begins there
	for _, f := range goFiles(t) {
		if f.isTest() || f.name == theirs || slices.Contains(rooms, path.Dir(f.name)) {
			continue
		}
		for _, source := range []string{"crypto/rand", "math/rand", "math/rand/v2"} {
			if f.local(source) != "" && !(source == "math/rand/v2" && slices.Contains(jitter, f.name)) {
				t.Errorf("%s imports %s; take an io.Reader", f.name, source)
			}
		}
		clock := f.local("time")
		if clock == "" {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Now", "Since", "Until"}, s.Sel.Name) {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == clock {
				t.Errorf("%s reads the clock by time.%s; take Now func() time.Time", f.at(n), s.Sel.Name)
			}
			return true
		})
	}
}

func TestFiles_are_short(t *testing.T) {
	for _, name := range sources(t, ".go", ".ts", ".tsx") {
		if strings.HasSuffix(name, ".gen.ts") {
			continue // a program wrote it, and git does not have it
		}
		limit := 600
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, ".test.ts") || strings.Contains(name, ".spec.ts") {
			limit = 800
		}
		if lines := strings.Count(read(t, name), "\n"); lines > limit {
			t.Errorf("%s has %d lines, at most %d", name, lines, limit)
		}
	}
}

func TestPackages_have_a_comment(t *testing.T) {
	for _, p := range packages(t) {
		switch name := path.Base(p.path()); {
		case p.Doc == "":
			t.Errorf("%s has none, in a file that is not a test", p.path())
		case strings.HasPrefix(p.path(), "cmd/"), strings.HasPrefix(p.path(), "examples/"):
			if !strings.HasPrefix(p.Doc, "Command "+name+" ") {
				t.Errorf("the comment of %s does not begin with Command %s", p.path(), name)
			}
		case !strings.HasPrefix(p.Doc, "Package "+p.Name+" "):
			t.Errorf("the comment of %s does not begin with Package %s", p.path(), p.Name)
		}
	}
}

// TestExported_names_have_a_comment covers functions, methods of exported
// types, and declarations; the names of one group may share the group's.
func TestExported_names_have_a_comment(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.isTest() || strings.HasPrefix(f.name, "cmd/") {
			continue
		}
		for _, decl := range f.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) && !wellKnown(d) {
					t.Errorf("%s: %s", f.at(d), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if name := undocumented(d, spec); name != "" {
						t.Errorf("%s: %s", f.at(spec), name)
					}
				}
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	receiver := d.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	name, ok := receiver.(*ast.Ident)
	return ok && name.IsExported()
}

// wellKnown are methods that an interface of the standard library describes.
func wellKnown(d *ast.FuncDecl) bool {
	return d.Recv != nil && slices.Contains([]string{
		"Error", "Unwrap", "Is", "String", "GoString", "Format", "LogValue", "ServeHTTP",
		"MarshalText", "UnmarshalText", "MarshalJSON", "UnmarshalJSON", "Read", "Write", "Close", "Run",
	}, d.Name.Name)
}

func undocumented(d *ast.GenDecl, spec ast.Spec) string {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
			return s.Name.Name
		}
	case *ast.ValueSpec:
		if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
			return s.Names[0].Name
		}
	}
	return ""
}

func TestNothing_is_left_for_later(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, group := range f.Comments {
			for _, word := range []string{"TODO", "FIXME", "XXX", "nolint", "lint:ignore"} {
				if strings.Contains(group.Text(), word) || strings.HasPrefix(group.List[0].Text, "//"+word) {
					t.Errorf("%s: %s", f.at(group), word)
				}
			}
		}
		clock := f.local("time")
		ast.Inspect(f.File, func(n ast.Node) bool {
			switch node := n.(type) {
			case *ast.FuncDecl:
				if node.Recv == nil && node.Name.Name == "init" {
					t.Errorf("%s: init runs behind the reader's back", f.at(node))
				}
			case *ast.CallExpr:
				s, ok := node.Fun.(*ast.SelectorExpr)
				if !ok {
					break
				}
				x, ok := s.X.(*ast.Ident)
				if !ok {
					break
				}
				if f.isTest() && strings.HasPrefix(s.Sel.Name, "Skip") && slices.Contains([]string{"t", "b", "f", "tb"}, x.Name) {
					t.Errorf("%s: a skipped test", f.at(node))
				}
				if f.isTest() && clock != "" && x.Name == clock && s.Sel.Name == "Sleep" {
					t.Errorf("%s: a test sleeps; use synctest, a channel or a deadline", f.at(node))
				}
			}
			return true
		})
	}
}
