package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestUsers(t *testing.T) {
	tell(t, []story{
		{"a user made by hand is as ordered", orderedUser},
		{"an order out of bounds makes no user", badUserOrders},
		{"an edit is applied whole or not at all", editUsers},
		{"a ban has a reason and is lifted once", banUsers},
		{"users are found by name, its beginning, license key, address, ban and subscription", searchUsers},
		{"users are listed by name and by when their time ends", orderUsers},
		{"time is added and taken for a selection, and the counts say so", changeTime},
		{"a selection is deleted: ids, all, the active or the expired", deleteUsers},
		{"a selection names ids or all, and one narrowing", badUserSelections},
		{"a user of a recycled name inherits nothing", recycledUser},
		{"a license is redeemed for a user once, also when asked twice", redeemByHand},
	})
}

func orderedUser(s *scene) {
	got, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: "Ann", Password: "secret", Email: " Ann@Example.COM",
		SubscriptionID: s.tier().ID, Duration: s.length("30d"), HWIDAffected: true})
	s.must(err)
	now := s.Clock.Now()
	want := latchkey.User{AppID: s.app.ID, Name: "Ann", PasswordState: latchkey.PasswordSet, Email: "ann@example.com", HWIDAffected: true,
		AuthVersion: 1, CreatedAt: now, CreatedBy: s.Owner.Account.ID, UpdatedAt: now}
	if diff := cmp.Diff(want, got.User, cmpopts.IgnoreFields(latchkey.User{}, "ID", "PasswordHash")); diff != "" {
		s.Errorf("user (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(got.PasswordHash, "$argon2id$") {
		s.Error("the password is not hashed by Argon2id")
	}
	if len(got.Holdings) != 1 || !got.Holdings[0].ExpiresAt.Equal(now.Add(30*day)) || len(got.Devices) != 0 {
		s.Errorf("holds %+v, devices %+v", got.Holdings, got.Devices)
	}
	if diff := cmp.Diff(got, s.found(got.ID)); diff != "" {
		s.Errorf("stored user (-made +stored):\n%s", diff)
	}
}

func badUserOrders(s *scene) {
	s.edit(service.AppEdit{MinUsernameLength: point(int64(3))})
	tier := s.tier().ID
	for _, tt := range []struct {
		in   service.NewUser
		want latchkey.Code
	}{
		{service.NewUser{}, latchkey.CodeInvalid},
		{service.NewUser{Username: "an"}, latchkey.CodeUserNameShort},
		{service.NewUser{Username: " ann"}, latchkey.CodeInvalid},
		{service.NewUser{Username: "ann\x00"}, latchkey.CodeInvalid},
		{service.NewUser{Username: "ann", Email: "no address"}, latchkey.CodeInvalid},
		{service.NewUser{Username: "ann", Password: latchkey.Secret(strings.Repeat("x", 1_025))}, latchkey.CodeInvalid},
		{service.NewUser{Username: "ann", SubscriptionID: tier}, latchkey.CodeInvalid},
		{service.NewUser{Username: "ann", SubscriptionID: "sub_none", Duration: latchkey.Lifetime()}, latchkey.CodeSubscriptionNotFound},
	} {
		_, err := s.Service.CreateUser(s.Ctx(), s.app.ID, tt.in)
		s.refused(err, tt.want)
	}
	if n := len(s.users()); n != 0 {
		s.Errorf("%d users were made", n)
	}
}

func editUsers(s *scene) {
	ann := s.user("ann", "secret")
	edit := func(e service.UserEdit) (service.UserView, error) {
		return s.Service.UpdateUser(s.Ctx(), s.app.ID, ann.ID, e)
	}
	got, err := edit(service.UserEdit{Username: point("Anna"), Email: point("Anna@example.com"), HWIDAffected: point(false)})
	s.must(err)
	if got.Name != "Anna" || got.Email != "anna@example.com" || got.HWIDAffected {
		s.Errorf("edited to %+v", got.User)
	}
	for _, e := range []service.UserEdit{
		{Email: point("x@example.com"), Username: point("")},
		{Username: point("x"), Email: point("no address")},
		{Username: point("x"), Password: point(latchkey.Secret(""))},
		{Username: point("x"), Password: point(latchkey.Secret("both")), ClearPassword: true},
		{Username: point("x"), Password: point(latchkey.Secret(strings.Repeat("x", 1_025)))},
	} {
		_, err := edit(e)
		s.refused(err, latchkey.CodeInvalid)
	}
	if diff := cmp.Diff(got, s.found(ann.ID)); diff != "" {
		s.Errorf("refused edits changed the user (-before +after):\n%s", diff)
	}
	_, err = edit(service.UserEdit{Email: point(""), Password: point(latchkey.Secret("another"))})
	s.must(err)
	if got := s.found(ann.ID); got.Email != "" {
		s.Errorf("the address is %q still", got.Email)
	}
	_, err = s.login("anna", "secret", machine)
	s.refused(err, latchkey.CodePasswordWrong)
	_, err = s.login("anna", "another", machine)
	s.must(err)
	_, err = s.Service.UpdateUser(s.Ctx(), s.app.ID, "usr_none", service.UserEdit{})
	s.refused(err, latchkey.CodeUserNotFound)
}

