package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/sign"
)

// nativeCall is what the signature of an answer of the native protocol is bound
// to.
type nativeCall struct {
	path, nonce string
	asked       [sha256.Size]byte
}

// call writes a call of the native API into w.out: pairs of names and values,
// which need no escaping, as its JSON.
func (w *worker) call(f *fixture, path string, pairs ...string) {
	w.form = append(w.form[:0], '{')
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			w.form = append(w.form, ',')
		}
		w.form = append(append(append(w.form, '"'), pairs[i]...), `":"`...)
		w.form = append(append(w.form, pairs[i+1]...), '"')
	}
	w.send(f, path, append(w.form, '}'))
}

// send writes a call with a body into w.out.
func (w *worker) send(f *fixture, path string, body []byte) {
	w.form = body
	w.native = nativeCall{path: path, nonce: fmt.Sprintf("%016x%016x", w.rng.Uint64(), w.rng.Uint64()), asked: sha256.Sum256(body)}
	w.out = append(append(append(w.out[:0], "POST "+client.Prefix...), path...), " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"...)
	w.out = append(append(w.out, sign.HeaderNativeApp+": "...), f.AppID...)
	w.out = append(append(w.out, "\r\n"+sign.HeaderNativeNonce+": "...), w.native.nonce...)
	w.out = strconv.AppendInt(append(w.out, "\r\nContent-Length: "...), int64(len(body)), 10)
	w.out = append(append(w.out, "\r\n\r\n"...), body...)
}

// nativeProof is how programs with the SDK verify an answer.
func (t *target) nativeProof(w *worker) error {
	r := &w.res
	at, err := strconv.ParseInt(string(r.timestamp), 10, 64)
	answer := sign.NativeAnswer{KeyID: string(r.key), AppID: t.AppID, Method: "POST", Target: client.Prefix + w.native.path, RequestHash: w.native.asked[:],
		Nonce: w.native.nonce, Time: at, Status: r.status, BodyHash: sha256.Sum256(r.body)}
	if err != nil || !sign.VerifyNative(t.Native, &answer, string(r.signature)) {
		return fmt.Errorf("a bad signature %q of %.300s", r.signature, r.body)
	}
	return nil
}

// nativeLoad is what the clients of the native API do.
func (t *target) nativeLoad(clients int, next func(*worker) bool) load {
	return load{clients: clients, address: t.address, next: next, good: answered, proof: t.nativeProof}
}

// answered is the judge of answers of the native API.
func answered(r *response) bool { return r.status == 200 }

// signedIn is the judge of native sign-ins.
func signedIn(r *response) bool {
	return answered(r) && bytes.Contains(r.body, []byte(`"stage":"signed_in"`))
}

// nativeSession reads the session out of an answer.
func nativeSession(r *response) string {
	_, rest, _ := bytes.Cut(r.body, []byte(`"session":"`))
	token, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(token)
}

// refillNative opens n sessions that nobody has signed in with.
func (t *target) refillNative(ctx context.Context, n int) error {
	var opened atomic.Int64
	sessions, err := t.collect(ctx, func(w *worker) bool {
		begin(t, w)
		return opened.Add(1) <= int64(n)
	})
	t.freshNative.fill(sessions)
	return err
}

// signInNative signs the first n users in.
func (t *target) signInNative(ctx context.Context, n int) error {
	if err := t.refillNative(ctx, n); err != nil {
		return err
	}
	var user atomic.Int64
	sessions, err := t.collect(ctx, func(w *worker) bool {
		i := int(user.Add(1)) - 1
		session, more := t.freshNative.take()
		if i >= n || !more {
			return false
		}
		w.call(&t.fixture, client.PathLicense, "session", session, "license", t.Bound[i], "hwid", device(i))
		return true
	})
	if err == nil && len(sessions) == 0 {
		err = errors.New("nobody has signed in by the native protocol")
	}
	t.native = sessions
	return err
}

// collect returns the sessions of the answers to calls.
func (t *target) collect(ctx context.Context, next func(*worker) bool) ([]string, error) {
	l := t.nativeLoad(fillers, next)
	l.keep = func(w *worker) { w.kept = append(w.kept, nativeSession(&w.res)) }
	_, workers, err := l.runFor(ctx, 0)
	var sessions []string
	for _, w := range workers {
		sessions = append(sessions, w.kept...)
	}
	return sessions, err
}

