package latchkey

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"io"
	"net/http"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
)

// Machine is the environment of a test: its clock is moved by hand and nothing
// waits.
type Machine struct {
	Wall    time.Time
	Elapsed time.Duration
	Waits   []time.Duration
	Rand    io.Reader
}

// Pass lets time go by.
func (m *Machine) Pass(d time.Duration) { m.Wall, m.Elapsed = m.Wall.Add(d), m.Elapsed+d }

// WithMachine puts a client on a machine.
func WithMachine(m *Machine) Option {
	return func(s *settings) {
		s.env.wall = func() time.Time { return m.Wall }
		s.env.elapsed = func() time.Duration { return m.Elapsed }
		s.env.wait = func(ctx context.Context, d time.Duration) error {
			m.Waits = append(m.Waits, d)
			return ctx.Err()
		}
		if m.Rand != nil {
			s.env.rand = m.Rand
		}
	}
}

// Asked is a request, for the test vectors.
type Asked struct{ App, Method, Target, Nonce, Body string }

// VerifyAnswer judges an answer as a client does, but for its content.
func VerifyAnswer(pinned []ed25519.PublicKey, a Asked, header http.Header, status int, body []byte) error {
	p, err := readProof(header)
	if err != nil {
		return err
	}
	return verify(pinned, &asked{app: a.App, method: a.Method, target: a.Target, nonce: a.Nonce, body: sha256.Sum256([]byte(a.Body))}, p, status, body)
}

// KeyID names a public key.
func KeyID(public ed25519.PublicKey) string { return keyID(public) }

// Vouched returns the keys that trusted ones vouch for.
func Vouched(appID string, trusted []ed25519.PublicKey, statements []client.Succession) []ed25519.PublicKey {
	return vouched(appID, trusted, statements)
}