func banUsers(s *scene) {
	ann := s.user("ann", "secret")
	_, err := s.Service.UnbanUser(s.Ctx(), s.app.ID, ann.ID)
	s.refused(err, latchkey.CodeUserNotBanned)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{Reason: strings.Repeat("x", latchkey.MaxReasonLength+1)})
	s.refused(err, latchkey.CodeInvalid)
	got, err := s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{Reason: "rude"})
	s.must(err)
	if got.BanReason != "rude" || !got.BannedAt.Equal(s.Clock.Now()) || got.BannedWith != "" {
		s.Errorf("banned for %q at %s with %q", got.BanReason, got.BannedAt, got.BannedWith)
	}
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{Reason: "again"})
	s.refused(err, latchkey.CodeUserBanned)
	if got := s.found(ann.ID); got.BanReason != "rude" {
		s.Errorf("the reason is %q now", got.BanReason)
	}
	_, err = s.Service.UnbanUser(s.Ctx(), s.app.ID, ann.ID)
	s.must(err)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, "usr_none", service.UserBan{})
	s.refused(err, latchkey.CodeUserNotFound)
}

// orderUsers lists users by name and by when their time ends.
func orderUsers(s *scene) {
	days := func(n int) latchkey.Duration { return s.length(fmt.Sprint(n, "d")) }
	create := func(name, subscription string, d latchkey.Duration) {
		_, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: name, SubscriptionID: subscription, Duration: d})
		s.must(err)
	}
	tier := s.tier().ID
	create("Bea", tier, days(3))
	create("adam", tier, days(1))
	create("cleo", "", latchkey.Duration{})
	create("Dora", tier, latchkey.Lifetime())
	create("emil", tier, days(2))
	s.Clock.Advance(36 * time.Hour) // adam's time is over
	for _, tt := range []struct {
		rule   string
		filter service.UserFilter
		want   string
	}{
		{"by name, whatever the case", service.UserFilter{Sort: "name"}, "[adam Bea cleo Dora emil]"},
		{"by name, downwards", service.UserFilter{Sort: "-name"}, "[emil Dora cleo Bea adam]"},
		{"whose time ends next come first", service.UserFilter{Time: latchkey.TimeLeft}, "[emil Bea Dora]"},
		{"or last", service.UserFilter{Time: latchkey.TimeLeft, Sort: "-ends"}, "[Dora Bea emil]"},
		{"whose time is over", service.UserFilter{Time: latchkey.TimeOver}, "[adam]"},
		{"who hold nothing", service.UserFilter{Time: latchkey.TimeNone}, "[cleo]"},
		{"who hold nothing, by name", service.UserFilter{Time: latchkey.TimeNone, Sort: "name"}, "[cleo]"},
		{"whose time ends within a day", service.UserFilter{ExpiresAfter: s.Clock.Now(), ExpiresBefore: s.Clock.Now().AddDate(0, 0, 1)}, "[emil]"},
		{"found by name, by their end", service.UserFilter{Search: "dor", ExpiresAfter: s.Clock.Now()}, "[Dora]"},
	} {
		var names []string
		f := tt.filter
		f.Limit = 2
		for {
			list, err := s.Service.ListUsers(s.Ctx(), s.app.ID, f)
			s.must(err)
			for _, u := range list.Items {
				names = append(names, u.Name)
			}
			if f.Cursor = list.Next; list.Next == "" {
				break
			}
		}
		s.same(tt.rule, tt.want, fmt.Sprint(names))
		f = tt.filter
		var exported []string
		x, err := s.Service.BeginUserExport(s.Ctx(), s.app.ID, f, "csv")
		s.must(err)
		s.must(x.Each(s.Ctx(), func(part []service.UserView) error {
			for _, u := range part {
				exported = append(exported, u.Name)
			}
			return nil
		}))
		s.must(x.End(s.Ctx(), int64(len(exported)), true))
		s.same(tt.rule+", exported", tt.want, fmt.Sprint(exported))
	}
	for _, f := range []service.UserFilter{{Sort: "ends"}, {Sort: "created", Time: latchkey.TimeLeft}, {Sort: "name", ExpiresAfter: s.Clock.Now()},
		{Sort: "email"}, {Time: "much"}, {Time: latchkey.TimeNone, ExpiresBefore: s.Clock.Now()}} {
		_, err := s.Service.ListUsers(s.Ctx(), s.app.ID, f)
		s.refused(err, latchkey.CodeInvalid)
	}
}

