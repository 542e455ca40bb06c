package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestTokens(t *testing.T) {
	tell(t, []story{
		{"a program comes with its token and its file, or does not start", tokensAtInit},
		{"the refusals of init have their order", orderOfInit},
		{"a token belongs to the first file, however many come at once", tokenRace},
		{"blacklisting and resetting are in force at the next start", tokensChange},
		{"a user and a license have one token each", oneToken},
		{"tokens are found by their end, their holder and their status", tokensFound},
		{"a token goes with its holder, not with a license that was redeemed", tokensGo},
		{"every unused license gets one, once", tokensForAll},
		{"many are blacklisted and deleted at once", tokensInBulk},
		{"those that a call made can be told from all others", batchesOfTokens},
		{"without the setting init asks for nothing and writes nothing", tokensOff},
	})
}

// Hashes of two files.
const (
	oneFile     = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08"
	anotherFile = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
)

func (s *scene) tokensOn() {
	s.Helper()
	s.edit(service.AppEdit{TokenSystem: point(true)})
}

func (s *scene) tokenOf(userID string) service.TokenView {
	s.Helper()
	v, err := s.Service.CreateToken(s.Ctx(), s.app.ID, userID, "")
	s.must(err)
	return v
}

// starts is what a program's init is answered.
func (s *scene) starts(token latchkey.Secret, file string) error {
	_, err := s.Service.ClientInit(outside(), s.client(), service.ClientInit{Protocol: latchkey.Protocol13, Token: token, TokenHash: file})
	return err
}

func (s *scene) tokenNow(id string) service.TokenView {
	s.Helper()
	v, err := s.Service.Token(s.Ctx(), s.app.ID, id)
	s.must(err)
	return v
}

func tokensAtInit(s *scene) {
	s.tokensOn()
	ann := s.user("ann", "secret").ID
	tok := s.tokenOf(ann)
	if len(tok.Value) < 60 || !strings.HasPrefix(tok.Value.Reveal(), "lkt_") || tok.Status != latchkey.TokenNotUsed || tok.Username != "ann" || tok.UserID != ann {
		s.Errorf("made %+v", tok)
	}
	s.refused(s.starts("", ""), latchkey.CodeTokenRequired)
	s.refused(s.starts("", oneFile), latchkey.CodeTokenRequired)
	s.refused(s.starts(tok.Value, ""), latchkey.CodeTokenHashRequired)
	for _, value := range []string{"x", tok.Value.Reveal()[:40], tok.Value.Reveal() + "a", strings.ToUpper(tok.Value.Reveal()), strings.Repeat("x", 8000)} {
		s.refused(s.starts(latchkey.Secret(value), oneFile), latchkey.CodeTokenInvalid)
	}
	twin := s.App("twin of " + s.app.ID)
	_, err := s.Service.UpdateApp(s.Ctx(), twin.ID, service.AppEdit{TokenSystem: point(true)})
	s.must(err)
	_, err = s.Service.ClientInit(outside(), s.Client(twin), service.ClientInit{Protocol: latchkey.Protocol13, Token: tok.Value, TokenHash: oneFile})
	s.refused(err, latchkey.CodeTokenInvalid)
	if got := s.tokenNow(tok.ID); got.IsBound() {
		s.Error("a refusal has bound the token")
	}

	events := len(s.actions())
	s.must(s.starts(tok.Value, oneFile))
	s.must(s.starts(tok.Value, strings.ToLower(oneFile)))
	s.refused(s.starts(tok.Value, anotherFile), latchkey.CodeTokenHash)
	s.must(s.starts(tok.Value, oneFile))
	if got := s.tokenNow(tok.ID); got.Status != latchkey.TokenUsed || !got.UsedAt.Equal(s.Clock.Now()) || got.Value != tok.Value {
		s.Errorf("bound: %+v", got)
	}
	if after := s.actions(); len(after) != events+1 || after[0] != "token.bind" {
		s.Errorf("events: %v", after[:len(after)-events])
	}
	// Some send a path instead of a hash.
	other := s.tokenOf(s.user("bob", "secret").ID)
	s.must(s.starts(other.Value, `C:\Users\Bob\Tokén.txt`))
	s.must(s.starts(other.Value, `c:\users\bob\tokén.TXT`))
	s.refused(s.starts(other.Value, `c:\users\bob\token.txt`), latchkey.CodeTokenHash)
}