// nativeRows are functions of the native protocol.
func nativeRows() []row {
	all := []row{
		{name: "native check", what: "is the session still valid, and whose is it", next: inside(client.PathCheck),
			good: func(r *response) bool { return answered(r) && bytes.Contains(r.body, []byte(`"user":{`)) }},
		{name: "native init", what: "opens a session", next: begin, good: func(r *response) bool {
			return answered(r) && bytes.Contains(r.body, []byte(`"stage":"started"`))
		}},
		{name: "native file", what: "a file of 1 MiB, as one part", next: nativeFile,
			good: func(r *response) bool { return answered(r) && r.size == fileSize }, most: 16, whole: 2 * fileSize},
		{name: "native var", what: "a variable of the application", next: inside(client.PathVariable, "name", variableName), good: holds(`"name":"` + variableName)},
		{name: "native getvar", what: "a variable of the customer's own", next: inside(client.PathUserVariable, "name", ownName), good: holds(ownValue)},
		{name: "native checkblacklist", what: "is the caller on the blacklist, which is empty", next: inside(client.PathBlacklist), good: holds(`"blacklisted":false`)},
		{name: "native stats", what: "the numbers of the application", next: inside(client.PathStats), good: holds(`"licenses":`)},
		{name: "native online", what: "the names of 100 who are online", next: inside(client.PathOnline), good: holds(`"users":["`)},
		{name: "native chatget", what: "what was said in a channel, at most 100 messages", next: inside(client.PathChatMessages, "channel", channel), good: holds(said)},
		{name: "native setvar", what: "sets a variable of the customer's own; after commit", next: inside(client.PathSetUserVariable, "name", ownName, "value", ownValue), good: answered},
		{name: "native log", what: "a line for the seller; after commit", next: inside(client.PathLog, "message", "started with the usual settings", "device_name", "DESKTOP-1"), good: answered},
		{name: "native chatsend", what: "says something in a channel; after commit", next: inside(client.PathChatSend, "channel", channel, "text", said), good: answered},
		{name: "native license", what: "sign-in by a bound license and its device; after commit", next: nativeLicense, good: signedIn, fresh: true},
	}
	for i := range all {
		all[i].floor, all[i].signed, all[i].native = helloRow, true, true
		all[i].lacking = func(t *target) bool { return t.early }
	}
	hook := row{name: "native webhook", what: "calls the floor for a program, and hands its answer on", floor: helloRow, signed: true, native: true,
		next: func(t *target, w *worker) bool { return inside(client.PathWebhook, "webhook", t.webhook)(t, w) }, good: holds("hhhh"), lacking: noWebhook, sheds: true, most: 16}
	return append(all, hook)
}

// inside makes a call with the session of anybody who is signed in.
func inside(path string, pairs ...string) func(*target, *worker) bool {
	return func(t *target, w *worker) bool {
		w.call(&t.fixture, path, append([]string{"session", t.native[w.rng.IntN(len(t.native))]}, pairs...)...)
		return true
	}
}

// holds is the judge of native answers that hold a text.
func holds(text string) func(*response) bool {
	return func(r *response) bool { return answered(r) && bytes.Contains(r.body, []byte(text)) }
}

func begin(t *target, w *worker) bool {
	w.call(&t.fixture, client.PathInit, "version", "1.0")
	return true
}

func nativeLicense(t *target, w *worker) bool {
	session, more := t.freshNative.take()
	user := w.rng.IntN(len(t.Bound))
	w.call(&t.fixture, client.PathLicense, "session", session, "license", t.Bound[user], "hwid", device(user))
	return more
}

func nativeFile(t *target, w *worker) bool {
	w.send(&t.fixture, client.PathFileContent, fmt.Appendf(w.form[:0], `{"session":%q,"file":%q,"sha256":%q,"offset":0,"length":%d}`,
		t.native[w.rng.IntN(len(t.native))], t.FileID, hex.EncodeToString(t.fileSum[:]), fileSize))
	return true
}
