package service

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// ClientSession is what a session's token says of itself: that init happened
// and, in the native protocol, that somebody signed in. Whether who signed in
// still may go on is judged by each call.
type ClientSession struct {
	Token     latchkey.Secret
	Protocol  latchkey.Protocol
	EncKey    string // as the client sent it at init; "" if none
	CreatedAt time.Time
	ExpiresAt time.Time
	Stage     latchkey.Stage

	// seed is what a session of the native protocol that signed in is called by.
	seed []byte
	// Of [latchkey.StageTwoFactor]: the sign-in that waits, and until when.
	WaitsUntil time.Time
	Waiting    []byte
	began      []byte // the name of the session that it began with
}

// waitingHeader is the stage, the moment and the length of the name.
const waitingHeader = 10

// twoFactorTime is how long a sign-in waits for its code, at most.
const twoFactorTime = 10 * time.Minute

// seedSize is how many random bytes an id has, and some more.
const seedSize = 16

// name is what the session is told apart from all others by.
func (c *ClientSession) name() []byte {
	switch c.Stage {
	case latchkey.StageSignedIn:
		return c.seed
	case latchkey.StageTwoFactor:
		return c.began
	}
	sum := sha256.Sum256([]byte(c.Token.Reveal()))
	return sum[:]
}

// id is what the session is called when it is stored: made of its token, so that
// it is found without a look-up value of its own, and beginning with its moment,
// so that sessions are stored one beside the other.
func (c *ClientSession) id() (string, error) {
	return latchkey.NewID(latchkey.KindSession, c.CreatedAt, bytes.NewReader(c.name()))
}

// memoryKey is what the session is remembered by: its token, or where several
// tokens may name one session, what they name.
func (c *ClientSession) memoryKey() string {
	if c.Stage == latchkey.StageSignedIn {
		return string(c.seed)
	}
	return c.Token.Reveal()
}

// maySignIn reports whether somebody can have signed in with this very session.
func (c *ClientSession) maySignIn() bool {
	return c.Protocol != latchkey.ProtocolNative || c.Stage == latchkey.StageSignedIn
}

const sessionPurpose = "client-session"

// The token's content: 8 bytes of Unix milliseconds, 4 bytes of lifetime in
// seconds, the protocol with its length, and the rest: the encryption key, or in
// the native protocol the stage in one byte and what it needs.
const sessionHeader = 13

// Stages in tokens of the native protocol.
const (
	tokenStarted   = 1
	tokenSignedIn  = 2 // then the seed
	tokenTwoFactor = 3 // then 8 bytes of Unix milliseconds, the name of the session that it began with and its length, the sign-in
)

// newClientSession opens a session without writing anything: its token is
// sealed, so it cannot be forged, and a flood of inits fills no disk. It
// becomes a row when somebody signs in.
func (s *Service) newClientSession(app *ClientApp, protocol latchkey.Protocol, encKey string, now time.Time) (*ClientSession, error) {
	ses := &ClientSession{Protocol: protocol, EncKey: encKey, CreatedAt: now, Stage: latchkey.StageStarted,
		ExpiresAt: now.Add(time.Duration(app.Settings.SessionLength) * time.Second)}
	rest := []byte(encKey)
	if protocol == latchkey.ProtocolNative {
		rest = []byte{tokenStarted}
	}
	return ses, s.sealSession(app.ID, ses, rest)
}

// sealSession makes the token of a session.
func (s *Service) sealSession(appID string, ses *ClientSession, rest []byte) error {
	content := make([]byte, sessionHeader, sessionHeader+len(ses.Protocol)+len(rest))
	binary.BigEndian.PutUint64(content, uint64(ses.CreatedAt.UnixMilli()))
	binary.BigEndian.PutUint32(content[8:], uint32(ses.ExpiresAt.Sub(ses.CreatedAt)/time.Second))
	content[12] = byte(len(ses.Protocol))
	content = append(append(content, ses.Protocol...), rest...)
	token, err := s.box.SealToken(content, sessionPurpose, appID)
	ses.Token = latchkey.Secret(token)
	return err
}

