// Package leaked knows passwords that are known from data breaches: very common
// ones by rules of its own, and all that stand in a file of the operator's.
//
// It owns these rules and how the file is read. It knows neither users nor
// applications, and keeps no password.
package leaked

import (
	"bytes"
	"crypto/sha1" // it is how the public lists name passwords
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	hashDigits = 2 * sha1.Size
	// maxLine bounds a line of the file: a hash, a colon, a count, a line end.
	maxLine = 96
	// window is what is read at once at the end of a search: so many bytes hold
	// about 90 lines.
	window = 4096
)

// ErrFormat reports a file that is not a list of SHA-1 hashes in their order.
var ErrFormat = errors.New("the file is not a list of SHA-1 hashes, one a line as HASH:COUNT, ordered by hash")

// List is what is known of leaked passwords. A nil *List knows the very common
// ones. It is safe for concurrent use.
type List struct {
	file io.ReaderAt
	size int64
	end  func() error
}

// Open returns a list that also knows the passwords of a file: SHA-1 hashes in
// hexadecimal digits, one a line, ordered, each perhaps with a colon and a
// count. The file stays open and is not read into memory; it must not be
// changed, only replaced. "" is no file. Error: [ErrFormat], beside those of the
// operating system.
func Open(path string) (*List, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: it is not a regular file", ErrFormat)
	}
	var l *List
	if err == nil {
		l, err = newList(f, info.Size())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	l.end = f.Close
	return l, nil
}

// probes are how many places of a file are looked at before it is believed.
const probes = 64

func newList(file io.ReaderAt, size int64) (*List, error) {
	l := &List{file: file, size: size}
	var last []byte
	for i := range int64(probes) {
		_, hash, err := l.lineFrom(size / probes * i)
		switch {
		case err == io.EOF && i > 0: // a short file has fewer lines than probes
			return l, nil
		case err == io.EOF:
			return nil, fmt.Errorf("%w: it is empty", ErrFormat)
		case err != nil:
			return nil, err
		case bytes.Compare(hash, last) < 0:
			return nil, fmt.Errorf("%w: it is not in their order", ErrFormat)
		}
		last = hash
	}
	return l, nil
}

// Close closes the file.
func (l *List) Close() error {
	if l == nil || l.end == nil {
		return nil
	}
	return l.end()
}

// Has reports whether a password is known. An error is one of the file.
func (l *List) Has(password latchkey.Secret) (bool, error) {
	if common(password.Reveal()) {
		return true, nil
	}
	if l == nil {
		return false, nil
	}
	found, err := l.find(sha1.Sum([]byte(password.Reveal())))
	if err != nil {
		return false, fmt.Errorf("search leaked passwords: %w", err)
	}
	return found, nil
}

// find halves what is left of the file until it can be read at once.
func (l *List) find(sum [sha1.Size]byte) (bool, error) {
	lo, hi := int64(0), l.size // a line of the hash begins in here, if there is one; at lo begins a line
	for hi-lo > window {
		middle := lo + (hi-lo)/2
		at, hash, err := l.lineFrom(middle)
		if err == io.EOF || err == nil && at >= hi {
			hi = middle
			continue
		}
		if err != nil {
			return false, err
		}
		switch c := bytes.Compare(sum[:], hash); {
		case c == 0:
			return true, nil
		case c < 0:
			hi = at
		default:
			lo = at
		}
	}
	return l.scan(lo, hi, sum)
}

// scan reads the lines that begin from lo on and before hi.
func (l *List) scan(lo, hi int64, sum [sha1.Size]byte) (bool, error) {
	text := make([]byte, min(hi+maxLine, l.size)-lo)
	if n, err := l.file.ReadAt(text, lo); err != nil && err != io.EOF || n < len(text) {
		return false, errors.Join(err, io.ErrUnexpectedEOF)
	}
	for at := int64(0); at < hi-lo && int(at) < len(text); {
		rest := text[at:]
		line, _, _ := bytes.Cut(rest, []byte{'\n'})
		if len(bytes.TrimSpace(line)) == 0 && int(at)+len(line)+1 >= len(text) { // what stands behind the last line end
			return false, nil
		}
		hash, err := parse(line)
		if err != nil {
			return false, err
		}
		if bytes.Equal(hash, sum[:]) {
			return true, nil
		}
		at += int64(len(line)) + 1
	}
	return false, nil
}

// lineFrom returns the first line that begins at or after an offset: where that
// is, and its hash. io.EOF if there is none.
func (l *List) lineFrom(offset int64) (at int64, hash []byte, err error) {
	var buffer [2*maxLine + 1]byte
	from := max(0, offset-1) // the line end before it may be that of the line before
	n, err := l.file.ReadAt(buffer[:min(int64(len(buffer)), l.size-from)], from)
	if err != nil && err != io.EOF {
		return 0, nil, err
	}
	text := buffer[:n]
	if offset > 0 {
		i := bytes.IndexByte(text, '\n')
		if i < 0 && from+int64(n) < l.size {
			return 0, nil, fmt.Errorf("%w: it has a line of more than %d bytes", ErrFormat, maxLine)
		}
		if i < 0 {
			return 0, nil, io.EOF
		}
		text, from = text[i+1:], from+int64(i)+1
	}
	if len(bytes.TrimSpace(text)) == 0 && from+int64(len(text)) >= l.size {
		return 0, nil, io.EOF
	}
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	hash, err = parse(line)
	return from, hash, err
}

// parse reads the hash of a line.
func parse(line []byte) ([]byte, error) {
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if len(line) < hashDigits || len(line) > hashDigits && line[hashDigits] != ':' {
		return nil, ErrFormat
	}
	hash := make([]byte, sha1.Size)
	if _, err := hex.Decode(hash, line[:hashDigits]); err != nil {
		return nil, ErrFormat // what it says repeats the file
	}
	return hash, nil
}
