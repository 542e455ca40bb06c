package latchkey_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestCanonicalName(t *testing.T) {
	for _, tt := range []struct{ rule, a, b string }{
		{"case does not matter", "Ann", "aNN"},
		{"composed and decomposed are one", "Ren\u00e9", "RENE\u0301"},
		{"marks in another order are one", "a\u0323\u0301", "a\u0301\u0323"},
		{"sharp s is ss", "Stra\u00dfe", "STRASSE"},
		{"all three sigmas are one", "\u03a3\u03c3\u03c2", "\u03c2\u03c2\u03c2"},
		{"Greek iota below", "\u1fb3\u0301", "\u0391\u0301\u0345"},
		{"the Kelvin sign is k", "\u212a", "k"},
		{"Cyrillic", "\u0418\u0412\u0410\u041d", "\u0438\u0432\u0430\u043d"},
		{"Cherokee", "\u13a0\u13f0", "\uab70\u13f8"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if a, b := latchkey.CanonicalName(tt.a), latchkey.CanonicalName(tt.b); a != b {
				t.Errorf("%+q and %+q become %+q and %+q", tt.a, tt.b, a, b)
			}
		})
	}
	for _, tt := range []struct{ rule, a, b string }{
		{"accents matter", "Rene", "Ren\u00e9"},
		{"scripts that look alike are not one", "a", "\u0430"},
		{"spaces matter", "a b", "ab"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if latchkey.CanonicalName(tt.a) == latchkey.CanonicalName(tt.b) {
				t.Errorf("%+q and %+q are one name", tt.a, tt.b)
			}
		})
	}
}

func TestCanonicalName_of_every_cased_letter_and_mark_is_final(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.IsMark(r) && unicode.SimpleFold(r) == r {
			continue
		}
		for _, name := range []string{string(r), "a" + string(r), string(r) + "\u0345\u0301", "\u03b1\u0345" + string(r)} {
			canonical := latchkey.CanonicalName(name)
			if again := latchkey.CanonicalName(canonical); again != canonical {
				t.Fatalf("%+q becomes %+q, that becomes %+q", name, canonical, again)
			}
		}
		if c := latchkey.CanonicalName(string(unicode.SimpleFold(r))); unicode.IsLetter(r) && c != latchkey.CanonicalName(string(r)) {
			t.Errorf("%+q and its other case %+q are two names", r, unicode.SimpleFold(r))
		}
	}
}

func TestCheckUsername(t *testing.T) {
	for rule, name := range map[string]string{
		"one letter":           "a",
		"spaces inside":        "Ann Lee",
		"70 characters":        strings.Repeat("\u00e9", 70),
		"other scripts":        "\u540d\u524d",
		"emoji":                "\U0001f511",
		"a mail address":       "ann@example.com",
		"punctuation":          "<b>'\"; --",
		"accents made of two":  "Rene\u0301",
		"a license key":        "AAAAAA-BBBBBB",
		"a word that is magic": "all",
	} {
		t.Run(rule, func(t *testing.T) {
			if err := latchkey.CheckUsername(name); err != nil {
				t.Errorf("%+q: %v", name, err)
			}
		})
	}
	for rule, name := range map[string]string{
		"nothing":                    "",
		"a space":                    " ",
		"71 characters":              strings.Repeat("a", 71),
		"white space before":         " ann",
		"white space after":          "ann\u2003",
		"a line end":                 "an\nn",
		"a NUL":                      "an\x00n",
		"a delete character":         "an\x7fn",
		"a C1 control":               "an\u0085n",
		"a zero-width space":         "an\u200bn",
		"a zero-width joiner":        "an\u200dn",
		"a byte order mark":          "an\ufeffn",
		"a soft hyphen":              "an\u00adn",
		"a direction override":       "an\u202en",
		"a direction isolate":        "an\u2066n",
		"a word joiner":              "an\u2060n",
		"a grapheme joiner":          "an\u034fn",
		"a variation selector":       "ann\ufe0f",
		"a supplementary one":        "ann\U000e0100",
		"a Mongolian one":            "ann\u180b",
		"a Hangul filler":            "ann\u3164",
		"a half-width Hangul filler": "ann\uffa0",
		"a Hangul initial filler":    "an\u115fn",
		"a blank Braille pattern":    "an\u2800n",
		"a Khmer inherent vowel":     "an\u17b4n",
		"a tag character":            "ann\U000e0041",
		"a no-break space":           "an\u00a0n",
		"an ideographic space":       "an\u3000n",
		"a line separator":           "an\u2028n",
		"a private character":        "an\ue000n",
		"an unassigned character":    "an\u0378n",
		"broken UTF-8":               "an\xffn",
		"a surrogate in UTF-8":       "an\xed\xa0\x80n",
	} {
		t.Run("refused: "+rule, func(t *testing.T) {
			wantInvalid(t, latchkey.CheckUsername(name), "username")
		})
	}
}

