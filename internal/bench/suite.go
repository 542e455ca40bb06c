package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	argon "github.com/latchkey-dev/latchkey/internal/password"
)

// suite measures targets beside each other, round by round, and beside the
// floors of the same round.
type suite struct {
	options
	name    string // in the report
	hello   *process
	targets []*target
	rows    []row
	results map[place][]sample
	pace    map[place]float64 // what a row did in a second when it ran last
	rests   []rest            // of the targets
	say     func(string, ...any)
}

// place is what a sample belongs to. Floors have no target.
type place struct {
	target  *target
	row     string
	clients int
}

// measure runs all rounds.
func (s *suite) measure(ctx context.Context) error {
	for _, t := range s.targets {
		s.say("%s: %d customers sign in", t.name, s.Sessions)
		var err error
		if t.sessions, err = t.signIn(ctx, min(s.Sessions, len(t.Bound))); err != nil {
			return err
		}
		if err := t.settle(ctx, s.rows); err != nil {
			return err
		}
		if err := t.warmUp(ctx); err != nil {
			return err
		}
	}
	for _, clients := range s.Concurrency {
		for number := range s.Rounds + 1 { // the first one warms up and does not count
			if err := s.round(ctx, clients, number); err != nil {
				return err
			}
		}
	}
	if s.Profile != "" {
		if err := s.profiles(ctx); err != nil {
			return err
		}
	}
	return s.atRest(ctx)
}

func (s *suite) round(ctx context.Context, clients, number int) error {
	d := s.Duration
	if number == 0 {
		d /= 4
	}
	keep := func(p place, m sample) {
		s.pace[p] = m.rate
		if number > 0 {
			s.results[p] = append(s.results[p], m)
		}
	}
	hello, err := s.floor(ctx, clients, d)
	if err != nil {
		return err
	}
	keep(place{row: helloRow, clients: clients}, hello)
	if s.wants(argonRow) {
		hashes, err := s.hashes(ctx, d)
		if err != nil {
			return err
		}
		keep(place{row: argonRow, clients: clients}, hashes)
	}
	for _, r := range s.rows {
		if r.most > 0 && clients > r.most {
			continue
		}
		for _, t := range s.targets {
			if r.lacking != nil && r.lacking(t) {
				continue
			}
			m, err := s.one(ctx, t, r, clients, d)
			if errors.Is(err, errUsedUp) {
				continue // no license is left to redeem, or all were refused
			}
			if err != nil {
				return fmt.Errorf("%s, %s, %d clients: %w", t.name, r.name, clients, err)
			}
			keep(place{t, r.name, clients}, m)
		}
	}
	s.say("%d clients, round %d of %d: hello %.0f/s", clients, number, s.Rounds, hello.rate)
	return nil
}

// wants reports whether a floor is needed.
func (s *suite) wants(floor string) bool {
	return slices.ContainsFunc(s.rows, func(r row) bool { return r.floor == floor })
}

// floor measures hello, asked as check is.
func (s *suite) floor(ctx context.Context, clients int, d time.Duration) (sample, error) {
	t := s.targets[0]
	l := t.load(clients, func(w *worker) bool { return check(t, w) })
	l.address = func(int) string { return s.hello.address }
	l.proof = compatible(helloPublic())
	return observed([]*process{s.hello}, func() (sample, error) {
		m, _, err := l.runFor(ctx, d)
		return m, err
	})
}

// one measures a row on a target.
func (s *suite) one(ctx context.Context, t *target, r row, clients int, d time.Duration) (sample, error) {
	other := s.find(r.beside)
	if err := s.freshen(ctx, t, r, s.freshFor(t, r, clients, d)+s.freshFor(t, other, besideClients, d)); err != nil {
		return sample{}, err
	}
	return observed(t.nodes, func() (sample, error) {
		if r.beside == "" {
			m, _, err := t.does(r, clients).runFor(ctx, d)
			return scaled(m, r), err
		}
		others := besideClients
		if other.most > 0 {
			others = other.most
		}
		var stop stopper
		ended := make(chan error, 1)
		go func() {
			_, _, err := t.does(other, others).run(ctx, 0, &stop)
			ended <- err
		}()
		m, _, err := t.does(r, clients).runFor(ctx, d)
		stop.stop()
		return m, errors.Join(err, <-ended)
	})
}

func (s *suite) find(name string) row {
	for _, r := range rows(s.Create) {
		if r.name == name {
			return r
		}
	}
	return row{}
}

// freshFor is how many sessions a row will use up in d, with a good margin.
func (s *suite) freshFor(t *target, r row, clients int, d time.Duration) int {
	if !r.fresh {
		return 0
	}
	if r.pace > 0 {
		return int(float64(r.pace)*d.Seconds()) + 4*clients
	}
	const guess = 6000 // in a second, before anything is known
	rate := s.pace[place{t, r.name, clients}]
	if rate == 0 {
		rate = guess
		if r.floor == argonRow {
			rate = 500
		}
	}
	return int(1.5*rate*d.Seconds()) + 2*clients
}

// freshen opens sessions for a row to use up.
func (s *suite) freshen(ctx context.Context, t *target, r row, n int) error {
	switch {
	case n == 0:
		return nil
	case r.native:
		return t.refillNative(ctx, n)
	}
	if err := t.refill(ctx, n); err != nil || !r.tokens {
		return err
	}
	return t.refillTokens(ctx, n)
}

func (t *target) does(r row, clients int) load {
	asks := t.load
	if r.native {
		asks = t.nativeLoad
	}
	l := asks(clients, func(w *worker) bool { return r.next(t, w) })
	l.good, l.sheds, l.pace, l.whole = r.good, r.sheds, r.pace, r.whole
	if !r.signed {
		l.proof = nil
	}
	return l
}

func scaled(m sample, r row) sample {
	if r.units > 0 {
		m.rate *= float64(r.units)
		m.successes *= r.units
	}
	return m
}

// warmUp asks for every session once: what is remembered is remembered then.
func (t *target) warmUp(ctx context.Context) error {
	return t.each(ctx, func(w *worker, i int) { w.post(&t.fixture, "type", "check", "sessionid", t.sessions[i]) })
}

// observed adds what the processes used meanwhile.
func observed(processes []*process, run func() (sample, error)) (sample, error) {
	for _, p := range processes {
		p.forgetPeak()
	}
	before := used(processes)
	m, err := run()
	after := used(processes)
	if m.successes > 0 {
		m.cpu = (after.cpu - before.cpu) / time.Duration(m.successes)
	}
	m.memory, m.own = after.memory, after.own
	return m, err
}

// hashes measures how many password hashes the server's own gate lets through
// on this machine: the floor of everything that checks a password.
func (s *suite) hashes(ctx context.Context, d time.Duration) (sample, error) {
	slots := max(1, runtime.NumCPU()-1)
	gate, err := argon.NewGate(slots, argon.DefaultParams(), rand.Reader)
	if err != nil {
		return sample{}, err
	}
	began, ended := time.Now(), make(chan error, slots)
	done := make([]int, slots)
	for i := range slots {
		go func() {
			var err error
			for ; err == nil && time.Since(began) < d; done[i]++ {
				_, err = gate.Hash(ctx, latchkey.Secret(password))
			}
			ended <- err
		}()
	}
	for range slots {
		err = errors.Join(err, <-ended)
	}
	m := sample{took: time.Since(began)}
	for _, n := range done {
		m.successes += n
	}
	m.rate = float64(m.successes) / m.took.Seconds()
	return m, err
}
