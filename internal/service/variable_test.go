package service_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/store"
)

func TestVariables(t *testing.T) {
	tell(t, []story{
		{"programs get what the seller says, from the next call on", variablesFollow},
		{"a variable is for anyone, for who has signed in, or for a level", variablesAreKept},
		{"what is asked again is not read again", variablesAreRemembered},
		{"names are unique and compared exactly", variableNames},
		{"lists are by name, found by a part of it, and show no value", variableLists},
		{"who may not go on gets nothing", variablesAfterBan},
		{"an app has ten thousand variables at most, however many are made at once", variableQuota},
	})
}

// asks is what a program gets for the name of a variable.
func (s *scene) asks(ses *service.ClientSession, name string) (string, error) {
	value, err := s.Service.ClientVariable(outside(), s.client(), ses, name)
	return value.Reveal(), err
}

func (s *scene) wantVariable(ses *service.ClientSession, name, want string) {
	s.Helper()
	got, err := s.asks(ses, name)
	s.must(err)
	if got != want {
		s.Errorf("%s is %q, want %q", name, got, want)
	}
}

// variable makes a variable that anyone gets.
func (s *scene) variable(name, value string) service.VariableView {
	s.Helper()
	v, err := s.Service.CreateVariable(s.Ctx(), s.app.ID, service.NewVariable{Name: name, Value: latchkey.Secret(value)})
	s.must(err)
	return v
}

func variablesFollow(s *scene) {
	ses := s.start()
	missing := func(name string) {
		s.Helper()
		_, err := s.asks(ses, name)
		s.refused(err, latchkey.CodeVariableNotFound)
	}
	missing("motd")
	v := s.variable("motd", "hello")
	s.wantVariable(ses, "motd", "hello")
	_, err := s.Service.UpdateVariable(s.Ctx(), s.app.ID, v.ID, service.VariableEdit{Value: point(latchkey.Secret("good bye"))})
	s.must(err)
	s.wantVariable(ses, "motd", "good bye")
	missing("news")
	_, err = s.Service.UpdateVariable(s.Ctx(), s.app.ID, v.ID, service.VariableEdit{Name: point("news")})
	s.must(err)
	missing("motd")
	s.wantVariable(ses, "news", "good bye")
	s.must(s.Service.DeleteVariable(s.Ctx(), s.app.ID, v.ID))
	missing("news")
	s.variable("news", "again")
	s.wantVariable(ses, "news", "again")
	for _, name := range []string{"", "a\x00b", "\xff", strings.Repeat("n", 5000), " news"} {
		missing(name)
	}
}

