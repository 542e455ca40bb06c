package service_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// door is a way to redeem a license; contender tells the simultaneous callers
// apart.
type door struct {
	name   string
	redeem func(ctx context.Context, e *servicetest.Env, c *service.ClientApp, contender int, key string) error
	// users makes the users whom the contenders upgrade.
	users bool
}

func hwid(contender int) string { return fmt.Sprintf("hardware-id-of-contender-%04d", contender) }

func doors() []door {
	return []door{
		{name: "license", redeem: func(ctx context.Context, e *servicetest.Env, c *service.ClientApp, n int, key string) error {
			_, err := e.Service.ClientLicense(ctx, c, e.Session(c), service.ClientSignIn{Key: key, HWID: hwid(n)})
			return err
		}},
		{name: "register", redeem: func(ctx context.Context, e *servicetest.Env, c *service.ClientApp, n int, key string) error {
			_, err := e.Service.ClientRegister(ctx, c, e.Session(c), service.ClientSignIn{
				Username: fmt.Sprintf("%s-%d", key[:8], n), Password: "secret", Key: key, HWID: hwid(n)})
			return err
		}},
		{name: "upgrade", users: true, redeem: func(ctx context.Context, e *servicetest.Env, c *service.ClientApp, n int, key string) error {
			return e.Service.ClientUpgrade(ctx, c, e.Session(c), service.ClientSignIn{Username: fmt.Sprintf("user-%d", n), Key: key})
		}},
		{name: "management", users: true, redeem: func(ctx context.Context, e *servicetest.Env, c *service.ClientApp, n int, key string) error {
			list, err := e.Service.ListUsers(e.Ctx(), c.ID, service.UserFilter{Search: fmt.Sprintf("user-%d", n), Page: service.Page{Limit: 1000}})
			if err != nil {
				return err
			}
			for _, u := range list.Items {
				if u.Name == fmt.Sprintf("user-%d", n) {
					_, err = e.Service.RedeemLicense(e.Ctx(), c.ID, u.ID, key)
				}
			}
			return err
		}},
	}
}

// TestRedemptionRace has 64 contenders redeem one license at the same moment,
// through every door: exactly one wins, the others are refused cleanly, and
// one duration is granted.
func TestRedemptionRace(t *testing.T) {
	const contenders = 64
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			e := servicetest.NewOn(t, engine)
			raceThroughDoors(t, []*servicetest.Env{e}, contenders, raceRounds())
		})
	}
	t.Run("two servers on one PostgreSQL", func(t *testing.T) {
		first, second := servicetest.NewPair(t)
		raceThroughDoors(t, []*servicetest.Env{first, second}, contenders, raceRounds())
	})
}

func raceThroughDoors(t *testing.T, servers []*servicetest.Env, contenders, rounds int) {
	e := servers[0]
	app := e.App("race")
	client := e.Client(app)
	for n := range contenders {
		if _, err := e.Service.CreateUser(e.Ctx(), app.ID, service.NewUser{Username: fmt.Sprintf("user-%d", n), Password: "secret"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			before := heldTime(t, e, app.ID)
			for range rounds {
				key := e.Licenses(app.ID, 1, "30d")[0].Key.Reveal()
				errs := make([]error, contenders)
				var wg sync.WaitGroup
				start := make(chan struct{})
				for n := range contenders {
					wg.Go(func() {
						<-start
						errs[n] = d.redeem(context.Background(), servers[n%len(servers)], client, n, key)
					})
				}
				close(start)
				wg.Wait()
				winners := 0
				for _, err := range errs {
					switch code := latchkey.CodeOf(err); code {
					case "":
						winners++
					case latchkey.CodeLicenseUsed, latchkey.CodeDeviceMismatch:
					default:
						t.Fatalf("a loser was refused with %v, want a clean refusal", err)
					}
				}
				if winners != 1 {
					t.Fatalf("%d winners, want exactly 1", winners)
				}
			}
			granted := heldTime(t, e, app.ID) - before
			if want := time.Duration(rounds) * 30 * 24 * time.Hour; granted != want {
				t.Errorf("granted %v in %d rounds, want %v", granted, rounds, want)
			}
		})
	}
	if err := e.DB.VerifyAudit(context.Background()); err != nil {
		t.Error(err)
	}
}

// heldTime sums the time left of every holding of the app.
func heldTime(t *testing.T, e *servicetest.Env, appID string) (total time.Duration) {
	t.Helper()
	f := service.UserFilter{Page: service.Page{Limit: service.MaxLimit}}
	for {
		list, err := e.Service.ListUsers(e.Ctx(), appID, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range list.Items {
			for i := range u.Holdings {
				total += u.Holdings[i].TimeLeft(e.Clock.Now())
			}
		}
		if list.Next == "" {
			return total
		}
		f.Cursor = list.Next
	}
}

// TestRedemptionRetry repeats a redemption whose answer was lost: the same
// customer succeeds again, and the duration is granted once.
func TestRedemptionRetry(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			e := servicetest.NewOn(t, engine)
			app := e.App("retry")
			client := e.Client(app)
			if _, err := e.Service.CreateUser(e.Ctx(), app.ID, service.NewUser{Username: "user-0", Password: "secret"}); err != nil {
				t.Fatal(err)
			}
			for _, d := range doors() {
				t.Run(d.name, func(t *testing.T) {
					before := heldTime(t, e, app.ID)
					key := e.Licenses(app.ID, 1, "30d")[0].Key.Reveal()
					errs := make([]error, 8)
					var wg sync.WaitGroup
					for i := range errs {
						wg.Go(func() { errs[i] = d.redeem(context.Background(), e, client, 0, key) })
					}
					wg.Wait()
					if diff := cmp.Diff(make([]latchkey.Code, 8), codes(errs)); diff != "" {
						t.Errorf("a repetition by the same customer was refused (-want +got):\n%s", diff)
					}
					if granted := heldTime(t, e, app.ID) - before; granted != 30*24*time.Hour {
						t.Errorf("granted %v, want one duration", granted)
					}
				})
			}
		})
	}
}

func codes(errs []error) []latchkey.Code {
	out := make([]latchkey.Code, len(errs))
	for i, err := range errs {
		out[i] = latchkey.CodeOf(err)
	}
	return out
}
