package service_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestPages(t *testing.T) {
	tell(t, []story{
		{"pages of every size are complete, in order and without overlap", completePages},
		{"a page stays where it is while the list grows", growingList},
		{"every list pages", everyList},
		{"a cursor that was forged, cut or given for another list is refused", foreignCursors},
	})
}

// pages reads a list to its end.
func pages[T any](s *scene, limit int, id func(T) string, read func(p service.Page) (service.List[T], error)) (ids []string) {
	s.Helper()
	p := service.Page{Limit: limit}
	for {
		list, err := read(p)
		s.must(err)
		if len(list.Items) > limit || len(list.Items) < limit && list.Next != "" {
			s.Fatalf("a page of %d has %d items; the next is %q", limit, len(list.Items), list.Next)
		}
		for _, item := range list.Items {
			ids = append(ids, id(item))
		}
		if p.Cursor = list.Next; p.Cursor == "" {
			return ids
		}
	}
}

func licenseID(l service.LicenseView) string { return l.ID }

func completePages(s *scene) {
	var want []string
	for range 5 {
		for _, l := range s.Licenses(s.app.ID, 50, "1d") {
			want = append(want, l.ID)
		}
		s.Clock.Advance(1)
	}
	s.Licenses(s.App("neighbour of the list").ID, 5, "1d")
	slices.Sort(want)
	for _, sort := range []string{"created", "-created"} {
		for _, limit := range []int{7, 50, 249, 250, 251, service.MaxLimit} {
			got := pages(s, limit, licenseID, func(p service.Page) (service.List[service.LicenseView], error) {
				list, err := s.Service.ListLicenses(s.Ctx(), s.app.ID, service.LicenseFilter{Sort: sort, Page: p})
				return list.List, err
			})
			if diff := cmp.Diff(want, got); diff != "" {
				s.Errorf("sorted by %s, %d a page (-want +got):\n%s", sort, limit, diff)
			}
		}
		slices.Reverse(want)
	}
	list, err := s.Service.ListLicenses(s.Ctx(), s.app.ID, service.LicenseFilter{})
	s.must(err)
	if len(list.Items) != service.DefaultLimit {
		s.Errorf("a page has %d items unless asked otherwise, want %d", len(list.Items), service.DefaultLimit)
	}
}

func growingList(s *scene) {
	old := s.Licenses(s.app.ID, 3, "1d")
	s.Clock.Advance(day)
	first, err := s.Service.ListLicenses(s.Ctx(), s.app.ID, service.LicenseFilter{Page: service.Page{Limit: 2}})
	s.must(err)
	s.Licenses(s.app.ID, 4, "1d")
	s.must(s.Service.DeleteLicense(s.Ctx(), s.app.ID, first.Items[1].ID, false)) // the cursor's own item
	second, err := s.Service.ListLicenses(s.Ctx(), s.app.ID, service.LicenseFilter{Page: service.Page{Limit: 2, Cursor: first.Next}})
	s.must(err)
	got := []string{first.Items[0].ID, first.Items[1].ID}
	for _, l := range second.Items {
		got = append(got, l.ID)
	}
	var want []string
	for _, l := range old {
		want = append(want, l.ID)
	}
	slices.Sort(want)
	slices.Reverse(want)
	if diff := cmp.Diff(want, got); diff != "" || second.Next != "" {
		s.Errorf("both pages (-want +got):\n%s", diff)
	}
}

