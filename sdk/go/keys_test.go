package latchkey_test

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/sign"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

// vouch is the word of one test key for another.
func vouch(by, successor byte) client.Succession {
	key := sign.NewNativeKey(testKey(by))
	s := sign.Succession{AppID: testApp, Successor: testKey(successor).Public().(ed25519.PublicKey), From: serverTime.UnixMilli()}
	signature := key.Vouch(&s)
	return client.Succession{Key: key.ID, PublicKey: publicHex(testKey(successor)), From: s.From, Signature: signature}
}

func TestSuccessorsOfPinnedKeys(t *testing.T) {
	forged := vouch(9, 4)
	forged.Key = vouch(1, 4).Key
	for name, c := range map[string]struct {
		statements []client.Succession
		want       error
	}{
		"vouched for by the pinned key":            {[]client.Succession{vouch(1, 4)}, nil},
		"vouched for through others, in any order": {[]client.Succession{vouch(3, 4), vouch(9, 8), vouch(2, 3), vouch(1, 2)}, nil},
		"not vouched for":                          {nil, latchkey.ErrUnverified},
		"vouched for by a stranger":                {[]client.Succession{vouch(9, 4)}, latchkey.ErrUnverified},
		"vouched for by itself":                    {[]client.Succession{vouch(4, 4)}, latchkey.ErrUnverified},
		"with the pinned key's name only":          {[]client.Succession{forged}, latchkey.ErrUnverified},
		"too far away":                             {[]client.Succession{vouch(1, 11), vouch(11, 12), vouch(12, 13), vouch(13, 14), vouch(14, 15), vouch(15, 16), vouch(16, 17), vouch(17, 4)}, latchkey.ErrUnverified},
		"in more statements than anyone needs":     {make([]client.Succession, 65), latchkey.ErrUnverified},
	} {
		s := newServer(t)
		s.key = sign.NewNativeKey(testKey(4))
		s.successions = c.statements
		run, _ := s.client(t)
		if _, err := run.License(t.Context(), "K"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if c.want == nil {
			asked := s.made(client.PathKeys)
			if _, err := run.Check(t.Context()); err != nil || s.made(client.PathKeys) != asked || asked != 1 {
				t.Errorf("%s: %v; asked %d times for keys", name, err, s.made(client.PathKeys))
			}
			if got := strings.Count(s.last().keys, ","); got != len(strings.Split(s.last().keys, ","))-1 || !strings.Contains(s.last().keys, s.key.ID) {
				t.Errorf("%s: trusts %s", name, s.last().keys)
			}
		}
	}
}

func TestServersLearnWhichKeysAreTrusted(t *testing.T) {
	s := newServer(t)
	m := &latchkey.Machine{Wall: serverTime}
	c, err := latchkey.New(latchkey.Config{BaseURL: s.URL, AppID: testApp, PublicKeys: []string{publicHex(testKey(2)), publicHex(testKey(1))}},
		latchkey.WithMachine(m), latchkey.WithRootCAs(s.roots()))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []byte{1, 2} { // before and after the change
		s.key = sign.NewNativeKey(testKey(key))
		if _, err := c.Init(t.Context()); err != nil {
			t.Error(err)
		}
	}
	want := sign.NewNativeKey(testKey(2)).ID + "," + sign.NewNativeKey(testKey(1)).ID
	if got := s.last().keys; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
}