func searchUsers(s *scene) {
	gold, err := s.Service.CreateSubscription(s.Ctx(), s.app.ID, "gold", 2)
	s.must(err)
	s.user("Ann_Lee", "secret")
	anna := s.user("anna", "secret")
	_, err = s.Service.UpdateUser(s.Ctx(), s.app.ID, anna.ID, service.UserEdit{Email: point("anna@example.com")})
	s.must(err)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, anna.ID, service.UserBan{})
	s.must(err)
	umlaut := s.user("ÄNNE", "secret")
	_, err = s.Service.AddUserSubscription(s.Ctx(), s.app.ID, umlaut.ID, gold.ID, s.length("1d"))
	s.must(err)
	l := s.Licenses(s.app.ID, 1, "1d")[0]
	_, err = s.license(l.Key.Reveal(), machine)
	s.must(err)
	for _, tt := range []struct {
		rule   string
		filter service.UserFilter
		want   []string
	}{
		{"a name in another spelling", service.UserFilter{Search: "ANNA"}, []string{"anna"}},
		{"the beginning of names", service.UserFilter{Search: "an"}, []string{"Ann_Lee", "anna"}},
		{"an underscore is itself", service.UserFilter{Search: "ann_"}, []string{"Ann_Lee"}},
		{"a percent sign is itself", service.UserFilter{Search: "%"}, nil},
		{"the beginning of a name in another language", service.UserFilter{Search: "än"}, []string{"ÄNNE"}},
		{"a mail address", service.UserFilter{Search: "ANNA@example.com "}, []string{"anna"}},
		{"a license key", service.UserFilter{Search: l.Key.Reveal()}, []string{l.Key.Reveal()}},
		{"a license key's last four", service.UserFilter{Search: l.Key.Last4()}, []string{l.Key.Reveal()}},
		{"the beginning of a license key finds nothing", service.UserFilter{Search: l.Key.Reveal()[:10]}, nil},
		{"the banned", service.UserFilter{Banned: point(true)}, []string{"anna"}},
		{"the others", service.UserFilter{Banned: point(false), Search: "a"}, []string{"Ann_Lee"}},
		{"a subscription's holders", service.UserFilter{SubscriptionID: gold.ID}, []string{"ÄNNE"}},
	} {
		s.Run(tt.rule, func(t *testing.T) {
			list, err := s.Service.ListUsers(s.Ctx(), s.app.ID, tt.filter)
			s.must(err)
			var got []string
			for _, u := range list.Items {
				got = append(got, u.Name)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.SortSlices(strings.Compare)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func changeTime(s *scene) {
	gold, err := s.Service.CreateSubscription(s.Ctx(), s.app.ID, "gold", 2)
	s.must(err)
	ann, bob := s.user("ann", "secret"), s.user("bob", "secret")
	_, err = s.Service.AddUserSubscription(s.Ctx(), s.app.ID, bob.ID, gold.ID, latchkey.Lifetime())
	s.must(err)
	none, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: "none"})
	s.must(err)
	all := service.UserSelection{All: true}
	for _, tt := range []struct {
		what      string
		sel       service.UserSelection
		change    service.TimeChange
		want      service.Change
		ann, bobs time.Duration // left afterwards of the default subscription
	}{
		{"all, of everything they hold", all, service.TimeChange{Duration: s.length("2d")}, service.Change{Matched: 3, Changed: 2}, 32 * day, 32 * day},
		{"some, of one subscription", service.UserSelection{IDs: []string{ann.ID, none.ID, "usr_none"}},
			service.TimeChange{SubscriptionID: s.tier().ID, Duration: s.length("12h"), Subtract: true}, service.Change{Matched: 2, Changed: 1}, 31*day + 12*time.Hour, 32 * day},
		{"a subscription that is held for a lifetime", all, service.TimeChange{SubscriptionID: gold.ID, Duration: s.length("1d"), Subtract: true}, service.Change{Matched: 3}, 31*day + 12*time.Hour, 32 * day},
		{"more than there is", service.UserSelection{IDs: []string{ann.ID}}, service.TimeChange{Duration: s.length("1y"), Subtract: true}, service.Change{Matched: 1, Changed: 1}, 0, 32 * day},
		{"the active only", service.UserSelection{All: true, Active: true}, service.TimeChange{Duration: s.length("1d")}, service.Change{Matched: 1, Changed: 1}, 0, 33 * day},
		{"what has expired cannot be taken", service.UserSelection{IDs: []string{ann.ID}}, service.TimeChange{Duration: s.length("1d"), Subtract: true}, service.Change{Matched: 1}, 0, 33 * day},
		{"the expired only", service.UserSelection{All: true, Expired: true}, service.TimeChange{Duration: s.length("1h")}, service.Change{Matched: 1, Changed: 1}, time.Hour, 33 * day},
	} {
		got, err := s.Service.ChangeTime(s.Ctx(), s.app.ID, tt.sel, tt.change, service.BulkCall{})
		s.must(err)
		if diff := cmp.Diff(tt.want, got.Change); diff != "" {
			s.Errorf("%s (-want +got):\n%s", tt.what, diff)
		}
		for id, want := range map[string]time.Duration{ann.ID: tt.ann, bob.ID: tt.bobs} {
			for _, h := range s.found(id).Holdings {
				if !h.IsLifetime() && h.TimeLeft(s.Clock.Now()) != want {
					s.Errorf("%s: %s left of %s, want %s", tt.what, h.TimeLeft(s.Clock.Now()), h.Name, want)
				}
			}
		}
	}
	for _, tc := range []service.TimeChange{{}, {Duration: latchkey.Lifetime(), Subtract: true}} {
		_, err := s.Service.ChangeTime(s.Ctx(), s.app.ID, all, tc, service.BulkCall{})
		s.refused(err, latchkey.CodeInvalid)
	}
	_, err = s.Service.ChangeTime(s.Ctx(), s.app.ID, all, service.TimeChange{SubscriptionID: "sub_none", Duration: s.length("1d")}, service.BulkCall{})
	s.refused(err, latchkey.CodeSubscriptionNotFound)
	_, err = s.Service.ChangeTime(s.Ctx(), s.app.ID, service.UserSelection{IDs: []string{ann.ID}}, service.TimeChange{Duration: latchkey.Lifetime()}, service.BulkCall{})
	s.must(err)
	if !s.found(ann.ID).Holdings[0].IsLifetime() {
		s.Error("a lifetime that was added is none")
	}
}

func deleteUsers(s *scene) {
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		s.user(name, "secret")
	}
	_, err := s.Service.CreateUser(s.Ctx(), s.app.ID, service.NewUser{Username: "holds nothing"})
	s.must(err)
	_, err = s.Service.ChangeTime(s.Ctx(), s.app.ID, service.UserSelection{IDs: []string{s.named("b").ID, s.named("c").ID}},
		service.TimeChange{Duration: s.length("30d"), Subtract: true}, service.BulkCall{})
	s.must(err)
	for _, tt := range []struct {
		sel  service.UserSelection
		want int64
		left int
	}{
		{service.UserSelection{IDs: []string{s.named("a").ID, "usr_none"}}, 1, 5},
		{service.UserSelection{All: true, Expired: true}, 2, 3},
		{service.UserSelection{All: true, Active: true}, 2, 1},
		{service.UserSelection{All: true}, 1, 0},
		{service.UserSelection{All: true}, 0, 0},
	} {
		got, err := s.Service.DeleteUsers(s.Ctx(), s.app.ID, tt.sel, service.BulkCall{})
		s.must(err)
		if n := len(s.users()); got.Change != (service.Change{Matched: tt.want, Changed: tt.want}) || n != tt.left {
			s.Errorf("%+v: %+v, %d left; want %d deleted, %d left", tt.sel, got, n, tt.want, tt.left)
		}
	}
	s.refused(s.Service.DeleteUser(s.Ctx(), s.app.ID, "usr_none"), latchkey.CodeUserNotFound)
}

func badUserSelections(s *scene) {
	ann := s.user("ann", "secret")
	for _, sel := range []service.UserSelection{
		{},
		{IDs: []string{ann.ID}, All: true},
		{IDs: []string{ann.ID, ann.ID}},
		{IDs: []string{ann.ID}, Active: true},
		{IDs: []string{ann.ID}, Expired: true},
		{All: true, Active: true, Expired: true},
		{Expired: true},
		{IDs: make([]string, 1_001)},
	} {
		_, err := s.Service.DeleteUsers(s.Ctx(), s.app.ID, sel, service.BulkCall{})
		s.refused(err, latchkey.CodeInvalid)
		_, err = s.Service.ResetDevices(s.Ctx(), s.app.ID, sel, service.BulkCall{})
		s.refused(err, latchkey.CodeInvalid)
		_, err = s.Service.ChangeTime(s.Ctx(), s.app.ID, sel, service.TimeChange{Duration: s.length("1d")}, service.BulkCall{})
		s.refused(err, latchkey.CodeInvalid)
	}
	if diff := cmp.Diff(ann, s.found(ann.ID)); diff != "" {
		s.Errorf("the user has changed (-before +after):\n%s", diff)
	}
}

func recycledUser(s *scene) {
	key := s.key("30d")
	ses, err := s.register("ann", "secret", key, machine)
	s.must(err)
	old := s.named("ann")
	s.must(s.Service.DeleteUser(s.Ctx(), s.app.ID, old.ID))
	fresh := s.user("ann", "other")
	if fresh.ID == old.ID || len(fresh.Devices) != 0 || len(fresh.Holdings) != 1 || fresh.Holdings[0].LicenseID != "" || !fresh.LastSignInAt.IsZero() {
		s.Errorf("the new ann inherits %+v", fresh)
	}
	s.refused(s.call(ses), latchkey.CodeSessionNotFound)
	_, err = s.login("ann", "secret", machine)
	s.refused(err, latchkey.CodePasswordWrong)
	_, err = s.register("ann", "secret", key, machine) // no repetition of the other's registration
	s.refused(err, latchkey.CodeUserExists)
	history, err := s.Service.ListSignIns(s.Ctx(), s.app.ID, fresh.ID, service.Page{})
	s.must(err)
	if len(history.Items) != 0 {
		s.Errorf("the new ann's history has %d sign-ins", len(history.Items))
	}
	_, err = s.Service.ListSignIns(s.Ctx(), s.app.ID, old.ID, service.Page{})
	s.refused(err, latchkey.CodeUserNotFound)
	_, err = s.login("ann", "other", otherMachine)
	s.must(err)
	l := s.licenses()[0]
	if l.Status != latchkey.LicenseUsed || l.UsedBy != old.ID || l.UsedByName != "" {
		s.Errorf("the license is %s, used by %s %q; want by the one who is gone", l.Status, l.UsedBy, l.UsedByName)
	}
}

func redeemByHand(s *scene) {
	ann, bob := s.user("ann", "secret"), s.user("bob", "secret")
	key := s.key("10d")
	for range 2 {
		got, err := s.Service.RedeemLicense(s.Ctx(), s.app.ID, ann.ID, key)
		s.must(err)
		if left := got.Holdings[0].TimeLeft(s.Clock.Now()); left != 40*day {
			s.Errorf("%s left, want 40 days", left)
		}
	}
	_, err := s.Service.RedeemLicense(s.Ctx(), s.app.ID, bob.ID, key)
	s.refused(err, latchkey.CodeLicenseUsed)
	_, err = s.Service.RedeemLicense(s.Ctx(), s.app.ID, bob.ID, "none")
	s.refused(err, latchkey.CodeLicenseNotFound)
	_, err = s.Service.RedeemLicense(s.Ctx(), s.app.ID, "usr_none", s.key("1d"))
	s.refused(err, latchkey.CodeUserNotFound)
}
