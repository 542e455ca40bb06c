package e2e_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/latchkey-dev/latchkey/api"
)

// program is one run of a seller's program at a customer's: a client of the
// compatible client API 1.3 that checks every signature.
type program struct {
	url     string // of the server
	app     string // name
	owner   string
	public  ed25519.PublicKey
	session string
	http    *http.Client
}

func newProgram(server string, app api.AppCreated, client *http.Client) *program {
	public, err := hex.DecodeString(app.CompatPublicKey)
	if err != nil || len(public) != ed25519.PublicKeySize {
		panic(fmt.Sprintf("public key %q of the app: %v", app.CompatPublicKey, err))
	}
	return &program{url: server, app: app.Name, owner: app.OwnerID, public: public, http: client}
}

// answer is what the program reads of an answer.
type answer struct {
	Success   bool   `json:"success"`
	Message   string `json:"message"`
	SessionID string `json:"sessionid"`
	OwnerID   string `json:"ownerid"`
	Info      struct {
		Username      string `json:"username"`
		Subscriptions []struct {
			Subscription string `json:"subscription"`
			Key          string `json:"key"`
		} `json:"subscriptions"`
	} `json:"info"`
}

// errUnclean is an answer that is neither a success nor a proper refusal.
var errUnclean = errors.New("not a clean answer")

// call makes one call. An error means that there was no answer because server
// or database are down, or one that no program would believe ([errUnclean]).
func (p *program) call(typ string, params url.Values) (a answer, err error) {
	form := url.Values{"type": {typ}, "name": {p.app}, "ownerid": {p.owner}}
	if p.session != "" {
		form.Set("sessionid", p.session)
	}
	for name, values := range params {
		form[name] = values
	}
	res, err := p.http.PostForm(p.url+"/api/1.3/", form)
	if err != nil {
		return a, err
	}
	body, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return a, err
	}
	if res.StatusCode == http.StatusServiceUnavailable {
		return a, fmt.Errorf("unavailable: %.200s", body)
	}
	if res.StatusCode != http.StatusOK {
		return a, fmt.Errorf("%w: status %d, %.200s", errUnclean, res.StatusCode, body)
	}
	signature, err := hex.DecodeString(res.Header.Get("x-signature-ed25519"))
	if err != nil || !ed25519.Verify(p.public, append([]byte(res.Header.Get("x-signature-timestamp")), body...), signature) {
		return a, fmt.Errorf("%w: bad signature of %.200s", errUnclean, body)
	}
	if err := json.Unmarshal(body, &a); err != nil || a.OwnerID != p.owner {
		return a, fmt.Errorf("%w: %.200s (%v)", errUnclean, body, err)
	}
	return a, nil
}

// open opens a session.
func (p *program) open() error {
	p.session = ""
	a, err := p.call("init", url.Values{"ver": {"1.0"}})
	if err != nil {
		return err
	}
	if !a.Success || a.SessionID == "" {
		return fmt.Errorf("%w: init was refused: %s", errUnclean, a.Message)
	}
	p.session = a.SessionID
	return nil
}

// customer is what somebody enters to sign in.
type customer struct{ name, password, key, hwid string }

func (c customer) license() url.Values {
	return url.Values{"key": {c.key}, "hwid": {c.hwid}}
}

func (c customer) login() url.Values {
	return url.Values{"username": {c.name}, "pass": {c.password}, "hwid": {c.hwid}}
}

func (c customer) register() url.Values {
	return url.Values{"username": {c.name}, "pass": {c.password}, "key": {c.key}, "hwid": {c.hwid}}
}

func (c customer) upgrade() url.Values {
	return url.Values{"username": {c.name}, "key": {c.key}}
}