func variablesAreKept(s *scene) {
	for name, in := range map[string]service.NewVariable{"open": {}, "customers": {NeedsSignIn: true}, "pro": {NeedsSignIn: true, MinLevel: 2}, "pro too": {MinLevel: 2}, "basic": {MinLevel: 1}} {
		in.Name, in.Value = name, latchkey.Secret("value of "+name)
		s.must(drop(s.Service.CreateVariable(s.Ctx(), s.app.ID, in)))
	}
	_, err := s.Service.CreateSubscription(s.Ctx(), s.app.ID, "gold", 2)
	s.must(err)
	basic := s.signedIn("30d")
	gold, err := s.license(s.keyOf(2, "1d").Key.Reveal(), machine)
	s.must(err)
	no, low := latchkey.CodeSessionNotSignedIn, latchkey.CodeLevelTooLow
	for who, c := range map[string]struct {
		ses  *service.ClientSession
		want map[string]latchkey.Code
	}{
		"nobody":    {s.start(), map[string]latchkey.Code{"open": "", "customers": no, "pro": no, "pro too": no, "basic": no}},
		"a basic":   {basic, map[string]latchkey.Code{"open": "", "customers": "", "pro": low, "pro too": low, "basic": ""}},
		"a gold":    {gold, map[string]latchkey.Code{"open": "", "customers": "", "pro": "", "pro too": "", "basic": ""}},
		"once more": {basic, map[string]latchkey.Code{"open": "", "customers": "", "pro": low, "pro too": low, "basic": ""}},
	} {
		got := map[string]latchkey.Code{}
		for name := range c.want {
			value, err := s.asks(c.ses, name)
			if got[name] = latchkey.CodeOf(err); err == nil && value != "value of "+name || err != nil && value != "" {
				s.Errorf("%s is %q", name, value)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			s.Errorf("%s (-want +got):\n%s", who, diff)
		}
	}
	s.Clock.Advance(25 * time.Hour) // the gold one's day is over
	ses, err := s.license(s.key("30d"), otherMachine)
	s.must(err)
	_, err = s.asks(ses, "pro")
	s.refused(err, low)
}

func variablesAreRemembered(s *scene) {
	v := s.variable("motd", "hello")
	other := s.variable("other", "value")
	ses := s.signedIn("30d")
	s.wantVariable(ses, "motd", "hello")
	s.wantVariable(ses, "other", "value")
	before := s.Service.Remembered()
	s.wantVariable(ses, "motd", "hello")
	after := s.Service.Remembered()
	for _, what := range []string{"apps", "sessions", "variables"} {
		if after[what].Hits != before[what].Hits+1 || after[what].Misses != before[what].Misses {
			s.Errorf("%s: %+v, then %+v", what, before[what], after[what])
		}
	}
	// A change of one is no change of the other.
	_, err := s.Service.UpdateVariable(s.Ctx(), s.app.ID, other.ID, service.VariableEdit{Value: point(latchkey.Secret("new"))})
	s.must(err)
	before = s.Service.Remembered()
	s.wantVariable(ses, "motd", "hello")
	s.wantVariable(ses, "other", "new")
	after = s.Service.Remembered()
	if got := after["variables"]; got.Hits != before["variables"].Hits+1 || got.Misses != before["variables"].Misses+1 {
		s.Errorf("%+v, then %+v", before["variables"], got)
	}
	s.must(s.Service.DeleteVariable(s.Ctx(), s.app.ID, v.ID))
	_, err = s.asks(ses, "motd")
	s.refused(err, latchkey.CodeVariableNotFound)
}

// TestVariablesOnTwoServers: what one server changes the other tells within a second.
func TestVariablesOnTwoServers(t *testing.T) {
	first, second := servicetest.NewPair(t)
	s := &scene{T: t, Env: first, app: first.App("two servers")}
	client, err := second.Service.ClientApp(outside(), s.app.OwnerID, s.app.Name)
	s.must(err)
	ses := s.start()
	there := func() string {
		t.Helper()
		value, err := second.Service.ClientVariable(outside(), client, ses, "motd")
		s.must(err)
		return value.Reveal()
	}
	v := s.variable("motd", "one")
	if got := there(); got != "one" {
		t.Errorf("%q right after it was made", got)
	}
	_, err = s.Service.UpdateVariable(s.Ctx(), s.app.ID, v.ID, service.VariableEdit{Value: point(latchkey.Secret("two"))})
	s.must(err)
	s.Clock.Advance(time.Second)
	if got := there(); got != "two" {
		t.Errorf("%q a second after the change", got)
	}
}

func variableNames(s *scene) {
	v := s.variable("motd", "hello")
	s.variable("Motd", "another")
	_, err := s.Service.CreateVariable(s.Ctx(), s.app.ID, service.NewVariable{Name: "motd"})
	s.refused(err, latchkey.CodeVariableExists)
	_, err = s.Service.UpdateVariable(s.Ctx(), s.app.ID, v.ID, service.VariableEdit{Name: point("Motd")})
	s.refused(err, latchkey.CodeVariableExists)
	before := s.actions()
	for field, edit := range map[string]service.VariableEdit{"name": {Name: point("")}, "value": {Value: point(latchkey.Secret(strings.Repeat("x", 65_537)))}, "min_level": {MinLevel: point(int64(-1))}} {
		_, err = s.Service.UpdateVariable(s.Ctx(), s.app.ID, v.ID, edit)
		if e, ok := err.(*latchkey.Error); !ok || e.Code != latchkey.CodeInvalid || e.Field != field {
			s.Errorf("a bad %s: %v", field, err)
		}
	}
	if diff := cmp.Diff(before, s.actions()); diff != "" {
		s.Errorf("events (-before +after):\n%s", diff)
	}
	twin := s.App("twin of " + s.app.ID)
	_, err = s.Service.CreateVariable(s.Ctx(), twin.ID, service.NewVariable{Name: "motd", Value: "of the twin"})
	s.must(err)
	s.wantVariable(s.start(), "motd", "hello")
	_, err = s.Service.Variable(s.Ctx(), twin.ID, v.ID)
	s.refused(err, latchkey.CodeVariableNotFound)
}

func variableLists(s *scene) {
	for _, name := range []string{"b", "B", "100%", "a_c", "abc", "Éclair"} {
		s.variable(name, "value of "+name)
	}
	find := func(search string, limit int) (names []string) {
		s.Helper()
		for p := (service.Page{Limit: limit}); ; {
			list, err := s.Service.ListVariables(s.Ctx(), s.app.ID, service.NamedFilter{Search: search, Page: p})
			s.must(err)
			for _, v := range list.Items {
				names = append(names, v.Name)
				if v.Value != "" || v.Size != int64(len("value of "+v.Name)) {
					s.Errorf("%s is listed with %d bytes of %d", v.Name, len(v.Value), v.Size)
				}
			}
			if p.Cursor = list.Next; p.Cursor == "" {
				return names
			}
		}
	}
	for search, want := range map[string][]string{
		"": {"100%", "B", "a_c", "abc", "b", "Éclair"}, "B": {"B", "abc", "b"}, "%": {"100%"}, "_": {"a_c"}, "éc": {"Éclair"}, "none": nil,
	} {
		for _, limit := range []int{1, 2, 100} {
			if diff := cmp.Diff(want, find(search, limit)); diff != "" {
				s.Errorf("%q by %d (-want +got):\n%s", search, limit, diff)
			}
		}
	}
	list, err := s.Service.ListVariables(s.Ctx(), s.app.ID, service.NamedFilter{Page: service.Page{Limit: 1}})
	s.must(err)
	_, err = s.Service.ListVariables(s.Ctx(), s.app.ID, service.NamedFilter{Search: "b", Page: service.Page{Limit: 1, Cursor: list.Next}})
	s.refused(err, latchkey.CodeCursorInvalid)
}

func variablesAfterBan(s *scene) {
	s.variable("motd", "hello")
	ses, err := s.register("ann", "secret", s.key("1d"), machine)
	s.must(err)
	s.wantVariable(ses, "motd", "hello")
	ann := s.named("ann")
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, ann.ID, service.UserBan{})
	s.must(err)
	for _, ask := range []func() error{
		func() error { return drop(s.asks(ses, "motd")) },
		func() error { return drop(s.Service.ClientUserVariable(outside(), s.client(), ses, "x")) },
		func() error { return s.Service.ClientSetUserVariable(outside(), s.client(), ses, "x", "y") },
	} {
		s.refused(ask(), latchkey.CodeSessionNotFound)
	}
	_, err = s.Service.PauseApp(s.Ctx(), s.app.ID)
	s.must(err)
	s.refused(drop(s.asks(ses, "motd")), latchkey.CodeAppPaused)
}