func TestUser_ban(t *testing.T) {
	free := latchkey.User{ID: "usr_1", AuthVersion: 4, UpdatedAt: created}
	shut := latchkey.User{ID: "usr_1", AuthVersion: 5, UpdatedAt: now, BannedAt: now, BanReason: "cheating", BannedWith: "lic_1"}

	t.Run("a ban shuts out and ends the sessions", func(t *testing.T) {
		u := free
		if err := u.Ban("cheating", "lic_1", now); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(shut, u); diff != "" {
			t.Error(diff)
		}
		err := u.CheckBan()
		wantCode(t, err, latchkey.CodeUserBanned)
		if e, _ := errors.AsType[*latchkey.Error](err); e.Reason != "cheating" {
			t.Errorf("the reason is %q", e.Reason)
		}
	})
	t.Run("a second ban changes nothing", func(t *testing.T) {
		u := shut
		wantCode(t, u.Ban("other", "", now.Add(time.Hour)), latchkey.CodeUserBanned)
		if diff := cmp.Diff(shut, u); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a refused reason changes nothing", func(t *testing.T) {
		u := free
		wantInvalid(t, u.Ban(strings.Repeat("a", 501), "", now), "reason")
		if diff := cmp.Diff(free, u); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("unbanning lets in again, with the sessions ended", func(t *testing.T) {
		u := shut
		if err := u.Unban(now); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(latchkey.User{ID: "usr_1", AuthVersion: 5, UpdatedAt: now}, u); diff != "" {
			t.Error(diff)
		}
		if err := u.CheckBan(); err != nil {
			t.Error(err)
		}
	})
	t.Run("who is not banned cannot be unbanned", func(t *testing.T) {
		u := free
		wantCode(t, u.Unban(now), latchkey.CodeUserNotBanned)
	})
}

func TestCheckPassword(t *testing.T) {
	for _, tt := range []struct {
		rule     string
		password latchkey.Secret
		least    int
		ok       bool
	}{
		{"a customer's has one character", "a", 1, true},
		{"and not none", "", 1, false},
		{"white space is as good as any", " ", 1, true},
		{"an account's has ten", "0123456789", latchkey.MinAccountPassword, true},
		{"and not nine", "012345678", latchkey.MinAccountPassword, false},
		{"1,024 bytes are the most", latchkey.Secret(strings.Repeat("a", 1024)), 1, true},
		{"1,025 are too many", latchkey.Secret(strings.Repeat("a", 1025)), 1, false},
		{"broken UTF-8 is refused", "a\xff", 1, false},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			err := latchkey.CheckPassword(tt.password, tt.least)
			if tt.ok && err != nil {
				t.Error(err)
			}
			if !tt.ok {
				wantInvalid(t, err, "password")
			}
		})
	}
}

func TestNormalizeEmail(t *testing.T) {
	for _, tt := range []struct{ rule, in, want string }{
		{"lower case", "Ann@Example.COM", "ann@example.com"},
		{"white space around is forgiven", " ann@example.com\n", "ann@example.com"},
		{"tags stay", "ann+tag@example.com", "ann+tag@example.com"},
		{"a host without a dot", "root@localhost", "root@localhost"},
		{"other scripts", "\u00c9va@b\u00fccher.example", "\u00e9va@b\u00fccher.example"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got, err := latchkey.NormalizeEmail(tt.in)
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	for rule, in := range map[string]string{
		"nothing":           "",
		"no @":              "ann.example.com",
		"no local part":     "@example.com",
		"no domain":         "ann@",
		"two @":             "ann@b@example.com",
		"white space":       "an n@example.com",
		"a line end inside": "ann@example.com\nBcc: x@y",
		"a NUL":             "ann\x00@example.com",
		"angle brackets":    "<ann@example.com>",
		"a list":            "ann@example.com,bob",
		"quotes":            "\"ann\"@example.com",
		"an invisible one":  "ann\u200b@example.com",
		"broken UTF-8":      "\xff@example.com",
		"255 bytes":         strings.Repeat("a", 243) + "@example.com",
	} {
		t.Run("refused: "+rule, func(t *testing.T) {
			_, err := latchkey.NormalizeEmail(in)
			wantInvalid(t, err, "email")
		})
	}
}

func FuzzCanonicalName(f *testing.F) {
	for _, s := range []string{"Ann", "Ren\u00e9", "\u13a0", "\u03b1\u0345\u0301", "\u1e9e", "\u0130", "\u0149", "a\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !utf8.ValidString(name) {
			return // CheckUsername refuses it first
		}
		canonical := latchkey.CanonicalName(name)
		if again := latchkey.CanonicalName(canonical); again != canonical {
			t.Fatalf("%+q becomes %+q, that becomes %+q", name, canonical, again)
		}
		if !utf8.ValidString(canonical) || (canonical == "") != (name == "") {
			t.Fatalf("%+q becomes %+q", name, canonical)
		}
	})
}

func FuzzCheckUsername(f *testing.F) {
	for _, s := range []string{"Ann Lee", " a", "a\u200b", "\u3164", "a\xff", strings.Repeat("\u00e9", 70)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if err := latchkey.CheckUsername(name); err != nil {
			wantInvalid(t, err, "username")
			return
		}
		if n := utf8.RuneCountInString(name); n < 1 || n > latchkey.MaxUsernameLength || !utf8.ValidString(name) || strings.TrimSpace(name) != name {
			t.Fatalf("%+q is accepted", name)
		}
		for _, r := range name {
			if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
				unicode.IsSpace(r) && r != ' ' {
				t.Fatalf("%+q is accepted with %U", name, r)
			}
		}
	})
}

func FuzzNormalizeEmail(f *testing.F) {
	for _, s := range []string{"Ann@Example.com", " a@b\n", "a@b@c", "\xff@x", "\u0130@x", "a@", "<a@b>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, address string) {
		got, err := latchkey.NormalizeEmail(address)
		if err != nil {
			wantInvalid(t, err, "email")
			return
		}
		if again, err := latchkey.NormalizeEmail(got); err != nil || again != got {
			t.Fatalf("%q becomes %q, that becomes %q, %v", address, got, again, err)
		}
		if len(got) > latchkey.MaxEmailLength || strings.Count(got, "@") != 1 || strings.ContainsAny(got, " \r\n\x00<>,") || !utf8.ValidString(address) {
			t.Fatalf("%q becomes %q", address, got)
		}
	})
}
