package latchkey_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

var (
	both  = latchkey.Charset{Lowercase: true, Uppercase: true}
	lower = latchkey.Charset{Lowercase: true}
	upper = latchkey.Charset{Uppercase: true}
)

const (
	digits    = "0123456789"
	lowercase = "abcdefghijklmnopqrstuvwxyz"
	uppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func TestNewMask(t *testing.T) {
	for rule, text := range map[string]string{
		"the default":                 latchkey.DefaultMask,
		"one star":                    "*",
		"stars alone, 70 of them":     strings.Repeat("*", 70),
		"70 characters of four bytes": strings.Repeat("🔑", 70),
		"text around the stars":       "PRO-****-2026",
		"spaces inside":               "my key *",
		"no star: a custom key":       "OPEN-SESAME",
		"accents":                     "clé-****",
	} {
		t.Run(rule, func(t *testing.T) {
			if _, err := latchkey.NewMask(text, both); err != nil {
				t.Error(err)
			}
		})
	}
	for rule, text := range map[string]string{
		"nothing":                     "",
		"71 characters":               strings.Repeat("*", 71),
		"71 characters of four bytes": strings.Repeat("🔑", 71),
		"white space before":          " ****",
		"white space after":           "**** ",
		"a line end":                  "****\n",
		"a tab inside":                "**\t**",
		"a NUL":                       "**\x00**",
		"a zero-width space":          "**\u200b**",
		"a direction override":        "**\u202e**",
		"a no-break space":            "**\u00a0**",
		"broken UTF-8":                "**\xff**",
	} {
		t.Run("refused: "+rule, func(t *testing.T) {
			_, err := latchkey.NewMask(text, both)
			wantInvalid(t, err, "mask")
		})
	}
	t.Run("refused: neither letter set", func(t *testing.T) {
		_, err := latchkey.NewMask("****", latchkey.Charset{})
		wantInvalid(t, err, "lowercase")
	})
}

func TestMask_strength(t *testing.T) {
	for _, tt := range []struct {
		rule  string
		stars int
		set   latchkey.Charset
		floor int
		ok    bool
	}{
		{"11 of 62 characters reach 64 bits", 11, both, 64, true},
		{"10 of 62 do not", 10, both, 64, false},
		{"13 of 36 characters reach 64 bits", 13, upper, 64, true},
		{"12 of 36 do not", 12, lower, 64, false},
		{"the default mask reaches 128 bits", 36, both, 128, true},
		{"an owner may go down to 40 bits", 7, both, 40, true},
		{"and no further", 6, both, 40, false},
		{"one star is weak", 1, both, 40, false},
		{"68 stars reach the highest floor", 68, lower, 256, true},
		{"a custom key is not judged here", 0, both, 64, true},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			m := mask(t, "K-"+strings.Repeat("*", tt.stars), tt.set)
			err := m.CheckStrength(tt.floor)
			if tt.ok && err != nil {
				t.Error(err)
			}
			if !tt.ok {
				wantCode(t, err, latchkey.CodeLicenseWeak)
			}
			if m.IsCustom() != (tt.stars == 0) {
				t.Error("a mask without stars is a custom key, one with stars is not")
			}
		})
	}
	t.Run("the sentence has the bits and the stars that lack", func(t *testing.T) {
		err := mask(t, "****-****", both).CheckStrength(64)
		e, _ := errors.AsType[*latchkey.Error](err)
		want := "The mask gives keys of 47.6 bits; this application asks for at least 64. Add 3 more *."
		if e == nil || e.Message != want || e.Field != "mask" {
			t.Errorf("got %v, want %q", err, want)
		}
	})
}

func TestMask_the_stars_that_lack_are_exactly_enough(t *testing.T) {
	for _, set := range []latchkey.Charset{both, lower, upper} {
		for floor := latchkey.LowestMinKeyBits; floor <= 256; floor++ {
			for stars := 1; stars < 60; stars++ {
				err := mask(t, strings.Repeat("*", stars), set).CheckStrength(floor)
				if err == nil {
					break
				}
				var bits float64
				var asked, more int
				e, _ := errors.AsType[*latchkey.Error](err)
				if _, err := fmt.Sscanf(e.Message, "The mask gives keys of %f bits; this application asks for at least %d. Add %d more *.", &bits, &asked, &more); err != nil {
					t.Fatal(e.Message, err)
				}
				if asked != floor || bits >= float64(floor) {
					t.Fatalf("%d stars for %d bits: %q", stars, floor, e.Message)
				}
				if err := mask(t, strings.Repeat("*", stars+more), set).CheckStrength(floor); err != nil {
					t.Fatalf("%d stars and the %d more that lacked: %v", stars, more, err)
				}
				if err := mask(t, strings.Repeat("*", stars+more-1), set).CheckStrength(floor); err == nil {
					t.Fatalf("%d stars and one fewer than the %d that lacked suffice for %d bits", stars, more, floor)
				}
			}
		}
	}
}

