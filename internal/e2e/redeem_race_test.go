package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
)

const (
	contenders = 64
	term       = 30 * 24 * time.Hour // of every license of these tests
)

// contender is one of those who want the same license.
type contender struct {
	*program
	customer
	seller *seller
	userID string
}

// What programs are told in the races of these tests.
const (
	saidUsed   = "License key has already been used"
	saidDevice = "HWID doesn't match. Ask for a HWID reset"
	saidBusy   = "The server is busy; try again in a moment."
)

// door is a way to redeem a license. redeem returns "" to the winner, and the
// text of a clean refusal to everybody else.
type door struct {
	name   string
	redeem func(c *contender, appID string) (refusal string, err error)
	// losers are the refusals that may be.
	losers []string
	// makesUser says that the winner becomes a user by it.
	makesUser bool
}

func doors() []door {
	through := func(typ string, enter func(c customer) map[string][]string) func(*contender, string) (string, error) {
		return func(c *contender, _ string) (string, error) {
			a, err := c.call(typ, enter(c.customer))
			if err != nil || a.Success {
				return "", err
			}
			return a.Message, nil
		}
	}
	return []door{
		{name: "license", losers: []string{saidUsed, saidDevice}, makesUser: true,
			redeem: through("license", func(c customer) map[string][]string { return c.license() })},
		{name: "register", losers: []string{saidUsed, saidBusy}, makesUser: true,
			redeem: through("register", func(c customer) map[string][]string { return c.register() })},
		{name: "upgrade", losers: []string{saidUsed},
			redeem: through("upgrade", func(c customer) map[string][]string { return c.upgrade() })},
		{name: "management API", losers: []string{"license.used"}, redeem: func(c *contender, appID string) (string, error) {
			err := c.seller.try("POST", "/apps/"+appID+"/users/"+c.userID+"/redeem", api.RedeemLicense{Key: c.key}, nil)
			if r, ok := errors.AsType[*refused](err); ok && r.status == http.StatusConflict {
				return r.Code, nil
			}
			return "", err
		}},
	}
}

// TestRedemptionRace has 64 customers redeem one license at the same moment,
// over HTTP and through every door: exactly one wins, the others are refused
// cleanly, and one duration is granted.
func TestRedemptionRace(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			i := newInstallation(t, engine)
			key := i.initialize()
			race(t, key, i.start())
			i.examine()
		})
	}
	t.Run("two servers on one PostgreSQL", func(t *testing.T) {
		t.Parallel()
		i := newInstallation(t, "postgres")
		i.binary = watched(t)
		key := i.initialize()
		race(t, key, i.start(), i.neighbor().start())
		i.examine()
	})
}

func race(t *testing.T, key string, servers ...*process) {
	s := newSeller(t, servers[0].url, key)
	app := s.createApp("race")
	client := browser()
	crowd := make([]contender, contenders)
	for n := range crowd {
		server := servers[n%len(servers)]
		c := contender{program: newProgram(server.url, app, client), seller: s.at(server.url)}
		c.hwid = fmt.Sprintf("hardware-id-of-contender-%04d", n)
		var made api.User
		s.call("POST", "/apps/"+app.ID+"/users", api.CreateUser{Username: fmt.Sprintf("standing-%d", n)}, &made)
		c.userID = made.ID
		crowd[n] = c
	}
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			s, refusals := s.in(t), map[string]int{}
			for round := range rounds("LATCHKEY_RACE_ROUNDS") {
				license := s.createLicenses(app.ID, 1)[0]
				for n := range crowd {
					crowd[n].customer.key = license.Key
					crowd[n].name = fmt.Sprintf("standing-%d", n)
					if d.makesUser {
						crowd[n].name, crowd[n].password = fmt.Sprintf("%s-%d-%d", d.name, round, n), "secret of one"
					}
					if err := crowd[n].open(); err != nil {
						t.Fatal(err)
					}
				}
				before := s.users(app.ID)
				winner := raceOnce(t, d, app.ID, crowd, refusals)
				checkOutcome(t, d, s, app.ID, license.ID, before, crowd[winner])
			}
			t.Logf("refusals: %v", refusals)
		})
	}
}

// raceOnce lets the crowd go and returns the one winner.
func raceOnce(t *testing.T, d door, appID string, crowd []contender, refusals map[string]int) (winner int) {
	t.Helper()
	said, errs := make([]string, len(crowd)), make([]error, len(crowd))
	var wg sync.WaitGroup
	start := make(chan struct{})
	for n := range crowd {
		wg.Go(func() {
			<-start
			said[n], errs[n] = d.redeem(&crowd[n], appID)
		})
	}
	close(start)
	wg.Wait()
	winners := 0
	for n := range crowd {
		switch {
		case errs[n] != nil:
			t.Fatalf("contender %d: %v", n, errs[n])
		case said[n] == "":
			winners++
			winner = n
		case !slices.Contains(d.losers, said[n]):
			t.Fatalf("contender %d was refused with %q", n, said[n])
		default:
			refusals[said[n]]++
		}
	}
	if winners != 1 {
		t.Fatalf("%d winners, want exactly 1", winners)
	}
	return winner
}

// checkOutcome looks at what the race left: a used license, its user, and one
// duration more than before.
func checkOutcome(t *testing.T, d door, s *seller, appID, licenseID string, before []api.User, winner contender) {
	t.Helper()
	var license api.License
	s.call("GET", "/apps/"+appID+"/licenses/"+licenseID, nil, &license)
	if license.Status != "used" {
		t.Errorf("the license is %s", license.Status)
	}
	var user api.User
	s.call("GET", "/apps/"+appID+"/users/"+license.UsedBy, nil, &user)
	name := winner.name
	if d.name == "license" {
		name = winner.customer.key
	}
	if user.Username != name {
		t.Errorf("the license belongs to %q, but %q won", user.Username, name)
	}
	after := s.users(appID)
	if more := granted(after) - granted(before); more != term {
		t.Errorf("%v were granted, want %v", more, term)
	}
	want := len(before)
	if d.makesUser {
		want++
	}
	if len(after) != want {
		t.Errorf("%d users after the race, want %d", len(after), want)
	}
}
