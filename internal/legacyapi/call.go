package legacyapi

import (
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/sign"
)

// call is one request on its way: what has been learned of it so far decides
// how its answer is signed.
type call struct {
	protocol latchkey.Protocol
	form     *form                  // nil if it could not be read
	app      *service.ClientApp     // nil until found
	session  *service.ClientSession // nil at init, and where none is open
	inClear  bool                   // the answer is not encrypted, where the version does
	finishes []func()               // what the answer needs until it is sent
	space    *space                 // it is part of
}

// space is the memory that a call takes up. The next one takes it over, so
// nothing of it may be used after the answer.
type space struct {
	call   call
	form   form
	reply  reply
	answer []byte // as it is written; at most maxKept long
}

// begin makes the space's call.
func (s *space) begin(p latchkey.Protocol) *call {
	s.call = call{protocol: p, space: s}
	return &s.call
}

// clear forgets the call but for its memory.
func (s *space) clear() {
	s.form.clear()
	s.call, s.reply = call{}, reply{}
}

// finish lets go of what the answer needed.
func (c *call) finish() {
	for _, f := range c.finishes {
		f()
	}
}

func (c *call) get(name string) string {
	if c.form == nil {
		return ""
	}
	return c.form.get(name)
}

func (c *call) isInit() bool { return c.get("type") == typeInit }

// opened reports that the encryption key of the program is known: it comes
// with init or lies in the session.
func (c *call) opened() bool { return c.session != nil || c.isInit() }

// encKey is the encryption key of the program, "" if it gave none or none is known.
func (c *call) encKey() string {
	switch {
	case c.session != nil:
		return c.session.EncKey
	case c.isInit():
		return c.get("enckey")
	}
	return ""
}

// hmacKey is the key of the answer's HMAC: the app's secret before there is a
// session, and mixed with the program's encryption key after.
func (c *call) hmacKey() string {
	if c.session == nil {
		return c.app.Secret.Reveal()
	}
	return sign.Compat12Key(c.encKey(), c.app.Secret.Reveal())
}

// ownerID is the owner id that the answer repeats: the program compares it with its own.
func (c *call) ownerID() string {
	if c.app != nil {
		return c.app.OwnerID
	}
	return c.get("ownerid")
}

// signIn gathers what a customer entered.
func (c *call) signIn() service.ClientSignIn {
	return service.ClientSignIn{
		Username: c.get("username"),
		Password: latchkey.Secret(c.get("pass")),
		Token:    latchkey.Secret(c.get("token")),
		Key:      c.get("key"),
		Email:    c.get("email"),
		HWID:     c.get("hwid"),
		Code:     c.get("code"),
	}
}