func orderOfInit(s *scene) {
	const program = "0123456789abcdef0123456789abcdef"
	tok := s.tokenOf(s.user("ann", "secret").ID)
	s.edit(service.AppEdit{TokenSystem: point(true), HashCheck: point(true), Hashes: &[]string{program}})
	_, err := s.Service.PauseApp(s.Ctx(), s.app.ID)
	s.must(err)
	in := service.ClientInit{Protocol: latchkey.Protocol13, Version: "other", Hash: "other"}
	for _, step := range []struct {
		want latchkey.Code
		then func() // what the next step mends
	}{
		{latchkey.CodeAppPaused, func() { s.must(drop(s.Service.ResumeApp(s.Ctx(), s.app.ID))) }},
		{latchkey.CodeTokenRequired, func() { in.Token = tok.Value }},
		{latchkey.CodeTokenHashRequired, func() { in.TokenHash = oneFile }},
		{latchkey.CodeAppVersion, func() { in.Version = "1.0" }},
		{latchkey.CodeAppHash, func() { in.Hash = program }},
		{"", func() {}},
	} {
		_, err := s.Service.ClientInit(outside(), s.client(), in)
		s.refused(err, step.want)
		// Only a program that is let in binds the token.
		if bound := s.tokenNow(tok.ID).IsBound(); bound != (step.want == "") {
			s.Errorf("after %q bound is %v", step.want, bound)
		}
		step.then()
	}
}

func tokenRace(s *scene) {
	s.tokensOn()
	ann := s.user("ann", "secret").ID
	tok := s.tokenOf(ann)
	for round := range raceRounds() {
		errs := together(8, func(i int) error { return s.starts(tok.Value, fmt.Sprintf("file %d of round %d", i, round)) })
		if diff := cmp.Diff(map[latchkey.Code]int{"": 1, latchkey.CodeTokenHash: 7}, tally(errs)); diff != "" {
			s.Errorf("answers (-want +got):\n%s", diff)
		}
		_, err := s.Service.ResetToken(s.Ctx(), s.app.ID, tok.ID)
		s.must(err)
		for _, err := range together(8, func(int) error { return s.starts(tok.Value, oneFile) }) {
			s.must(err)
		}
		_, err = s.Service.ResetToken(s.Ctx(), s.app.ID, tok.ID)
		s.must(err)
	}
	binds := 0
	for _, action := range s.actions() {
		if action == "token.bind" {
			binds++
		}
	}
	if binds != 2*raceRounds() {
		s.Errorf("bound %d times", binds)
	}
}

func tokensChange(s *scene) {
	s.tokensOn()
	tok := s.tokenOf(s.user("ann", "secret").ID)
	s.must(s.starts(tok.Value, oneFile))
	_, err := s.Service.BlacklistToken(s.Ctx(), s.app.ID, tok.ID, "resold")
	s.must(err)
	for _, file := range []string{oneFile, anotherFile} {
		err := s.starts(tok.Value, file)
		s.refused(err, latchkey.CodeTokenBlacklisted)
		if e, ok := err.(*latchkey.Error); ok && e.Reason != "resold" {
			s.Errorf("the reason is %q", e.Reason)
		}
	}
	_, err = s.Service.BlacklistToken(s.Ctx(), s.app.ID, tok.ID, "again")
	s.refused(err, latchkey.CodeTokenBlacklisted)
	_, err = s.Service.UnblacklistToken(s.Ctx(), s.app.ID, tok.ID)
	s.must(err)
	_, err = s.Service.UnblacklistToken(s.Ctx(), s.app.ID, tok.ID)
	s.refused(err, latchkey.CodeTokenNotBlacklisted)
	s.must(s.starts(tok.Value, oneFile))
	s.refused(s.starts(tok.Value, anotherFile), latchkey.CodeTokenHash)
	got, err := s.Service.ResetToken(s.Ctx(), s.app.ID, tok.ID)
	s.must(err)
	if got.IsBound() || got.Status != latchkey.TokenNotUsed {
		s.Errorf("reset: %+v", got)
	}
	s.must(s.starts(tok.Value, anotherFile))
	// Blacklisted before anybody has used it, and reset: it stays so.
	bobs := s.tokenOf(s.user("bob", "secret").ID)
	_, err = s.Service.BlacklistToken(s.Ctx(), s.app.ID, bobs.ID, "")
	s.must(err)
	_, err = s.Service.ResetToken(s.Ctx(), s.app.ID, bobs.ID)
	s.must(err)
	s.refused(s.starts(bobs.Value, oneFile), latchkey.CodeTokenBlacklisted)
	s.must(s.Service.DeleteToken(s.Ctx(), s.app.ID, bobs.ID))
	s.refused(s.starts(bobs.Value, oneFile), latchkey.CodeTokenInvalid)
	s.refused(s.Service.DeleteToken(s.Ctx(), s.app.ID, bobs.ID), latchkey.CodeTokenNotFound)
}

