package latchkey_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/latchkey-dev/latchkey/api/client"
	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

// bigFile takes three parts.
func bigFile() []byte {
	b := make([]byte, 2*client.MaxContent+1000)
	for i := range b {
		b[i] = byte(i >> 8 * i)
	}
	return b
}

func TestFilesComeInProvenParts(t *testing.T) {
	s := newServer(t)
	s.file = bigFile()
	c, _ := s.client(t)
	var got bytes.Buffer
	file, err := c.WriteFile(t.Context(), "fil_1", &got)
	if err != nil || file.Size != int64(len(s.file)) || !bytes.Equal(got.Bytes(), s.file) || s.made(client.PathFileContent) != 3 {
		t.Fatalf("%+v, %v: %d bytes in %d parts", file, err, got.Len(), s.made(client.PathFileContent))
	}
	s.spoil = func(r *http.Request, a *answer) {
		if r.URL.Path == client.Prefix+client.PathFileContent {
			a.body = bytes.Clone(a.body)
			a.body[500] ^= 1
		}
	}
	got.Reset()
	if _, err := c.WriteFile(t.Context(), "fil_1", &got); !errors.Is(err, latchkey.ErrUnverified) || got.Len() > 0 {
		t.Errorf("%v after %d bytes of a spoiled part", err, got.Len())
	}
}

func TestDownloadsAreWholeOrNotThere(t *testing.T) {
	s := newServer(t)
	s.file = bigFile()
	c, _ := s.client(t, latchkey.WithRetries(0))
	path := filepath.Join(t.TempDir(), "a.bin")
	if err := os.WriteFile(path, []byte("the old one"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.spoil = func(_ *http.Request, a *answer) { // the network breaks after the first part
		if s.made(client.PathFileContent) == 2 {
			a.body = a.body[:len(a.body)/2]
		}
	}
	if _, err := c.DownloadFile(t.Context(), "fil_1", path); !errors.Is(err, latchkey.ErrUnverified) {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "the old one" {
		t.Errorf("%q, %v", got, err)
	}
	s.spoil = nil
	if _, err := c.DownloadFile(t.Context(), "fil_1", path); err != nil {
		t.Fatal(err)
	}
	if n := s.made(client.PathFileContent); n != 4 {
		t.Errorf("%d parts were asked for: the first was fetched again", n)
	}
	wantFile(t, path, s.file)

	for _, stale := range [][]byte{bytes.Repeat([]byte("x"), 1000), append(bytes.Clone(s.file), 1)} {
		if err := os.WriteFile(path+".part", stale, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.DownloadFile(t.Context(), "fil_1", path); err != nil {
			t.Errorf("a part of something else, of %d bytes: %v", len(stale), err)
		}
		wantFile(t, path, s.file)
	}
}

func wantFile(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the file has %d bytes, %v", len(got), err)
	}
	if _, err := os.Stat(path + ".part"); !errors.Is(err, os.ErrNotExist) {
		t.Error("the part is left behind")
	}
}

// TestSignedPartsMustMakeTheFile holds that a part of another length, or parts
// that do not make the file announced, are refused although they are signed.
func TestSignedPartsMustMakeTheFile(t *testing.T) {
	s := newServer(t)
	for name, body := range map[string]string{"a short part": "the file", "a long part": "the file's content and more", "another content": "the FILE's content"} {
		asked := s.made(client.PathFileContent)
		s.spoil = func(r *http.Request, a *answer) {
			if r.URL.Path == client.Prefix+client.PathFileContent {
				a.body = []byte(body)
				s.sign(r, r.URL.Path, s.last().body, a)
			}
		}
		c, _ := s.client(t)
		if _, err := c.WriteFile(t.Context(), "fil_1", io.Discard); !errors.Is(err, latchkey.ErrUnverified) {
			t.Errorf("%s: %v", name, err)
		}
		if n := s.made(client.PathFileContent) - asked; n != 1 {
			t.Errorf("%s: %d parts were asked for", name, n)
		}
	}
	s.spoil = nil
	for _, info := range []string{`{}`, `{"sha256":"00","size":1}`, `{"sha256":"` + publicHex(testKey(1)) + `","size":-1}`} {
		s.replies[client.PathFileInfo] = info
		c, _ := s.client(t)
		if _, err := c.FileInfo(t.Context(), "fil_1"); !errors.Is(err, latchkey.ErrUnverified) {
			t.Errorf("%s: %v", info, err)
		}
	}
}

func TestEmptyFiles(t *testing.T) {
	s := newServer(t)
	s.file = []byte{}
	c, _ := s.client(t)
	path := filepath.Join(t.TempDir(), "empty")
	if _, err := c.DownloadFile(t.Context(), "fil_1", path); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, nil)
}

func TestExecutableHash(t *testing.T) {
	sum, err := latchkey.ExecutableHash()
	if err != nil || len(sum) != 64 {
		t.Errorf("%s, %v", sum, err)
	}
}
