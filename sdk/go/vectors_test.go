package latchkey_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"github.com/latchkey-dev/latchkey/api/client"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

type vectors struct {
	Keys []struct {
		Name      string `json:"name"`
		PublicKey string `json:"public_key"`
		KeyID     string `json:"key_id"`
	} `json:"keys"`
	Answers []struct {
		Name    string   `json:"name"`
		Pinned  []string `json:"pinned"`
		Request struct {
			App, Method, Target, Nonce, Body string
		} `json:"request"`
		Answer struct {
			Status  int         `json:"status"`
			Headers [][2]string `json:"headers"`
			Body    []byte      `json:"body_base64"`
		} `json:"answer"`
		Accept bool `json:"accept"`
	} `json:"answers"`
	Successions []struct {
		Name      string `json:"name"`
		Voucher   string `json:"voucher_public_key"`
		App       string `json:"app"`
		Key       string `json:"key"`
		PublicKey string `json:"public_key"`
		From      int64  `json:"from"`
		Signature string `json:"signature"`
		Accept    bool   `json:"accept"`
	} `json:"successions"`
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readVectors(t testing.TB) (v vectors) {
	t.Helper()
	stored, err := os.ReadFile("../../docs/client-protocol-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(stored, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestVectors holds this package's own reading of the canonical bytes to the
// vectors of the protocol.
func TestVectors(t *testing.T) {
	v := readVectors(t)
	if len(v.Answers) < 150 || len(v.Keys) == 0 || len(v.Successions) == 0 {
		t.Fatalf("%d cases only", len(v.Answers))
	}
	for _, k := range v.Keys {
		if got := latchkey.KeyID(unhex(t, k.PublicKey)); got != k.KeyID {
			t.Errorf("%s has the id %s, want %s", k.Name, got, k.KeyID)
		}
	}
	for _, a := range v.Answers {
		var pinned []ed25519.PublicKey
		for _, text := range a.Pinned {
			pinned = append(pinned, unhex(t, text))
		}
		header := http.Header{}
		for _, h := range a.Answer.Headers {
			header.Add(h[0], h[1])
		}
		err := latchkey.VerifyAnswer(pinned, latchkey.Asked(a.Request), header, a.Answer.Status, a.Answer.Body)
		if (err == nil) != a.Accept {
			t.Errorf("%s: got %v, want accepted: %v", a.Name, err, a.Accept)
		}
	}
	for _, s := range v.Successions {
		statement := client.Succession{Key: s.Key, PublicKey: s.PublicKey, From: s.From, Signature: s.Signature}
		learned := latchkey.Vouched(s.App, []ed25519.PublicKey{unhex(t, s.Voucher)}, []client.Succession{statement})
		if (len(learned) == 1) != s.Accept {
			t.Errorf("%s: learned %d keys, want accepted: %v", s.Name, len(learned), s.Accept)
		}
	}
}
