package sign_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/latchkey-dev/latchkey/internal/sign"
)

var update = flag.Bool("update", false, "rewrite the test vectors of the native protocol")

const vectorsFile = "../../docs/client-protocol-vectors.json"

// vectors is the file that every SDK is held to; docs/client-protocol.md
// describes it.
type vectors struct {
	About       string             `json:"about"`
	Keys        []keyVector        `json:"keys"`
	Answers     []answerVector     `json:"answers"`
	Successions []successionVector `json:"successions"`
}

type keyVector struct {
	Name      string `json:"name"`
	Seed      string `json:"seed"`
	PublicKey string `json:"public_key"`
	KeyID     string `json:"key_id"`
}

type answerVector struct {
	Name      string        `json:"name"`
	Pinned    []string      `json:"pinned"`
	Request   requestVector `json:"request"`
	Answer    httpVector    `json:"answer"`
	Canonical string        `json:"canonical,omitempty"`
	Accept    bool          `json:"accept"`
}

type requestVector struct {
	App    string `json:"app"`
	Method string `json:"method"`
	Target string `json:"target"`
	Nonce  string `json:"nonce"`
	Body   string `json:"body"`
}

type httpVector struct {
	Status  int         `json:"status"`
	Headers [][2]string `json:"headers"`
	Body    []byte      `json:"body_base64"`
}

type successionVector struct {
	Name      string `json:"name"`
	Voucher   string `json:"voucher_public_key"`
	App       string `json:"app"`
	Key       string `json:"key"`
	PublicKey string `json:"public_key"`
	From      int64  `json:"from"`
	Signature string `json:"signature"`
	Canonical string `json:"canonical,omitempty"`
	Accept    bool   `json:"accept"`
}

// clone copies a case, so that altering one leaves the other alone.
func (v answerVector) clone() answerVector {
	v.Pinned = append([]string(nil), v.Pinned...)
	v.Answer.Headers = append([][2]string(nil), v.Answer.Headers...)
	v.Answer.Body = bytes.Clone(v.Answer.Body)
	return v
}

func (v answerVector) judge(t *testing.T) bool {
	t.Helper()
	var pinned []ed25519.PublicKey
	for _, text := range v.Pinned {
		key, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		pinned = append(pinned, key)
	}
	header := map[string][]string{}
	for _, h := range v.Answer.Headers {
		header[h[0]] = append(header[h[0]], h[1])
	}
	asked := sign.NativeRequest{AppID: v.Request.App, Method: v.Request.Method, Target: v.Request.Target, Nonce: v.Request.Nonce, Body: []byte(v.Request.Body)}
	_, err := sign.VerifyNativeAnswer(pinned, &asked, header, v.Answer.Status, v.Answer.Body)
	return err == nil
}

