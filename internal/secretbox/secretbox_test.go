package secretbox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

func TestSeal_opens_in_its_place_only(t *testing.T) {
	box := newBox(t, 1)
	place := secretbox.Place{Table: "devices", Row: "dev_1", Column: "hwid"}
	for _, value := range [][]byte{nil, {0}, []byte("S-1-5-21"), bytes.Repeat([]byte("x"), 10_000)} {
		got, err := box.Open(place, seal(t, box, place, value))
		if err != nil || !bytes.Equal(got, value) {
			t.Errorf("%d bytes come back as %d, %v", len(value), len(got), err)
		}
	}
	sealed := seal(t, box, place, []byte("S-1-5-21"))
	for rule, other := range map[string]secretbox.Place{
		"another table":            {Table: "users", Row: "dev_1", Column: "hwid"},
		"another row":              {Table: "devices", Row: "dev_2", Column: "hwid"},
		"another column":           {Table: "devices", Row: "dev_1", Column: "name"},
		"no place":                 {},
		"a letter moved across":    {Table: "devicesd", Row: "ev_1", Column: "hwid"},
		"all of it in one":         {Table: "devicesdev_1hwid"},
		"the same in another case": {Table: "devices", Row: "DEV_1", Column: "hwid"},
	} {
		t.Run(rule, func(t *testing.T) {
			if got, err := box.Open(other, sealed); !errors.Is(err, secretbox.ErrSealed) || got != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	t.Run("another key file", func(t *testing.T) {
		if got, err := newBox(t, 2).Open(place, sealed); !errors.Is(err, secretbox.ErrSealed) || got != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("equal values are sealed differently", func(t *testing.T) {
		if bytes.Equal(sealed, seal(t, box, place, []byte("S-1-5-21"))) {
			t.Error("the nonce repeats")
		}
	})
	t.Run("the value cannot be read in the sealed bytes", func(t *testing.T) {
		if bytes.Contains(sealed, []byte("S-1-5")) {
			t.Error("it can")
		}
	})
}

func TestOpen_refuses_every_alteration(t *testing.T) {
	box := newBox(t, 1)
	place := secretbox.Place{Table: "t", Row: "r", Column: "c"}
	sealed := seal(t, box, place, []byte("value"))
	refuse := func(what string, at int, b []byte) {
		if got, err := box.Open(place, b); !errors.Is(err, secretbox.ErrSealed) || got != nil {
			t.Errorf("%s at %d: got %q, %v", what, at, got, err)
		}
	}
	for i := range sealed {
		for bit := range 8 {
			altered := bytes.Clone(sealed)
			altered[i] ^= 1 << bit
			refuse("a bit altered", i, altered)
		}
		refuse("cut", i, sealed[:i])
		refuse("the beginning cut", i, sealed[i+1:])
		refuse("a byte taken out", i, append(bytes.Clone(sealed[:i]), sealed[i+1:]...))
		refuse("a byte put in", i, append(append(bytes.Clone(sealed[:i]), 0), sealed[i:]...))
	}
	refuse("a byte added", len(sealed), append(bytes.Clone(sealed), 0))
	refuse("nothing", 0, nil)
}

func TestSealToken_opens_for_its_use_only(t *testing.T) {
	box := newBox(t, 1)
	token, err := box.SealToken([]byte("value"), "session", "app_1", "1.3")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := box.OpenToken(token, "session", "app_1", "1.3"); err != nil || string(got) != "value" {
		t.Fatalf("got %q, %v", got, err)
	}
	refuse := func(t *testing.T, token, purpose string, binding ...string) {
		t.Helper()
		if got, err := box.OpenToken(token, purpose, binding...); !errors.Is(err, secretbox.ErrSealed) || got != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	for rule, use := range map[string][]string{
		"another purpose":          {"cursor", "app_1", "1.3"},
		"another binding":          {"session", "app_2", "1.3"},
		"a binding missing":        {"session", "app_1"},
		"an empty one more":        {"session", "app_1", "1.3", ""},
		"the order exchanged":      {"session", "1.3", "app_1"},
		"two bindings as one":      {"session", "app_11.3"},
		"the purpose takes it all": {"sessionapp_11.3"},
	} {
		t.Run(rule, func(t *testing.T) { refuse(t, token, use[0], use[1:]...) })
	}
	t.Run("every character counts", func(t *testing.T) {
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		for i := range token {
			for _, c := range alphabet {
				if altered := token[:i] + string(c) + token[i+1:]; altered != token {
					refuse(t, altered, "session", "app_1", "1.3")
				}
			}
			refuse(t, token[:i], "session", "app_1", "1.3")
		}
	})
	for rule, spelled := range map[string]string{
		"padded":               token + "=",
		"with a line end":      token + "\n",
		"with one inside":      token[:8] + "\r\n" + token[8:],
		"with white space":     " " + token,
		"in standard base64":   strings.NewReplacer("-", "+", "_", "/").Replace(token) + "+",
		"longer":               token + "A",
		"nothing":              "",
		"not base64":           "*",
		"too short for a seal": "AAAA",
	} {
		t.Run("spelled "+rule, func(t *testing.T) { refuse(t, spelled, "session", "app_1", "1.3") })
	}
	t.Run("another key file", func(t *testing.T) {
		if _, err := newBox(t, 2).OpenToken(token, "session", "app_1", "1.3"); !errors.Is(err, secretbox.ErrSealed) {
			t.Errorf("got %v", err)
		}
	})
}

func TestLookup(t *testing.T) {
	box := newBox(t, 1)
	base := box.Lookup("license", "app_1", "KEY")
	if len(base) != 32 || !bytes.Equal(base, box.Lookup("license", "app_1", "KEY")) {
		t.Error("it is not 32 bytes that stay the same")
	}
	for rule, other := range map[string][]byte{
		"another purpose":       box.Lookup("device", "app_1", "KEY"),
		"another part":          box.Lookup("license", "app_2", "KEY"),
		"a letter moved across": box.Lookup("license", "app_1K", "EY"),
		"an empty part more":    box.Lookup("license", "app_1", "KEY", ""),
		"another key file":      newBox(t, 2).Lookup("license", "app_1", "KEY"),
	} {
		if bytes.Equal(base, other) {
			t.Errorf("%s gives the same", rule)
		}
	}
}

func TestNew_key_file(t *testing.T) {
	file := keyFile(t, 1)
	key := func(b byte) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32)) }
	form := func(format, pepper, keys string) string {
		return `{"format":"` + format + `","pepper":"` + pepper + `","keys":[` + keys + `]}`
	}
	const v1 = "latchkey-key-file-v1"
	one := `{"id":1,"secret":"` + key(1) + `"}`
	two := `{"id":2,"secret":"` + key(2) + `"}`

	for rule, text := range map[string]string{
		"as generated":             string(file),
		"with white space after":   string(file) + "\n\n ",
		"with two keys":            form(v1, key(0), one+","+two),
		"on one line, by its form": form(v1, key(0), one),
	} {
		t.Run(rule, func(t *testing.T) {
			if _, err := secretbox.New([]byte(text), random(1)); err != nil {
				t.Error(err)
			}
		})
	}
	for rule, text := range map[string]string{
		"nothing":                     "",
		"zero bytes":                  strings.Repeat("\x00", 200),
		"text":                        "correct horse battery staple",
		"an empty object":             "{}",
		"a list":                      "[]",
		"null":                        "null",
		"another format":              form("latchkey-key-file-v2", key(0), one),
		"no keys":                     form(v1, key(0), ""),
		"a short pepper":              form(v1, base64.StdEncoding.EncodeToString(make([]byte, 31)), one),
		"a long pepper":               form(v1, base64.StdEncoding.EncodeToString(make([]byte, 33)), one),
		"an empty pepper":             form(v1, "", one),
		"a pepper that is not base64": form(v1, "*"+key(0)[1:], one),
		"base64 with spare bits":      form(v1, key(0)[:42]+"B=", one),
		"a short key":                 form(v1, key(0), `{"id":1,"secret":"AAAA"}`),
		"a key of no secret":          form(v1, key(0), `{"id":1}`),
		"a negative id":               form(v1, key(0), `{"id":-1,"secret":"`+key(1)+`"}`),
		"an id that is too large":     form(v1, key(0), `{"id":4294967296,"secret":"`+key(1)+`"}`),
		"two keys of one id":          form(v1, key(0), one+","+`{"id":1,"secret":"`+key(2)+`"}`),
		"an unknown member":           `{"extra":1,` + form(v1, key(0), one)[1:],
		"two files in one":            string(file) + string(file),
		"text after the end":          string(file) + "x",
	} {
		t.Run("refused: "+rule, func(t *testing.T) {
			box, err := secretbox.New([]byte(text), random(1))
			if !errors.Is(err, secretbox.ErrKeyFile) || box != nil {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("refused: cut anywhere", func(t *testing.T) {
		whole := bytes.TrimSpace(file)
		for i := range whole {
			if _, err := secretbox.New(whole[:i], random(1)); !errors.Is(err, secretbox.ErrKeyFile) {
				t.Errorf("cut to %d bytes: %v", i, err)
			}
		}
	})
	t.Run("the error says nothing of the file", func(t *testing.T) {
		_, err := secretbox.New([]byte(form(v1, key(0), one)+"x"), random(1))
		if strings.Contains(err.Error(), key(0)[:8]) || strings.Contains(err.Error(), key(1)[:8]) {
			t.Error(err)
		}
	})
	t.Run("an earlier key still opens, the first one seals", func(t *testing.T) {
		place := secretbox.Place{Table: "t", Row: "r", Column: "c"}
		before := openBox(t, []byte(form(v1, key(0), one)))
		after := openBox(t, []byte(form(v1, key(0), two+","+one)))
		if got, err := after.Open(place, seal(t, before, place, []byte("old"))); err != nil || string(got) != "old" {
			t.Errorf("got %q, %v", got, err)
		}
		if _, err := before.Open(place, seal(t, after, place, []byte("new"))); !errors.Is(err, secretbox.ErrSealed) {
			t.Errorf("got %v", err)
		}
	})
}

func TestFingerprint(t *testing.T) {
	one := newBox(t, 1).Fingerprint()
	if one != newBox(t, 1).Fingerprint() || one == newBox(t, 2).Fingerprint() {
		t.Error("it does not tell key files apart")
	}
	if raw, err := hex.DecodeString(one); err != nil || len(raw) != 16 {
		t.Errorf("%q is not 32 hex digits", one)
	}
}

func TestFailing_randomness_is_an_error(t *testing.T) {
	broken := iotest.ErrReader(io.ErrClosedPipe)
	if file, err := secretbox.GenerateKeyFile(broken); !errors.Is(err, io.ErrClosedPipe) || file != nil {
		t.Errorf("a key file, %v", err)
	}
	box, err := secretbox.New(keyFile(t, 1), broken)
	if err != nil {
		t.Fatal(err)
	}
	if sealed, err := box.Seal(secretbox.Place{}, nil); !errors.Is(err, io.ErrClosedPipe) || sealed != nil {
		t.Errorf("a sealed value, %v", err)
	}
	if token, err := box.SealToken(nil, "session"); !errors.Is(err, io.ErrClosedPipe) || token != "" {
		t.Errorf("a token, %v", err)
	}
}

func FuzzNew(f *testing.F) {
	f.Add(keyFile(f, 1))
	f.Add([]byte(`{"format":"latchkey-key-file-v1","pepper":"","keys":[]}`))
	f.Add([]byte("garbage"))
	place := secretbox.Place{Table: "t", Row: "r", Column: "c"}
	f.Fuzz(func(t *testing.T, file []byte) {
		box, err := secretbox.New(file, random(1))
		if err != nil {
			if !errors.Is(err, secretbox.ErrKeyFile) {
				t.Fatal(err)
			}
			return
		}
		if got, err := box.Open(place, seal(t, box, place, []byte("value"))); err != nil || string(got) != "value" {
			t.Fatalf("an accepted key file does not open what it sealed: %q, %v", got, err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	box := newBox(f, 1)
	place := secretbox.Place{Table: "t", Row: "r", Column: "c"}
	sealed := seal(f, box, place, []byte("value"))
	f.Add(sealed)
	f.Add(sealed[:20])
	f.Add([]byte{1, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := box.Open(place, b)
		if bytes.Equal(b, sealed) {
			if err != nil || string(got) != "value" {
				t.Fatalf("%q, %v", got, err)
			}
			return
		}
		if !errors.Is(err, secretbox.ErrSealed) {
			t.Fatalf("%x opens: %v", b, err)
		}
	})
}

func FuzzOpenToken(f *testing.F) {
	box := newBox(f, 1)
	token, err := box.SealToken([]byte("value"), "session", "app_1")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add(token + "=")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := box.OpenToken(text, "session", "app_1")
		if text == token {
			if err != nil || string(got) != "value" {
				t.Fatalf("%q, %v", got, err)
			}
			return
		}
		if !errors.Is(err, secretbox.ErrSealed) {
			t.Fatalf("%q opens: %v", text, err)
		}
	})
}

func random(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

func keyFile(t testing.TB, seed byte) []byte {
	t.Helper()
	file, err := secretbox.GenerateKeyFile(random(seed))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func openBox(t testing.TB, file []byte) *secretbox.Box {
	t.Helper()
	box, err := secretbox.New(file, random(9))
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func newBox(t testing.TB, seed byte) *secretbox.Box {
	t.Helper()
	return openBox(t, keyFile(t, seed))
}

func seal(t testing.TB, box *secretbox.Box, p secretbox.Place, value []byte) []byte {
	t.Helper()
	sealed, err := box.Seal(p, value)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}