// cursors is one reader for each list of the scene, which must have two items
// or more, by name.
func cursors(s *scene, userID string) map[string]func(p service.Page) (next string, items int, err error) {
	ctx := s.Ctx()
	return map[string]func(p service.Page) (string, int, error){
		"licenses": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListLicenses(ctx, s.app.ID, service.LicenseFilter{Page: p})
			return l.Next, len(l.Items), err
		},
		"licenses, oldest first": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListLicenses(ctx, s.app.ID, service.LicenseFilter{Page: p, Sort: "created"})
			return l.Next, len(l.Items), err
		},
		"unused licenses": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListLicenses(ctx, s.app.ID, service.LicenseFilter{Page: p, Status: latchkey.LicenseNotUsed})
			return l.Next, len(l.Items), err
		},
		"licenses of level 1": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListLicenses(ctx, s.app.ID, service.LicenseFilter{Page: p, Level: 1})
			return l.Next, len(l.Items), err
		},
		"users": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListUsers(ctx, s.app.ID, service.UserFilter{Page: p})
			return l.Next, len(l.Items), err
		},
		"users found by name": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListUsers(ctx, s.app.ID, service.UserFilter{Page: p, Search: "user"})
			return l.Next, len(l.Items), err
		},
		"users who are not banned": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListUsers(ctx, s.app.ID, service.UserFilter{Page: p, Banned: point(false)})
			return l.Next, len(l.Items), err
		},
		"sessions": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListSessions(ctx, s.app.ID, service.SessionFilter{Page: p})
			return l.Next, len(l.Items), err
		},
		"sessions of a user": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListSessions(ctx, s.app.ID, service.SessionFilter{Page: p, UserID: userID})
			return l.Next, len(l.Items), err
		},
		"sign-ins": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListSignIns(ctx, s.app.ID, userID, p)
			return l.Next, len(l.Items), err
		},
		"subscriptions": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListSubscriptions(ctx, s.app.ID, p)
			return l.Next, len(l.Items), err
		},
		"audit": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListAuditEvents(ctx, s.app.ID, service.AuditFilter{Page: p})
			return l.Next, len(l.Items), err
		},
		"the server's audit": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListAuditEvents(ctx, "", service.AuditFilter{Page: p})
			return l.Next, len(l.Items), err
		},
		"apps": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListApps(ctx, "", p)
			return l.Next, len(l.Items), err
		},
		"API keys": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListAPIKeys(ctx, p)
			return l.Next, len(l.Items), err
		},
		"accounts": func(p service.Page) (string, int, error) {
			l, err := s.Service.ListAccounts(ctx, p)
			return l.Next, len(l.Items), err
		},
	}
}

// fill puts at least three items into every list and returns a user.
func (s *scene) fill() (userID string) {
	s.Helper()
	s.Licenses(s.app.ID, 3, "1d")
	for i := range 3 {
		u := s.user(fmt.Sprintf("user %d", i), "secret")
		userID = u.ID
		_, err := s.Service.CreateSubscription(s.Ctx(), s.app.ID, fmt.Sprintf("tier %d", i), 2)
		s.must(err)
		s.newKey(service.NewAPIKey{Name: "x", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
		other(s, s.Env, fmt.Sprintf("%s.%d@example.com", s.app.ID, i))
	}
	for range 3 {
		_, err := s.login("user 2", "secret", machine)
		s.must(err)
	}
	return userID
}

func everyList(s *scene) {
	for name, read := range cursors(s, s.fill()) {
		_, all, err := read(service.Page{Limit: service.MaxLimit})
		s.must(err)
		total, p := 0, service.Page{Limit: 2}
		for {
			next, items, err := read(p)
			s.must(err)
			if total += items; next == "" {
				break
			}
			p.Cursor = next
		}
		if total != all || all < 3 {
			s.Errorf("%s: %d items by pages of two, %d at once", name, total, all)
		}
		for _, limit := range []int{-1, service.MaxLimit + 1} {
			_, _, err := read(service.Page{Limit: limit})
			s.refused(err, latchkey.CodeInvalid)
		}
	}
}

func foreignCursors(s *scene) {
	lists := cursors(s, s.fill())
	neighbour := &scene{T: s.T, Env: s.Env, app: s.App("neighbour of the cursors")}
	lists["a neighbour's licenses"] = cursors(neighbour, neighbour.fill())["licenses"]
	lists["a neighbour's audit"] = cursors(neighbour, "usr_none")["audit"]
	tokens := map[string]string{"a session token": s.start().Token.Reveal(), "an id": s.licenses()[1].ID, "a number": "2", "text": "x' OR 1=1 --"}
	for name, read := range lists {
		next, _, err := read(service.Page{Limit: 1})
		s.must(err)
		tokens[name] = next
	}
	for name, read := range lists {
		for from, cursor := range tokens {
			_, _, err := read(service.Page{Cursor: cursor})
			want := latchkey.CodeCursorInvalid
			if from == name {
				want = ""
			}
			if got := latchkey.CodeOf(err); got != want {
				s.Errorf("%s with a cursor of %s: answered %v, want %q", name, from, err, want)
			}
		}
		own := tokens[name]
		for _, i := range []int{1, len(own) / 2, len(own) - 1} {
			for _, bad := range []string{own[:i], own[i:], own[:i-1] + string(own[i-1]^1) + own[i:], own + "A"} {
				_, _, err := read(service.Page{Cursor: bad})
				s.refused(err, latchkey.CodeCursorInvalid)
			}
		}
	}
}
