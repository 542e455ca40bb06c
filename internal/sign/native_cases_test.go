package sign_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/sign"
)

// genuineAnswers are one answer of every kind.
func genuineAnswers() []answerVector {
	session := `{"session":"` + vectorSession + `"`
	user := `"user":{"username":"ada","created_at":1767139200000,"subscriptions":[{"name":"default","level":1,"expires_at":1769817600123}]}`
	refusal := func(code, more string) string {
		return `{"error":{"code":"` + code + `","message":"A sentence for people."` + more + `,"request_id":"req_06fs4kkq8vxg7m1x2ndn0k3b1r"}}`
	}
	file := make([]byte, 300)
	for i := range file {
		file[i] = byte(i * 7)
	}
	var all []answerVector
	add := func(name, function, body string, status int, answer string) {
		all = append(all, signed(name, testKey(1), ask(function, body), status, []byte(answer)))
	}
	add("init", "init", `{"version":"1.0"}`, 200, `{"stage":"started","session":"`+vectorSession+`","session_expires_at":1767247200123}`)
	add("license", "license", session+`,"license":"SUN-AAAA-BBBB-CCCC-0001","hwid":"`+vectorHardware+`"}`, 200, `{"stage":"signed_in","session":"c2lnbmVkLWlu","session_expires_at":1767247200123,`+user+`}`)
	add("login", "login", session+`,"username":"ada","password":"pass \"word\" ü","hwid":"`+vectorHardware+`"}`, 200, `{"stage":"two_factor","session":"dHdvLWZhY3Rvcg","session_expires_at":1767226200123}`)
	add("register", "register", session+`,"username":"ada","password":"pw","license":"K","hwid":"`+vectorHardware+`"}`, 200, `{"stage":"signed_in",`+user+`}`)
	add("two-factor", "two-factor/verify", session+`,"code":"123456"}`, 200, `{"stage":"signed_in",`+user+`}`)
	add("upgrade", "upgrade", session+`,"license":"K2"}`, 200, `{}`)
	add("check", "check", session+`}`, 200, `{"session_expires_at":1767247200123,`+user+`}`)
	add("logout", "logout", session+`}`, 200, `{}`)
	add("variable", "variables/get", session+`,"name":"motd"}`, 200, `{"name":"motd","value":"\u00fc 日本 \u0000"}`)
	add("user variable set", "user-variables/set", session+`,"name":"n","value":"v"}`, 200, `{}`)
	add("log", "log", session+`,"message":"started"}`, 200, `{}`)
	add("file info", "files/info", session+`,"file":"fil_1"}`, 200, `{"id":"fil_1","name":"a.bin","size":300,"sha256":"00"}`)
	add("file content", "files/content", session+`,"file":"fil_1","offset":0,"length":300}`, 200, string(file))
	add("an empty answer", "files/content", session+`,"file":"fil_1","offset":300,"length":1}`, 200, "")
	add("keys", "keys", `{}`, 200, `{"keys":[],"successions":[]}`)
	add("a request without a body", "check", "", 400, refusal("request.malformed", ""))
	add("a target with a query", "check?a=b", `{}`, 400, refusal("request.invalid", `,"field":"?"`))
	add("400", "login", session+`}`, 400, refusal("request.invalid", `,"field":"username"`))
	add("401", "check", `{"session":""}`, 401, refusal("session.not_signed_in", ""))
	add("403", "license", session+`,"license":"B"}`, 403, refusal("user.banned", `,"reason":"chargeback"`))
	add("404 for the thing", "license", session+`,"license":"X"}`, 404, refusal("license.not_found", ""))
	add("404 for the function", "nothing/here", `{}`, 404, refusal("request.not_found", ""))
	add("409", "license", session+`,"license":"U"}`, 409, refusal("license.used", ""))
	add("413", "log", session+`,"message":"a long one"}`, 413, refusal("request.too_large", ""))
	add("415", "log", session+`,"message":"m"}`, 415, refusal("request.media_type", ""))
	add("429", "login", session+`,"username":"a","password":"b"}`, 429, refusal("request.rate_limited", `,"retry_after":12`))
	add("500", "check", session+`,"x":1}`, 500, refusal("server.internal", ""))
	add("503", "check", session+`,"x":2}`, 503, refusal("server.unavailable", `,"retry_after":2`))
	get := ask("check", "")
	get.Method, get.Nonce = "GET", nonceOf("GET")
	all = append(all, signed("405", testKey(1), get, 405, []byte(refusal("request.method_not_allowed", ""))))
	return all
}

