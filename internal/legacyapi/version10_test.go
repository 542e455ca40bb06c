package legacyapi_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// program10 is a program of version 1.0. It shares no code with the server.
type program10 struct {
	w       *world
	secret  string
	encKey  string
	session string
}

// boxed is AES-256-CBC as the version has it: key and vector are the beginnings
// of the hex text of a hash.
func boxed(key, iv, text string) string {
	text += strings.Repeat(string(rune(16-len(text)%16)), 16-len(text)%16)
	out := make([]byte, len(text))
	block, vector := block10(key, iv)
	cipher.NewCBCEncrypter(block, vector).CryptBlocks(out, []byte(text))
	return hex.EncodeToString(out)
}

func unboxed(t testing.TB, key, iv string, body []byte) []byte {
	t.Helper()
	out, err := hex.DecodeString(string(body))
	if err != nil || len(out) == 0 || len(out)%16 != 0 || bytes.ContainsAny(body, "ABCDEF") {
		t.Fatalf("the answer is not lower-case hex of whole blocks: %.80q (%v)", body, err)
	}
	block, vector := block10(key, iv)
	cipher.NewCBCDecrypter(block, vector).CryptBlocks(out, out)
	return out[:len(out)-int(out[len(out)-1])]
}

func block10(key, iv string) (cipher.Block, []byte) {
	half := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	block, err := aes.NewCipher([]byte(half(key)[:32]))
	if err != nil {
		panic(err)
	}
	return block, []byte(half(iv)[:16])
}

// send makes a call under a key; values but init_iv and hash are encrypted.
func (p *program10) send(key, iv string, params url.Values) []byte {
	p.w.t.Helper()
	form := url.Values{"name": {hex.EncodeToString([]byte(appName))}, "ownerid": {hex.EncodeToString([]byte(p.w.app.OwnerID))}}
	if p.session != "" {
		form.Set("sessionid", hex.EncodeToString([]byte(p.session)))
	}
	if iv != "" {
		form.Set("init_iv", iv)
	}
	for name, values := range params {
		switch name {
		case "type":
			form.Set(name, hex.EncodeToString([]byte(values[0])))
		case "hash", "name", "ownerid", "sessionid":
			form[name] = values
		default:
			form.Set(name, boxed(key, iv, values[0]))
		}
	}
	res, err := http.PostForm(p.w.url+"/api/1.0/", form)
	p.w.must(err)
	body, err := io.ReadAll(res.Body)
	p.w.must(err)
	p.w.must(res.Body.Close())
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "" || res.Header.Get("signature") != "" || res.Header.Get("x-signature-ed25519") != "" {
		p.w.t.Errorf("status %d, headers %v", res.StatusCode, res.Header)
	}
	return body
}

// call is a call after init. Its answer's members are returned by name.
func (p *program10) call(iv string, params url.Values) map[string]any {
	p.w.t.Helper()
	return p.read(unboxed(p.w.t, p.encKey, iv, p.send(p.encKey, iv, params)))
}

func (p *program10) read(text []byte) (answer map[string]any) {
	p.w.t.Helper()
	if err := json.Unmarshal(text, &answer); err != nil {
		p.w.t.Fatalf("%.80q: %v", text, err)
	}
	return answer
}

func (p *program10) init() {
	p.w.t.Helper()
	iv := "0123456789abcdef0123456789abcdef"
	answer := p.read(unboxed(p.w.t, p.secret, iv, p.send(p.secret, iv, url.Values{"type": {"init"}, "ver": {"1.0"}, "enckey": {p.encKey}, "hash": {"00"}})))
	var members []string
	for name := range answer {
		members = append(members, name)
	}
	slices.Sort(members)
	if strings.Join(members, " ") != "appinfo message sessionid success" || answer["success"] != true {
		p.w.t.Fatalf("init: %v", answer)
	}
	p.session = answer["sessionid"].(string)
}

func newProgram10(t testing.TB) *program10 {
	w := newWorld(t)
	w.do("app accept=1.0")
	w.do("license SUN-AAAA-BBBB-CCCC-0001 1 30d")
	return &program10{w: w, secret: w.secrets.Secret.Reveal(), encKey: "4a59f8ca-b304-47"}
}

