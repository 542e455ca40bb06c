package leaked

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestCommonPasswords(t *testing.T) {
	for _, p := range []string{
		"a", "abc", "12345678", "00000000", "19870412", "aaaaaaaaaa", "!!!!!!!", "password", "PASSWORD", "Password1", "P@ssw0rd!", "passw0rd2024",
		"letmein", "iloveyou2", "dragon!!", "123dragon", "Summer2023!", "qwertyuiop", "QWERTY123", "poiuytrewq", "1qaz2wsx", "zxcvbnm,", "abcdefg1",
		"monkeymonkey", "michaeljordan", "trustno1", "abc123", "йцукен", "1q2w3e4r", "qwerty12345", "987654321", "!@#$%^", "starwars99", "admin@123", " password ",
	} {
		if !common(p) {
			t.Errorf("%q is not known", p)
		}
	}
	for _, p := range []string{
		"correct horse battery staple", "xk7Q", "vuW4hbq", "mumble-frotz", "Tr0ub4dor&3", "dragonfruit salad", "пароль на завтра",
		"123456789x4", "qwertz-und-noch-mehr", "password is not this", strings.Repeat("word", 20), "äöü-ß€", "12345679a0",
	} {
		if common(p) {
			t.Errorf("%q is known", p)
		}
	}
	n := len(wordSet())
	if n < 1000 {
		t.Errorf("%d words", n)
	}
	for w := range wordSet() {
		if w != strings.ToLower(w) || len(w) < 3 {
			t.Errorf("%q is no word as the rules want them", w)
		}
	}
}

// fileOf is a file of the passwords, as the public downloads come.
func fileOf(end string, passwords ...string) string {
	lines := make([]string, len(passwords))
	for i, p := range passwords {
		sum := sha1.Sum([]byte(p))
		lines[i] = fmt.Sprintf("%X:%d", sum, i+1)
	}
	slices.Sort(lines)
	return strings.Join(lines, end)
}