func oneToken(s *scene) {
	ann, license := s.user("ann", "secret").ID, s.keyOf(1, "1d")
	tok := s.tokenOf(ann)
	_, err := s.Service.CreateToken(s.Ctx(), s.app.ID, ann, "")
	s.refused(err, latchkey.CodeTokenExists)
	of, err := s.Service.CreateToken(s.Ctx(), s.app.ID, "", license.ID)
	s.must(err)
	if of.LicenseKey != license.Key || of.LicenseID != license.ID || of.UserID != "" || of.Value == tok.Value {
		s.Errorf("made %+v", of)
	}
	_, err = s.Service.CreateToken(s.Ctx(), s.app.ID, "", license.ID)
	s.refused(err, latchkey.CodeTokenExists)
	for _, c := range []struct {
		user, license string
		want          latchkey.Code
	}{{"", "", latchkey.CodeInvalid}, {ann, license.ID, latchkey.CodeInvalid}, {"usr_none", "", latchkey.CodeUserNotFound}, {"", "lic_none", latchkey.CodeLicenseNotFound}} {
		_, err := s.Service.CreateToken(s.Ctx(), s.app.ID, c.user, c.license)
		s.refused(err, c.want)
	}
	s.must(s.Service.DeleteToken(s.Ctx(), s.app.ID, tok.ID))
	if again := s.tokenOf(ann); again.Value == tok.Value {
		s.Error("the same token again")
	}
	errs := together(8, func(int) error { return drop(s.Service.CreateToken(s.Ctx(), s.app.ID, "", s.keyOf(1, "1d").ID)) })
	for _, err := range errs {
		s.must(err)
	}
	bob := s.user("bob", "secret").ID
	errs = together(8, func(int) error { return drop(s.Service.CreateToken(s.Ctx(), s.app.ID, bob, "")) })
	if diff := cmp.Diff(map[latchkey.Code]int{"": 1, latchkey.CodeTokenExists: 7}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
}

func tokensFound(s *scene) {
	s.tokensOn()
	var toks []service.TokenView
	for _, name := range []string{"ann", "bob", "carl"} {
		toks = append(toks, s.tokenOf(s.user(name, "secret").ID))
		s.Clock.Advance(time.Millisecond)
	}
	license := s.keyOf(1, "1d")
	of, err := s.Service.CreateToken(s.Ctx(), s.app.ID, "", license.ID)
	s.must(err)
	toks = append(toks, of)
	s.must(s.starts(toks[1].Value, oneFile))
	s.Clock.Advance(time.Second)
	s.must(s.starts(toks[0].Value, oneFile))
	_, err = s.Service.BlacklistToken(s.Ctx(), s.app.ID, toks[2].ID, "")
	s.must(err)
	value := toks[0].Value.Reveal()
	for name, c := range map[string]struct {
		filter service.TokenFilter
		want   []int
	}{
		"all, newest first":      {service.TokenFilter{}, []int{3, 2, 1, 0}},
		"oldest first":           {service.TokenFilter{Sort: "created"}, []int{0, 1, 2, 3}},
		"the end":                {service.TokenFilter{Search: value[len(value)-4:]}, []int{0}},
		"the whole":              {service.TokenFilter{Search: " " + value + " "}, []int{0}},
		"a part":                 {service.TokenFilter{Search: value[:20]}, nil},
		"unused":                 {service.TokenFilter{Status: latchkey.TokenNotUsed}, []int{3}},
		"used":                   {service.TokenFilter{Status: latchkey.TokenUsed}, []int{1, 0}},
		"by use":                 {service.TokenFilter{Status: latchkey.TokenUsed, Sort: "used"}, []int{1, 0}},
		"last used first":        {service.TokenFilter{Status: latchkey.TokenUsed, Sort: "-used"}, []int{0, 1}},
		"blacklisted":            {service.TokenFilter{Status: latchkey.TokenBlacklisted}, []int{2}},
		"of a user":              {service.TokenFilter{UserID: toks[1].UserID}, []int{1}},
		"of a license":           {service.TokenFilter{LicenseID: license.ID}, []int{3}},
		"of a user, blacklisted": {service.TokenFilter{UserID: toks[1].UserID, Status: latchkey.TokenBlacklisted}, nil},
		"of nobody":              {service.TokenFilter{UserID: "usr_none"}, nil},
	} {
		for _, limit := range []int{1, 10} {
			var got []string
			for f := c.filter; ; {
				f.Limit = limit
				list, err := s.Service.ListTokens(s.Ctx(), s.app.ID, f)
				s.must(err)
				for _, v := range list.Items {
					got = append(got, v.ID)
				}
				if f.Cursor = list.Next; f.Cursor == "" {
					break
				}
			}
			var want []string
			for _, n := range c.want {
				want = append(want, toks[n].ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				s.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
	for _, f := range []service.TokenFilter{{Status: "lost"}, {Sort: "status"}, {Sort: "used"}, {Sort: "-used", Status: latchkey.TokenUsed, Search: "abcd"}} {
		_, err = s.Service.ListTokens(s.Ctx(), s.app.ID, f)
		s.refused(err, latchkey.CodeInvalid)
	}
}

func tokensGo(s *scene) {
	s.tokensOn()
	unused, used, kept := s.keyOf(1, "1d"), s.keyOf(1, "1d"), s.keyOf(1, "1d")
	values := map[string]latchkey.Secret{}
	for _, l := range []latchkey.License{unused, used, kept} {
		v, err := s.Service.CreateToken(s.Ctx(), s.app.ID, "", l.ID)
		s.must(err)
		values[l.ID] = v.Value
	}
	many := s.Licenses(s.app.ID, 3, "1d")
	_, err := s.Service.CreateTokens(s.Ctx(), s.app.ID, service.LicenseSelection{IDs: []string{many[0].ID, many[1].ID, many[2].ID}}, service.BulkCall{})
	s.must(err)
	for _, l := range []latchkey.License{used, kept} {
		ses, err := s.Service.ClientInit(outside(), s.client(), service.ClientInit{Protocol: latchkey.Protocol13, Token: values[l.ID], TokenHash: oneFile})
		s.must(err)
		_, err = s.Service.ClientLicense(outside(), s.client(), ses, service.ClientSignIn{Key: l.Key.Reveal(), HWID: machine})
		s.must(err)
	}
	user := s.named(used.Key.Reveal()).ID
	for _, l := range []latchkey.License{unused, used, kept} {
		s.must(s.Service.DeleteLicense(s.Ctx(), s.app.ID, l.ID, l.ID == used.ID))
	}
	s.refused(s.starts(values[unused.ID], oneFile), latchkey.CodeTokenInvalid)
	s.refused(s.starts(values[used.ID], oneFile), latchkey.CodeTokenInvalid) // its user was deleted with it
	s.must(s.starts(values[kept.ID], oneFile))                               // whose customer is still there
	_, err = s.Service.User(s.Ctx(), s.app.ID, user)
	s.refused(err, latchkey.CodeUserNotFound)

	ann := s.user("ann", "secret").ID
	anns := s.tokenOf(ann)
	s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, ann))
	s.refused(s.starts(anns.Value, oneFile), latchkey.CodeTokenInvalid)

	_, err = s.Service.DeleteLicenses(s.Ctx(), s.app.ID, service.LicenseSelection{All: true}, false, service.BulkCall{})
	s.must(err)
	list, err := s.Service.ListTokens(s.Ctx(), s.app.ID, service.TokenFilter{})
	s.must(err)
	if len(list.Items) != 1 || list.Items[0].Value != values[kept.ID] || list.Items[0].LicenseKey != "" {
		s.Errorf("left: %+v", list.Items)
	}
}

func tokensOff(s *scene) {
	tok := s.tokenOf(s.user("ann", "secret").ID)
	s.must(s.starts("", ""))
	s.must(s.starts("made up", ""))
	s.must(s.starts(tok.Value, oneFile))
	if s.tokenNow(tok.ID).IsBound() {
		s.Error("the token was bound")
	}
}
