package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestAccessImport(t *testing.T) {
	tell(t, []story{
		{"each line is what it looks like, and what is none is told of", importLines},
		{"a dry run says the same and stores nothing", importDry},
		{"hardware ids need their kind said", importHWIDs},
		{"parts that are stored stay when the caller goes away", importBreaks},
	})
}

const listText = "\ufeff# a list of mine\n203.0.113.7\n\n203.0.113.99/24 # their office\r\nDE\nAS64500\nnot an address\n203.0.113.7\n::ffff:203.0.113.7\n2001:db8::/129\n"

func importLines(s *scene) {
	germany := s.blacklist("country", "DE")
	end := s.Clock.Now().Add(time.Hour)
	in := service.AccessImport{Text: listText, Reason: "from a list", ExpiresAt: end}
	got, err := s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, in)
	s.must(err)
	for i := range got.Why {
		if got.Why[i].Reason == "" {
			s.Error("a line is refused without a reason")
		}
		got.Why[i].Reason = ""
	}
	want := service.AccessReport{Lines: 8, Imported: 3, Existing: 3, Refused: 2, Why: []service.RefusedLine{{Line: 7}, {Line: 10}}}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("report (-want +got):\n%s", diff)
	}
	listed := s.values(latchkey.Blacklist, service.AccessFilter{})
	slices.Sort(listed)
	if diff := cmp.Diff([]string{"203.0.113.0/24", "203.0.113.7", "AS64500", "DE"}, listed); diff != "" {
		s.Errorf("list (-want +got):\n%s", diff)
	}
	s.must(s.Service.DeleteAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, germany.ID))
	if e := s.entries(latchkey.Blacklist)[0]; e.Reason != "from a list" || !e.ExpiresAt.Equal(end) || e.CreatedBy != s.Owner.Account.ID {
		s.Errorf("an entry is %+v", e)
	}
	got, err = s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, in)
	s.must(err)
	if got.Imported != 1 || got.Existing != 5 {
		s.Errorf("once more: %+v", got)
	}
	got, err = s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Whitelist, in)
	s.must(err)
	if got.Imported != 2 || got.Refused != 4 {
		s.Errorf("into the whitelist: %+v", got)
	}
	_, err = s.startFrom("203.0.113.200")
	s.must(err) // whitelisted
	for _, bad := range []service.AccessImport{{Kind: "moon"}, {Reason: strings.Repeat("x", 501)}, {ExpiresAt: s.Clock.Now()}} {
		_, err = s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, bad)
		s.refused(err, latchkey.CodeInvalid)
	}
	_, err = s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessImport{Text: strings.Repeat("x\n", service.MaxImportedLines+1)})
	s.refused(err, latchkey.CodeTooLarge)
	got, err = s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessImport{})
	s.must(err)
	if got.Lines != 0 {
		s.Errorf("of nothing: %+v", got)
	}
}

func importDry(s *scene) {
	s.put(latchkey.Blacklist, "ip", "203.0.113.7", time.Hour)
	s.put(latchkey.Blacklist, "country", "DE", time.Minute)
	s.Clock.Advance(time.Minute) // the country's is over
	before := s.actions()
	dry, err := s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessImport{Text: listText, DryRun: true})
	s.must(err)
	if diff := cmp.Diff(before, s.actions()); diff != "" || len(s.entries(latchkey.Blacklist)) != 2 {
		s.Errorf("the dry run has changed something:\n%s", diff)
	}
	wet, err := s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessImport{Text: listText})
	s.must(err)
	if dry.DryRun = false; !cmp.Equal(dry, wet) {
		s.Errorf("dry and wet differ:\n%s", cmp.Diff(dry, wet))
	}
}

func importHWIDs(s *scene) {
	text := machine + "\n#remark\n" + otherMachine + "#7\n"
	got, err := s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessImport{Text: text})
	s.must(err)
	if got.Imported != 0 || got.Refused != 2 {
		s.Errorf("without a kind: %+v", got)
	}
	_, err = s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessImport{Kind: "hwid", Text: text})
	s.must(err)
	got, err = s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessImport{Kind: "hwid", Text: "x" + text})
	s.must(err)
	if got.Imported != 1 || got.Existing != 1 {
		s.Errorf("one more: %+v", got)
	}
	listed := s.values(latchkey.Blacklist, service.AccessFilter{})
	slices.Sort(listed)
	if diff := cmp.Diff([]string{machine, otherMachine + "#7", "x" + machine}, listed); diff != "" {
		s.Errorf("list (-want +got):\n%s", diff)
	}
}

func importBreaks(s *scene) {
	var text strings.Builder
	for i := range 1_200 {
		fmt.Fprintf(&text, "10.0.%d.%d\n", i/256, i%256)
	}
	parts := 0
	_, err := s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessImport{Text: text.String(), Progress: func(done, of int64) error {
		if parts++; of != 1_200 {
			s.Errorf("%d of %d", done, of)
		}
		return latchkey.Fail(latchkey.CodeCanceled)
	}})
	s.refused(err, latchkey.CodeCanceled)
	if n := len(s.entries(latchkey.Blacklist)); n != 500 || parts != 1 {
		s.Errorf("%d entries after %d parts", n, parts)
	}
	got, err := s.Service.ImportAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessImport{Text: text.String()})
	s.must(err)
	if got.Imported != 700 || got.Existing != 500 {
		s.Errorf("gone on with: %+v", got)
	}
}

// importRange lists the first n addresses of 10.0.0.0/16.
func (s *scene) importRange(list latchkey.AccessList, n int) {
	s.Helper()
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "10.0.%d.%d\n", i/256, i%256)
	}
	_, err := s.Service.ImportAccess(s.Ctx(), s.app.ID, list, service.AccessImport{Text: text.String()})
	s.must(err)
}
