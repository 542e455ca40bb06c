package sign

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestCompat10(t *testing.T) {
	for _, text := range []string{"", "1.0", strings.Repeat("x", 15), strings.Repeat("x", 16), strings.Repeat("ü", 4000)} {
		sealed := string(SealCompat10("the key", "the vector", []byte(text)))
		got, err := OpenCompat10("the key", "the vector", sealed)
		if err != nil || string(got) != text {
			t.Errorf("%d bytes come back as %d (%v)", len(text), len(got), err)
		}
		if got, err := OpenCompat10("another key", "the vector", sealed); err == nil && string(got) == text {
			t.Error("another key opens it")
		}
	}
	for _, bad := range []string{"", "zz", "00", strings.Repeat("00", 15), strings.Repeat("00", 17)} {
		if _, err := OpenCompat10("the key", "the vector", bad); !errors.Is(err, ErrCompat10) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The same by OpenSSL, with key and vector written out.
func TestCompat10AsOpenSSLDoes(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Fatal(err)
	}
	key, iv := hex.EncodeToString(hashText("secret")[:32]), hex.EncodeToString(hashText("iv")[:16])
	cmd := exec.Command(openssl, "enc", "-aes-256-cbc", "-K", key, "-iv", iv)
	cmd.Stdin = strings.NewReader("Initialized")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := SealCompat10("secret", "iv", []byte("Initialized")); !bytes.Equal(want, hex.AppendEncode(nil, out)) {
		t.Errorf("openssl says %x, want %s", out, want)
	}
}
