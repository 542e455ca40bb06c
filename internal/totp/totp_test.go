package totp_test

import (
	"bytes"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/totp"
)

// The seed of RFC 6238, appendix B.
var seed = []byte("12345678901234567890")

func TestCodesAreThoseOfRFC6238(t *testing.T) {
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		now := time.Unix(at, 0)
		got, err := totp.Code(seed, totp.Step(now))
		if err != nil || got != want {
			t.Errorf("at %d: %s, %v, want %s", at, got, err, want)
		}
	}
}

func TestMatchTakesTheStepBeforeAndAfterAndNoOther(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC)
	for off := int64(-3); off <= 3; off++ {
		code, err := totp.Code(seed, totp.Step(now)+off)
		if err != nil {
			t.Fatal(err)
		}
		step, ok := totp.Match(seed, code, now)
		if want := off >= -1 && off <= 1; ok != want || ok && step != totp.Step(now)+off {
			t.Errorf("a code %d steps off: step %d, %t", off, step-totp.Step(now), ok)
		}
	}
}

func TestMatchRefusesEveryOtherSpelling(t *testing.T) {
	now := time.Unix(59, 0)
	if _, ok := totp.Match(seed, "287082", now); !ok {
		t.Fatal("the code itself is refused")
	}
	for _, text := range []string{"", "28708", "2870820", " 287082", "287082 ", "287 082", "287082\n", "+287082", "-87082", "0x1a2b",
		"２８７０８２", "٢٨٧٠٨٢", "287082\x00", "28708\x00"} {
		if _, ok := totp.Match(seed, text, now); ok {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestURI(t *testing.T) {
	text, err := totp.URI("My: App/100%", "ann?x=1&y:z #", seed)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"secret": {"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}, "issuer": {"My  App/100%"}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	if diff := cmp.Diff(want, u.Query()); diff != "" || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/My  App/100%:ann?x=1&y z #" {
		t.Errorf("%s\n%s", text, diff)
	}
}

func TestNewSeed(t *testing.T) {
	a, err := totp.NewSeed(bytes.NewReader(bytes.Repeat([]byte{7}, 20)))
	if err != nil || len(a) != 20 {
		t.Errorf("%d bytes, %v", len(a), err)
	}
	if _, err := totp.NewSeed(bytes.NewReader(make([]byte, 19))); err == nil {
		t.Error("19 random bytes are enough")
	}
}

// FuzzMatch holds that nothing but six ASCII digits is ever a code, and that of
// all texts only the three codes of the moment match.
func FuzzMatch(f *testing.F) {
	for _, text := range []string{"287082", "000000", " 287082", "287082\n", "２８７０８２", "", "1e5000", "-12345"} {
		f.Add(text, int64(59))
	}
	form := regexp.MustCompile(`\A[0-9]{6}\z`)
	f.Fuzz(func(t *testing.T, text string, at int64) {
		now := time.Unix(at&(1<<40-1), 0)
		if totp.IsCode(text) != form.MatchString(text) {
			t.Fatalf("%q: is a code: %t", text, totp.IsCode(text))
		}
		step, ok := totp.Match(seed, text, now)
		if !ok {
			return
		}
		want, err := totp.Code(seed, step)
		if err != nil || want != text || step < totp.Step(now)-1 || step > totp.Step(now)+1 {
			t.Fatalf("%q matches in step %d at %d", text, step, totp.Step(now))
		}
	})
}