func TestMask_Bits(t *testing.T) {
	for _, tt := range []struct {
		set  latchkey.Charset
		size float64
	}{{lower, 36}, {upper, 36}, {both, 62}} {
		if got, want := mask(t, "a-**-**", tt.set).Bits(), 4*math.Log2(tt.size); math.Abs(got-want) > 1e-9 {
			t.Errorf("4 stars of %v characters give %v bits, want %v", tt.size, got, want)
		}
	}
}

func TestMask_Generate(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	for _, tt := range []struct {
		rule, text string
		set        latchkey.Charset
		alphabet   string
	}{
		{"lowercase alone gives digits and lower-case letters", "****-****", lower, digits + lowercase},
		{"uppercase alone gives digits and upper-case letters", "****-****", upper, digits + uppercase},
		{"both give all", "****-****", both, digits + lowercase + uppercase},
		{"text stands for itself, also outside the charset", "Clé*ß*", upper, digits + uppercase},
		{"a custom key is itself", "OPEN-SESAME", both, ""},
		{"70 stars", strings.Repeat("*", 70), both, digits + lowercase + uppercase},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			m := mask(t, tt.text, tt.set)
			seen := map[rune]bool{}
			for range 2000 {
				key := generate(t, m, random).Reveal()
				for _, r := range keyMatches(t, key, tt.text, tt.alphabet) {
					seen[r] = true
				}
			}
			if len(seen) != len(tt.alphabet) {
				t.Errorf("%d of %d characters occur", len(seen), len(tt.alphabet))
			}
		})
	}
	t.Run("a failing source fails the key", func(t *testing.T) {
		for _, source := range []io.Reader{iotest.ErrReader(io.ErrClosedPipe), strings.NewReader("too short")} {
			if key, err := mask(t, "****", both).Generate(source); err == nil || key != "" {
				t.Errorf("a key from a failing source, %v", err)
			}
		}
	})
	t.Run("a source that reads little at a time loses nothing", func(t *testing.T) {
		m := mask(t, strings.Repeat("*", 70), both)
		whole := generate(t, m, rand.NewChaCha8([32]byte{2}))
		slowly := generate(t, m, iotest.OneByteReader(rand.NewChaCha8([32]byte{2})))
		if whole != slowly {
			t.Error("the key depends on how the source splits its bytes")
		}
	})
}

// Every byte value is tried: each character must come of equally many values,
// all other values must be rejected.
func TestMask_Generate_has_no_modulo_bias(t *testing.T) {
	for _, tt := range []struct {
		set       latchkey.Charset
		perLetter int
		letters   int
	}{{lower, 7, 36}, {upper, 7, 36}, {both, 4, 62}} {
		m := mask(t, "*", tt.set)
		count := map[latchkey.Secret]int{}
		for value := range 256 {
			source := &readCounter{Reader: io.MultiReader(bytes.NewReader(bytes.Repeat([]byte{byte(value)}, 96)), zeroes{})}
			key := generate(t, m, source)
			if source.bytes <= 96 { // not rejected
				count[key]++
			}
		}
		if len(count) != tt.letters {
			t.Errorf("%d characters, want %d", len(count), tt.letters)
		}
		for key, n := range count {
			if n != tt.perLetter {
				t.Errorf("%s comes of %d byte values, want %d", key.Reveal(), n, tt.perLetter)
			}
		}
	}
}

// The critical values are those of p = 0.001 at one degree of freedom fewer
// than there are characters.
func TestMask_Generate_is_uniform(t *testing.T) {
	const characters = 1_000_000
	for _, tt := range []struct {
		rule     string
		set      latchkey.Charset
		alphabet string
		critical float64
	}{
		{"lowercase", lower, digits + lowercase, 66.619},
		{"uppercase", upper, digits + uppercase, 66.619},
		{"both", both, digits + lowercase + uppercase, 100.888},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			random := rand.NewChaCha8([32]byte{3})
			m := mask(t, strings.Repeat("*", 50), tt.set)
			count := map[rune]float64{}
			for range characters / 50 {
				for _, r := range generate(t, m, random).Reveal() {
					count[r]++
				}
			}
			chi, expected := 0.0, float64(characters)/float64(len(tt.alphabet))
			for _, r := range tt.alphabet {
				chi += (count[r] - expected) * (count[r] - expected) / expected
			}
			if len(count) != len(tt.alphabet) || chi > tt.critical {
				t.Errorf("chi-square %.1f over %d characters, p = 0.001 is at %.1f", chi, len(count), tt.critical)
			}
		})
	}
}

