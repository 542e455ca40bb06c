package sign_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/sign"
)

func TestCompat12Vectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/compat12.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct{ Name, EncKey, Secret, Body, Signature string }
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) != 2 {
		t.Fatalf("%d vectors, want 2", len(vectors))
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			key := v.Secret
			if v.EncKey != "" {
				key = sign.Compat12Key(v.EncKey, v.Secret)
			}
			if got := sign.Compat12(key, []byte(v.Body)); got != v.Signature {
				t.Errorf("signature %s, want %s", got, v.Signature)
			}
			if !sign.VerifyCompat12(key, []byte(v.Body), v.Signature) {
				t.Error("the published signature does not verify")
			}
		})
	}
}

func TestVerifyCompat12Refuses(t *testing.T) {
	body := []byte(`{"success":true}`)
	good := sign.Compat12("key", body)
	for name, c := range map[string]struct {
		key, body, signature string
	}{
		"another key":         {"kez", string(body), good},
		"another body":        {"key", `{"success":true} `, good},
		"an empty signature":  {"key", string(body), ""},
		"a cut signature":     {"key", string(body), good[:63]},
		"a longer signature":  {"key", string(body), good + "0"},
		"upper-case hex":      {"key", string(body), strings.ToUpper(good)},
		"the published words": {"key", string(body), "No encryption key supplied"},
	} {
		if sign.VerifyCompat12(c.key, []byte(c.body), c.signature) {
			t.Errorf("%s is accepted", name)
		}
	}
}
