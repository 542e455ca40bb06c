package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/latchkey-dev/latchkey/internal/sign"
)

// keepBody is how much of an answer's body is kept, in bytes, where nothing else
// is said; the rest is counted only. Nearly all signed answers are far smaller.
const keepBody = 64 << 10

// conn is a keep-alive connection. It writes and reads HTTP/1.1 by hand,
// because the generator shares its processors with the server: net/http's
// client would cost more than the server does.
type conn struct {
	net.Conn
	in   *bufio.Reader
	res  response
	keep int // how much of a body is kept
}

// response is the answer that a conn has read last.
type response struct {
	status    int
	signature []byte // of the header x-signature-ed25519 or Latchkey-Signature
	timestamp []byte // of the header x-signature-timestamp or Latchkey-Time
	key       []byte // of the header Latchkey-Key
	body      []byte // as much as is kept
	size      int64  // of the body, in bytes
}

var errAnswer = errors.New("not an HTTP/1.1 answer that keeps the connection")

func dial(address string, until time.Time) (*conn, error) {
	c, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, in: bufio.NewReaderSize(c, 16<<10), keep: keepBody}, c.SetDeadline(until)
}

// exchange sends a whole request and reads its answer into c.res.
func (c *conn) exchange(request []byte) error {
	if _, err := c.Write(request); err != nil {
		return err
	}
	r := &c.res
	r.signature, r.timestamp, r.key, r.body, r.size = r.signature[:0], r.timestamp[:0], r.key[:0], r.body[:0], 0
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) || len(line) < 13 {
		return fmt.Errorf("%w: %.60q", errAnswer, line)
	}
	if r.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return fmt.Errorf("%w: %.60q", errAnswer, line)
	}
	length, err := c.headers()
	switch {
	case err != nil:
		return err
	case length >= 0:
		return c.read(length)
	}
	return c.chunks()
}

// headers reads to the empty line and returns the body's length, -1 if it
// comes in chunks.
func (c *conn) headers() (length int64, err error) {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return length, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimLeft(value, " ")
		switch {
		case named(name, "content-length"):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil || length < 0 {
				return 0, fmt.Errorf("%w: %q", errAnswer, line)
			}
		case named(name, "transfer-encoding"):
			length = -1
		case named(name, "x-signature-ed25519"), named(name, sign.HeaderNativeSignature):
			c.res.signature = append(c.res.signature, value...)
		case named(name, "x-signature-timestamp"), named(name, sign.HeaderNativeTime):
			c.res.timestamp = append(c.res.timestamp, value...)
		case named(name, sign.HeaderNativeKey):
			c.res.key = append(c.res.key, value...)
		case named(name, "connection"):
			return 0, fmt.Errorf("%w: %q", errAnswer, line)
		}
	}
}

func named(header []byte, name string) bool {
	return len(header) == len(name) && bytes.EqualFold(header, []byte(name))
}

// read reads n bytes of the body.
func (c *conn) read(n int64) error {
	c.res.size += n
	keep := int(min(n, int64(c.keep-len(c.res.body))))
	for keep > 0 {
		part, err := c.in.Peek(min(keep, c.in.Size()))
		if err != nil {
			return err
		}
		c.res.body = append(c.res.body, part...)
		if _, err := c.in.Discard(len(part)); err != nil {
			return err
		}
		keep -= len(part)
		n -= int64(len(part))
	}
	for n > 0 {
		gone, err := c.in.Discard(int(min(n, 1<<20)))
		if err != nil {
			return err
		}
		n -= int64(gone)
	}
	return nil
}

// chunks reads a body that comes in chunks, without trailers.
func (c *conn) chunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("%w: chunk %.30q", errAnswer, line)
		}
		if n > 0 {
			if err := c.read(n); err != nil {
				return err
			}
		}
		if _, err := c.in.Discard(2); err != nil { // the line end of the chunk
			return err
		}
		if n == 0 {
			return nil
		}
	}
}
