package latchkey_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// wantCode fails unless err is an error of the code, with a sentence.
func wantCode(t testing.TB, err error, code latchkey.Code) {
	t.Helper()
	if got := latchkey.CodeOf(err); got != code {
		t.Fatalf("code %q (%v), want %q", got, err, code)
	}
	if e, ok := errors.AsType[*latchkey.Error](err); ok && e.Message == "" {
		t.Errorf("%s has no sentence", code)
	}
}

// wantInvalid fails unless err blames the field.
func wantInvalid(t testing.TB, err error, field string) {
	t.Helper()
	wantCode(t, err, latchkey.CodeInvalid)
	if e, _ := errors.AsType[*latchkey.Error](err); e.Field != field {
		t.Errorf("field %q is blamed, want %q", e.Field, field)
	}
}

func TestError(t *testing.T) {
	used := latchkey.Fail(latchkey.CodeLicenseUsed)
	wrapped := fmt.Errorf("redeem lic_1: %w", used)

	t.Run("Is compares codes, through wrapping", func(t *testing.T) {
		if !errors.Is(wrapped, latchkey.FailWith(latchkey.CodeLicenseUsed, "another sentence")) {
			t.Error("the same code is not recognised")
		}
		if errors.Is(wrapped, latchkey.Fail(latchkey.CodeLicenseBanned)) {
			t.Error("another code is taken for it")
		}
		if errors.Is(wrapped, io.EOF) {
			t.Error("another error is taken for it")
		}
	})
	t.Run("As finds it, through wrapping", func(t *testing.T) {
		var e *latchkey.Error
		if !errors.As(wrapped, &e) || e != used {
			t.Errorf("found %v", e)
		}
	})
	t.Run("the cause is kept and the original is not changed", func(t *testing.T) {
		because := used.Because(io.ErrUnexpectedEOF)
		if !errors.Is(because, io.ErrUnexpectedEOF) || !errors.Is(because, used) {
			t.Error("cause or code is lost")
		}
		if errors.Is(used, io.ErrUnexpectedEOF) {
			t.Error("the original has the cause too")
		}
		if because.Message != used.Message {
			t.Error("the sentence is lost")
		}
	})
	t.Run("CodeOf", func(t *testing.T) {
		got := []latchkey.Code{
			latchkey.CodeOf(nil), latchkey.CodeOf(used), latchkey.CodeOf(wrapped), latchkey.CodeOf(io.EOF),
			latchkey.CodeOf(errors.Join(io.EOF, used)),
		}
		want := []latchkey.Code{"", latchkey.CodeLicenseUsed, latchkey.CodeLicenseUsed, latchkey.CodeInternal, latchkey.CodeLicenseUsed}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("the text names the code and the sentence, or the cause", func(t *testing.T) {
		got := []string{used.Error(), used.Because(io.EOF).Error()}
		want := []string{"license.used: " + latchkey.CodeLicenseUsed.Sentence(), "license.used: EOF"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCodes_lists_every_constant(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Code") {
			return true
		}
		declared++
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil || latchkey.Code(value).Sentence() == "" {
			t.Errorf("%s has no row in Codes", spec.Names[0].Name)
		}
		return true
	})
	if declared == 0 || declared != len(latchkey.Codes()) {
		t.Errorf("%d constants, %d rows", declared, len(latchkey.Codes()))
	}
}

func TestCodes_are_distinct_and_have_a_sentence(t *testing.T) {
	seen := map[latchkey.Code]bool{}
	for _, info := range latchkey.Codes() {
		if seen[info.Code] {
			t.Errorf("%s is listed twice", info.Code)
		}
		seen[info.Code] = true
		if info.Sentence == "" || info.Sentence[len(info.Sentence)-1] != '.' {
			t.Errorf("%s: %q is no sentence", info.Code, info.Sentence)
		}
		if info.Code.Sentence() != info.Sentence {
			t.Errorf("%s has two sentences", info.Code)
		}
	}
	if s := latchkey.Code("no.such").Sentence(); s != "" {
		t.Errorf("an unknown code says %q", s)
	}
}
