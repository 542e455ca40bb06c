package service_test

import (
	"crypto/rand"
	"log/slog"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func bothCases() latchkey.Charset { return latchkey.Charset{Lowercase: true, Uppercase: true} }

func TestLicenseCreation(t *testing.T) {
	tell(t, []story{
		{"one call makes the amount, unused and as ordered", orderedLicenses},
		{"keys follow the mask and its letters", maskedKeys},
		{"a mask below the app's floor is refused until the owner lowers it", strengthFloor},
		{"a custom key is confirmed and made alone", customKey},
		{"a key exists once in an app, and may exist in another", customKeyCollision},
		{"a batch in which a key collides leaves nothing", batchCollision},
		{"a batch whose keys collide once is made anew", batchMadeAnew},
		{"an order out of bounds makes nothing", ordersOutOfBounds},
	})
}

func orderedLicenses(s *scene) {
	got, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 3, Charset: bothCases(), Level: 7,
		Duration: s.length("5w"), Note: "for Berlin"})
	s.must(err)
	want := latchkey.License{AppID: s.app.ID, Level: 7, Duration: latchkey.Duration{Amount: 5, Unit: latchkey.UnitWeek}, Note: "for Berlin",
		Status: latchkey.LicenseNotUsed, CreatedAt: s.Clock.Now(), CreatedBy: s.Owner.Account.ID, UpdatedAt: s.Clock.Now()}
	if diff := cmp.Diff([]latchkey.License{want, want, want}, got, cmpopts.IgnoreFields(latchkey.License{}, "ID", "Key")); diff != "" {
		s.Errorf("licenses (-want +got):\n%s", diff)
	}
	keys := map[latchkey.Secret]bool{}
	for _, l := range got {
		keys[l.Key] = true
		stored, err := s.Service.License(s.Ctx(), s.app.ID, l.ID)
		s.must(err)
		if diff := cmp.Diff(l, stored.License); diff != "" {
			s.Errorf("stored license (-made +stored):\n%s", diff)
		}
	}
	if len(keys) != 3 {
		s.Errorf("%d different keys, want 3", len(keys))
	}
}

func maskedKeys(s *scene) {
	for _, tt := range []struct {
		mask    string
		set     latchkey.Charset
		pattern string
	}{
		{"", bothCases(), `^([0-9A-Za-z]{6}-){5}[0-9A-Za-z]{6}$`},
		{"PRO-****************", latchkey.Charset{Uppercase: true}, `^PRO-[0-9A-Z]{16}$`},
		{"*************", latchkey.Charset{Lowercase: true}, `^[0-9a-z]{13}$`},
		{"ключ-************", bothCases(), `^ключ-[0-9A-Za-z]{12}$`},
	} {
		list, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 20, Mask: tt.mask, Charset: tt.set, Level: 1, Duration: latchkey.Lifetime()})
		s.must(err)
		for _, l := range list {
			if !regexp.MustCompile(tt.pattern).MatchString(l.Key.Reveal()) {
				s.Errorf("mask %q gave %q", tt.mask, l.Key.Reveal())
			}
		}
	}
}

func strengthFloor(s *scene) {
	order := service.NewLicenses{Amount: 1, Mask: "**********", Charset: bothCases(), Level: 1, Duration: latchkey.Lifetime()} // 59.5 bits
	_, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, order)
	s.refused(err, latchkey.CodeLicenseWeak)
	if err != nil && (!strings.Contains(err.Error(), "59.5 bits") || !strings.Contains(err.Error(), "Add 1 more")) {
		s.Errorf("the refusal says neither what the mask has nor what it lacks: %v", err)
	}
	_, err = s.Service.UpdateApp(s.Ctx(), s.app.ID, service.AppEdit{MinKeyBits: point(int64(39))})
	s.refused(err, latchkey.CodeInvalid)
	s.edit(service.AppEdit{MinKeyBits: point(int64(40))})
	if diff := cmp.Diff("app.update", s.actions()[0]); diff != "" {
		s.Errorf("lowering the floor is in the audit log (-want +got):\n%s", diff)
	}
	_, err = s.Service.CreateLicenses(s.Ctx(), s.app.ID, order)
	s.must(err)
	order.Mask = "******" // 35.7 bits
	_, err = s.Service.CreateLicenses(s.Ctx(), s.app.ID, order)
	s.refused(err, latchkey.CodeLicenseWeak)
}

func customKey(s *scene) {
	order := service.NewLicenses{Amount: 1, Mask: "friends-of-the-house", Charset: bothCases(), Level: 1, Duration: latchkey.Lifetime()}
	_, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, order)
	s.refused(err, latchkey.CodeLicenseCustom)
	order.CustomKey, order.Amount = true, 2
	_, err = s.Service.CreateLicenses(s.Ctx(), s.app.ID, order)
	s.refused(err, latchkey.CodeLicenseCustom)
	order.Amount = 1
	list, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, order)
	s.must(err)
	if got := list[0].Key.Reveal(); got != "friends-of-the-house" {
		s.Errorf("key %q", got)
	}
	log, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: 1}})
	s.must(err)
	want := map[string]any{"amount": 1.0, "level": 1.0, "duration": "lifetime", "custom_key": true, "bits": 0.0}
	if diff := cmp.Diff(want, log.Items[0].Details); diff != "" {
		s.Errorf("the confirmation is in the audit log (-want +got):\n%s", diff)
	}
}

