package ratelimit

import (
	"net/netip"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// knownFor is how long an address is remembered as one from which somebody has
// proved to be who they say.
const knownFor = 30 * 24 * time.Hour

// Guesses slows whoever tries names, passwords or keys, and nobody else. Only
// failed attempts count, twice: for the address that they come from, and for
// their subject, which is what is guessed at (a user name, a license key).
//
// An attempt is refused while its address has failed too often. It is also
// refused while its subject has failed too often, from whatever addresses, but
// only if the attempt's own address has a share in that: a stranger who uses a
// subject's limit up shuts himself out, and the customer at another address
// still has a try. An address from which the subject has signed in before is
// judged by its own failures with that subject alone, so that neither
// strangers elsewhere nor a guessing neighbour behind the same address keep a
// customer out.
//
// A nil *Guesses slows nobody. It is safe for concurrent use.
type Guesses struct {
	addresses *Buckets // failures by address
	subjects  *Buckets // by subject, from everywhere
	shares    *Buckets // by subject and address
	known     *Buckets // not full: the subject has signed in from the address
}

// NewGuesses returns a guard for one kind of subject. The limits of addresses
// may be shared by several kinds.
func NewGuesses(now func() time.Time, addresses *Buckets, subject Limit, more ...Limit) *Guesses {
	return &Guesses{
		addresses: addresses,
		subjects:  New(now, subject, more...),
		shares:    New(now, subject, more...),
		known:     New(now, Limit{Quota: 1, Window: knownFor}),
	}
}

// Attempt is one try at a subject.
type Attempt struct {
	Addr    netip.Addr // the client's; the zero Addr counts by subject alone
	Subject string     // in its canonical form; "" counts by address alone
}

// Try makes an attempt unless it is refused: request.rate_limited with the
// time to wait, before anything is spent on it. What try returns decides what
// is counted.
func (g *Guesses) Try(a Attempt, try func() error) error {
	if g == nil {
		return try()
	}
	if wait := g.wait(a); wait > 0 {
		return Refuse(wait)
	}
	err := try()
	g.count(a, err)
	return err
}

// Refuse is the error for a caller who has to wait.
func Refuse(wait time.Duration) error {
	e := latchkey.Fail(latchkey.CodeRateLimited)
	e.RetryAfter = wait
	return e
}

// wait is how long the attempt has to wait, 0 for not at all.
func (g *Guesses) wait(a Attempt) time.Duration {
	var address, subject time.Duration
	if a.Addr.IsValid() {
		address = g.addresses.Look(Key{Addr: a.Addr}).Wait
	}
	if a.Subject == "" {
		return address
	}
	share := Key{Addr: a.Addr, Text: a.Subject}
	own := g.shares.Look(share)
	if a.Addr.IsValid() && g.known.Look(share).Full > 0 {
		return own.Wait
	}
	if all := g.subjects.Look(Key{Text: a.Subject}); !all.Allowed {
		subject = min(all.Wait, own.Full)
	}
	return max(address, subject)
}

// count notes how an attempt ended. A success proves nothing about an address
// but that this subject is at home there; whoever guesses at others could
// otherwise clear their own record with an account of theirs.
func (g *Guesses) count(a Attempt, err error) {
	subject, share := Key{Text: a.Subject}, Key{Addr: a.Addr, Text: a.Subject}
	verdict := judge(latchkey.CodeOf(err))
	if verdict == wrong && a.Addr.IsValid() {
		g.addresses.Spend(Key{Addr: a.Addr})
	}
	if a.Subject == "" {
		return
	}
	switch verdict {
	case wrong, misfit:
		g.subjects.Spend(subject)
		g.shares.Spend(share)
	case right:
		g.shares.Forget(share)
		g.known.Fill(share)
	}
}

// verdict is what an attempt's end says about who made it.
type verdict int

const (
	neither verdict = iota // the refusal has nothing to do with guessing
	right
	wrong  // a guess that missed
	misfit // the subject is right and its device is not
)

func judge(code latchkey.Code) verdict {
	switch code {
	case "":
		return right
	case latchkey.CodeCredentials, latchkey.CodeSetupToken,
		latchkey.CodeUserNotFound, latchkey.CodeUserExists, latchkey.CodePasswordWrong, latchkey.CodePasswordAbsent,
		latchkey.CodeLicenseNotFound:
		return wrong
	case latchkey.CodeDeviceMismatch:
		return misfit
	}
	return neither
}