func variableQuota(s *scene) {
	const before, contenders = latchkey.MaxVariables - 3, 10
	const chunk = 500 // a transaction may not take long, and the machine may be busy
	for first := 0; first < before; first += chunk {
		s.must(s.DB.Write(s.Context(), func(tx *store.Tx) error {
			for n := first; n < min(first+chunk, before); n++ {
				now := s.Clock.Now()
				v := latchkey.Variable{ID: fmt.Sprintf("var_%026d", n), AppID: s.app.ID, Name: fmt.Sprint(n), CreatedAt: now, UpdatedAt: now}
				if err := tx.InsertVariable(s.Context(), &v); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	errs := together(contenders, func(i int) error {
		return drop(s.Service.CreateVariable(s.Ctx(), s.app.ID, service.NewVariable{Name: fmt.Sprint("contender ", i)}))
	})
	if diff := cmp.Diff(map[latchkey.Code]int{"": 3, latchkey.CodeVariableQuota: contenders - 3}, tally(errs)); diff != "" {
		s.Errorf("answers (-want +got):\n%s", diff)
	}
}

// BenchmarkVariable asks for a variable beside check, 64 at once:
//
//	go test -run - -bench Variable ./internal/service
func BenchmarkVariable(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			e := servicetest.NewOn(b, engine)
			app := e.App("bench")
			client := e.Client(app)
			ctx := context.Background()
			ses := e.Session(client)
			if _, err := e.Service.ClientLicense(ctx, client, ses, service.ClientSignIn{Key: e.Licenses(app.ID, 1, "30d")[0].Key.Reveal(), HWID: hwid(1)}); err != nil {
				b.Fatal(err)
			}
			for name, size := range map[string]int{"small": 50, "large": latchkey.MaxVariableSize} {
				value := latchkey.Secret(strings.Repeat("x", size))
				if _, err := e.Service.CreateVariable(e.Ctx(), app.ID, service.NewVariable{Name: name, Value: value, NeedsSignIn: true}); err != nil {
					b.Fatal(err)
				}
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					parallel(b, b.N, func(int) error { return drop(e.Service.ClientVariable(ctx, client, ses, name)) })
				})
			}
			b.Run("check", func(b *testing.B) {
				b.ReportAllocs()
				parallel(b, b.N, func(int) error { return e.Service.ClientCheck(ctx, client, ses) })
			})
		})
	}
}
