package bench

import (
	"context"
	"fmt"
	"os"
	"time"
)

// rest is what a target is while nobody asks anything.
type rest struct {
	target  *target
	start   time.Duration // from the start of the program until it listens; median
	memory  int64         // bytes resident, of one server
	own     int64         // bytes of these without mapped files
	program int64         // bytes of the binary
}

const restarts = 5

// atRest restarts each target's servers and looks at one that is idle.
func (s *suite) atRest(ctx context.Context) error {
	for _, t := range s.targets {
		s.say("%s: restarts", t.name)
		r, err := t.atRest(ctx, s.Idle)
		if err != nil {
			return fmt.Errorf("%s at rest: %w", t.name, err)
		}
		s.rests = append(s.rests, r)
	}
	return nil
}

func (t *target) atRest(ctx context.Context, idle time.Duration) (rest, error) {
	r := rest{target: t}
	var took []float64
	for range restarts {
		each, err := t.restart(ctx)
		if err != nil {
			return r, err
		}
		took = append(took, each...)
	}
	r.start = time.Duration(median(took) * float64(time.Second))
	program, err := os.Stat(t.program)
	if err != nil {
		return r, err
	}
	r.program = program.Size()
	select {
	case <-ctx.Done():
		return r, ctx.Err()
	case <-time.After(idle):
	}
	r.memory, r.own = t.nodes[0].status("VmRSS:"), t.nodes[0].own()
	return r, nil
}

// restart stops all servers and starts as many; it returns how long each took
// until it listened, in seconds.
func (t *target) restart(ctx context.Context) (took []float64, err error) {
	nodes := len(t.nodes)
	if err := t.stop(); err != nil {
		return nil, err
	}
	for range nodes {
		began := time.Now()
		if err := t.addNode(ctx); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began).Seconds())
	}
	return took, nil
}

func (r rest) String() string {
	return fmt.Sprintf("%s: listens %d ms after its start; idle, %d MiB resident, %d of them its own; a program of %d MiB",
		r.target.name, r.start.Milliseconds(), r.memory>>20, r.own>>20, r.program>>20)
}
