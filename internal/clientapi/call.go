package clientapi

import (
	"crypto/sha256"
	"net/http"
	"strings"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/sign"
)

// call is one request on its way: what has been learned of it so far decides
// how its answer is signed.
type call struct {
	api     *api
	r       *http.Request
	app     *service.ClientApp // nil until found: the answer is not signed
	key     *sign.NativeKey    // of the answer
	nonce   string             // "" if it is missing or malformed
	read    bool               // the body has been read to its end
	hash    [sha256.Size]byte  // of the body
	body    []member
	session *service.ClientSession // nil where the function needs none
	waiting []byte                 // a sign-in that needs a code of the second factor
}

// get is a text of the request, "" if it was left out.
func (c *call) get(name string) string {
	if m := find(c.body, name); m != nil {
		return m.text
	}
	return ""
}

// number is an integer of the request.
func (c *call) number(name string) int64 {
	if m := find(c.body, name); m != nil {
		return m.number
	}
	return 0
}

// texts is an object of texts of the request.
func (c *call) texts(name string) map[string]string {
	m := find(c.body, name)
	if m == nil {
		return nil
	}
	out := make(map[string]string, len(m.texts))
	for i := range m.texts {
		out[m.texts[i].name] = m.texts[i].text
	}
	return out
}

// target is what the client asked for, as its own request line has it, from
// the prefix on: where this server is mounted is no part of it.
func (c *call) target() string {
	if i := strings.Index(c.r.RequestURI, client.Prefix); i >= 0 {
		return c.r.RequestURI[i:]
	}
	return c.r.URL.RequestURI()
}

// identity names the request: the same one sent again has the same.
func (c *call) identity() []byte {
	return append(append([]byte(c.nonce), c.hash[:]...), c.r.URL.Path...)
}

// signIn gathers what a customer entered.
func (c *call) signIn() service.ClientSignIn {
	return service.ClientSignIn{
		Username: c.get("username"),
		Password: latchkey.Secret(c.get("password")),
		Key:      c.get("license"),
		Email:    c.get("email"),
		HWID:     c.get("hwid"),
		Request:  c.identity(),
	}
}
