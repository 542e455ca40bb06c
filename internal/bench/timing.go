package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/latchkey-dev/latchkey/api"
)

// twins are two requests whose refusals must not be told apart by how long they
// take.
type twins struct {
	what string
	ask  [2]func(w *worker)
	good func(*response) bool
}

// Two refusals count as the same if their medians differ by less than a
// twentieth or by less than 50 µs, and if ranks tell them apart no better than
// this: an effect of 1 is certainty, 0 is guessing.
const (
	sameShare  = 0.05
	sameTime   = 50 * time.Microsecond
	sameEffect = 0.1
	sameChance = 0.01
)

// compareTimes asks for each pair of refusals in turn, samples of either, and
// prints how their times differ; an error if any can be told apart.
func (o options) compareTimes(ctx context.Context, dir, hello string, out io.Writer, say func(string, ...any)) (err error) {
	t := &target{name: "sqlite", program: o.Server, flags: o.ServerFlags, hello: hello, database: "sqlite"}
	if t.dir, err = o.dataDir(dir, "sqlite", "timing"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.leave()) }()
	if err := t.open(ctx, o.Licenses, o.Users, say); err != nil {
		return err
	}
	all, err := t.twins(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "refusals\tmedian µs\tmedian µs\tdifference\teffect\tp\t")
	var told []string
	for _, pair := range all {
		say("%s: %d of each", pair.what, o.Timing)
		a, b, err := t.times(ctx, pair, o.Timing)
		if err != nil {
			return fmt.Errorf("%s: %w", pair.what, err)
		}
		one, other := middle(a), middle(b)
		share := math.Abs(float64(one-other)) / float64(max(one, other))
		effect, p := ranks(a, b)
		verdict := "the same"
		if share >= sameShare && (one-other).Abs() >= sameTime || p <= sameChance && math.Abs(effect) >= sameEffect {
			verdict = "DIFFER"
			told = append(told, pair.what)
		}
		fmt.Fprintf(table, "%s\t%.1f\t%.1f\t%.1f %%\t%.3f\t%.3f\t%s\n", pair.what, micro(one), micro(other), 100*share, effect, p, verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(told) > 0 {
		return errors.New("can be told apart by their time: " + strings.Join(told, "; "))
	}
	return nil
}

func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// twins are the pairs of requests, with what they need.
func (t *target) twins(ctx context.Context) ([]twins, error) {
	if err := t.refill(ctx, 1); err != nil {
		return nil, err
	}
	session, _ := t.fresh.take()
	foreign, unknown, err := t.foreignLicense(ctx)
	if err != nil {
		return nil, err
	}
	login := func(name string) func(*worker) {
		return func(w *worker) {
			w.post(&t.fixture, "type", "login", "sessionid", session, "username", name, "pass", "not-the-password", "hwid", device(0))
		}
	}
	license := func(key string) func(*worker) {
		return func(w *worker) {
			w.post(&t.fixture, "type", "license", "sessionid", session, "key", key, "hwid", device(0))
		}
	}
	manage := func(key, id string) func(*worker) {
		f := t.fixture
		f.APIKey = key
		return func(w *worker) { w.get(&f, "/"+id) }
	}
	status := func(want int) func(*response) bool { return func(r *response) bool { return r.status == want } }
	return []twins{
		{"sign-in: a name that is not there, a wrong password", [2]func(*worker){login("nobody-at-all"), login(userName(0))}, refused},
		{"license: nothing like one, all but the last character", [2]func(*worker){license(scrambled(t.Bound[0])), license(nearly(t.Bound[0]))}, refused},
		{"management: an id that is not there, one of another application", [2]func(*worker){manage(t.APIKey, unknown), manage(t.APIKey, foreign)}, status(404)},
		{"API key: nothing like one, all but the last character", [2]func(*worker){manage(scrambled(t.APIKey), unknown), manage(nearly(t.APIKey), unknown)}, status(401)},
	}, nil
}

// foreignLicense is the id of a license of another application, and one that is
// nowhere.
func (t *target) foreignLicense(ctx context.Context) (there, nowhere string, err error) {
	var app api.AppCreated
	if err := t.manage(ctx, "/api/v1/apps", api.CreateApp{Name: "another"}, &app); err != nil {
		return "", "", err
	}
	var made api.LicensesCreated
	if err := t.manage(ctx, "/api/v1/apps/"+app.ID+"/licenses", api.CreateLicenses{Amount: new(int64(1)), Duration: "30d"}, &made); err != nil {
		return "", "", err
	}
	there = made.Licenses[0].ID
	return there, nearly(there), nil
}

// nearly changes the last letter or digit of a text.
func nearly(text string) string {
	last := byte('b')
	if text[len(text)-1] == last {
		last = 'c'
	}
	return text[:len(text)-1] + string(last)
}

// scrambled changes every letter and digit behind the prefix of a kind.
func scrambled(text string) string {
	start := strings.IndexByte(text, '_') + 1
	next := func(r rune) rune {
		switch {
		case 'a' <= r && r < 'z', 'A' <= r && r < 'Z', '0' <= r && r < '9':
			return r + 1
		case r == 'z', r == 'Z', r == '9':
			return '3'
		}
		return r
	}
	return text[:start] + strings.Map(next, text[start:])
}

// times asks for both of a pair n times, in turn over one connection.
func (t *target) times(ctx context.Context, pair twins, n int) (a, b []time.Duration, err error) {
	asked := 0
	l := t.load(1, func(w *worker) bool {
		if asked == 2*n {
			return false
		}
		pair.ask[asked%2](w)
		asked++
		return true
	})
	l.good, l.proof = pair.good, nil
	_, workers, err := l.runFor(ctx, 0)
	if err != nil {
		return nil, nil, err
	}
	for i, took := range workers[0].took {
		if i%2 == 0 {
			a = append(a, took)
		} else {
			b = append(b, took)
		}
	}
	return a, b, nil
}

func middle(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// ranks is the Mann-Whitney test of two samples: the rank-biserial correlation
// as the effect, and the chance of a larger one if both are alike, by the normal
// approximation without a correction for ties, which hardly occur among times.
func ranks(a, b []time.Duration) (effect, p float64) {
	type one struct {
		took time.Duration
		of   int
	}
	var all []one
	for i, list := range [][]time.Duration{a, b} {
		for _, took := range list {
			all = append(all, one{took, i})
		}
	}
	slices.SortFunc(all, func(x, y one) int { return cmp.Compare(x.took, y.took) })
	sum := 0.0 // of the ranks of a
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].took == all[from].took {
			to++
		}
		rank := float64(from+1+to) / 2 // of all that are equal
		for ; from < to; from++ {
			if all[from].of == 0 {
				sum += rank
			}
		}
	}
	n, m := float64(len(a)), float64(len(b))
	u := sum - n*(n+1)/2
	z := (u - n*m/2) / math.Sqrt(n*m*(n+m+1)/12)
	return 2*u/(n*m) - 1, math.Erfc(math.Abs(z) / math.Sqrt2)
}
