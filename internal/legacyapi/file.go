package legacyapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// maxContents is how large a file may be on this wire, in bytes: an answer is
// signed as a whole and so stands in memory as a whole, in hex.
const maxContents = 16 << 20

// file gives a program a whole file.
func (a *api) file(ctx context.Context, c *call) (answer, error) {
	content, err := a.svc.ClientFileContent(ctx, c.app, c.session, c.get("fileid"))
	if err != nil {
		return answer{}, err
	}
	c.finishes = append(c.finishes, func() { _ = content.Close() }) // it has only been read
	if content.Size > maxContents {
		return answer{}, refusal{textFileLarge}
	}
	done, err := a.downloads.begin(ctx, service.OriginFrom(ctx).IP, memoryFor(c.protocol, content.Size))
	if err != nil {
		return answer{}, err
	}
	c.finishes = append(c.finishes, done)
	return answer{Message: textFileDone, Contents: &contents{from: content, size: content.Size, sha256: content.SHA256}}, nil
}

// memoryFor is how much an answer with a file needs: two bytes for each one of
// the file, and in 1.0 twice as many again, encrypted and in hex.
func memoryFor(p latchkey.Protocol, size int64) int64 {
	if p == latchkey.Protocol10 {
		return 6 * size
	}
	return 2 * size
}

// contents are a file in an answer. They are read when the answer is written, so
// that they stand in memory once.
type contents struct {
	from   io.Reader
	size   int64
	sha256 string
	err    error // after append: why they are not whole
}

// append appends the file in hex, as a JSON string.
func (f *contents) append(b []byte) []byte {
	sum := sha256.New()
	part := make([]byte, 32<<10)
	b = append(b, '"')
	for left := f.size; left > 0 && f.err == nil; {
		n, err := f.from.Read(part[:min(int64(len(part)), left)])
		sum.Write(part[:n])
		b = hex.AppendEncode(b, part[:n])
		if left -= int64(n); err != nil && left > 0 {
			f.err = latchkey.Fail(latchkey.CodeFileUnavailable).Because(err)
		}
	}
	if f.err == nil && hex.EncodeToString(sum.Sum(nil)) != f.sha256 {
		f.err = latchkey.Fail(latchkey.CodeFileUnavailable).Because(errors.New("a file is not what was uploaded"))
	}
	return append(b, '"')
}