// answerVectors are the genuine answers, and what must be refused of them.
func answerVectors() []answerVector {
	genuine := genuineAnswers()
	all := append([]answerVector(nil), genuine...)
	two := genuine[1].clone()
	two.Name, two.Pinned = "two pinned keys", []string{hex.EncodeToString(public(testKey(2))), two.Pinned[0]}
	successor := signed("signed by the second of two pinned keys", testKey(2), genuine[1].Request, 200, genuine[1].Answer.Body)
	successor.Pinned = two.Pinned
	more := genuine[6].clone()
	more.Name = "other headers do not matter"
	more.Answer.Headers = append(more.Answer.Headers, [2]string{"X-Request-Id", "req_1"}, [2]string{"Date", "Thu, 01 Jan 2026 00:00:00 GMT"})
	all = append(all, two, successor, more)
	for _, i := range []int{1, 6, 12, 20} { // license, check, file content, 404
		all = append(all, altered(genuine[i])...)
	}
	for i, v := range genuine {
		all = append(all, flips(v, i)...)
	}
	return append(all, forged(genuine[6], genuine[7])...)
}

type change struct {
	name string
	do   func(*answerVector)
}

// altered refuses a genuine answer with one thing changed.
func altered(good answerVector) []answerVector {
	const sig, key, at = 0, 1, 2
	header := func(i int, value string) func(*answerVector) {
		return func(v *answerVector) { v.Answer.Headers[i][1] = value }
	}
	h := good.Answer.Headers
	changes := []change{
		{"another application asked", func(v *answerVector) { v.Request.App = otherApp }},
		{"an empty application", func(v *answerVector) { v.Request.App = "" }},
		{"another nonce", func(v *answerVector) { v.Request.Nonce = nonceOf("another") }},
		{"a cut nonce", func(v *answerVector) { v.Request.Nonce = v.Request.Nonce[:30] }},
		{"an empty nonce", func(v *answerVector) { v.Request.Nonce = "" }},
		{"another method", func(v *answerVector) { v.Request.Method = "GET" }},
		{"another function", func(v *answerVector) { v.Request.Target = sign.NativePrefix + "other" }},
		{"a slash more", func(v *answerVector) { v.Request.Target += "/" }},
		{"a query more", func(v *answerVector) { v.Request.Target += "?a=b" }},
		{"another request body", func(v *answerVector) { v.Request.Body += " " }},
		{"no request body", func(v *answerVector) { v.Request.Body = "" }},
		{"another status", func(v *answerVector) { v.Answer.Status ^= 1 }},
		{"a status of success for a refusal and the other way round", func(v *answerVector) {
			v.Answer.Status = map[bool]int{true: 403, false: 200}[v.Answer.Status == 200]
		}},
		{"a status of four digits", func(v *answerVector) { v.Answer.Status += 1000 }},
		{"a later time", header(at, "1767225600124")},
		{"an earlier time", header(at, "1767225600122")},
		{"a time in seconds", header(at, "1767225600")},
		{"a time with a leading zero", header(at, "0"+h[at][1])},
		{"a time with a sign", header(at, "+"+h[at][1])},
		{"a time with a space", header(at, " "+h[at][1])},
		{"an empty time", header(at, "")},
		{"a time that is no number", header(at, "1767225600,123")},
		{"an empty body", func(v *answerVector) { v.Answer.Body = []byte{} }},
		{"a body cut by its last byte", func(v *answerVector) { v.Answer.Body = v.Answer.Body[:len(v.Answer.Body)-1] }},
		{"a body with a line end more", func(v *answerVector) { v.Answer.Body = append(v.Answer.Body, '\n') }},
		{"an empty signature", header(sig, "")},
		{"a cut signature", header(sig, h[sig][1][:126])},
		{"half a signature", header(sig, h[sig][1][:64])},
		{"a longer signature", header(sig, h[sig][1]+"00")},
		{"a signature in upper case", header(sig, upper(h[sig][1]))},
		{"a signature of zeros", header(sig, strings.Repeat("0", 128))},
		{"a signature that is not hex", header(sig, strings.Repeat("z", 128))},
		{"a signature with the group's order added", header(sig, addOrder(h[sig][1]))},
		{"an empty key id", header(key, "")},
		{"a cut key id", header(key, h[key][1][:30])},
		{"a key id in upper case", header(key, upper(h[key][1]))},
		{"the key id of a key that is not pinned", header(key, sign.NativeKeyID(public(testKey(4))))},
		{"the id of another pinned key", func(v *answerVector) {
			v.Pinned = append(v.Pinned, hex.EncodeToString(public(testKey(2))))
			v.Answer.Headers[key][1] = sign.NativeKeyID(public(testKey(2)))
		}},
		{"a public key in place of its id", header(key, hex.EncodeToString(public(testKey(1))))},
		{"nothing is pinned", func(v *answerVector) { v.Pinned = []string{} }},
		{"another key is pinned", func(v *answerVector) { v.Pinned = []string{hex.EncodeToString(public(testKey(3)))} }},
	}
	for i, name := range []string{"signature", "key id", "time"} {
		changes = append(changes,
			change{"no " + name, func(v *answerVector) {
				v.Answer.Headers = append(v.Answer.Headers[:i:i], v.Answer.Headers[i+1:]...)
			}},
			change{"two headers with the same " + name, func(v *answerVector) { v.Answer.Headers = append(v.Answer.Headers, v.Answer.Headers[i]) }},
			change{"two headers with another " + name + " last", func(v *answerVector) {
				v.Answer.Headers = append(v.Answer.Headers, [2]string{v.Answer.Headers[i][0], "1"})
			}},
			change{"a second " + name + " after a comma", func(v *answerVector) { v.Answer.Headers[i][1] += "," + v.Answer.Headers[i][1] }},
		)
	}
	var all []answerVector
	for _, c := range changes {
		v := good.clone()
		v.Name, v.Canonical, v.Accept = good.Name+": "+c.name, "", false
		c.do(&v)
		all = append(all, v)
	}
	return all
}

