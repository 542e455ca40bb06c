package service_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestSubscriptions(t *testing.T) {
	tell(t, []story{
		{"a new app has the subscription default of level 1", defaultTier},
		{"a name is one in its app, and a level may be shared", tierNames},
		{"a rename or a new level reaches holders and later redemptions", editTier},
		{"a subscription that users hold is taken away only if confirmed", deleteTier},
		{"holders are counted by whether their time is over", holderCounts},
		{"a user is given a subscription, more time on it, and loses it", userTiers},
	})
}

func defaultTier(s *scene) {
	list, err := s.Service.ListSubscriptions(s.Ctx(), s.App("new").ID, service.Page{})
	s.must(err)
	if len(list.Items) != 1 || list.Items[0].Name != "default" || list.Items[0].Level != 1 || list.Items[0].Holders != 0 {
		s.Errorf("a new app has %+v", list.Items)
	}
}

func tierNames(s *scene) {
	gold, err := s.Service.CreateSubscription(s.Ctx(), s.app.ID, "gold", 1)
	s.must(err)
	_, err = s.Service.CreateSubscription(s.Ctx(), s.app.ID, "gold", 2)
	s.refused(err, latchkey.CodeSubscriptionExists)
	_, err = s.Service.UpdateSubscription(s.Ctx(), s.app.ID, gold.ID, point("default"), nil)
	s.refused(err, latchkey.CodeSubscriptionExists)
	for _, name := range []string{"", " gold", "go\nld", strings.Repeat("x", 71), "\xff"} {
		_, err = s.Service.CreateSubscription(s.Ctx(), s.app.ID, name, 1)
		s.refused(err, latchkey.CodeInvalid)
		_, err = s.Service.UpdateSubscription(s.Ctx(), s.app.ID, gold.ID, &name, point(int64(5)))
		s.refused(err, latchkey.CodeInvalid)
	}
	for _, level := range []int64{0, -1, latchkey.MaxLevel + 1} {
		_, err = s.Service.CreateSubscription(s.Ctx(), s.app.ID, "silver", level)
		s.refused(err, latchkey.CodeInvalid)
		_, err = s.Service.UpdateSubscription(s.Ctx(), s.app.ID, gold.ID, point("renamed"), &level)
		s.refused(err, latchkey.CodeInvalid)
	}
	after, err := s.Service.Subscription(s.Ctx(), s.app.ID, gold.ID)
	s.must(err)
	if diff := cmp.Diff(gold, after); diff != "" {
		s.Errorf("refused edits changed it (-before +after):\n%s", diff)
	}
	_, err = s.Service.Subscription(s.Ctx(), s.app.ID, "sub_none")
	s.refused(err, latchkey.CodeSubscriptionNotFound)
	_, err = s.Service.CreateSubscription(s.Ctx(), s.App("elsewhere").ID, "gold", 1)
	s.must(err)
}

func editTier(s *scene) {
	ann := s.user("ann", "secret")
	key := s.key("1d")
	_, err := s.Service.UpdateSubscription(s.Ctx(), s.app.ID, s.tier().ID, point("gold"), point(int64(3)))
	s.must(err)
	if h := s.found(ann.ID).Holdings[0]; h.Name != "gold" || h.Level != 3 {
		s.Errorf("ann holds %s of level %d", h.Name, h.Level)
	}
	_, err = s.license(key, machine)
	s.refused(err, latchkey.CodeSubscriptionNoLevel)
	_, err = s.license(s.keyOf(3, "1d").Key.Reveal(), machine)
	s.must(err)
}

