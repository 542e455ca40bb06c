package password

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// cheap is a cost for tests: 64 KiB, one pass.
var cheap = Params{MemoryKiB: 64, Passes: 1, Threads: 1}

func newGate(t testing.TB, slots int, params Params) *Gate {
	t.Helper()
	g, err := NewGate(slots, params, rand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestVerify(t *testing.T) {
	ctx := t.Context()
	g := newGate(t, 1, cheap)
	phc, err := g.Hash(ctx, "pässword")
	if err != nil {
		t.Fatal(err)
	}
	dearer, err := newGate(t, 1, Params{MemoryKiB: 128, Passes: 2, Threads: 1}).Hash(ctx, "pässword")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		rule      string
		phc       string
		password  latchkey.Secret
		ok, renew bool
	}{
		{"the right password", phc, "pässword", true, false},
		{"a wrong one", phc, "passwort", false, false},
		{"the empty one", phc, "", false, false},
		{"one letter more", phc, "pässwordx", false, false},
		{"another case", phc, "Pässword", false, false},
		{"the right one at another cost is to be renewed", dearer, "pässword", true, true},
		{"a wrong one at another cost is not", dearer, "x", false, false},
		{"an unknown user has no right password", "", "pässword", false, false},
		{"not even the one that stands in", "", "correct horse battery staple", false, false},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			ok, renew, err := g.Verify(ctx, tt.phc, tt.password)
			if err != nil || ok != tt.ok || renew != tt.renew {
				t.Errorf("got %v, %v, %v; want %v, %v", ok, renew, err, tt.ok, tt.renew)
			}
		})
	}
	t.Run("a stored text that is no hash is an error", func(t *testing.T) {
		if ok, _, err := g.Verify(ctx, "password", "password"); ok || !errors.Is(err, ErrHash) {
			t.Errorf("got %v, %v", ok, err)
		}
	})
	t.Run("after an error the gate is open", func(t *testing.T) {
		if ok, _, err := g.Verify(ctx, phc, "pässword"); err != nil || !ok {
			t.Errorf("got %v, %v", ok, err)
		}
	})
}

