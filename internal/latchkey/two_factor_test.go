package latchkey_test

import (
	"bytes"
	"crypto/rand"
	"regexp"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

var recoveryForm = regexp.MustCompile(`^([0-9abcdefghjkmnpqrstvwxyz]{4}-){3}[0-9abcdefghjkmnpqrstvwxyz]{4}$`)

func TestNewRecoveryCode(t *testing.T) {
	for in, want := range map[string]latchkey.Secret{
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00": "0000-0000-0000-0000",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff": "zzzz-zzzz-zzzz-zzzz",
		"\x00\x44\x32\x14\xc7\x42\x54\xb6\x35\xcf": "0123-4567-89ab-cdef",
	} {
		got, err := latchkey.NewRecoveryCode(bytes.NewReader([]byte(in)))
		if err != nil || got != want {
			t.Errorf("of %x: %s, %v, want %s", in, got.Reveal(), err, want.Reveal())
		}
	}
	if _, err := latchkey.NewRecoveryCode(strings.NewReader("too short")); err == nil {
		t.Error("9 random bytes are enough")
	}
	seen := map[latchkey.Secret]bool{}
	for range 1000 {
		code, err := latchkey.NewRecoveryCode(rand.Reader)
		if err != nil || seen[code] || !recoveryForm.MatchString(code.Reveal()) {
			t.Fatalf("%s, %v", code.Reveal(), err)
		}
		seen[code] = true
	}
}

func TestNormalizeRecoveryCode(t *testing.T) {
	for text, want := range map[string]latchkey.Secret{
		"0123-4567-89ab-cdef":     "0123456789abcdef",
		"0123456789ABCDEF":        "0123456789abcdef",
		"OiL3 4567 89ab cdef":     "0113456789abcdef",
		" 0123-4567-89ab-cdef - ": "0123456789abcdef",
	} {
		if got, ok := latchkey.NormalizeRecoveryCode(text); !ok || got != want {
			t.Errorf("%q: %s, %t", text, got.Reveal(), ok)
		}
	}
	for _, text := range []string{"", "-", "0123-4567-89ab-cde", "0123-4567-89ab-cdef-0", "u123-4567-89ab-cdef", "0123-4567-89ab-cde\n",
		"０123-4567-89ab-cdef", strings.Repeat(" ", 64) + "0123456789abcdef", "123456"} {
		if _, ok := latchkey.NormalizeRecoveryCode(text); ok {
			t.Errorf("%q is taken", text)
		}
	}
}

// FuzzNormalizeRecoveryCode holds that what is taken is 16 digits, and is taken
// again as itself.
func FuzzNormalizeRecoveryCode(f *testing.F) {
	for _, text := range []string{"0123-4567-89ab-cdef", "OIL", "287082", "\xff", "zzzz zzzz zzzz zzzz"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, ok := latchkey.NormalizeRecoveryCode(text)
		if !ok {
			return
		}
		again, ok := latchkey.NormalizeRecoveryCode(code.Reveal())
		if !ok || again != code || len(code) != 16 || len(text) > 64 {
			t.Errorf("%q: %s, then %s, %t", text, code.Reveal(), again.Reveal(), ok)
		}
	})
}
