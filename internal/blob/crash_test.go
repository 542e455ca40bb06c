package blob_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob"
)

const crashFolder = "LATCHKEY_TEST_BLOB_FOLDER"

// TestMain lets the test's own binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashFolder); dir != "" {
		fmt.Fprintln(os.Stderr, storeUntilKilled(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// half is what the killed process prints when it is in the middle of a file.
const half = "half"

// storeUntilKilled stores files without end. It prints half when half of one is
// written, and its id when it is stored. Each begins with the SHA-256 of its
// rest, so that a half one is known as such.
func storeUntilKilled(dir string) error {
	s, err := blob.Open(dir, blob.Config{Now: time.Now, Rand: rand.Reader})
	if err != nil {
		return err
	}
	for {
		body := make([]byte, 300_000)
		if _, err := rand.Read(body); err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		src := io.MultiReader(bytes.NewReader(sum[:]), bytes.NewReader(body[:150_000]), says{}, bytes.NewReader(body[150_000:]))
		stored, err := s.Put(context.Background(), src, 1<<20)
		if err != nil {
			return err
		}
		fmt.Println(stored.ID)
	}
}

// says prints half when it is its turn to be read.
type says struct{}

func (says) Read([]byte) (int, error) {
	fmt.Println(half)
	return 0, io.EOF
}

// TestAKilledServerLeavesNoHalfFile kills the process with SIGKILL at whatever
// it is doing, round after round on one folder: every file that was
// acknowledged is there, and every file that is there is whole.
func TestAKilledServerLeavesNoHalfFile(t *testing.T) {
	dir := t.TempDir()
	var acknowledged []blob.ID
	for round := range 10 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), crashFolder+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		// It is killed in the middle of a file, or when one was stored; how far
		// it gets from there varies by itself.
		for seen := 0; seen < round+2; seen++ {
			if !lines.Scan() {
				t.Fatal("it ended by itself")
			}
			if lines.Text() != half {
				acknowledged = append(acknowledged, blob.ID(lines.Text()))
			}
		}
		_ = cmd.Process.Kill()
		for lines.Scan() {
			if lines.Text() != half {
				acknowledged = append(acknowledged, blob.ID(lines.Text()))
			}
		}
		_ = cmd.Wait()
	}
	s := open(t, dir, func(c *blob.Config) { c.Now = func() time.Time { return time.Now().Add(2 * time.Hour) } })
	for _, id := range acknowledged {
		if text := content(t, s, id); !whole(text) {
			t.Errorf("%s was acknowledged and is %d bytes of something else", id, len(text))
		}
	}
	all := ids(t, s)
	for _, id := range all {
		if !whole(content(t, s, id)) {
			t.Errorf("%s is listed and not whole", id)
		}
	}
	left := leftovers(t, dir)
	if n, err := s.Sweep(t.Context(), time.Hour); err != nil || n != left || leftovers(t, dir) != 0 {
		t.Errorf("swept %d of %d, %v", n, left, err)
	}
	t.Logf("%d acknowledged, %d there, %d temporary files swept", len(acknowledged), len(all), left)
}

func whole(text string) bool {
	if len(text) != 300_000+sha256.Size {
		return false
	}
	sum := sha256.Sum256([]byte(text[sha256.Size:]))
	return string(sum[:]) == text[:sha256.Size]
}

// TestACrashBetweenTwoSteps builds by hand what each step of Put leaves when it
// was the last one, and reads it as the next process does.
func TestACrashBetweenTwoSteps(t *testing.T) {
	id := hex.EncodeToString(bytes.Repeat([]byte{0xab}, 16))
	temp := filepath.Join("tmp", id)
	for rule, c := range map[string]struct {
		files   map[string]string
		visible bool
	}{
		"the temporary file is made":    {files: map[string]string{temp: ""}},
		"some of it is written":         {files: map[string]string{temp: "ha"}},
		"all of it is written and safe": {files: map[string]string{temp: "half"}},
		"it is renamed":                 {files: map[string]string{filepath.Join("ab", id): "half"}, visible: true},
	} {
		t.Run(rule, func(t *testing.T) {
			dir := t.TempDir()
			_ = open(t, dir, nil).Close()
			for name, text := range c.files {
				path := filepath.Join(dir, name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			s := open(t, dir, func(c *blob.Config) { c.Now = func() time.Time { return time.Now().Add(2 * time.Hour) } })
			if _, err := s.Sweep(t.Context(), time.Hour); err != nil {
				t.Error(err)
			}
			f, _, err := s.Open(context.Background(), blob.ID(id))
			if err == nil {
				text, _ := io.ReadAll(f)
				_ = f.Close()
				if string(text) != "half" {
					t.Errorf("it holds %q", text)
				}
			}
			if (err == nil) != c.visible || (len(ids(t, s)) == 1) != c.visible || leftovers(t, dir) != 0 {
				t.Errorf("visible: %v, %v, %d temporary files", err, ids(t, s), leftovers(t, dir))
			}
			if _, err := s.Put(t.Context(), strings.NewReader("next"), 10); err != nil {
				t.Errorf("the next one: %v", err)
			}
		})
	}
}
