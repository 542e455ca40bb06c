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

func TestUserVariables(t *testing.T) {
	tell(t, []story{
		{"a program keeps what its user sets, for this user alone", programSetsVariables},
		{"what the seller made read-only stays as it is", readOnlyVariables},
		{"the seller sets, changes and deletes them, and the audit log tells no value", sellerSetsVariables},
		{"a user has a hundred at most, however many are set at once", userVariableQuota},
		{"one user sets 120 a minute", userVariableLimit},
		{"they go with their user", variablesGoWithUser},
		{"one is set or deleted for all users", variablesOfAll},
		{"a call that is repeated does nothing twice, and asks for the same value", variablesRepeated},
	})
}

func (s *scene) sets(ses *service.ClientSession, name, value string) error {
	return s.Service.ClientSetUserVariable(outside(), s.client(), ses, name, latchkey.Secret(value))
}

func (s *scene) gets(ses *service.ClientSession, name string) (string, error) {
	value, err := s.Service.ClientUserVariable(outside(), s.client(), ses, name)
	return value.Reveal(), err
}

// ofUser are a user's variables as "name=value".
func (s *scene) ofUser(id string) []string {
	s.Helper()
	out := []string{}
	for p := (service.Page{Limit: 3}); ; {
		list, err := s.Service.ListUserVariables(s.Ctx(), s.app.ID, id, p)
		s.must(err)
		for _, v := range list.Items {
			out = append(out, v.Name+"="+v.Value.Reveal())
		}
		if p.Cursor = list.Next; p.Cursor == "" {
			return out
		}
	}
}

func programSetsVariables(s *scene) {
	anns, err := s.register("ann", "secret", s.key("1d"), machine)
	s.must(err)
	bobs, err := s.register("bob", "secret", s.key("1d"), otherMachine)
	s.must(err)
	nobody := s.start()
	s.refused(s.sets(nobody, "theme", "dark"), latchkey.CodeSessionNotSignedIn)
	s.refused(drop(s.gets(nobody, "theme")), latchkey.CodeSessionNotSignedIn)
	events := s.actions()
	for _, value := range []string{"dark", "light", "light", "", "{\"a\":\n1}", strings.Repeat("x", 4096)} {
		s.must(s.sets(anns, "theme", value))
		got, err := s.gets(anns, "theme")
		s.must(err)
		if got != value {
			s.Errorf("%q was set, %q is there", value, got)
		}
	}
	s.refused(s.sets(anns, "theme", strings.Repeat("x", 4097)), latchkey.CodeInvalid)
	s.refused(s.sets(anns, "theme", "a\x00b"), latchkey.CodeInvalid)
	for _, name := range []string{"", "a\x00", "\xff", " theme", strings.Repeat("n", 71)} {
		s.refused(s.sets(anns, name, "x"), latchkey.CodeInvalid)
		s.refused(drop(s.gets(anns, name)), latchkey.CodeVariableNotFound)
	}
	s.refused(drop(s.gets(anns, "Theme")), latchkey.CodeVariableNotFound)
	s.refused(drop(s.gets(bobs, "theme")), latchkey.CodeVariableNotFound)
	if diff := cmp.Diff(events, s.actions()); diff != "" {
		s.Errorf("events of what customers do all day (-before +after):\n%s", diff)
	}
}

func readOnlyVariables(s *scene) {
	ses, err := s.register("ann", "secret", s.key("1d"), machine)
	s.must(err)
	ann := s.named("ann").ID
	v, err := s.Service.SetUserVariable(s.Ctx(), s.app.ID, ann, service.SetVariable{Name: "plan", Value: "gold", ReadOnly: true})
	s.must(err)
	for _, value := range []string{"platinum", "gold"} {
		s.refused(s.sets(ses, "plan", value), latchkey.CodeVariableReadOnly)
	}
	_, err = s.Service.UpdateUserVariable(s.Ctx(), s.app.ID, ann, v.ID, service.UserVariableEdit{ReadOnly: point(false)})
	s.must(err)
	s.must(s.sets(ses, "plan", "platinum"))
	if diff := cmp.Diff([]string{"plan=platinum"}, s.ofUser(ann)); diff != "" {
		s.Error(diff)
	}
}

