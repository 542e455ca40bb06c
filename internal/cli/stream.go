package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/latchkey-dev/latchkey/api"
)

// linesType is the media type of JSON values, one a line.
const linesType = "application/x-ndjson"

// errCutOff reports a stream that ended without its last line.
var errCutOff = errors.New("the server's answer was cut off")

// line is what has to be known of a line: what a stream says about itself, and
// the key of a license.
type line struct {
	api.ProgressLine
	api.StreamEnd
	Key string `json:"key"`
}

// lines is a stream that is being read.
type lines struct {
	body io.ReadCloser
	in   *bufio.Reader
}

// stream makes a call that is answered with lines, which may take any time.
func (c *client) stream(ctx context.Context, q request) (*lines, error) {
	header := http.Header{}
	if q.header != nil {
		header = q.header.Clone()
	}
	header.Set("Accept", linesType)
	q.header = header
	body, err := c.open(ctx, q)
	if err != nil {
		return nil, err
	}
	return &lines{body: body, in: bufio.NewReaderSize(body, 64<<10)}, nil
}

// next returns the next line, as it came and read; [io.EOF] after the one that
// says that all is done.
func (s *lines) next() (text []byte, l line, err error) {
	text, err = s.in.ReadBytes('\n')
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errCutOff
		}
		return nil, l, fmt.Errorf("read the server's answer: %w", err)
	}
	if err := json.Unmarshal(bytes.TrimSpace(text), &l); err != nil {
		return nil, l, fmt.Errorf("read the server's answer: %w", err)
	}
	switch {
	case l.Problem != nil:
		return nil, l, &apiError{status: l.Problem.Status, problem: *l.Problem}
	case l.Done != nil && *l.Done:
		return nil, l, io.EOF
	case l.Done != nil:
		return nil, l, errCutOff
	}
	return text, l, nil
}

func (s *lines) close() error { return s.body.Close() }