func deleteTier(s *scene) {
	ann := s.user("ann", "secret")
	ses, err := s.login("ann", "secret", machine)
	s.must(err)
	key := s.key("1d")
	err = s.Service.DeleteSubscription(s.Ctx(), s.app.ID, s.tier().ID, false)
	s.refused(err, latchkey.CodeSubscriptionInUse)
	if err != nil && !strings.Contains(err.Error(), "1 users hold") {
		s.Errorf("the refusal does not say how many hold it: %v", err)
	}
	s.must(s.call(ses))
	s.must(s.Service.DeleteSubscription(s.Ctx(), s.app.ID, s.tier().ID, true))
	s.refused(s.call(ses), latchkey.CodeSubscriptionExpired)
	if h := s.found(ann.ID).Holdings; len(h) != 0 {
		s.Errorf("ann still holds %+v", h)
	}
	_, err = s.license(key, otherMachine)
	s.refused(err, latchkey.CodeSubscriptionNoLevel)
	unheld, err := s.Service.CreateSubscription(s.Ctx(), s.app.ID, "unheld", 5)
	s.must(err)
	s.must(s.Service.DeleteSubscription(s.Ctx(), s.app.ID, unheld.ID, false))
	s.refused(s.Service.DeleteSubscription(s.Ctx(), s.app.ID, unheld.ID, true), latchkey.CodeSubscriptionNotFound)
}

func holderCounts(s *scene) {
	count := func(holders, active int64) {
		s.Helper()
		view := s.tier()
		if got, want := [3]int64{view.Holders, view.Active, view.Expired}, [3]int64{holders, active, holders - active}; got != want {
			s.Errorf("holders, active, expired: %v, want %v", got, want)
		}
	}
	count(0, 0)
	for i := range 3 {
		_, err := s.license(s.key(fmt.Sprintf("%dd", i+1)), machine)
		s.must(err)
	}
	_, err := s.license(s.key("lifetime"), machine)
	s.must(err)
	count(4, 4)
	s.Clock.Advance(day)
	count(4, 3)
	_, err = s.Service.PauseSubscription(s.Ctx(), s.app.ID, s.tier().ID)
	s.must(err)
	s.Clock.Advance(100 * day)
	count(4, 3) // their time stands still
	_, err = s.Service.ResumeSubscription(s.Ctx(), s.app.ID, s.tier().ID)
	s.must(err)
	s.Clock.Advance(2 * day)
	count(4, 1)
}

func userTiers(s *scene) {
	ann, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: "ann", Password: "secret", HWIDAffected: true})
	s.must(err)
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeSubscriptionExpired)
	tier := s.tier().ID
	add := func(length latchkey.Duration) (service.UserView, error) {
		return s.Service.AddUserSubscription(s.Ctx(), s.app.ID, ann.ID, tier, length)
	}
	_, err = add(s.length("5d"))
	s.must(err)
	_, err = add(s.length("5d"))
	s.must(err)
	s.wantLeft(ann.ID, 10*day)
	s.Clock.Advance(20 * day) // from now on, not from the old expiry
	got, err := add(s.length("1w"))
	s.must(err)
	s.wantLeft(ann.ID, 7*day)
	if len(got.Holdings) != 1 || got.Holdings[0].LicenseID != "" {
		s.Errorf("ann holds %+v, want one holding from no license", got.Holdings)
	}
	_, err = add(latchkey.Duration{})
	s.refused(err, latchkey.CodeInvalid)
	_, err = s.Service.AddUserSubscription(s.Ctx(), s.app.ID, ann.ID, "sub_none", s.length("1d"))
	s.refused(err, latchkey.CodeSubscriptionNotFound)
	_, err = s.Service.AddUserSubscription(s.Ctx(), s.app.ID, "usr_none", tier, s.length("1d"))
	s.refused(err, latchkey.CodeUserNotFound)
	for range 3 { // no sum leaves the range of times
		_, err = add(s.length("100y"))
		s.must(err)
	}
	if h, want := s.found(ann.ID).Holdings[0], s.Clock.Now().Add(7*day).AddDate(300, 0, 0); !h.ExpiresAt.Equal(want) {
		s.Errorf("300 years and a week end %s, want %s", h.ExpiresAt, want)
	}
	_, err = s.Service.RemoveUserSubscription(s.Ctx(), s.app.ID, ann.ID, tier)
	s.must(err)
	_, err = s.Service.RemoveUserSubscription(s.Ctx(), s.app.ID, ann.ID, tier)
	s.refused(err, latchkey.CodeSubscriptionNotHeld)
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodeSubscriptionExpired)
}
