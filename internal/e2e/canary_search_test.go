package e2e_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// needle is a secret in one of the forms in which it could have been kept.
type needle struct{ what, form, text string }

// forms are the ways to write a secret down that a search must not miss.
func forms(what, secret string) []needle {
	needles := []needle{
		{what, "as it is", secret},
		{what, "in lower case", strings.ToLower(secret)},
		{what, "in upper case", strings.ToUpper(secret)},
		{what, "in hex", hex.EncodeToString([]byte(secret))},
		{what, "escaped for a URL", url.QueryEscape(secret)},
	}
	for shift := range 3 { // the secret may begin anywhere within base64's groups of three
		code := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
		needles = append(needles, needle{what, "in base64", code[2*shift : len(code)-2]})
	}
	return needles
}

// haystack looks for many needles at once.
type haystack struct {
	byPrefix map[[4]byte][]needle
	pairs    [1 << 16]bool // of first two bytes
}

func newHaystack(secrets map[string]string) *haystack {
	h := &haystack{byPrefix: map[[4]byte][]needle{}}
	for secret, what := range secrets {
		for _, n := range forms(what, secret) {
			prefix := [4]byte([]byte(n.text[:4]))
			h.byPrefix[prefix] = append(h.byPrefix[prefix], n)
			h.pairs[int(prefix[0])<<8|int(prefix[1])] = true
		}
	}
	return h
}

// search returns the needles that text holds.
func (h *haystack) search(text string) (found []needle) {
	for at := 0; at+4 <= len(text); at++ {
		if !h.pairs[int(text[at])<<8|int(text[at+1])] {
			continue
		}
		for _, n := range h.byPrefix[[4]byte([]byte(text[at:at+4]))] {
			if strings.HasPrefix(text[at:], n.text) {
				found = append(found, n)
			}
		}
	}
	return found
}

// searchFolders searches every file below some folders but the key file. It
// returns what was found where, and how many bytes were searched.
func (h *haystack) searchFolders(t *testing.T, folders ...string) (found map[needle]string, searched int64) {
	t.Helper()
	found = map[needle]string{}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // a PostgreSQL at work removes files
			}
			if err != nil || !entry.Type().IsRegular() || entry.Name() == "latchkey.key" {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			searched += int64(len(text))
			for _, n := range h.search(string(text)) {
				found[n] = path
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found, searched
}

// postgresFolder is where the PostgreSQL of a database keeps its files and log.
func postgresFolder(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil || u.Query().Get("host") == "" {
		t.Fatalf("no folder in %s (%v)", database, err)
	}
	return u.Query().Get("host")
}