// flips refuses an answer with one bit of its signature or body flipped.
func flips(good answerVector, i int) []answerVector {
	v := good.clone()
	v.Name, v.Canonical, v.Accept = good.Name+": a flipped bit of the signature", "", false
	v.Answer.Headers[0][1] = flipHex(v.Answer.Headers[0][1], i*17%512)
	all := []answerVector{v}
	if n := len(good.Answer.Body); n > 0 {
		v := good.clone()
		v.Name, v.Canonical, v.Accept = good.Name+": a flipped bit of the body", "", false
		v.Answer.Body[i*31%n] ^= 1 << (i % 8)
		all = append(all, v)
	}
	return all
}

// forged are answers that somebody has signed, but not as the protocol wants.
func forged(good, other answerVector) []answerVector {
	var all []answerVector
	add := func(name string, v answerVector) {
		v.Name, v.Canonical, v.Accept = name, "", false
		all = append(all, v)
	}
	request, body := good.Request, good.Answer.Body
	add("signed by a key that nobody pins", signed("", testKey(4), request, 200, body))
	foreign := request
	foreign.App = otherApp
	elsewhere := signed("", testKey(3), foreign, 200, body)
	add("the genuine answer of another application", func() answerVector {
		v := elsewhere.clone()
		v.Request.App = request.App
		return v
	}())
	add("the genuine answer of another application, renamed to our key", func() answerVector {
		v := elsewhere.clone()
		v.Request.App = request.App
		v.Answer.Headers[1] = good.Answer.Headers[1]
		return v
	}())
	add("one key for two applications: the answer of the other", func() answerVector {
		v := signed("", testKey(1), foreign, 200, body)
		v.Request.App = request.App
		return v
	}())
	add("the recorded answer of another call", func() answerVector {
		v := good.clone()
		v.Answer = other.clone().Answer
		return v
	}())
	add("the signature of another call", func() answerVector {
		v := good.clone()
		v.Answer.Headers[0][1] = other.Answer.Headers[0][1]
		return v
	}())
	for _, c := range [][2]string{{"no nonce", ""}, {"a short nonce", request.Nonce[:30]}, {"a nonce in upper case", upper(request.Nonce)}} {
		bare := request
		bare.Nonce = c[1]
		add(c[0]+", in request and signature", signed("", testKey(1), bare, 200, body))
	}
	resign := func(message []byte) answerVector {
		v := good.clone()
		v.Answer.Headers[0][1] = hex.EncodeToString(ed25519.Sign(testKey(1), message))
		return v
	}
	canonical, _ := hex.DecodeString(good.Canonical)
	sent, got := sha256.Sum256([]byte(request.Body)), sha256.Sum256(body)
	fields := []string{"latchkey-resp-v1", good.Answer.Headers[1][1], request.App, request.Method, request.Target, string(sent[:]), request.Nonce,
		strconv.Itoa(vectorTime), "200", string(got[:])}
	framed := func(f []string) []byte {
		var b []byte
		for _, text := range f {
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(text))), text...)
		}
		return b
	}
	if !bytes.Equal(framed(fields), canonical) {
		panic("the cases have another idea of the canonical bytes than the package")
	}
	for i, what := range []string{"context", "key id", "application", "method", "target", "hash of the request", "nonce", "time", "status", "hash of the body"} {
		without := append(append([]string(nil), fields[:i]...), fields[i+1:]...)
		add("signed without the "+what, resign(framed(without)))
		empty := append([]string(nil), fields...)
		empty[i] = ""
		add("signed with an empty "+what, resign(framed(empty)))
		if i > 0 {
			moved := append([]string(nil), fields...)
			moved[i-1], moved[i] = fields[i-1]+fields[i][:1], fields[i][1:]
			add(fmt.Sprintf("signed with the first byte of the %s moved to the field before", what), resign(framed(moved)))
		}
	}
	add("signed without lengths", resign([]byte(strings.Join(fields, ""))))
	add("signed with a context of another version", resign(framed(append([]string{"latchkey-resp-v2"}, fields[1:]...))))
	add("signed with the context of a succession", resign(framed(append([]string{"latchkey-succ-v1"}, fields[1:]...))))
	add("signed with a field more", resign(framed(append(append([]string(nil), fields...), ""))))
	add("only the body is signed", resign(body))
	add("time and body are signed, as in version 1.3 of the compatible protocol", resign(append([]byte("1767225600"), body...)))
	add("the hash of the canonical bytes is signed", resign(func() []byte { h := sha256.Sum256(canonical); return h[:] }()))
	return all
}

func upper(text string) string { return strings.ToUpper(text) }

// flipHex flips one bit of hex digits.
func flipHex(text string, bit int) string {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	b[bit/8] ^= 1 << (bit % 8)
	return hex.EncodeToString(b)
}

// addOrder gives the second spelling that a signature would have if its number
// were taken modulo the order of the group.
func addOrder(text string) string {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	little := make([]byte, 32)
	for i := range little {
		little[i] = b[63-i]
	}
	sum := new(big.Int).Add(new(big.Int).SetBytes(little), order).FillBytes(little)
	for i := range sum {
		b[63-i] = sum[i]
	}
	return hex.EncodeToString(b)
}