func open(t testing.TB, content string) (*List, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hashes.txt")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Open(path)
	if err == nil {
		t.Cleanup(func() {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return l, err
}

func TestAFileIsSearched(t *testing.T) {
	for _, size := range []int{1, 2, 3, 85, 86, 1000, 8000} {
		names := func(kind string) (list []string) {
			for i := range size {
				list = append(list, fmt.Sprintf("%s password number %d", kind, i))
			}
			return list
		}
		for _, form := range []struct {
			what    string
			content func(string) string
			end     string
		}{
			{"Windows lines", func(s string) string { return s + "\r\n" }, "\r\n"},
			{"Unix lines", func(s string) string { return s + "\n" }, "\n"},
			{"no line end at the end", func(s string) string { return s }, "\n"},
			{"lower case", func(s string) string { return strings.ToLower(s) + "\n" }, "\n"},
		} {
			l, err := open(t, form.content(fileOf(form.end, names("leaked")...)))
			if err != nil {
				t.Fatalf("%d, %s: %v", size, form.what, err)
			}
			step := max(1, size/500)
			for kind, want := range map[string]bool{"leaked": true, "other": false} {
				list := names(kind)
				for i := 0; i < size; i += step {
					if got, err := l.Has(latchkey.Secret(list[i])); got != want || err != nil {
						t.Fatalf("%d, %s: %q: %t %v", size, form.what, list[i], got, err)
					}
				}
				if got, err := l.Has(latchkey.Secret(list[size-1])); got != want || err != nil {
					t.Fatalf("%d, %s, the last: %t %v", size, form.what, got, err)
				}
			}
		}
	}
}

// counting counts how much is read of a file.
type counting struct {
	*bytes.Reader
	bytes int
}

func (c *counting) ReadAt(p []byte, at int64) (int, error) {
	c.bytes += len(p)
	return c.Reader.ReadAt(p, at)
}

func TestLittleOfAFileIsRead(t *testing.T) {
	var list []string
	for i := range 200_000 {
		list = append(list, fmt.Sprint("leaked password number ", i))
	}
	text := fileOf("\n", list...)
	c := &counting{Reader: bytes.NewReader([]byte(text))}
	l, err := newList(c, int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	c.bytes = 0
	if found, err := l.Has("leaked password number 777"); !found || err != nil {
		t.Fatal(found, err)
	}
	if c.bytes > 16<<10 {
		t.Errorf("%d bytes of %d were read", c.bytes, len(text))
	}
}

func TestWhatIsNoList(t *testing.T) {
	good := fileOf("\n", "one", "two", "three")
	lines := strings.Split(good, "\n")
	for what, content := range map[string]string{
		"nothing":            "",
		"blank":              "\n\n",
		"text":               "the first line of a text\nand the second\n",
		"half a hash":        lines[0][:30],
		"another order":      lines[2] + "\n" + lines[0] + "\n",
		"a longer hash":      strings.Repeat("A", 64) + ":1\n",
		"a line without end": lines[0] + strings.Repeat("1", 100_000),
		"other digits":       strings.Repeat("G", 40) + ":1\n",
		"hash and space":     lines[0][:40] + " 3\n",
	} {
		if _, err := open(t, content); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := Open(t.TempDir()); !errors.Is(err, ErrFormat) {
		t.Errorf("a folder: %v", err)
	}
	l, err := Open("")
	if l != nil || err != nil || l.Close() != nil {
		t.Error(l, err)
	}
	if found, err := l.Has("Password1"); !found || err != nil {
		t.Error("without a file the common ones are not known")
	}
	if found, err := l.Has("mumble-frotz"); found || err != nil {
		t.Error(found, err)
	}
}

// FuzzFind: in whatever bytes, nothing is found that is not there, every search
// ends, and in a sound list everything is found.
func FuzzFind(f *testing.F) {
	f.Add([]byte(fileOf("\n", "one", "two", "three")), uint16(300), uint64(7))
	f.Add([]byte("\n\r\n:::"), uint16(0), uint64(1))
	f.Add([]byte(strings.Repeat("0123456789abcdef0123456789abcdef01234567:1\n", 300)), uint16(90), uint64(2))
	f.Fuzz(func(t *testing.T, bytesOfAnything []byte, size uint16, seed uint64) {
		target := sha1.Sum(binary.BigEndian.AppendUint64(nil, seed))
		anything := &List{file: bytes.NewReader(bytesOfAnything), size: int64(len(bytesOfAnything))}
		if len(bytesOfAnything) > 0 {
			found, err := anything.find(target)
			if found && (err != nil || !bytes.Contains(bytes.ToLower(bytesOfAnything), []byte(hex.EncodeToString(target[:])))) {
				t.Fatalf("found what is not there (%v)", err)
			}
		}
		if size == 0 {
			return
		}
		lines := make([]string, size%5000+1)
		for i := range lines {
			sum := sha1.Sum(binary.BigEndian.AppendUint64(nil, seed+uint64(i)))
			lines[i] = hex.EncodeToString(sum[:]) + strings.Repeat(":1", int(sum[0]%2))
		}
		slices.Sort(lines)
		text := strings.Join(lines, "\n")
		l, err := newList(strings.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		for i := range lines {
			if found, err := l.find(sha1.Sum(binary.BigEndian.AppendUint64(nil, seed+uint64(i)))); !found || err != nil {
				t.Fatalf("%d of %d: %t %v", i, len(lines), found, err)
			}
		}
		if found, err := l.find(sha1.Sum([]byte("no number"))); found || err != nil {
			t.Fatal(found, err)
		}
	})
}

// FuzzCommon: letter case and what stands around a word change nothing.
func FuzzCommon(f *testing.F) {
	for _, seed := range []string{"password", "", "ÄÖ", "1qaz", "\xff", "İstanbul"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, password string) {
		for _, r := range password {
			if r < ' ' || r > '~' { // beyond these, letters have cases that are not each other's
				return
			}
		}
		if common(password) != common(strings.ToUpper(password)) {
			t.Errorf("of %q the case of letters decides", password)
		}
	})
}