func TestAProgramOf10(t *testing.T) {
	p := newProgram10(t)
	p.w.do("mail-server")
	p.w.do("variable motd anyone The value inputted for type paramater was not found") // which is no such answer
	p.init()
	for _, step := range []struct {
		params  url.Values
		success bool
		message string
	}{
		{url.Values{"type": {"check"}}, false, "Session is not validated"},
		{url.Values{"type": {"license"}, "key": {"SUN-AAAA-BBBB-CCCC-0009"}, "hwid": {"hwid-0000000000000001"}}, false, "Invalid license key"},
		{url.Values{"type": {"license"}, "key": {"SUN-AAAA-BBBB-CCCC-0001"}, "hwid": {"hwid-0000000000000001"}}, true, "Logged in!"},
		{url.Values{"type": {"check"}}, true, "Session is validated."},
		{url.Values{"type": {"var"}, "varid": {"motd"}}, true, "The value inputted for type paramater was not found"},
		{url.Values{"type": {"forgot"}, "username": {"ann"}, "email": {"ann@example.com"}}, true, "Successfully sent email to change password."},
		{url.Values{"type": {"forgot"}, "username": {"ann"}, "email": {"ann"}}, false, "This is not a mail address."},
		{url.Values{"type": {"var"}, "varid": {"none"}}, false, "Variable not found."},
		{url.Values{"type": {"setvar"}, "var": {"theme"}, "data": {strings.Repeat("é", 500)}}, true, "Successfully set variable"},
		{url.Values{"type": {"getvar"}, "var": {"theme"}}, true, "Successfully retrieved variable"},
	} {
		for _, iv := range []string{"", "another vector each time"} { // one client sends none
			if iv == "" && step.params.Has("key") {
				continue
			}
			if got := p.call(iv, step.params); got["success"] != step.success || got["message"] != step.message || got["nonce"] != nil || got["role"] != nil {
				t.Errorf("%v: %v", step.params, got)
			}
		}
	}
	if got := p.call("a vector", url.Values{"type": {"getvar"}, "var": {"theme"}})["response"]; got != strings.Repeat("é", 500) {
		t.Errorf("the variable is %v", got)
	}
}

func TestAnswersOf10InClear(t *testing.T) {
	p := newProgram10(t)
	p.init()
	clear := func(params url.Values, want string) {
		t.Helper()
		if got := string(p.send(p.encKey, "iv", params)); got != want {
			t.Errorf("%v: %s, want %s", params, got, want)
		}
	}
	clear(url.Values{"type": {"nothing"}}, `{"success":false,"message":"Unhandled Type"}`)
	clear(url.Values{"type": {"check"}, "name": {hex.EncodeToString([]byte("Other App"))}}, "KeyAuth_Invalid")
	clear(url.Values{"type": {"check"}, "ownerid": {"not hex"}},
		`{"success":false,"message":"No OwnerID specified. Select app & copy code snippet from https://keyauth.cc/app/"}`)
	clear(url.Values{"type": {"check"}, "sessionid": {hex.EncodeToString([]byte("gone"))}},
		`{"success":false,"message":"Session not found. If you get this frequently, ask the developer to use the latest example code"}`)
	wrong := *p
	wrong.encKey = "another encryption key"
	if got := string(wrong.send(wrong.encKey, "iv", url.Values{"type": {"license"}, "key": {"SUN-AAAA-BBBB-CCCC-0001"}})); !strings.Contains(got, `"success":false`) {
		t.Errorf("another key: %s", got)
	}
	if p.call("iv", url.Values{"type": {"license"}, "key": {"SUN-AAAA-BBBB-CCCC-0001"}, "hwid": {"hwid-0000000000000001"}})["success"] != true {
		t.Error("afterwards the license cannot be redeemed")
	}
}

// TestProgramsOf10MayHashTheirEncryptionKey, as a published client does, which
// sends all 64 digits of it.
func TestProgramsOf10MayHashTheirEncryptionKey(t *testing.T) {
	p := newProgram10(t)
	p.encKey = strings.Repeat("0123456789abcdef", 4)
	p.init()
	if got := p.call("iv", url.Values{"type": {"license"}, "key": {"SUN-AAAA-BBBB-CCCC-0001"}, "hwid": {"hwid-0000000000000001"}}); got["success"] != true {
		t.Errorf("license: %v", got)
	}
}