func TestNativeVectors(t *testing.T) {
	made := vectors{About: "Test vectors of docs/client-protocol.md. Made from fixed seeds; they never change within version 1, they only grow.",
		Keys: keyVectors(), Answers: answerVectors(), Successions: successionVectors(t)}
	text := made.write(t)
	if *update {
		if err := os.WriteFile(vectorsFile, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	var file vectors
	if err := json.Unmarshal(stored, &file); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(stored)); diff != "" {
		t.Fatalf("the file is not what the test makes; go test ./internal/sign -update rewrites it\n%.2000s", diff)
	}
	names := map[string]bool{}
	for _, v := range file.Answers {
		if names[v.Name] {
			t.Errorf("two cases are called %q", v.Name)
		}
		names[v.Name] = true
		if got := v.judge(t); got != v.Accept {
			t.Errorf("%s: accepted %v, want %v", v.Name, got, v.Accept)
		}
	}
	if len(file.Answers) < 200 {
		t.Errorf("%d cases only", len(file.Answers))
	}
	for _, v := range file.Successions {
		voucher, _ := hex.DecodeString(v.Voucher)
		successor, _ := hex.DecodeString(v.PublicKey)
		s := sign.Succession{AppID: v.App, KeyID: v.Key, Successor: successor, From: v.From}
		if got := sign.VerifySuccession(voucher, &s, v.Signature); got != v.Accept {
			t.Errorf("%s: accepted %v, want %v", v.Name, got, v.Accept)
		}
	}
}

// write has one case on a line, so that changes to the file can be read.
func (v vectors) write(t *testing.T) []byte {
	t.Helper()
	line := func(one any) string {
		b, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	list := func(name string, lines []string) string {
		return ",\n\"" + name + "\": [\n" + strings.Join(lines, ",\n") + "\n]"
	}
	var keys, answers, successions []string
	for _, one := range v.Keys {
		keys = append(keys, line(one))
	}
	for _, one := range v.Answers {
		answers = append(answers, line(one))
	}
	for _, one := range v.Successions {
		successions = append(successions, line(one))
	}
	return []byte("{\"about\": " + line(v.About) + list("keys", keys) + list("answers", answers) + list("successions", successions) + "\n}\n")
}

func keyVectors() []keyVector {
	var all []keyVector
	for i, name := range []string{"the application's key", "its successor", "a key of another application", "a key that nobody pins"} {
		seed := bytes.Repeat([]byte{byte(i + 1)}, ed25519.SeedSize)
		key := ed25519.NewKeyFromSeed(seed)
		all = append(all, keyVector{Name: name, Seed: hex.EncodeToString(seed), PublicKey: hex.EncodeToString(public(key)), KeyID: sign.NativeKeyID(public(key))})
	}
	return all
}

const (
	vectorApp      = "app_06fs4kkq8vxg7m1x2ndn0k3b1r"
	otherApp       = "app_06fs4kkq8vxg7m1x2ndn0k3b1s"
	vectorTime     = 1_767_225_600_123
	vectorSession  = "c2Vzc2lvbi10b2tlbi1mb3ItdmVjdG9ycw"
	vectorHardware = "0f8a4c1be6d0473f8a66c0b1d2e3f405"
)

// nonceOf gives each kind of answer a nonce of its own.
func nonceOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// signed is a genuine answer of app's key to a request.
func signed(name string, key ed25519.PrivateKey, request requestVector, status int, body []byte) answerVector {
	sent, got := sha256.Sum256([]byte(request.Body)), sha256.Sum256(body)
	a := sign.NativeAnswer{AppID: request.App, Method: request.Method, Target: request.Target, RequestHash: sent[:],
		Nonce: request.Nonce, Time: vectorTime, Status: status, BodyHash: got}
	signature := sign.NewNativeKey(key).Sign(&a)
	return answerVector{Name: name, Pinned: []string{hex.EncodeToString(public(testKey(1)))}, Request: request,
		Answer: httpVector{Status: status, Body: body, Headers: [][2]string{
			{sign.HeaderNativeSignature, signature}, {sign.HeaderNativeKey, a.KeyID}, {sign.HeaderNativeTime, "1767225600123"}}},
		Canonical: hex.EncodeToString(a.AppendCanonical(nil)), Accept: true}
}

func ask(function, body string) requestVector {
	return requestVector{App: vectorApp, Method: "POST", Target: sign.NativePrefix + function, Nonce: nonceOf(function + body), Body: body}
}

// successionVectors are a genuine statement and all ways to alter it.
func successionVectors(t *testing.T) []successionVector {
	t.Helper()
	s := sign.Succession{AppID: vectorApp, Successor: public(testKey(2)), From: vectorTime}
	signature := sign.NewNativeKey(testKey(1)).Vouch(&s)
	good := successionVector{Name: "a key vouches for its successor", Voucher: hex.EncodeToString(public(testKey(1))), App: s.AppID, Key: s.KeyID,
		PublicKey: hex.EncodeToString(s.Successor), From: s.From, Signature: signature, Accept: true}
	all := []successionVector{good}
	alter := func(name string, change func(*successionVector)) {
		v := good
		v.Name, v.Accept = name, false
		change(&v)
		all = append(all, v)
	}
	alter("another application", func(v *successionVector) { v.App = otherApp })
	alter("another voucher", func(v *successionVector) { v.Voucher = hex.EncodeToString(public(testKey(3))) })
	alter("another voucher, named so", func(v *successionVector) {
		v.Voucher, v.Key = hex.EncodeToString(public(testKey(3))), sign.NativeKeyID(public(testKey(3)))
	})
	alter("another successor", func(v *successionVector) { v.PublicKey = hex.EncodeToString(public(testKey(4))) })
	alter("a cut successor", func(v *successionVector) { v.PublicKey = v.PublicKey[:62] })
	alter("another moment", func(v *successionVector) { v.From++ })
	alter("no moment", func(v *successionVector) { v.From = 0 })
	alter("a negative moment", func(v *successionVector) { v.From = -v.From })
	alter("a flipped bit in the signature", func(v *successionVector) { v.Signature = flipHex(v.Signature, 70) })
	alter("a cut signature", func(v *successionVector) { v.Signature = v.Signature[:126] })
	alter("no signature", func(v *successionVector) { v.Signature = "" })
	alter("a signature in upper case", func(v *successionVector) { v.Signature = upper(v.Signature) })
	alter("the successor vouches for itself", func(v *successionVector) {
		own := sign.Succession{AppID: vectorApp, Successor: public(testKey(2)), From: vectorTime}
		v.Signature = sign.NewNativeKey(testKey(2)).Vouch(&own)
	})
	alter("the signature of an answer", func(v *successionVector) { v.Signature = answerVectors()[0].Answer.Headers[0][1] })
	return all
}

// TestNativeDocumentIsRight holds the worked example of the specification to
// the vectors, so that a reader can trust its bytes.
func TestNativeDocumentIsRight(t *testing.T) {
	text, err := os.ReadFile("../../docs/client-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	document := string(text)
	joined := strings.NewReplacer("\n", "", " ", "").Replace(document)
	for _, v := range answerVectors() {
		if v.Name != "check" {
			continue
		}
		if !strings.Contains(joined, v.Canonical) {
			t.Error("the canonical bytes of the example are others")
		}
		for _, want := range []string{v.Request.Body, v.Request.Nonce, string(v.Answer.Body), v.Answer.Headers[0][1], v.Answer.Headers[1][1], v.Pinned[0]} {
			if !strings.Contains(document, want) {
				t.Errorf("the example lacks %s", want)
			}
		}
	}
	if want := strconv.Itoa(len(answerVectors())) + " cases"; !strings.Contains(document, want) {
		t.Errorf("it does not say that there are %s", want)
	}
}
