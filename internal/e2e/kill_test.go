package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/pgtest"
)

const (
	restartLimit = 5 * time.Second  // of a start after a crash
	stormLimit   = 30 * time.Second // until the moment of the kill
)

// TestKill kills the server in a storm of sign-ins, again and again: what was
// acknowledged is there afterwards, and what lost its answer can be repeated
// without being granted twice. On PostgreSQL every other round crashes the
// database as well.
func TestKill(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		killRounds(t, newInstallation(t, "sqlite"), nil)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		i := newInstallation(t, "sqlite")
		database := startPostgres(t)
		var err error
		if i.database, err = database.CreateDatabase(); err != nil {
			t.Fatal(err)
		}
		killRounds(t, i, database)
	})
}

// startPostgres starts a server that the test may crash.
func startPostgres(t *testing.T) *pgtest.Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "latchkey-pg-") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	s, err := pgtest.Start(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func killRounds(t *testing.T, i *installation, database *pgtest.Server) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	key := i.initialize()
	p := i.start()
	var storms []*storm
	acknowledged := 0
	for round := range rounds("LATCHKEY_KILL_ROUNDS") {
		st := newStorm(t, newSeller(t, p.url, key), fmt.Sprintf("storm-%d", round))
		storms = append(storms, st)
		st.begin(p.url)
		moment := 40 + random.IntN(200)
		eventually(t, stormLimit, "the storm rages", func() bool { return st.acknowledged() >= moment })
		<-time.After(time.Duration(random.Int64N(int64(50 * time.Millisecond))))
		if database != nil && round%2 == 1 {
			if err := database.Halt(); err != nil {
				t.Fatal(err)
			}
		}
		p.kill()
		st.done.Wait()
		if database != nil && round%2 == 1 {
			if err := database.Resume(); err != nil {
				t.Fatal(err)
			}
		}
		p = i.start()
		if p.took > restartLimit {
			t.Errorf("the start after the crash took %v", p.took)
		}
		checkStorm(t, newSeller(t, p.url, key), st)
		i.examine()
		acked := len(st.of(true, "license", "register", "login"))
		acknowledged += acked
		t.Logf("killed at the %dth: %d license, %d register, %d login acknowledged, %d answers lost, started in %v", moment,
			len(st.of(true, "license")), len(st.of(true, "register")), len(st.of(true, "login")),
			len(st.of(false, "license", "register", "login")), p.took)
		if t.Failed() {
			return
		}
	}
	for _, st := range storms {
		checkSessions(t, p.url, st)
	}
	t.Logf("%d sign-ins acknowledged, 0 lost", acknowledged)
}

// checkStorm looks for everything that was acknowledged.
func checkStorm(t *testing.T, s *seller, st *storm) {
	t.Helper()
	for _, err := range st.wrong {
		t.Error(err)
	}
	checkSessions(t, s.url, st)
	checkRedeemed(t, s, st)
	again := func(d deed) error { return signInAgain(s.url, st, d) }
	if err := each(st.of(true, "license"), stormers, again); err != nil {
		t.Errorf("an acknowledged user cannot sign in: %v", err)
	}
	if err := each(st.of(true, "register"), 4, again); err != nil {
		t.Errorf("an acknowledged user cannot sign in: %v", err)
	}
	if err := each(st.of(false, "license", "register", "login"), 4, func(d deed) error { return repeat(s.url, st, d) }); err != nil {
		t.Errorf("a sign-in whose answer was lost cannot be repeated: %v", err)
	}
	used := 0
	for _, license := range s.licenses(st.app.ID) {
		if license.Status == "used" {
			used++
		}
	}
	users := s.users(st.app.ID)
	if got := granted(users); got != time.Duration(used)*term || len(users) != used {
		t.Errorf("%d used licenses made %d users and granted %v, want %v", used, len(users), got, time.Duration(used)*term)
	}
}

// checkSessions asks in every acknowledged session whether it is still signed in.
func checkSessions(t *testing.T, server string, st *storm) {
	t.Helper()
	err := each(st.of(true, "license", "register", "login"), stormers, func(d deed) error {
		p := newProgram(server, st.app, st.client)
		p.session = d.session
		a, err := p.call("check", nil)
		if err == nil && !a.Success {
			err = fmt.Errorf("check says: %s", a.Message)
		}
		return err
	})
	if err != nil {
		t.Errorf("an acknowledged session is lost: %v", err)
	}
}

// checkRedeemed looks up the license of every acknowledged redemption.
func checkRedeemed(t *testing.T, s *seller, st *storm) {
	t.Helper()
	licenses, names := map[string]api.License{}, map[string]string{}
	for _, license := range s.licenses(st.app.ID) {
		licenses[license.Key] = license
	}
	for _, user := range s.users(st.app.ID) {
		names[user.ID] = user.Username
	}
	for _, d := range st.of(true, "license", "register") {
		license, name := licenses[d.who.key], d.who.name
		if d.typ == "license" {
			name = d.who.key
		}
		if license.Status != "used" || names[license.UsedBy] != name {
			t.Errorf("a redemption is lost: %q by %q is %q by %q", d.who.key, name, license.Status, names[license.UsedBy])
		}
	}
}

// signInAgain signs a customer in who has signed in before.
func signInAgain(server string, st *storm, d deed) error {
	if d.typ == "register" {
		d.typ = "login"
	}
	return repeat(server, st, d)
}

// repeat does a deed in a new session, and again while the server is busy.
func repeat(server string, st *storm, d deed) error {
	params := map[string]func() map[string][]string{
		"license":  func() map[string][]string { return d.who.license() },
		"register": func() map[string][]string { return d.who.register() },
		"login":    func() map[string][]string { return d.who.login() },
	}
	p := newProgram(server, st.app, st.client)
	if err := p.open(); err != nil {
		return err
	}
	for {
		a, err := p.call(d.typ, params[d.typ]())
		switch {
		case err != nil:
			return err
		case a.Success:
			return nil
		case a.Message != saidBusy:
			return fmt.Errorf("refused: %s", a.Message)
		}
	}
}