// OpenSession reads a session token; session.not_found if it is forged,
// expired, of another app or protocol, or from before the app's sessions were
// all ended. It asks no database.
func (s *Service) OpenSession(app *ClientApp, protocol latchkey.Protocol, token string) (*ClientSession, error) {
	content, err := s.box.OpenToken(token, sessionPurpose, app.ID)
	if err != nil || len(content) < sessionHeader || len(content) < sessionHeader+int(content[12]) {
		return nil, latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	created := time.UnixMilli(int64(binary.BigEndian.Uint64(content))).UTC()
	ses := &ClientSession{Token: latchkey.Secret(token), CreatedAt: created, Stage: latchkey.StageStarted,
		ExpiresAt: created.Add(time.Duration(binary.BigEndian.Uint32(content[8:])) * time.Second),
		Protocol:  latchkey.Protocol(content[sessionHeader : sessionHeader+int(content[12])])}
	if ses.Protocol != protocol || !ses.ExpiresAt.After(s.now()) || created.Before(app.SessionsFrom) {
		return nil, latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	rest := content[sessionHeader+int(content[12]):]
	if protocol != latchkey.ProtocolNative {
		ses.EncKey = string(rest)
		return ses, nil
	}
	if err := ses.openStage(rest); err != nil {
		return nil, err
	}
	if ses.Stage == latchkey.StageTwoFactor && !ses.WaitsUntil.After(s.now()) {
		return nil, latchkey.Fail(latchkey.CodeSessionNotFound)
	}
	return ses, nil
}

// openStage reads what only tokens of the native protocol have.
func (c *ClientSession) openStage(rest []byte) error {
	switch {
	case len(rest) == 1 && rest[0] == tokenStarted:
		return nil
	case len(rest) == 1+seedSize && rest[0] == tokenSignedIn:
		c.Stage, c.seed = latchkey.StageSignedIn, rest[1:]
		return nil
	case len(rest) > waitingHeader && rest[0] == tokenTwoFactor && len(rest) > waitingHeader+int(rest[waitingHeader-1]):
		c.Stage, c.WaitsUntil = latchkey.StageTwoFactor, time.UnixMilli(int64(binary.BigEndian.Uint64(rest[1:]))).UTC()
		end := waitingHeader + int(rest[waitingHeader-1])
		c.began, c.Waiting = rest[waitingHeader:end], rest[end:]
		return nil
	}
	return latchkey.Fail(latchkey.CodeSessionNotFound)
}

// sessionAfter is the session that a user has after signing in with ses. In the
// native protocol it is another one, with a token of its own, so that whoever
// saw the first token has gained nothing. It is named by who signed in and by
// the request, so that the same request made again opens no second one.
func (s *Service) sessionAfter(appID string, ses *ClientSession, userID string, request []byte) (*ClientSession, error) {
	if ses.Protocol != latchkey.ProtocolNative {
		return ses, nil
	}
	next := &ClientSession{Protocol: ses.Protocol, CreatedAt: ses.CreatedAt, ExpiresAt: ses.ExpiresAt, Stage: latchkey.StageSignedIn,
		seed: s.box.Lookup("client-session", string(ses.name()), userID, string(request))[:seedSize]}
	return next, s.sealSession(appID, next, append([]byte{tokenSignedIn}, next.seed...))
}

// ClientWaiting is the session by which a sign-in that needs a code goes on
// (Waiting of [Customer]): it opens [Service.ClientTwoFactorVerify] and nothing
// else, for ten minutes or until the session ends.
func (s *Service) ClientWaiting(app *ClientApp, ses *ClientSession, waiting []byte) (*ClientSession, error) {
	next := &ClientSession{Protocol: ses.Protocol, CreatedAt: ses.CreatedAt, ExpiresAt: ses.ExpiresAt, Stage: latchkey.StageTwoFactor,
		WaitsUntil: s.now().Add(twoFactorTime), Waiting: waiting, began: ses.name()}
	if ses.ExpiresAt.Before(next.WaitsUntil) {
		next.WaitsUntil = ses.ExpiresAt
	}
	rest := binary.BigEndian.AppendUint64([]byte{tokenTwoFactor}, uint64(next.WaitsUntil.UnixMilli()))
	rest = append(append(rest, byte(len(next.began))), next.began...)
	return next, s.sealSession(app.ID, next, append(rest, waiting...))
}
