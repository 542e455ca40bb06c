package service

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

const (
	// repeatMemory is for how long a call can be repeated. Answers show secrets
	// once, and for as long are they kept, sealed: no longer than retries need.
	repeatMemory = 24 * time.Hour
	maxAnswer    = 1 << 20 // bytes of an answer that is kept
)

// Repeat names a call so that its caller can make it again.
type Repeat struct {
	Key    string                         // the caller's own name for the call
	Asked  []byte                         // hash of everything that is asked for under it
	Encode func(made any) ([]byte, error) // writes the answer from what the use case has made
	Silent []byte                         // the answer of a use case that makes nothing to tell of; nil: there is none
}

// repetition is a repeatable call on its way through a use case.
type repetition struct {
	store.Repeat
	encode  func(made any) ([]byte, error)
	silent  []byte
	earlier *store.Repeat // the same call, made before
}

type repetitionKey struct{}

var (
	errMadeBefore = errors.New("service: the call has been made before")
	errNothing    = errors.New("service: the call was to be repeatable and has made nothing")
)

// calls are the repeatable calls that this server is serving.
type calls struct {
	mu      sync.Mutex
	running map[string]bool
}

// begin reports whether no call of the name is running, and marks it as such.
func (c *calls) begin(name []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running[string(name)] {
		return false
	}
	if c.running == nil {
		c.running = map[string]bool{}
	}
	c.running[string(name)] = true
	return true
}

func (c *calls) end(name []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, string(name))
}

// Once makes a call that its caller can repeat: call runs a use case under the
// context that it is given, and the answer is stored in the transaction that
// makes the thing. The same call made again within a day gets the same answer
// and replayed; only calls that succeed are remembered. Errors: those of call;
// request.idempotency_mismatch if the first call asked for something else,
// request.in_progress if it is still being served.
func (s *Service) Once(ctx context.Context, in Repeat, call func(context.Context) error) (answer []byte, replayed bool, err error) {
	if err := checkRepeat(in.Key); err != nil {
		return nil, false, err
	}
	return s.once(ctx, s.box.Lookup("repeat", ActorFrom(ctx).ID, in.Key), in, call)
}

// ClientOnce is [Service.Once] for a function of the native protocol, named
// among those of its session. What was remembered is answered also where the
// function itself has ended the session. Errors also: app.disabled, app.paused.
func (s *Service) ClientOnce(ctx context.Context, app *ClientApp, ses *ClientSession, in Repeat, call func(context.Context) error) (answer []byte, replayed bool, err error) {
	if err := openForCall(&app.App, ses); err != nil {
		return nil, false, err
	}
	return s.once(ctx, s.box.Lookup("client-repeat", app.ID, string(ses.name()), in.Key), in, call)
}

func (s *Service) once(ctx context.Context, name []byte, in Repeat, call func(context.Context) error) (answer []byte, replayed bool, err error) {
	r := &repetition{encode: in.Encode, silent: in.Silent}
	r.Call, r.Asked = name, in.Asked
	if !s.calls.begin(r.Call) {
		return nil, false, running(clearingTime)
	}
	defer s.calls.end(r.Call)
	// First without the use case: what it checks may hold no more.
	err = s.db.Read(ctx, func(tx *store.Tx) error { return r.find(ctx, tx, s.now()) })
	if err == nil {
		err = call(context.WithValue(ctx, repetitionKey{}, r))
	}
	switch {
	case errors.Is(err, errMadeBefore):
		return r.earlier.Answer, true, nil
	case err == nil && r.Answer == nil:
		err = errNothing
	}
	return r.Answer, false, err
}

// checkRepeat refuses a caller's name for a call that is none.
func checkRepeat(key string) error {
	if key == "" || len(key) > maxRepeat || latchkey.CheckNote(key) != nil {
		return latchkey.Invalid("Idempotency-Key", "An Idempotency-Key has 1 to 255 characters.")
	}
	return nil
}

// find returns errMadeBefore if the call has been made, and nil if not.
func (r *repetition) find(ctx context.Context, tx *store.Tx, now time.Time) error {
	earlier, found, err := tx.Repeat(ctx, r.Call, now.Add(-repeatMemory))
	switch {
	case err != nil || !found:
		return err
	case !bytes.Equal(earlier.Asked, r.Asked):
		return latchkey.Fail(latchkey.CodeRepeatDiffers)
	}
	r.earlier = &earlier
	return errMadeBefore
}

// claim makes this transaction the one of all calls of the name that makes
// something.
func (r *repetition) claim(ctx context.Context, tx *store.Tx, now time.Time) error {
	r.Answer, r.CreatedAt = nil, now
	claimed, err := tx.ClaimRepeat(ctx, &r.Repeat, now.Add(-repeatMemory))
	if err != nil || claimed {
		return err
	}
	if err := r.find(ctx, tx, now); err != nil {
		return err
	}
	return running(clearingTime) // it has been forgotten this moment
}

// keep stores the answer with what the transaction has made.
func (r *repetition) keep(ctx context.Context, tx *store.Tx) error {
	if r.Answer == nil {
		r.Answer = r.silent
	}
	switch {
	case r.Answer == nil:
		return errNothing
	case len(r.Answer) > maxAnswer:
		return latchkey.FailWith(latchkey.CodeTooLarge, "The answer is too large to be kept; make this call without an Idempotency-Key.")
	}
	return tx.AnswerRepeat(ctx, &r.Repeat)
}

// made tells what a use case has made, in its transaction and at its end.
func made(ctx context.Context, thing any) (err error) {
	if r, ok := ctx.Value(repetitionKey{}).(*repetition); ok {
		r.Answer, err = r.encode(thing)
	}
	return err
}

// toTheEnd is the context for a call with an effect outside of the database: one
// that can be repeated goes on when its caller has gone, so that the repetition
// finds what came of it. It must be bounded by itself.
func toTheEnd(ctx context.Context) context.Context {
	if _, repeatable := ctx.Value(repetitionKey{}).(*repetition); repeatable {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// keepAnswer keeps the answer of such a call. Should the server stop before,
// a repetition has the effect again.
func (s *Service) keepAnswer(ctx context.Context, thing any) error {
	if _, repeatable := ctx.Value(repetitionKey{}).(*repetition); !repeatable {
		return nil
	}
	return s.write(ctx, func(*store.Tx) error { return made(ctx, thing) })
}

// SweepRepeats forgets calls that are too old to be repeated, in chunks, and
// says how many.
func (s *Service) SweepRepeats(ctx context.Context) (total int64, err error) {
	for {
		var n int64
		err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.ForgetRepeats(ctx, s.now().Add(-repeatMemory), sweepChunk)
			return err
		})
		if total += n; err != nil || n < sweepChunk {
			return total, err
		}
	}
}