func TestHash(t *testing.T) {
	g := newGate(t, 1, cheap)
	a, err := g.Hash(t.Context(), "password")
	if err != nil {
		t.Fatal(err)
	}
	b, err := g.Hash(t.Context(), "password")
	if err != nil {
		t.Fatal(err)
	}
	if a == b {
		t.Error("the salt repeats")
	}
	if !strings.HasPrefix(a, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(a, "password") {
		t.Errorf("%q", a)
	}
	t.Run("a failing source fails the hash and leaves the gate open", func(t *testing.T) {
		g.rand = iotest.ErrReader(io.ErrClosedPipe)
		for range 3 {
			if phc, err := g.Hash(t.Context(), "password"); !errors.Is(err, io.ErrClosedPipe) || phc != "" {
				t.Errorf("got %q, %v", phc, err)
			}
		}
	})
	t.Run("and fails a new gate", func(t *testing.T) {
		if _, err := NewGate(1, cheap, iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("got %v", err)
		}
	})
}

func TestDefaultParams_are_the_first_recommendation_of_OWASP(t *testing.T) {
	if want := (Params{MemoryKiB: 19_456, Passes: 2, Threads: 1}); DefaultParams() != want {
		t.Errorf("got %+v", DefaultParams())
	}
}

// The memory that Argon2id fills shows that a hash was computed, whatever the
// machine's speed.
func TestVerify_an_unknown_user_costs_a_hash(t *testing.T) {
	params := Params{MemoryKiB: 8 * 1024, Passes: 1, Threads: 1}
	g := newGate(t, 1, params)
	for _, tt := range []struct{ rule, phc string }{{"unknown", ""}, {"known", g.dummy}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if ok, _, err := g.Verify(t.Context(), tt.phc, "guess"); ok || err != nil {
			t.Fatal(ok, err)
		}
		runtime.ReadMemStats(&after)
		if got := (after.TotalAlloc - before.TotalAlloc) / 1024; got < uint64(params.MemoryKiB) {
			t.Errorf("%s: only %d KiB were filled", tt.rule, got)
		}
	}
}

func TestGate_shut(t *testing.T) {
	t.Run("whoever waits two seconds is told to come back", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := newGate(t, 2, cheap)
			for range 2 {
				if err := g.enter(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			began := time.Now()
			_, err := g.Hash(t.Context(), "password")
			if latchkey.CodeOf(err) != latchkey.CodeBusy {
				t.Fatalf("got %v", err)
			}
			if e, _ := errors.AsType[*latchkey.Error](err); e.RetryAfter <= 0 {
				t.Error("it does not say how long to wait")
			}
			if waited := time.Since(began); waited != maxWait {
				t.Errorf("waited %s", waited)
			}
			if _, _, err := g.Verify(t.Context(), "", "x"); latchkey.CodeOf(err) != latchkey.CodeBusy {
				t.Errorf("got %v", err)
			}
		})
	})
	t.Run("whoever gives up does not wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := newGate(t, 1, cheap)
			if err := g.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			began := time.Now()
			if _, _, err := g.Verify(ctx, "", "x"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			if waited := time.Since(began); waited != time.Second {
				t.Errorf("waited %s", waited)
			}
		})
	})
	t.Run("whoever waits gets in when one leaves", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := newGate(t, 1, cheap)
			if err := g.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() {
				_, err := g.Hash(t.Context(), "password")
				done <- err
			}()
			synctest.Wait()
			select {
			case err := <-done:
				t.Fatalf("it did not wait: %v", err)
			default:
			}
			g.leave()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("a gate has at least one slot", func(t *testing.T) {
		for _, slots := range []int{0, -1} {
			if _, err := newGate(t, slots, cheap).Hash(t.Context(), "password"); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestParse_refuses(t *testing.T) {
	const salt, sum = "c2FsdHNhbHRzYWx0c2FsdA", "c3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3U"
	good := "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + sum
	if _, _, _, err := parse(good); err != nil {
		t.Fatal(err)
	}
	for rule, phc := range map[string]string{
		"nothing":              "",
		"another function":     strings.Replace(good, "argon2id", "argon2i", 1),
		"bcrypt":               "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
		"another version":      strings.Replace(good, "v=19", "v=16", 1),
		"no version":           strings.Replace(good, "$v=19", "", 1),
		"text after a version": strings.Replace(good, "v=19", "v=19x", 1),
		"text after a cost":    strings.Replace(good, "p=1$", "p=1,x=1$", 1),
		"costs in other order": strings.Replace(good, "m=64,t=1", "t=1,m=64", 1),
		"a negative cost":      strings.Replace(good, "m=64", "m=-64", 1),
		"a cost in words":      strings.Replace(good, "m=64", "m=0x40", 1),
		"leading zeros":        strings.Replace(good, "m=64", "m=064", 1),
		"no passes":            strings.Replace(good, "t=1", "t=0", 1),
		"21 passes":            strings.Replace(good, "t=1", "t=21", 1),
		"no threads":           strings.Replace(good, "p=1", "p=0", 1),
		"256 threads":          strings.Replace(good, "p=1", "p=256", 1),
		"more than 1 GiB":      strings.Replace(good, "m=64", "m=1048577", 1),
		"a cost beyond 32 bit": strings.Replace(good, "m=64", "m=4294967360", 1),
		"a short salt":         strings.Replace(good, salt, "c2FsdA", 1),
		"a long salt":          strings.Replace(good, salt, strings.Repeat("AAAA", 22), 1),
		"a short sum":          strings.Replace(good, sum, "c3Vt", 1),
		"a long sum":           strings.Replace(good, sum, strings.Repeat("AAAA", 22), 1),
		"padded base64":        good + "=",
		"base64 with line end": good + "\n",
		"spare bits in base64": good[:len(good)-1] + "V",
		"a part more":          good + "$",
		"no dollar before":     good[1:],
		"text before":          "x" + good,
	} {
		t.Run(rule, func(t *testing.T) {
			if _, _, _, err := parse(phc); !errors.Is(err, ErrHash) {
				t.Errorf("%q: %v", phc, err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$c3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3U")
	f.Add("$argon2id$v=19$m=1048577,t=21,p=256$AAAA$AAAA")
	f.Add("$2y$10$abcdefghijklmnopqrstuu")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, phc string) {
		p, salt, sum, err := parse(phc)
		if err != nil {
			if !errors.Is(err, ErrHash) {
				t.Fatal(err)
			}
			return
		}
		if again := format(p, salt, sum); again != phc {
			t.Fatalf("%q is read as %q", phc, again)
		}
		if p.MemoryKiB > 1<<20 || p.Passes < 1 || p.Passes > 20 || p.Threads < 1 || len(salt) < 8 || len(sum) < 16 {
			t.Fatalf("%q is accepted", phc)
		}
	})
}
