package legacyapi_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// client is a program with all the checks that the published 1.3 clients make
// on answers, each as strict as the strictest of them. It shares no code with
// the server.
type client struct {
	url, name, ownerID string
	public             ed25519.PublicKey
	now                func() time.Time
	session            string
}

// call returns an answer that passes every check, or the first that fails.
func (c *client) call(params url.Values) (map[string]any, error) {
	params.Set("name", c.name)
	params.Set("ownerid", c.ownerID)
	if c.session != "" {
		params.Set("sessionid", c.session)
	}
	resp, err := http.PostForm(c.url+"/api/1.3/", params)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		return nil, fmt.Errorf("status %d, type %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	if err := c.checkSignature(resp.Header, body); err != nil {
		return nil, err
	}
	if len(body) < 32 || len(body) > 2<<20 {
		return nil, fmt.Errorf("%d bytes", len(body))
	}
	for _, b := range body {
		if b > 0x7e {
			return nil, fmt.Errorf("byte %#x", b)
		}
	}
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	return answer, c.checkEnvelope(answer)
}

func (c *client) checkSignature(h http.Header, body []byte) error {
	stamp := h.Get("x-signature-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || len(stamp) < 10 || len(stamp) > 13 {
		return fmt.Errorf("timestamp %q", stamp)
	}
	if skew := c.now().Sub(time.Unix(seconds, 0)).Abs(); skew > 20*time.Second {
		return fmt.Errorf("skew %s", skew)
	}
	signature, err := hex.DecodeString(h.Get("x-signature-ed25519"))
	if err != nil || len(signature) != ed25519.SignatureSize || !ed25519.Verify(c.public, []byte(stamp+string(body)), signature) {
		return errors.New("bad signature")
	}
	return nil
}

func (c *client) checkEnvelope(answer map[string]any) error {
	success, isBool := answer["success"].(bool)
	code, isNumber := answer["code"].(float64)
	_, isText := answer["message"].(string)
	nonce, _ := answer["nonce"].(string)
	switch {
	case !isBool || !isNumber || !isText:
		return fmt.Errorf("types of %v", answer)
	case success != (code == 68):
		return fmt.Errorf("success %t with code %v", success, code)
	case success && len(nonce) != 36:
		return fmt.Errorf("nonce %q", nonce)
	case answer["ownerid"] != c.ownerID:
		return fmt.Errorf("owner id %v", answer["ownerid"])
	}
	return nil
}

func (c *client) init() error {
	answer, err := c.call(url.Values{"type": {"init"}, "ver": {"1.0"}, "hash": {"00"}})
	if err != nil {
		return err
	}
	session, _ := answer["sessionid"].(string)
	if newSession, isBool := answer["newSession"].(bool); !isBool || !newSession || session == "" {
		return fmt.Errorf("session of %v", answer)
	}
	info, _ := answer["appinfo"].(map[string]any)
	for _, member := range []string{"numUsers", "numOnlineUsers", "numKeys", "version", "customerPanelLink"} {
		if _, isText := info[member].(string); !isText {
			return fmt.Errorf("%s of %v", member, info)
		}
	}
	c.session = session
	return nil
}

// signIn checks what programs read of a customer.
func (c *client) signIn(params url.Values, withLevel bool) error {
	answer, err := c.call(params)
	if err != nil {
		return err
	}
	info, isObject := answer["info"].(map[string]any)
	if !isObject || answer["message"] == "Initialized" {
		return fmt.Errorf("info of %v", answer)
	}
	if _, isText := info["username"].(string); !isText {
		return fmt.Errorf("username of %v", info)
	}
	if hwid, present := info["hwid"]; !present || hwid != nil && hwid != params.Get("hwid") {
		return fmt.Errorf("hwid of %v", info)
	}
	if !isDigits(info["createdate"]) || !isDigits(info["lastlogin"]) {
		return fmt.Errorf("dates of %v", info)
	}
	list, _ := info["subscriptions"].([]any)
	if len(list) == 0 {
		return fmt.Errorf("subscriptions of %v", info)
	}
	row, _ := list[0].(map[string]any)
	_, isNumber := row["timeleft"].(float64)
	_, isText := row["subscription"].(string)
	_, hasKey := row["key"]
	_, hasLevel := row["level"].(string)
	if !isNumber || !isText || !hasKey || hasLevel != withLevel || !isDigits(row["expiry"]) {
		return fmt.Errorf("row %v", row)
	}
	if expiry, _ := strconv.ParseInt(row["expiry"].(string), 10, 64); expiry <= c.now().Unix() {
		return errors.New("subscription expired")
	}
	return nil
}

func isDigits(v any) bool {
	text, isText := v.(string)
	return isText && text != "" && strings.Trim(text, "0123456789") == ""
}

func TestAProgramPassesItsOwnChecks(t *testing.T) {
	w := newWorld(t)
	w.do("license SUN-AAAA-BBBB-CCCC-0001 1 30d")
	w.do("license SUN-AAAA-BBBB-CCCC-0002 1 lifetime")
	w.do("license SUN-AAAA-BBBB-CCCC-0003 1 1w")
	public, err := hex.DecodeString(w.app.CompatPublicKey)
	w.must(err)
	c := &client{url: w.url, name: appName, ownerID: w.app.OwnerID, public: public, now: w.env.Clock.Now}
	const hwid = "hwid-0000000000000001"

	w.must(c.init())
	w.must(c.signIn(url.Values{"type": {"register"}, "username": {"ann"}, "pass": {"secret"}, "hwid": {hwid},
		"key": {"SUN-AAAA-BBBB-CCCC-0001"}}, false))
	w.must(c.init())
	w.must(c.signIn(url.Values{"type": {"login"}, "username": {"ann"}, "pass": {"secret"}, "hwid": {hwid}}, true))
	w.must(c.init())
	w.must(c.signIn(url.Values{"type": {"license"}, "key": {"SUN-AAAA-BBBB-CCCC-0002"}, "hwid": {hwid}}, true))
	for _, step := range []struct {
		params url.Values
		want   bool
	}{
		{url.Values{"type": {"check"}}, true},
		{url.Values{"type": {"upgrade"}, "username": {"ann"}, "key": {"SUN-AAAA-BBBB-CCCC-0003"}}, true},
		{url.Values{"type": {"upgrade"}, "username": {"bob"}, "key": {"SUN-AAAA-BBBB-CCCC-0003"}}, false},
		{url.Values{"type": {"login"}, "username": {"ann"}, "pass": {"wrong"}, "hwid": {hwid}}, false},
		{url.Values{"type": {"nothing"}}, false},
		{url.Values{"type": {"logout"}}, true},
		{url.Values{"type": {"check"}}, false},
	} {
		answer, err := c.call(step.params)
		w.must(err)
		if answer["success"] != step.want {
			t.Errorf("%s: %v", step.params.Get("type"), answer)
		}
	}

	c.public = ed25519.PublicKey(make([]byte, ed25519.PublicKeySize))
	if err := c.init(); err == nil {
		t.Error("the program accepts an answer under another key")
	}
}
