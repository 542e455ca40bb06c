package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestOperatingNamesEveryFlagOfServe keeps the table of docs/operating.md whole.
func TestOperatingNamesEveryFlagOfServe(t *testing.T) {
	doc, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	parser, err := newParser(t.Context(), &root{}, Streams{})
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range childNamed(parser.Model.Node, "serve").Flags {
		want := "| `--" + flag.Name + "` | `" + strings.Join(flag.Envs, "` `") + "` |"
		if !strings.Contains(string(doc), want) {
			t.Errorf("the table lacks %s", want)
		}
	}
}

// TestEveryCommandHelps: every command and flag says what it is for.
func TestEveryCommandHelps(t *testing.T) {
	parser, err := newParser(t.Context(), &root{}, Streams{})
	if err != nil {
		t.Fatal(err)
	}
	err = kong.Visit(parser.Model.Node, func(v kong.Visitable, next kong.Next) error {
		switch v := v.(type) {
		case *kong.Node:
			if v.Help == "" && !v.Hidden {
				t.Errorf("%s has no help", v.FullPath())
			}
		case *kong.Flag:
			if v.Help == "" {
				t.Errorf("--%s has no help", v.Name)
			}
		}
		return next(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
}
