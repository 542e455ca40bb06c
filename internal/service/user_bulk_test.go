package service_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestBulkActionsOnUsers(t *testing.T) {
	tell(t, []story{
		{"a dry run tells what would be changed, and changes nothing", dryUsers},
		{"who hangs up stops it; the same call goes on and gives nothing twice", hangUpUsers},
		{"users who come later are not touched", laterUsers},
		{"ids are done once, all or nothing", namedUsers},
		{"a filter means whom the list shows by it", filteredUsers},
	})
}

// crowd makes n users with 30 days each.
func (s *scene) crowd(n int) {
	s.Helper()
	for i := range n {
		s.user(fmt.Sprintf("user %d", i), "secret")
	}
}

// lefts counts the users by how many days they have left.
func (s *scene) lefts() map[int]int {
	s.Helper()
	days := map[int]int{}
	for _, u := range s.users() {
		days[int(s.left(u.ID)/(24*time.Hour))]++
	}
	return days
}

var everybody = service.UserSelection{All: true}

func (s *scene) give(sel service.UserSelection, call service.BulkCall) (service.BulkChange, error) {
	s.Helper()
	return s.Service.ChangeTime(s.Ctx(), s.app.ID, sel, service.TimeChange{Duration: s.length("1d")}, call)
}

func dryUsers(s *scene) {
	s.inChunks(10) // two users at a time
	s.crowd(5)
	_, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: "holds nothing"})
	s.must(err)
	for _, name := range []string{"user 1", "user 3"} {
		_, err := s.login(name, "secret", machine)
		s.must(err)
	}
	for _, step := range []struct {
		what string
		do   func(call service.BulkCall) (service.BulkChange, error)
		want service.Change
		left int64
	}{
		{"time", func(call service.BulkCall) (service.BulkChange, error) { return s.give(everybody, call) }, service.Change{Matched: 6, Changed: 5}, 6},
		{"time of one subscription", func(call service.BulkCall) (service.BulkChange, error) {
			return s.Service.ChangeTime(s.Ctx(), s.app.ID, service.UserSelection{All: true, Active: true},
				service.TimeChange{SubscriptionID: s.tier().ID, Duration: s.length("1h"), Subtract: true}, call)
		}, service.Change{Matched: 5, Changed: 5}, 6},
		{"devices", func(call service.BulkCall) (service.BulkChange, error) {
			return s.Service.ResetDevices(s.Ctx(), s.app.ID, everybody, call)
		}, service.Change{Matched: 6, Changed: 2}, 6},
		{"deletion", func(call service.BulkCall) (service.BulkChange, error) {
			return s.Service.DeleteUsers(s.Ctx(), s.app.ID, service.UserSelection{All: true, Active: true}, call)
		}, service.Change{Matched: 5, Changed: 5}, 1},
	} {
		before := s.state(s.Ctx(), s.app.ID)
		dry, err := step.do(service.BulkCall{DryRun: true})
		s.must(err)
		s.same("a dry run changes nothing", before, s.state(s.Ctx(), s.app.ID))
		did, err := step.do(service.BulkCall{})
		s.must(err)
		s.same(step.what, step.want, did.Change)
		dry.DryRun, did.Job = false, ""
		s.same("dry and real runs of "+step.what, dry, did)
		if did.After.Users != step.left || s.stats().Users != step.left {
			s.Errorf("%s: %d users are left, counted %d", step.what, did.After.Users, s.stats().Users)
		}
	}
	for _, dry := range []bool{true, false} {
		_, err = s.Service.ChangeTime(s.Ctx(), s.app.ID, everybody, service.TimeChange{SubscriptionID: "sub_none", Duration: s.length("1d")}, service.BulkCall{DryRun: dry})
		s.refused(err, latchkey.CodeSubscriptionNotFound)
	}
}

func hangUpUsers(s *scene) {
	s.inChunks(10)
	s.crowd(5)
	_, err := s.give(everybody, service.BulkCall{Repeat: "gift", Progress: interrupt(2)})
	if !errors.Is(err, errGone) {
		s.Errorf("the call ends with %v", err)
	}
	s.same("days left", map[int]int{31: 2, 30: 3}, s.lefts())
	did, err := s.give(everybody, service.BulkCall{Repeat: "gift"})
	s.must(err)
	s.same("counts", service.Change{Matched: 5, Changed: 5}, did.Change)
	again, err := s.give(everybody, service.BulkCall{Repeat: "gift"})
	s.must(err)
	did.Replayed = true
	s.same("the answer again", did, again)
	s.same("days left", map[int]int{31: 5}, s.lefts())
	_, err = s.Service.DeleteUsers(s.Ctx(), s.app.ID, everybody, service.BulkCall{Repeat: "gift"})
	s.refused(err, latchkey.CodeRepeatDiffers)
	page, err := s.Service.ListAuditEvents(s.Ctx(), s.app.ID, service.AuditFilter{Page: service.Page{Limit: 1}})
	s.must(err)
	s.same("the event", map[string]any{"all": true, "duration": "1d", "subscription": "", "subtract": false, "matched": 5.0, "changed": 5.0, "complete": true},
		page.Items[0].Details)
}

