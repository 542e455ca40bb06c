package latchkey

import (
	"math"
	"strings"
	"testing"
)

func TestCheckFileName(t *testing.T) {
	for name, ok := range map[string]bool{
		"setup.exe": true, "Übung 1.pdf": true, "…": true, ".hidden": true, "a..b": true, "文.txt": true, `a"b;c`: true,
		strings.Repeat("ü", 200): true, strings.Repeat("ü", 201): false,
		"": false, ".": false, "..": false, "a/b": false, `a\b`: false, "/": false, " a": false, "a ": false,
		"a\nb": false, "a\x00b": false, "a\u202eexe.txt": false, "a\u200bb": false, "a\xffb": false, "\ufeff": false,
	} {
		if err := CheckFileName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestCheckMinLevel(t *testing.T) {
	for level, ok := range map[int64]bool{0: true, 1: true, MaxLevel: true, -1: false, MaxLevel + 1: false} {
		if err := CheckMinLevel(level); (err == nil) != ok {
			t.Errorf("%d: %v", level, err)
		}
	}
}

func TestFilePart(t *testing.T) {
	sum, other := strings.Repeat("a", 64), strings.Repeat("b", 64)
	for rule, c := range map[string]struct {
		part FilePart
		size int64
		want Code
	}{
		"the whole":                {FilePart{sum, 0, 10}, 10, ""},
		"the last byte":            {FilePart{sum, 9, 1}, 10, ""},
		"the largest part":         {FilePart{sum, 0, MaxFilePart}, MaxFilePart, ""},
		"a byte too many":          {FilePart{sum, 0, 11}, 10, CodeInvalid},
		"from the end on":          {FilePart{sum, 10, 1}, 10, CodeInvalid},
		"before the beginning":     {FilePart{sum, -1, 1}, 10, CodeInvalid},
		"an end that overflows":    {FilePart{sum, math.MaxInt64, 10}, 10, CodeInvalid},
		"nothing":                  {FilePart{sum, 0, 0}, 10, CodeInvalid},
		"of an empty file":         {FilePart{sum, 0, 1}, 0, CodeInvalid},
		"more than a part may be":  {FilePart{sum, 0, MaxFilePart + 1}, 2 * MaxFilePart, CodeInvalid},
		"of another content":       {FilePart{other, 0, 10}, 10, CodeFileChanged},
		"of another, and outside":  {FilePart{other, 50, 10}, 10, CodeFileChanged},
		"of no content":            {FilePart{"", 0, 10}, 10, CodeInvalid},
		"of a sum in upper case":   {FilePart{strings.ToUpper(sum), 0, 10}, 10, CodeInvalid},
		"of something of its size": {FilePart{strings.Repeat("z", 64), 0, 10}, 10, CodeInvalid},
	} {
		if got := CodeOf(c.part.Check(c.size, sum)); got != c.want {
			t.Errorf("%s: %q", rule, got)
		}
	}
}

// FuzzFilePart: a part that passes lies within the content.
func FuzzFilePart(f *testing.F) {
	sum := strings.Repeat("a", 64)
	for _, p := range [][3]int64{{0, 5000, 5000}, {4999, 1, 5000}, {0, 0, 0}, {-1, 1, 1}, {1 << 62, 1 << 62, math.MaxInt64}, {5000, 1, 5000}} {
		f.Add(sum, p[0], p[1], p[2])
	}
	f.Fuzz(func(t *testing.T, sent string, offset, length, size int64) {
		size = max(0, size)
		err := FilePart{SHA256: sent, Offset: offset, Length: length}.Check(size, sum)
		end := offset + length
		inside := sent == sum && offset >= 0 && length >= 1 && length <= MaxFilePart && end > offset && end <= size
		if (err == nil) != inside {
			t.Fatalf("%q, %d bytes from %d on of %d: %v", sent, length, offset, size, err)
		}
	})
}