func sellerSetsVariables(s *scene) {
	ann, bob := s.user("ann", "secret").ID, s.user("bob", "secret").ID
	v, err := s.Service.SetUserVariable(s.Ctx(), s.app.ID, ann, service.SetVariable{Name: "plan", Value: "canary value"})
	s.must(err)
	s.Clock.Advance(time.Second)
	again, err := s.Service.SetUserVariable(s.Ctx(), s.app.ID, ann, service.SetVariable{Name: "plan", Value: "another canary", ReadOnly: true})
	s.must(err)
	v.Value, v.ReadOnly, v.UpdatedAt = "another canary", true, s.Clock.Now()
	if diff := cmp.Diff(v, again); diff != "" {
		s.Errorf("(-want +got):\n%s", diff)
	}
	got, err := s.Service.UserVariable(s.Ctx(), s.app.ID, ann, v.ID)
	s.must(err)
	if diff := cmp.Diff(again, got); diff != "" || got.Value != "another canary" {
		s.Errorf("(-set +read):\n%s", diff)
	}
	_, err = s.Service.SetUserVariable(s.Ctx(), s.app.ID, ann, service.SetVariable{Name: "a", Value: "1"})
	s.must(err)
	if diff := cmp.Diff([]string{"a=1", "plan=another canary"}, s.ofUser(ann)); diff != "" {
		s.Error(diff)
	}
	// Another user's is not found, whoever has it.
	_, err = s.Service.UserVariable(s.Ctx(), s.app.ID, bob, v.ID)
	s.refused(err, latchkey.CodeVariableNotFound)
	_, err = s.Service.UpdateUserVariable(s.Ctx(), s.app.ID, bob, v.ID, service.UserVariableEdit{Value: point(latchkey.Secret("x"))})
	s.refused(err, latchkey.CodeVariableNotFound)
	s.refused(s.Service.DeleteUserVariable(s.Ctx(), s.app.ID, bob, v.ID), latchkey.CodeVariableNotFound)
	_, err = s.Service.UpdateUserVariable(s.Ctx(), s.app.ID, ann, v.ID, service.UserVariableEdit{Value: point(latchkey.Secret(strings.Repeat("x", 4097)))})
	s.refused(err, latchkey.CodeInvalid)
	s.must(s.Service.DeleteUserVariable(s.Ctx(), s.app.ID, ann, v.ID))
	if diff := cmp.Diff([]string{"a=1"}, s.ofUser(ann)); diff != "" {
		s.Error(diff)
	}
	if diff := cmp.Diff([]string{"user.delete_variable", "user.set_variable", "user.set_variable", "user.set_variable"}, s.newest(s.Ctx(), s.app.ID, 4)); diff != "" {
		s.Error(diff)
	}
	if strings.Contains(s.events(s.app.ID), "canary") {
		s.Error("the audit log tells a value")
	}
}

func userVariableQuota(s *scene) {
	ses, err := s.register("ann", "secret", s.key("1d"), machine)
	s.must(err)
	ann := s.named("ann").ID
	for n := range latchkey.MaxUserVariables - 3 {
		s.must(s.sets(ses, fmt.Sprint(n), "x"))
	}
	// Half of them by the program, half by the seller.
	errs := together(10, func(i int) error {
		name := fmt.Sprint("contender ", i)
		if i%2 == 0 {
			return s.sets(ses, name, "x")
		}
		return drop(s.Service.SetUserVariable(s.Ctx(), s.app.ID, ann, service.SetVariable{Name: name, Value: "x"}))
	})
	if diff := cmp.Diff(map[latchkey.Code]int{"": 3, latchkey.CodeVariableQuota: 7}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
	if n := len(s.ofUser(ann)); n != latchkey.MaxUserVariables {
		s.Errorf("%d variables", n)
	}
	s.must(s.sets(ses, "0", "y")) // which is there
	// One name that all set at once is one variable.
	list, err := s.Service.ListUserVariables(s.Ctx(), s.app.ID, ann, service.Page{})
	s.must(err)
	s.must(s.Service.DeleteUserVariable(s.Ctx(), s.app.ID, ann, list.Items[0].ID))
	for _, err := range together(10, func(i int) error { return s.sets(ses, "same", fmt.Sprint(i)) }) {
		s.must(err)
	}
	if n := len(s.ofUser(ann)); n != latchkey.MaxUserVariables {
		s.Errorf("%d variables", n)
	}
}

func variablesGoWithUser(s *scene) {
	ann := s.user("ann", "secret").ID
	_, err := s.Service.SetUserVariable(s.Ctx(), s.app.ID, ann, service.SetVariable{Name: "plan", Value: "gold"})
	s.must(err)
	s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, ann))
	_, err = s.Service.ListUserVariables(s.Ctx(), s.app.ID, ann, service.Page{})
	s.refused(err, latchkey.CodeUserNotFound)
	if again := s.ofUser(s.user("ann", "secret").ID); len(again) != 0 {
		s.Errorf("a user of the same name inherits %v", again)
	}
}

