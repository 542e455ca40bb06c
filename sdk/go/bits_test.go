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

	"github.com/latchkey-dev/latchkey/internal/sign"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

// TestEveryBitOfRealAnswersCounts records 300 answers of the real server, to
// every function and with refusals among them, and flips each bit of each: of
// the body, the three headers and the status.
func TestEveryBitOfRealAnswersCounts(t *testing.T) {
	const want = 300
	th := newTheatre(t)
	for len(th.recorded()) < 2*want {
		for _, call := range realCalls() {
			p := th.stage(t, th.app, call)
			if err := call.make(p); err != nil {
				t.Fatalf("%s: %v", call.path, err)
			}
			_, _ = p.c.License(p.ctx, "no such license") // a refusal
		}
	}
	public, err := hex.DecodeString(th.app.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	pinned := []ed25519.PublicKey{public}
	answers := shortest(th.recorded(), want)
	var flipped atomic.Int64
	var wg sync.WaitGroup
	for part := range slices.Chunk(answers, want/4) {
		wg.Go(func() {
			for i := range part {
				flipped.Add(flipAll(t, pinned, &part[i]))
			}
		})
	}
	wg.Wait()
	statuses := map[int]int{}
	for _, a := range answers {
		statuses[a.status]++
	}
	t.Logf("%d flipped bits in answers of status %v", flipped.Load(), statuses)
}

// shortest returns n of the answers: one of each function and status, and then
// those with the fewest bits to flip.
func shortest(all []exchange, n int) []exchange {
	seen := map[string]bool{}
	var first, rest []exchange
	for _, e := range all {
		kind := e.path + strconv.Itoa(e.status)
		if seen[kind] {
			rest = append(rest, e)
		} else {
			first, seen[kind] = append(first, e), true
		}
	}
	slices.SortFunc(rest, func(a, b exchange) int { return len(a.body) - len(b.body) })
	return append(first, rest[:n-len(first)]...)
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
