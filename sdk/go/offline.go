package latchkey

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
)

// ErrNoGrace means that there is nothing, or nothing any more, by which the
// program may go on without the server.
var ErrNoGrace = errors.New("latchkey: the program may not go on without the server")

// ErrClock means that the computer's clock has been set back, so that nobody
// can tell how much of the grace period is left. Signing in again helps.
var ErrClock = errors.New("latchkey: the computer's clock has been set back")

type offlineRule struct {
	path  string
	grace time.Duration
}

// maxGrace bounds a grace period.
const maxGrace = 366 * 24 * time.Hour

func (r offlineRule) check() error {
	if r.path == "" && r.grace == 0 {
		return nil
	}
	if r.path == "" || r.grace <= 0 || r.grace > maxGrace {
		return errors.New("latchkey: a grace period has a file and lasts up to 366 days")
	}
	return nil
}

// WithOffline keeps the answer of each sign-in in a file, so that the program
// may go on without the server for as long as grace after it, but never longer
// than the subscription or the server allows; see [Client.Offline].
//
// The file is encrypted for this computer and this application, and the answer
// in it stays signed by the server. What that cannot prevent: the computer is
// the customer's, who can put an old copy of the file back together with an old
// time. Keep the grace period as short as your customers' networks allow.
func WithOffline(path string, grace time.Duration) Option {
	return func(s *settings) { s.offline = offlineRule{path: path, grace: grace} }
}

// Grace is a permission to go on without the server.
type Grace struct {
	User  User
	Until time.Time     // by the server's clock
	Left  time.Duration // counted so that setting the clock back does not lengthen it
}

// startCost is what each run that uses the grace period takes of it at least:
// with the clock standing still, it still comes to an end.
const startCost = time.Minute

// graceRun anchors the grace period to the counter of this run, which nobody
// can set.
type graceRun struct {
	begun   bool
	at      time.Time     // as counted when the run began to use it
	elapsed time.Duration // the counter then
	last    time.Duration // the counter when it was last used
}

// Offline reports whether the program may go on without the server. Call it
// where [Client.License], [Client.Login] or [Client.Check] failed with
// [ErrUnavailable], or with [ErrUnverified] if you take a broken network for a
// missing one, and again every few minutes. Errors: [ErrNoGrace], [ErrClock].
//
// It needs an earlier sign-in on this computer under [WithOffline]; a refusal
// that ends what the customer had (a ban, an expiry, the end of the session)
// ends the grace period too, once the program has heard it.
func (c *Client) Offline() (*Grace, error) {
	if c.offline.path == "" {
		return nil, fmt.Errorf("%w: there is no grace period", ErrNoGrace)
	}
	hwid, err := c.hardwareID()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoGrace, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	box := graceBox{appID: c.appID, hwid: hwid, path: c.offline.path, rand: c.env.rand}
	r, err := box.load()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoGrace, err)
	}
	user, err := r.prove(c, hwid)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoGrace, err)
	}
	until := graceEnd(r.Time, c.offline.grace, user)
	left, err := c.grace.use(r, c.env, until)
	if err != nil {
		return nil, err
	}
	if err := box.store(r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoGrace, err)
	}
	return &Grace{User: *userOf(user), Until: until, Left: left}, nil
}

// use counts a use of the grace period in the record and returns what is left
// of it: by the latest that it can be now (by the clock, by what was seen
// before, by the counter of this run), and by how long it has been used in all.
func (g *graceRun) use(r *graceRecord, env environment, until time.Time) (left time.Duration, err error) {
	issued, highest := time.UnixMilli(r.Time), time.UnixMilli(r.Highest)
	wall, counter := env.wall(), env.elapsed()
	if wall.Before(latest(issued, highest).Add(-clockTolerance)) {
		return 0, ErrClock
	}
	now := latest(wall, highest)
	spent := r.Spent + (counter - g.last).Milliseconds()
	if !g.begun {
		*g = graceRun{begun: true, at: now, elapsed: counter}
		spent = r.Spent + startCost.Milliseconds()
	}
	now = latest(now, g.at.Add(counter-g.elapsed))
	g.last = counter
	r.Highest, r.Spent = now.UnixMilli(), spent
	left = min(until.Sub(now), until.Sub(issued)-time.Duration(spent)*time.Millisecond)
	if left <= 0 {
		return 0, fmt.Errorf("%w: the grace period is over", ErrNoGrace)
	}
	return left, nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// graceEnd is the earliest of what the program, the server and the
// subscriptions allow.
func graceEnd(issued int64, grace time.Duration, u *client.User) time.Time {
	end := issued + grace.Milliseconds()
	if u.OfflineUntil != nil {
		end = min(end, *u.OfflineUntil)
	}
	expiry, lifetime := int64(0), false
	for _, s := range u.Subscriptions {
		if s.ExpiresAt == nil {
			lifetime = true
		} else {
			expiry = max(expiry, *s.ExpiresAt)
		}
	}
	if !lifetime {
		end = min(end, expiry)
	}
	return time.UnixMilli(end).UTC()
}

// keep stores the proven answer of a sign-in.
func (c *Client) keep(a *answer) {
	if c.offline.path == "" {
		return
	}
	hwid, err := c.hardwareID()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		box := graceBox{appID: c.appID, hwid: hwid, path: c.offline.path, rand: c.env.rand}
		err = box.store(recordOf(a, c.statements))
	}
	c.offlineErr, c.grace = err, graceRun{}
}

// forget removes what was kept.
func (c *Client) forget() {
	if c.offline.path == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offlineErr = removeGrace(c.offline.path)
}

// OfflineError says why the last sign-in could not be kept, nil if it was. A
// sign-in succeeds without it.
func (c *Client) OfflineError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offlineErr
}

// prove verifies the kept answer as if it had just come.
func (r *graceRecord) prove(c *Client, hwid string) (*client.User, error) {
	request, ok := lowerHex(r.RequestHash, sha256.Size)
	if !ok || r.App != c.appID || !isSignIn(r.Target) {
		return nil, errors.New("what is kept is not a sign-in")
	}
	a := asked{app: r.App, method: http.MethodPost, target: r.Target, nonce: r.Nonce, body: [sha256.Size]byte(request)}
	trusted := append(c.trusted[:len(c.trusted):len(c.trusted)], vouched(c.appID, c.trusted, r.Successions)...)
	if err := verify(trusted, &a, proof{key: r.Key, signature: r.Signature, ms: r.Time}, http.StatusOK, r.Body); err != nil {
		return nil, err
	}
	var out client.SignedIn
	if err := decode(r.Body, &out); err != nil {
		return nil, err
	}
	if out.Stage != client.StageSignedIn || !isUser(out.User) {
		return nil, errors.New("what is kept signs nobody in")
	}
	sum := sha256.Sum256([]byte(hwid))
	if out.User.Device != "" && out.User.Device != hex.EncodeToString(sum[:]) {
		return nil, errors.New("what is kept is of another computer")
	}
	return out.User, nil
}

func isSignIn(target string) bool {
	for _, path := range []string{client.PathLicense, client.PathLogin, client.PathRegister, client.PathTwoFactorVerify} {
		if target == client.Prefix+path {
			return true
		}
	}
	return false
}