func variablesOfAll(s *scene) {
	s.inChunks(10) // two users at a time
	s.crowd(5)
	list := s.users()
	full, has := list[1].ID, list[3].ID
	for n := range latchkey.MaxUserVariables {
		_, err := s.Service.SetUserVariable(s.Ctx(), s.app.ID, full, service.SetVariable{Name: fmt.Sprint(n), Value: "x"})
		s.must(err)
	}
	in := service.SetVariable{Name: "plan", Value: "gold", ReadOnly: true}
	_, err := s.Service.SetUserVariable(s.Ctx(), s.app.ID, has, in)
	s.must(err)
	events := s.actions()
	for _, dry := range []bool{true, false} {
		got, err := s.Service.SetVariables(s.Ctx(), s.app.ID, everybody, in, service.BulkCall{DryRun: dry})
		s.must(err)
		want := service.BulkChange{Change: service.Change{Matched: 5, Changed: 3}, Skipped: map[latchkey.Code]int64{latchkey.CodeVariableQuota: 1},
			Before: got.Before, After: got.Before, DryRun: dry, Job: got.Job}
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("dry run %v (-want +got):\n%s", dry, diff)
		}
		if dry {
			if diff := cmp.Diff(events, s.actions()); diff != "" {
				s.Errorf("events of a dry run:\n%s", diff)
			}
		}
	}
	if diff := cmp.Diff([]string{"users.set_variable", "user.set_variable", "user.set_variable", "user.set_variable"}, s.newest(s.Ctx(), s.app.ID, 4)); diff != "" {
		s.Error(diff)
	}
	for _, u := range list {
		if got := s.ofUser(u.ID); u.ID != full && !cmp.Equal(got, []string{"plan=gold"}) {
			s.Errorf("%s has %v", u.Name, got)
		}
	}
	for _, dry := range []bool{true, false} {
		got, err := s.Service.DeleteVariables(s.Ctx(), s.app.ID, everybody, "plan", service.BulkCall{DryRun: dry})
		s.must(err)
		if diff := cmp.Diff(service.Change{Matched: 5, Changed: 4}, got.Change); diff != "" {
			s.Errorf("dry run %v (-want +got):\n%s", dry, diff)
		}
	}
	if got := s.ofUser(has); len(got) != 0 {
		s.Errorf("there is still %v", got)
	}
	_, err = s.Service.SetVariables(s.Ctx(), s.app.ID, everybody, service.SetVariable{Name: ""}, service.BulkCall{})
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.Service.DeleteVariables(s.Ctx(), s.app.ID, everybody, "", service.BulkCall{})
	s.refused(err, latchkey.CodeInvalid)
}

func variablesRepeated(s *scene) {
	s.crowd(2)
	call := service.BulkCall{Repeat: "canary"}
	in := service.SetVariable{Name: "plan", Value: "gold"}
	first, err := s.Service.SetVariables(s.Ctx(), s.app.ID, everybody, in, call)
	s.must(err)
	again, err := s.Service.SetVariables(s.Ctx(), s.app.ID, everybody, in, call)
	s.must(err)
	first.Replayed = true
	if diff := cmp.Diff(first, again); diff != "" {
		s.Errorf("(-first +again):\n%s", diff)
	}
	in.Value = "iron" // as long as the other
	_, err = s.Service.SetVariables(s.Ctx(), s.app.ID, everybody, in, call)
	s.refused(err, latchkey.CodeRepeatDiffers)
}

func userVariableLimit(s *scene) {
	ann, bob := s.signedIn("30d"), s.signedIn("30d")
	codes := map[latchkey.Code]int{}
	for i := range 125 {
		codes[latchkey.CodeOf(s.sets(ann, "score", fmt.Sprint(i)))]++
	}
	if diff := cmp.Diff(map[latchkey.Code]int{"": 120, latchkey.CodeRateLimited: 5}, codes); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
	s.must(s.sets(bob, "score", "1"))
	s.Clock.Advance(500 * time.Millisecond)
	s.must(s.sets(ann, "score", "one more"))
}