func customKeyCollision(s *scene) {
	order := service.NewLicenses{Amount: 1, Mask: "THE-ONE-AND-ONLY", Charset: bothCases(), Level: 1, Duration: latchkey.Lifetime(), CustomKey: true}
	_, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, order)
	s.must(err)
	_, err = s.Service.CreateLicenses(s.Ctx(), s.app.ID, order)
	s.refused(err, latchkey.CodeLicenseExists)
	if n := len(s.licenses()); n != 1 {
		s.Errorf("%d licenses, want 1", n)
	}
	order.Mask = "the-one-and-only"
	_, err = s.Service.CreateLicenses(s.Ctx(), s.app.ID, order)
	s.must(err) // keys are compared exactly
	order.Mask = "THE-ONE-AND-ONLY"
	_, err = s.Service.CreateLicenses(s.Ctx(), s.App("another app").ID, order)
	s.must(err)
}

// stuckRandom gives the same bytes for the first stuck keys, and real
// randomness for later keys and for everything else.
type stuckRandom struct{ stuck int }

func (r *stuckRandom) Read(p []byte) (int, error) {
	const keyRead = 96 // what a mask asks for at a time
	if len(p) == keyRead && r.stuck > 0 {
		r.stuck--
		clear(p)
		return len(p), nil
	}
	return rand.Read(p)
}

func batchCollision(s *scene) {
	events := len(s.actions())
	stuck := beside(s, s.Env, &stuckRandom{stuck: math.MaxInt}, slog.New(slog.DiscardHandler))
	_, err := stuck.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 2, Mask: "****************", Charset: bothCases(), Level: 1, Duration: latchkey.Lifetime()})
	s.refused(err, latchkey.CodeLicenseExists)
	if n := len(s.licenses()); n != 0 {
		s.Errorf("%d licenses are left of the batch, want none", n)
	}
	if n := len(s.actions()); n != events {
		s.Errorf("the audit log tells of %d events that never were", n-events)
	}
}

func batchMadeAnew(s *scene) {
	stuck := beside(s, s.Env, &stuckRandom{stuck: 2}, slog.New(slog.DiscardHandler))
	list, err := stuck.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 4, Mask: "****************", Charset: bothCases(), Level: 1, Duration: latchkey.Lifetime()})
	s.must(err)
	if len(list) != 4 || len(s.licenses()) != 4 {
		s.Errorf("%d licenses made, %d stored, want 4", len(list), len(s.licenses()))
	}
}

func ordersOutOfBounds(s *scene) {
	good := service.NewLicenses{Amount: 1, Charset: bothCases(), Level: 1, Duration: latchkey.Lifetime()}
	for _, tt := range []struct {
		what  string
		field string
		spoil func(in *service.NewLicenses)
	}{
		{"no license", "amount", func(in *service.NewLicenses) { in.Amount = 0 }},
		{"less than none", "amount", func(in *service.NewLicenses) { in.Amount = -1 }},
		{"fewer than there are numbers", "amount", func(in *service.NewLicenses) { in.Amount = math.MinInt64 }},
		{"more than the operator's cap", "amount", func(in *service.NewLicenses) { in.Amount = 100_001 }},
		{"more than there is memory", "amount", func(in *service.NewLicenses) { in.Amount = math.MaxInt64 }},
		{"level 0", "level", func(in *service.NewLicenses) { in.Level = 0 }},
		{"a level below 0", "level", func(in *service.NewLicenses) { in.Level = -1 }},
		{"a level too high", "level", func(in *service.NewLicenses) { in.Level = latchkey.MaxLevel + 1 }},
		{"a note too long", "note", func(in *service.NewLicenses) { in.Note = strings.Repeat("ä", latchkey.MaxNoteLength+1) }},
		{"a note with NUL", "note", func(in *service.NewLicenses) { in.Note = "a\x00b" }},
		{"a note that is no text", "note", func(in *service.NewLicenses) { in.Note = "\xff" }},
		{"no duration", "duration", func(in *service.NewLicenses) { in.Duration = latchkey.Duration{} }},
		{"a key too long", "mask", func(in *service.NewLicenses) { in.Mask = strings.Repeat("*", latchkey.MaxKeyLength+1) }},
		{"a mask with a line break", "mask", func(in *service.NewLicenses) { in.Mask = "****************\n****************" }},
		{"white space that nobody could enter", "mask", func(in *service.NewLicenses) { in.Mask = "**************** " }},
		{"no letters", "lowercase", func(in *service.NewLicenses) { in.Charset = latchkey.Charset{} }},
	} {
		s.Run(tt.what, func(t *testing.T) {
			in := good
			tt.spoil(&in)
			_, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, in)
			got, _ := err.(*latchkey.Error)
			if latchkey.CodeOf(err) != latchkey.CodeInvalid || got.Field != tt.field {
				t.Errorf("answered %v, want a refusal of the field %s", err, tt.field)
			}
		})
	}
	if n := len(s.licenses()); n != 0 {
		s.Errorf("%d licenses were made", n)
	}
	longest := good
	longest.Note, longest.Level = strings.Repeat("ä", latchkey.MaxNoteLength), latchkey.MaxLevel
	longest.Mask = strings.Repeat("*", latchkey.MaxKeyLength)
	_, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, longest)
	s.must(err)
}
