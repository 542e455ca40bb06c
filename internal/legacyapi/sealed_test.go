package legacyapi_test

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// sealing is how a script's request was sent in 1.0.
type sealing struct{ key, iv string }

const sealedWord = "sealed:"

// key10 is a key of 1.0 by what a script calls it.
func (w *world) key10(name string) string {
	if name == "secret" {
		return w.secrets.Secret.Reveal()
	}
	return name
}

// seal writes the plain form of a script as a program of 1.0 sends it, if the
// script says so. Empty values stay empty.
func (w *world) seal(sent []string) (*sealing, []string) {
	w.t.Helper()
	to, key, isSealed := strings.Cut(sent[0], " "+sealedWord)
	if !isSealed {
		return nil, sent
	}
	plain, err := url.ParseQuery(w.fill(strings.Join(sent[1:], "")))
	w.must(err)
	s := &sealing{key: w.key10(key), iv: plain.Get("init_iv")}
	form := url.Values{}
	for name, values := range plain {
		switch name {
		case "type", "name", "ownerid", "sessionid":
			form.Set(name, hex.EncodeToString([]byte(values[0])))
		case "init_iv", "hash", "reason", "newUsername":
			form.Set(name, values[0])
		default:
			if values[0] != "" {
				values[0] = boxed(s.key, s.iv, values[0])
			}
			form.Set(name, values[0])
		}
	}
	return s, []string{to, form.Encode()}
}

// unseal opens the answer to such a request, if it has to be encrypted, and takes
// the word for that out of those of the script.
func (w *world) unseal(s *sealing, h http.Header, body []byte, words []string) (plain []byte, rest []string) {
	w.t.Helper()
	if s == nil {
		return body, words
	}
	if h.Get("Content-Type") != "" {
		w.t.Errorf("an answer of 1.0 has the type %q", h.Get("Content-Type"))
	}
	i := slices.IndexFunc(words, func(word string) bool { return strings.HasPrefix(word, sealedWord) })
	if i < 0 {
		return body, words
	}
	return unboxed(w.t, w.key10(strings.TrimPrefix(words[i], sealedWord)), s.iv, body), slices.Delete(words, i, i+1)
}
