package web

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// maxDepth is how deep objects and lists may lie in one another.
const maxDepth = 16

// CheckJSON refuses a body that is not exactly one JSON value in UTF-8 without
// duplicate names, nested at most [maxDepth] deep. encoding/json would take
// the last of two duplicates and repair bad UTF-8, so that what was checked on
// the way is not what is used. Its error is request.malformed.
func CheckJSON(body []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(false), jsontext.AllowInvalidUTF8(false))
	for {
		if _, err := d.ReadToken(); err != nil {
			return latchkey.Fail(latchkey.CodeMalformed).Because(err)
		}
		if d.StackDepth() > maxDepth {
			return latchkey.FailWith(latchkey.CodeMalformed, "The body nests deeper than 16 levels.")
		}
		if d.StackDepth() == 0 {
			break
		}
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return latchkey.FailWith(latchkey.CodeMalformed, "The body is more than one JSON value.")
	}
	return nil
}