func laterUsers(s *scene) {
	s.inChunks(5) // one user at a time
	s.crowd(2)
	s.Clock.Advance(time.Second)
	chunks := 0
	did, err := s.give(everybody, service.BulkCall{Progress: func(_, _ int64) error {
		chunks++
		s.Clock.Advance(time.Second)
		s.user(fmt.Sprintf("later %d", chunks), "secret")
		return nil
	}})
	s.must(err)
	s.same("counts", service.Change{Matched: 2, Changed: 2}, did.Change)
	for _, u := range s.users() {
		if expires := u.Holdings[0].ExpiresAt.Sub(u.CreatedAt); strings.HasPrefix(u.Name, "later") != (expires == 30*24*time.Hour) {
			s.Errorf("%s has got %v", u.Name, expires)
		}
	}
}

func namedUsers(s *scene) {
	s.inChunks(5)
	s.crowd(3)
	var ids []string
	for _, u := range s.users()[:2] {
		ids = append(ids, u.ID)
	}
	sel := service.UserSelection{IDs: append(ids, "usr_none")}
	first, err := s.give(sel, service.BulkCall{Repeat: "gift"})
	s.must(err)
	again, err := s.give(sel, service.BulkCall{Repeat: "gift"})
	s.must(err)
	first.Replayed = true
	s.same("the answer again", first, again)
	s.same("counts", service.Change{Matched: 2, Changed: 2}, first.Change)
	s.same("days left", map[int]int{31: 2, 30: 1}, s.lefts())
}

func filteredUsers(s *scene) {
	s.inChunks(10) // two users at a time
	s.crowd(7)
	banned := s.user("banned", "secret")
	_, err := s.Service.BanUser(s.Ctx(), s.app.ID, banned.ID, service.UserBan{})
	s.must(err)
	_, err = s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: "user without"})
	s.must(err)
	for _, tt := range []struct {
		rule   string
		filter service.UserFilter
		want   int64
	}{
		{"a search", service.UserFilter{Search: "user "}, 8},
		{"a state", service.UserFilter{Banned: point(true)}, 1},
		{"a subscription", service.UserFilter{SubscriptionID: s.tier().ID}, 8},
		{"several", service.UserFilter{Search: "user ", SubscriptionID: s.tier().ID, Banned: point(false)}, 7},
		{"those with time", service.UserFilter{Time: latchkey.TimeLeft}, 8},
		{"those of a subscription with time", service.UserFilter{Time: latchkey.TimeLeft, SubscriptionID: s.tier().ID, Search: "user "}, 7},
		{"whose time ends by then", service.UserFilter{ExpiresBefore: s.Clock.Now().AddDate(0, 12, 0)}, 8},
		{"whose time ends later", service.UserFilter{ExpiresAfter: s.Clock.Now().AddDate(0, 12, 0)}, 0},
		{"whose time is over", service.UserFilter{Time: latchkey.TimeOver}, 0},
		{"who hold nothing", service.UserFilter{Time: latchkey.TimeNone}, 1},
		{"what nobody has", service.UserFilter{Search: "nobody"}, 0},
	} {
		sel := service.UserSelection{Filter: &tt.filter}
		for _, dry := range []bool{true, false} {
			got, err := s.give(sel, service.BulkCall{DryRun: dry})
			if s.must(err); got.Matched != tt.want {
				s.Errorf("%s, %v: %d users, want %d", tt.rule, dry, got.Matched, tt.want)
			}
		}
	}
	// Who is banned no longer matches, and everyone has had their turn once.
	got, err := s.Service.BanUsers(s.Ctx(), s.app.ID, service.UserSelection{Filter: &service.UserFilter{Banned: point(false)}}, service.UserBan{}, service.BulkCall{})
	if s.must(err); got.Changed != 8 || got.After.UsersBanned != 9 {
		s.Errorf("%+v", got)
	}
	for _, sel := range []service.UserSelection{{Filter: &service.UserFilter{}}, {All: true, Filter: &service.UserFilter{Search: "user"}},
		{IDs: []string{banned.ID}, Filter: &service.UserFilter{Search: "user"}}, {Filter: &service.UserFilter{Search: "us"}}} {
		_, err := s.give(sel, service.BulkCall{})
		s.refused(err, latchkey.CodeInvalid)
	}
}
