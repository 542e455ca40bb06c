package latchkey_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/sign"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

// TestEveryBitOfRealAnswersCounts flips each bit of 300 answers of the real
// server, which were recorded on their way to the SDK: of the body, the three
// headers and the status.
func TestEveryBitOfRealAnswersCounts(t *testing.T) {
	th := newTheatre(t)
	answers := th.answers(t, 300)
	public, err := hex.DecodeString(th.props[th.app].key)
	if err != nil {
		t.Fatal(err)
	}
	pinned := []ed25519.PublicKey{public}
	var flipped atomic.Int64
	var wg sync.WaitGroup
	for part := range slices.Chunk(answers, 10) {
		wg.Go(func() {
			for i := range part {
				flipped.Add(flipAll(t, pinned, &part[i]))
			}
		})
	}
	wg.Wait()
	t.Logf("%d flipped bits of %d answers", flipped.Load(), len(answers))
}

// answers are n of the real server's: a success and a refusal of every function,
// and the rest successes of those whose answers are short, one after the other.
// A bit of the body costs a verification.
func (th *theatre) answers(t *testing.T, n int) (all []exchange) {
	th.app.SetMessage("pausedApp", "Paused.")
	var brief []*play
	var again []realCall
	for _, call := range realCalls() {
		p := th.stage(t, th.app, call)
		if err := call.make(p); err != nil {
			t.Fatalf("%s: %v", call.path, err)
		}
		all = append(all, th.newest(call.path))
		if call.path != client.PathKeys { // which is refused to nobody
			th.refused(t, call)
			all = append(all, th.newest(call.path))
		}
		switch call.path {
		case client.PathVariable, client.PathSetUserVariable, client.PathUserVariable, client.PathFileContent, client.PathBlacklist, client.PathOnline, client.PathStats:
			brief, again = append(brief, p), append(again, call)
		}
	}
	if len(all) != 2*len(client.Functions())-1 {
		t.Errorf("%d answers to %d functions", len(all), len(client.Functions()))
	}
	for i := 0; len(all) < n; i = (i + 1) % len(brief) {
		if err := again[i].make(brief[i]); err != nil {
			t.Fatalf("%s: %v", again[i].path, err)
		}
		all = append(all, th.newest(again[i].path))
	}
	return all
}

// refused has a call refused: while the application is paused or, of logout,
// which is always possible, after the seller has ended all sessions.
func (th *theatre) refused(t *testing.T, call realCall) {
	t.Helper()
	p, want := th.stage(t, th.app, call), latchkey.CodeAppPaused
	if call.path == client.PathLogout {
		want = latchkey.CodeSessionNotFound
		th.app.KillSessions()
	} else {
		th.app.Pause()
		defer th.app.Resume()
	}
	if err := call.make(p); latchkey.CodeOf(err) != want {
		t.Errorf("%s: %v, want %s", call.path, err, want)
	}
}

// flipAll flips each bit of an answer and returns how many there were.
func flipAll(t *testing.T, pinned []ed25519.PublicKey, e *exchange) (bits int64) {
	parts := [][]byte{e.body, []byte(e.header.Get(sign.HeaderNativeSignature)), []byte(e.header.Get(sign.HeaderNativeKey)),
		[]byte(e.header.Get(sign.HeaderNativeTime)), []byte(strconv.Itoa(e.status))}
	judge := func() error {
		status, err := strconv.Atoi(string(parts[4]))
		if err != nil {
			return latchkey.ErrUnverified // nothing that HTTP has
		}
		h := http.Header{sign.HeaderNativeSignature: {string(parts[1])}, sign.HeaderNativeKey: {string(parts[2])}, sign.HeaderNativeTime: {string(parts[3])}}
		return latchkey.VerifyAnswer(pinned, e.asked, h, status, parts[0])
	}
	if err := judge(); err != nil {
		t.Errorf("%s: the genuine answer: %v", e.path, err)
	}
	for which, part := range parts {
		for bit := range 8 * len(part) {
			part[bit/8] ^= 1 << (bit % 8)
			if err := judge(); !errors.Is(err, latchkey.ErrUnverified) {
				t.Errorf("%s, part %d, bit %d: %v", e.path, which, bit, err)
			}
			part[bit/8] ^= 1 << (bit % 8)
			bits++
		}
	}
	return bits
}
