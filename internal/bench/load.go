package bench

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is what a number of clients do, each on a connection of its own: ask,
// wait for the answer, ask again.
type load struct {
	clients int
	address func(client int) string
	// next writes the client's next request; false: there is none left.
	next func(w *worker) bool
	// good reports whether an answer is a success.
	good func(r *response) bool
	// sheds allows the refusal of a server that is busy, which is counted on its own.
	sheds bool
	// pace is how many requests a second all clients together make; 0: as many as they can.
	pace int
	// proof verifies the signature of one answer in verifyEvery; nil: none.
	proof proof
	// whole is how much of an answer is kept, in bytes; 0: as ever.
	whole int
	// keep is given each success; nil: none is kept.
	keep func(w *worker)
}

const verifyEvery = 64

// proof verifies the signature of the answer that a worker has received last.
type proof func(w *worker) error

// sample is what one run of a load showed. CPU and memory are added by who
// knows the processes.
type sample struct {
	rate      float64 // successes in a second
	p50, p99  time.Duration
	worst     time.Duration
	successes int
	shed      int
	took      time.Duration
	cpu       time.Duration // of all processes, for each success; 0: unknown
	memory    int64         // bytes, the most of one process; 0: unknown
	own       int64         // bytes, at the end, without mapped files; 0: unknown
}

// worker is one client.
type worker struct {
	*conn
	rng     *rand.Rand
	number  int
	out     []byte // the request
	form    []byte // its body, while it is made
	native  nativeCall
	took    []time.Duration
	kept    []string
	asked   int
	shed    int
	failure error
}

// stopper ends a load.
type stopper struct{ flag atomic.Bool }

func (s *stopper) stop()         { s.flag.Store(true) }
func (s *stopper) stopped() bool { return s.flag.Load() }

// runFor runs a load for about d, or until its requests are used up; d of 0
// is until then.
func (l load) runFor(ctx context.Context, d time.Duration) (sample, []*worker, error) {
	return l.run(ctx, d, new(stopper))
}

// roundLimit bounds a run, in case a server answers no more.
const roundLimit = 10 * time.Minute

// errUsedUp reports that there was not a single request to make.
var errUsedUp = errors.New("nothing was asked")

// run runs a load until it is stopped, at the latest after d, if that is not 0.
// Requests in flight are finished and count.
func (l load) run(ctx context.Context, d time.Duration, s *stopper) (sample, []*worker, error) {
	defer context.AfterFunc(ctx, s.stop)()
	workers := make([]*worker, l.clients)
	defer func() {
		for _, w := range workers {
			if w != nil && w.conn != nil {
				_ = w.Close() // nothing more is asked of it
			}
		}
	}()
	for i := range workers {
		c, err := dial(l.address(i), time.Now().Add(roundLimit))
		if err != nil {
			return sample{}, nil, err
		}
		if l.whole > 0 {
			c.keep = l.whole
		}
		workers[i] = &worker{conn: c, number: i, rng: rand.New(rand.NewPCG(uint64(i), uint64(time.Now().UnixNano())))}
	}
	var running sync.WaitGroup
	if d > 0 {
		defer time.AfterFunc(d, s.stop).Stop()
	}
	began := time.Now()
	for _, w := range workers {
		running.Go(func() {
			if w.failure = l.client(w, s); w.failure != nil {
				s.stop()
			}
		})
	}
	running.Wait()
	took := time.Since(began)
	if err := ctx.Err(); err != nil {
		return sample{}, nil, err
	}
	return summary(workers, took)
}

func (l load) client(w *worker, s *stopper) error {
	started := time.Now()
	for !s.stopped() && l.next(w) {
		l.wait(w, started)
		began := time.Now()
		if err := w.exchange(w.out); err != nil {
			return fmt.Errorf("exchange: %w", err)
		}
		took := time.Since(began)
		w.asked++
		if l.sheds && busy(&w.res) {
			w.shed++
			continue
		}
		if !l.good(&w.res) {
			return fmt.Errorf("a bad answer to %.120q: %d %.300s", w.out, w.res.status, w.res.body)
		}
		if l.proof != nil && w.asked%verifyEvery == 1 {
			if err := l.proof(w); err != nil {
				return err
			}
		}
		w.took = append(w.took, took)
		if l.keep != nil {
			l.keep(w)
		}
	}
	return nil
}

// wait keeps a client of a paced load from asking too early. Clients take
// turns, so that the load is even.
func (l load) wait(w *worker, started time.Time) {
	if l.pace > 0 {
		turn := time.Duration(w.asked*l.clients+w.number) * time.Second / time.Duration(l.pace)
		time.Sleep(time.Until(started.Add(turn)))
	}
}

// compatible is how programs of version 1.3 verify an answer.
func compatible(public ed25519.PublicKey) proof {
	return func(w *worker) error {
		r := &w.res
		signature, err := hex.AppendDecode(nil, r.signature)
		if err != nil || !ed25519.Verify(public, append(slices.Clone(r.timestamp), r.body...), signature) {
			return fmt.Errorf("a bad signature %q of %.300s", r.signature, r.body)
		}
		return nil
	}
}

func summary(workers []*worker, took time.Duration) (sample, []*worker, error) {
	s := sample{took: took}
	var all []time.Duration
	var err error
	for _, w := range workers {
		all = append(all, w.took...)
		s.shed += w.shed
		err = errors.Join(err, w.failure)
	}
	if err != nil {
		return s, workers, err
	}
	if len(all) == 0 {
		return s, workers, errUsedUp
	}
	slices.Sort(all)
	s.successes = len(all)
	s.rate = float64(len(all)) / took.Seconds()
	s.p50, s.p99, s.worst = all[len(all)/2], all[len(all)*99/100], all[len(all)-1]
	return s, workers, nil
}
