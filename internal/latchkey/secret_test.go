package latchkey_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestSecret_does_not_show_itself(t *testing.T) {
	const text = "sesame-open-1234"
	secret := latchkey.Secret(text)
	inside := struct {
		Key  latchkey.Secret
		List []latchkey.Secret
		Ptr  *latchkey.Secret
	}{secret, []latchkey.Secret{secret}, &secret}

	check := func(t *testing.T, out string) {
		t.Helper()
		if strings.Contains(out, text) || strings.Contains(out, "1234") || strings.Contains(out, fmt.Sprintf("%x", text)) {
			t.Errorf("it shows: %s", out)
		}
		if !strings.Contains(out, "redacted") {
			t.Errorf("nothing says that it was redacted: %s", out)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10.4s"} {
		t.Run("printed with "+verb, func(t *testing.T) {
			check(t, fmt.Sprintf(verb, secret))
			check(t, fmt.Sprintf(verb, &inside.List))
		})
	}
	t.Run("printed inside a struct", func(t *testing.T) {
		for _, verb := range []string{"%v", "%+v", "%#v"} {
			value := inside
			value.Ptr = nil
			check(t, fmt.Sprintf(verb, value))
		}
	})
	t.Run("in an error", func(t *testing.T) {
		check(t, fmt.Errorf("redeem %s: %v", secret, secret).Error())
	})
	t.Run("in a log as text and as JSON", func(t *testing.T) {
		var text, json bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&text, nil), slog.NewJSONHandler(&json, nil)} {
			slog.New(h).Info("message", "key", secret, "group", slog.GroupValue(slog.Any("key", secret)), "struct", inside)
		}
		check(t, text.String())
		check(t, json.String())
	})
	t.Run("in JSON", func(t *testing.T) {
		out, err := json.Marshal(inside)
		if err != nil {
			t.Fatal(err)
		}
		check(t, string(out))
	})
	t.Run("but for Reveal", func(t *testing.T) {
		if secret.Reveal() != text {
			t.Error("the secret is lost")
		}
	})
}

func TestSecret_Last4(t *testing.T) {
	for _, tt := range []struct {
		rule   string
		secret latchkey.Secret
		want   string
	}{
		{"of twelve characters, four", "abcdefghijkl", "ijkl"},
		{"of eleven, none", "abcdefghijk", ""},
		{"characters, not bytes", latchkey.Secret(strings.Repeat("\u00e9", 12)), "\u00e9\u00e9\u00e9\u00e9"},
		{"of nothing, none", "", ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if got := tt.secret.Last4(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