func TestNormalizeKey(t *testing.T) {
	for _, tt := range []struct {
		rule, in string
		want     latchkey.Secret
	}{
		{"a key is compared exactly", "aBc-1", "aBc-1"},
		{"surrounding white space is forgiven", " \t\r\nABC\n ", "ABC"},
		{"a pasted no-break space around it too", "\u00a0ABC\u00a0", "ABC"},
		{"white space inside counts", "A B", "A B"},
		{"70 characters are the most", strings.Repeat("é", 70), latchkey.Secret(strings.Repeat("é", 70))},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got, err := latchkey.NormalizeKey(tt.in)
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v", got.Reveal(), err)
			}
		})
	}
	for rule, in := range map[string]string{
		"nothing":          "",
		"white space only": " \n",
		"71 characters":    strings.Repeat("a", 71),
		"broken UTF-8":     "ABC\xff",
	} {
		t.Run("matches no license: "+rule, func(t *testing.T) {
			_, err := latchkey.NormalizeKey(in)
			wantCode(t, err, latchkey.CodeLicenseNotFound)
		})
	}
}

func FuzzNewMask(f *testing.F) {
	f.Add(latchkey.DefaultMask, true, true)
	f.Add("PRO-****", true, false)
	f.Add("clé-**🔑", false, true)
	f.Add("OPEN", true, true)
	f.Add(strings.Repeat("*", 71), true, true)
	f.Add(" *", false, false)
	f.Fuzz(func(t *testing.T, text string, lowers, uppers bool) {
		m, err := latchkey.NewMask(text, latchkey.Charset{Lowercase: lowers, Uppercase: uppers})
		if err != nil {
			wantCode(t, err, latchkey.CodeInvalid)
			return
		}
		alphabet := digits
		if lowers {
			alphabet += lowercase
		}
		if uppers {
			alphabet += uppercase
		}
		key := generate(t, m, rand.NewChaCha8([32]byte{}))
		stars := len(keyMatches(t, key.Reveal(), text, alphabet))
		if m.IsCustom() != (stars == 0) || m.Bits() > float64(stars)*math.Log2(float64(len(alphabet)))+1e-9 {
			t.Fatalf("%q claims %v bits of %d random characters", text, m.Bits(), stars)
		}
		if n, err := latchkey.NormalizeKey(" " + key.Reveal() + "\n"); err != nil || n != key {
			t.Fatalf("the key %q of mask %q cannot be entered: %q, %v", key.Reveal(), text, n.Reveal(), err)
		}
	})
}

func FuzzNormalizeKey(f *testing.F) {
	for _, s := range []string{"ABC-1", " ABC\n", "", "\u00a0x\u2003", "a\xff", strings.Repeat("é", 71), "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, err := latchkey.NormalizeKey(text)
		if err != nil {
			wantCode(t, err, latchkey.CodeLicenseNotFound)
			return
		}
		again, err := latchkey.NormalizeKey(key.Reveal())
		if err != nil || again != key {
			t.Fatalf("%q becomes %q, that becomes %q, %v", text, key.Reveal(), again.Reveal(), err)
		}
		if key == "" || !utf8.ValidString(key.Reveal()) || utf8.RuneCountInString(key.Reveal()) > latchkey.MaxKeyLength || !strings.Contains(text, key.Reveal()) {
			t.Fatalf("%q becomes %q", text, key.Reveal())
		}
	})
}

// keyMatches returns the characters that stand where the mask has stars.
func keyMatches(t *testing.T, key, text, alphabet string) []rune {
	t.Helper()
	var random []rune
	k, m := []rune(key), []rune(text)
	if len(k) != len(m) {
		t.Fatalf("key %q of mask %q", key, text)
	}
	for i := range m {
		switch {
		case m[i] == '*' && strings.ContainsRune(alphabet, k[i]):
			random = append(random, k[i])
		case m[i] == '*' || k[i] != m[i]:
			t.Fatalf("key %q does not match mask %q at %d", key, text, i)
		}
	}
	return random
}

func mask(t *testing.T, text string, set latchkey.Charset) latchkey.Mask {
	t.Helper()
	m, err := latchkey.NewMask(text, set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func generate(t *testing.T, m latchkey.Mask, random io.Reader) latchkey.Secret {
	t.Helper()
	key, err := m.Generate(random)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

type readCounter struct {
	io.Reader
	bytes int
}

func (r *readCounter) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.bytes += n
	return n, err
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
