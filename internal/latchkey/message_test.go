package latchkey_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestMessages_Text(t *testing.T) {
	m := latchkey.Messages{latchkey.MsgUserBanned: "Banned: {reason}. ({reason})", latchkey.MsgLoggedIn: "Hi {name}"}
	for _, tt := range []struct {
		rule   string
		key    latchkey.MessageKey
		reason string
		want   string
	}{
		{"the default where the seller wrote none", latchkey.MsgKeyUsed, "", "License key has already been used"},
		{"the seller's where there is one", latchkey.MsgLoggedIn, "", "Hi {name}"},
		{"the reason is filled in wherever it is asked for", latchkey.MsgUserBanned, "fraud", "Banned: fraud. (fraud)"},
		{"an empty reason leaves nothing", latchkey.MsgUserBanned, "", "Banned: . ()"},
		{"a reason is not itself filled in", latchkey.MsgUserBanned, "{reason}", "Banned: {reason}. ({reason})"},
		{"not even when the parts would join", latchkey.MsgUserBanned, "{rea{reason}son}", "Banned: {rea{reason}son}. ({rea{reason}son})"},
		{"an unknown message is empty", "nosuch", "", ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if got := m.Text(tt.key, tt.reason); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("without any of the seller's", func(t *testing.T) {
		if got := latchkey.Messages(nil).Text(latchkey.MsgLoggedIn, ""); got != "Logged in!" {
			t.Errorf("got %q", got)
		}
	})
}

func TestDefaultMessages(t *testing.T) {
	seen := map[latchkey.MessageKey]bool{}
	all := latchkey.Messages{}
	for _, m := range latchkey.DefaultMessages() {
		if seen[m.Key] {
			t.Errorf("%s is listed twice", m.Key)
		}
		seen[m.Key] = true
		all[m.Key] = m.Default
		if n := utf8.RuneCountInString(m.Default); n < 1 || n > latchkey.MaxMessageLength {
			t.Errorf("%s has %d characters", m.Key, n)
		}
	}
	if len(seen) != 22 {
		t.Errorf("%d messages, the product has 22", len(seen))
	}
	if err := all.Check(); err != nil {
		t.Error("a seller could not keep the defaults:", err)
	}
}

func TestMessages_Check(t *testing.T) {
	for _, tt := range []struct {
		rule  string
		m     latchkey.Messages
		field string // "" where nothing is refused
	}{
		{"none", nil, ""},
		{"100 characters", latchkey.Messages{latchkey.MsgKeyUsed: strings.Repeat("\u00e9", 100)}, ""},
		{"no 101", latchkey.Messages{latchkey.MsgKeyUsed: strings.Repeat("a", 101)}, "messages.keyused"},
		{"no empty text", latchkey.Messages{latchkey.MsgKeyUsed: ""}, "messages.keyused"},
		{"no NUL", latchkey.Messages{latchkey.MsgKeyUsed: "a\x00"}, "messages.keyused"},
		{"no broken UTF-8", latchkey.Messages{latchkey.MsgKeyUsed: "a\xff"}, "messages.keyused"},
		{"no unknown message, whose name is not repeated", latchkey.Messages{"<script>": "a"}, "messages"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			err := tt.m.Check()
			if tt.field != "" {
				wantInvalid(t, err, tt.field)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}
