package latchkey

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestToken(t *testing.T) {
	made := time.UnixMilli(0)
	bound, now := made.Add(time.Hour), made.Add(2*time.Hour)
	fresh := Token{Status: TokenNotUsed}
	used := Token{Status: TokenUsed, UsedAt: bound}
	freshListed := Token{Status: TokenBlacklisted, Reason: "shared", BlacklistedAt: bound}
	usedListed := Token{Status: TokenBlacklisted, UsedAt: bound, Reason: "shared", BlacklistedAt: bound}
	blacklist := func(tok *Token) error { return tok.Blacklist("resold", now) }
	lift := func(tok *Token) error { return tok.Unblacklist(now) }
	reset := func(tok *Token) error { tok.Reset(now); return nil }
	for name, c := range map[string]struct {
		from Token
		do   func(*Token) error
		want Token
		code Code
	}{
		"an unused one is blacklisted":               {fresh, blacklist, Token{Status: TokenBlacklisted, Reason: "resold", BlacklistedAt: now, UpdatedAt: now}, ""},
		"a used one is blacklisted and stays bound":  {used, blacklist, Token{Status: TokenBlacklisted, UsedAt: bound, Reason: "resold", BlacklistedAt: now, UpdatedAt: now}, ""},
		"the first reason stays":                     {usedListed, blacklist, usedListed, CodeTokenBlacklisted},
		"a reason has its length":                    {fresh, func(tok *Token) error { return tok.Blacklist(strings.Repeat("x", 501), now) }, fresh, CodeInvalid},
		"lifted, an unused one is unused":            {freshListed, lift, Token{Status: TokenNotUsed, UpdatedAt: now}, ""},
		"lifted, a used one is used":                 {usedListed, lift, Token{Status: TokenUsed, UsedAt: bound, UpdatedAt: now}, ""},
		"what is not blacklisted cannot be lifted":   {used, lift, used, CodeTokenNotBlacklisted},
		"a used one is reset":                        {used, reset, Token{Status: TokenNotUsed, UpdatedAt: now}, ""},
		"an unused one is reset":                     {fresh, reset, Token{Status: TokenNotUsed, UpdatedAt: now}, ""},
		"a blacklisted one is unbound, and stays so": {usedListed, reset, Token{Status: TokenBlacklisted, Reason: "shared", BlacklistedAt: bound, UpdatedAt: now}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.from
			if err := c.do(&got); CodeOf(err) != c.code {
				t.Errorf("answered %v, want %q", err, c.code)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for name, c := range map[string]struct {
		tok  Token
		same bool
		code Code
	}{
		"an unused one is let in":              {fresh, false, ""},
		"a used one with its file":             {used, true, ""},
		"a used one with another file":         {used, false, CodeTokenHash},
		"a blacklisted one":                    {usedListed, true, CodeTokenBlacklisted},
		"a blacklisted one, whatever the file": {usedListed, false, CodeTokenBlacklisted},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.tok.Admit(c.same)
			if CodeOf(err) != c.code {
				t.Errorf("answered %v, want %q", err, c.code)
			}
			if e, ok := err.(*Error); ok && c.code == CodeTokenBlacklisted && e.Reason != "shared" {
				t.Errorf("the reason is %q", e.Reason)
			}
		})
	}
}

func TestLearnsHash(t *testing.T) {
	const md5, other = "0123456789abcdef0123456789ABCDEF", "ffffffffffffffffffffffffffffffff"
	learning := DefaultSettings()
	learning.HashCheck, learning.HashLearn = true, true
	with := func(change func(*Settings)) Settings {
		s := learning
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		s      Settings
		hash   string
		learns bool
		code   Code
	}{
		"the first hash is learned":             {learning, md5, true, ""},
		"no hash is none":                       {learning, "", false, CodeAppHash},
		"what is no hash is not learned":        {learning, "not a hash", false, CodeAppHash},
		"a list that is there is not added to":  {with(func(s *Settings) { s.Hashes = []string{other} }), md5, false, CodeAppHash},
		"one of the list passes":                {with(func(s *Settings) { s.Hashes = []string{other} }), other, false, ""},
		"off, nothing is learned":               {with(func(s *Settings) { s.HashLearn = false }), md5, false, CodeAppHash},
		"without the check nothing needs to be": {with(func(s *Settings) { s.HashCheck = false }), md5, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.s.LearnsHash(c.hash); got != c.learns {
				t.Errorf("learns: %v", got)
			}
			if err := c.s.CheckProgram("1.0", c.hash); CodeOf(err) != c.code {
				t.Errorf("answered %v, want %q", err, c.code)
			}
		})
	}
}
