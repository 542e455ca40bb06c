// Package password hashes and verifies passwords with Argon2id behind a gate
// that bounds how many run at once, so that a flood of sign-ins leaves the
// rest of the server its processors and memory. It also verifies the bcrypt
// hashes that imported users bring along, until they are renewed.
package password

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// Params is the cost of a hash.
type Params struct {
	MemoryKiB uint32
	Passes    uint32
	Threads   uint8
}

// DefaultParams is OWASP's first recommendation for Argon2id (19 MiB, 2
// passes, 1 thread).
func DefaultParams() Params { return Params{MemoryKiB: 19 * 1024, Passes: 2, Threads: 1} }

const (
	saltLength = 16
	hashLength = 32
	// maxWait bounds the queue before the gate; whoever waits longer is told
	// to come back.
	maxWait = 2 * time.Second
)

// ErrHash reports a stored hash that is neither an Argon2id PHC string nor a
// bcrypt hash that may be verified.
var ErrHash = errors.New("stored password hash is neither Argon2id nor bcrypt of a cost allowed")

// Gate hashes and verifies, at most a fixed number at a time. Its methods are
// safe for concurrent use if rand is.
type Gate struct {
	slots  chan struct{}
	queue  atomic.Int64
	params Params
	rand   io.Reader
	dummy  string
}

// NewGate returns a gate for slots simultaneous hashes (at least 1).
func NewGate(slots int, params Params, rand io.Reader) (*Gate, error) {
	g := &Gate{slots: make(chan struct{}, max(1, slots)), params: params, rand: rand}
	// Nobody's password: no more is asked of it than to cost as much as one.
	random := make([]byte, saltLength+hashLength)
	if _, err := io.ReadFull(rand, random); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	g.dummy = format(params, random[:saltLength], random[saltLength:])
	return g, nil
}

// Hash returns the PHC string of a password. Errors: server.busy when the gate
// stays shut for 2 seconds, or the context's.
func (g *Gate) Hash(ctx context.Context, password latchkey.Secret) (string, error) {
	if err := g.enter(ctx); err != nil {
		return "", err
	}
	defer g.leave()
	return g.hash(password.Reveal())
}

// Verify reports whether password belongs to the PHC string or bcrypt hash, and
// whether that was made at another cost, or with bcrypt, and should be renewed. With an empty string
// it spends the same time and answers false, so that an unknown user takes as
// long as a wrong password.
func (g *Gate) Verify(ctx context.Context, phc string, password latchkey.Secret) (ok, renew bool, err error) {
	if err := g.enter(ctx); err != nil {
		return false, false, err
	}
	defer g.leave()
	if cost, is := latchkey.BcryptCost(phc); is {
		ok, err = verifyBcrypt(phc, cost, password)
		return ok, ok, err
	}
	unknown := phc == ""
	if unknown {
		phc = g.dummy
	}
	params, salt, want, err := parse(phc)
	if err != nil {
		return false, false, err
	}
	got := argon2.IDKey([]byte(password.Reveal()), salt, params.Passes, params.MemoryKiB, params.Threads, uint32(len(want)))
	ok = subtle.ConstantTimeCompare(got, want) == 1 && !unknown
	return ok, ok && params != g.params, nil
}

func (g *Gate) enter(ctx context.Context) error {
	select {
	case g.slots <- struct{}{}:
		return nil
	default:
	}
	g.queue.Add(1)
	defer g.queue.Add(-1)
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-timer.C:
		busy := latchkey.Fail(latchkey.CodeBusy)
		busy.RetryAfter = maxWait
		return busy
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Load is how many passwords are being hashed, how many wait for that, and how
// many may be hashed at once.
func (g *Gate) Load() (busy, waiting, slots int) {
	return len(g.slots), int(g.queue.Load()), cap(g.slots)
}

func (g *Gate) leave() { <-g.slots }

func (g *Gate) hash(password string) (string, error) {
	salt := make([]byte, saltLength)
	if _, err := io.ReadFull(g.rand, salt); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	sum := argon2.IDKey([]byte(password), salt, g.params.Passes, g.params.MemoryKiB, g.params.Threads, hashLength)
	return format(g.params, salt, sum), nil
}

// format writes a PHC string (github.com/P-H-C/phc-string-format) of Argon2id.
func format(p Params, salt, sum []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.MemoryKiB, p.Passes, p.Threads, b64(salt), b64(sum))
}

// parse reads what format writes, in exactly that spelling, and refuses costs
// that would stall the server.
func parse(phc string) (p Params, salt, sum []byte, err error) {
	parts := strings.Split(phc, "$")
	var version int
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return p, nil, nil, ErrHash
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return p, nil, nil, ErrHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Threads); err != nil {
		return p, nil, nil, ErrHash
	}
	if p.MemoryKiB > 1<<20 || p.Passes == 0 || p.Passes > 20 || p.Threads == 0 {
		return p, nil, nil, ErrHash
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(salt) < 8 || len(salt) > 64 {
		return p, nil, nil, ErrHash
	}
	if sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(sum) < 16 || len(sum) > 64 {
		return p, nil, nil, ErrHash
	}
	if format(p, salt, sum) != phc { // scanning forgives what may follow a number
		return p, nil, nil, ErrHash
	}
	return p, salt, sum, nil
}
