package latchkey_test

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestChannel(t *testing.T) {
	good := latchkey.Channel{Name: "lobby", History: 100}
	for _, c := range []struct {
		name  string
		edit  func(*latchkey.Channel)
		field string // "" if it is allowed
	}{
		{"as a new one is", func(*latchkey.Channel) {}, ""},
		{"the longest delay", func(c *latchkey.Channel) { c.Delay = 3600 }, ""},
		{"a longer one", func(c *latchkey.Channel) { c.Delay = 3601 }, "delay"},
		{"a negative one", func(c *latchkey.Channel) { c.Delay = -1 }, "delay"},
		{"one message", func(c *latchkey.Channel) { c.History = 1 }, ""},
		{"no message", func(c *latchkey.Channel) { c.History = 0 }, "history"},
		{"a thousand messages", func(c *latchkey.Channel) { c.History = 1000 }, ""},
		{"one more", func(c *latchkey.Channel) { c.History = 1001 }, "history"},
		{"the highest level", func(c *latchkey.Channel) { c.MinLevel = latchkey.MaxLevel }, ""},
		{"a higher one", func(c *latchkey.Channel) { c.MinLevel = latchkey.MaxLevel + 1 }, "min_level"},
		{"a negative level", func(c *latchkey.Channel) { c.MinLevel = -1 }, "min_level"},
		{"no name", func(c *latchkey.Channel) { c.Name = "" }, "name"},
		{"70 characters", func(c *latchkey.Channel) { c.Name = strings.Repeat("ü", 70) }, ""},
		{"71 characters", func(c *latchkey.Channel) { c.Name = strings.Repeat("ü", 71) }, "name"},
		{"white space at an end", func(c *latchkey.Channel) { c.Name = "lobby " }, "name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			channel := good
			c.edit(&channel)
			checkField(t, channel.Check(), c.field)
		})
	}
}

// checkField wants request.invalid of a field, or no refusal.
func checkField(t *testing.T, err error, field string) {
	t.Helper()
	if field == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	e, ok := err.(*latchkey.Error)
	if !ok || e.Code != latchkey.CodeInvalid || e.Field != field {
		t.Errorf("answered %v, want request.invalid of %s", err, field)
	}
}

func TestChatText(t *testing.T) {
	for _, c := range []struct {
		name, text string
		fine       bool
	}{
		{"one character", "x", true},
		{"2,000 characters", strings.Repeat("🔑", 2000), true},
		{"2,001 characters", strings.Repeat("x", 2001), false},
		{"nothing", "", false},
		{"white space", " \t\r\n\u00a0\u2003", false},
		{"white space around a word", "  hi\n", true},
		{"lines", "a\nb", true},
		{"NUL", "a\x00b", false},
		{"no UTF-8", "a\xff", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			field := "text"
			if c.fine {
				field = ""
			}
			checkField(t, latchkey.CheckChatText(c.text), field)
		})
	}
}

func TestChatAuthor(t *testing.T) {
	const user = "usr_06fs4kkq8vxg7m1x2ndn0k3b1r"
	for _, c := range []struct {
		name string
		m    latchkey.ChatMessage
		want string
	}{
		{"a chosen name", latchkey.ChatMessage{UserID: user, Author: "ann"}, "ann"},
		{"the seller", latchkey.ChatMessage{Author: "System"}, "System"},
		{"a key shows an eighth", latchkey.ChatMessage{UserID: user, Author: "ABCDEFGH-JKLMNPQR", LicenseNamed: true}, "AB******-3b1r"},
		{"and at most four characters", latchkey.ChatMessage{UserID: user, Author: strings.Repeat("ABCDEFG-", 8), LicenseNamed: true}, "ABCD******-3b1r"},
		{"a short one nothing", latchkey.ChatMessage{UserID: user, Author: "ABCDEFG", LicenseNamed: true}, "******-3b1r"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.m.AuthorFor("usr_other"); got != c.want {
				t.Errorf("others see %q, want %q", got, c.want)
			}
			if got := c.m.AuthorFor(c.m.UserID); got != c.m.Author {
				t.Errorf("the author sees %q", got)
			}
		})
	}
}

// FuzzChatAuthor holds that a key is never told to others, nor how long it is.
func FuzzChatAuthor(f *testing.F) {
	for _, key := range []string{"", "A", "ABCDEFGH-JKLMNPQR", strings.Repeat("🔑", 70), "\xff\xfe", "SUN-AAAA-BBBB-CCCC-0002"} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		m := latchkey.ChatMessage{UserID: "usr_06fs4kkq8vxg7m1x2ndn0k3b1r", Author: key, LicenseNamed: true}
		shown, after, ok := strings.Cut(m.AuthorFor("usr_other"), "******-")
		if !ok && !strings.Contains(key, "******-") || ok && after != "3b1r" && !strings.Contains(key, "*") {
			t.Fatalf("%q is shown as %q", key, m.AuthorFor("usr_other"))
		}
		if n := len([]rune(shown)); n > 4 || n > len([]rune(key))/8 {
			t.Errorf("%q is shown as %q", key, m.AuthorFor("usr_other"))
		}
	})
}

func TestMute(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		m     latchkey.Mute
		field string
	}{
		{"a second", latchkey.Mute{Until: now.Add(time.Second)}, ""},
		{"as long as there are dates", latchkey.Mute{Until: latchkey.Never()}, ""},
		{"longer", latchkey.Mute{Until: latchkey.Never().Add(time.Second)}, "until"},
		{"until now", latchkey.Mute{Until: now}, "until"},
		{"no end", latchkey.Mute{}, "until"},
		{"a long reason", latchkey.Mute{Until: latchkey.Never(), Reason: strings.Repeat("x", 501)}, "reason"},
	} {
		t.Run(c.name, func(t *testing.T) { checkField(t, c.m.Check(now), c.field) })
	}
	e, ok := (&latchkey.Mute{Until: now, Reason: "spam"}).Refuse().(*latchkey.Error)
	if !ok || e.Code != latchkey.CodeChatMuted || !e.Until.Equal(now) || e.Reason != "spam" {
		t.Errorf("the refusal is %+v", e)
	}
}
