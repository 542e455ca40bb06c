package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/latchkey-dev/latchkey/api"
)

const stormers = 32 // clients in a storm

// deed is one sign-in of a storm.
type deed struct {
	typ     string // register, license or login
	who     customer
	session string
	acked   bool // a success arrived; else the answer never did
}

// storm is a crowd of programs that sign in, each as fast as it is answered.
type storm struct {
	app    api.AppCreated
	client *http.Client
	keys   chan string // unused licenses
	old    []customer  // who have a password already
	done   sync.WaitGroup

	mu    sync.Mutex
	deeds []deed
	wrong []error // answers that should not have been
}

// begin lets the crowd loose on a server. It runs until the server is gone.
func (s *storm) begin(server string) {
	for n := range stormers {
		s.done.Go(func() {
			p := newProgram(server, s.app, s.client)
			for turn := 0; s.act(p, n, turn); turn++ {
			}
		})
	}
}

// act opens a session and signs in once. It reports whether the server is
// still there.
func (s *storm) act(p *program, n, turn int) bool {
	if err := p.open(); err != nil {
		return s.note(deed{}, err)
	}
	d := deed{session: p.session, who: customer{hwid: fmt.Sprintf("hardware-id-of-stormer-%06d-%06d", n, turn)}}
	var params func() url.Values
	switch {
	case n%8 == 0:
		d.typ, d.who = "login", s.old[n/8%len(s.old)]
		params = d.who.login
	case n%8 == 1:
		d.typ, d.who.key = "register", <-s.keys
		d.who.name, d.who.password = fmt.Sprintf("stormer-%d-%d", n, turn), "secret of a stormer"
		params = d.who.register
	default:
		d.typ, d.who.key = "license", <-s.keys
		params = d.who.license
	}
	if d.who.key == "" && d.typ != "login" {
		return false // the licenses are used up; others still sign in
	}
	a, err := p.call(d.typ, params())
	switch {
	case err != nil:
		return s.note(d, err)
	case a.Message == saidBusy:
		return true
	case !a.Success:
		return s.note(deed{}, fmt.Errorf("%w: %s was refused: %s", errUnclean, d.typ, a.Message))
	}
	d.acked = true
	return s.note(d, nil)
}

// note keeps a deed that was done or whose answer was lost.
func (s *storm) note(d deed, err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && errors.Is(err, errUnclean) {
		s.wrong = append(s.wrong, err)
		return false
	}
	if d.typ != "" {
		s.deeds = append(s.deeds, d)
	}
	return err == nil
}

// acknowledged is how many sign-ins were answered so far.
func (s *storm) acknowledged() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.of(true, "license", "register", "login"))
}

// of returns the deeds of the kinds, acknowledged or not.
func (s *storm) of(acked bool, types ...string) []deed {
	var found []deed
	for _, d := range s.deeds {
		if d.acked == acked && slices.Contains(types, d.typ) {
			found = append(found, d)
		}
	}
	return found
}

// newStorm makes an app with licenses, and customers who registered before.
func newStorm(t *testing.T, s *seller, name string) *storm {
	t.Helper()
	const licenses = 800
	st := &storm{app: s.createApp(name), client: browser(), keys: make(chan string, licenses)}
	for _, license := range s.createLicenses(st.app.ID, licenses) {
		st.keys <- license.Key
	}
	close(st.keys)
	for n := range 4 {
		who := customer{name: fmt.Sprintf("old-%d", n), password: "secret of the old", key: <-st.keys,
			hwid: fmt.Sprintf("hardware-id-of-the-old-%04d", n)}
		p := newProgram(s.url, st.app, st.client)
		if err := p.open(); err != nil {
			t.Fatal(err)
		}
		if a, err := p.call("register", who.register()); err != nil || !a.Success {
			t.Fatalf("register %s: %s (%v)", who.name, a.Message, err)
		}
		st.old = append(st.old, who)
	}
	return st
}

// each runs do for every deed, a number of them at a time.
func each(deeds []deed, atOnce int, do func(deed) error) error {
	queue := make(chan deed, len(deeds))
	for _, d := range deeds {
		queue <- d
	}
	close(queue)
	errs := make([]error, atOnce)
	var wg sync.WaitGroup
	for n := range atOnce {
		wg.Go(func() {
			for d := range queue {
				if err := do(d); err != nil && errs[n] == nil {
					errs[n] = fmt.Errorf("%s of %q with %q: %w", d.typ, d.who.name, d.who.key, err)
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
