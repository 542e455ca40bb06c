package legacyapi

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// readParts reads the fields of a multipart/form-data body, as PHP and Java
// clients send them. Uploaded files are passed over: no call takes one.
func (f *form) readParts(body []byte, boundary string) error {
	if len(body) == 0 {
		return nil
	}
	if boundary == "" {
		return latchkey.Fail(latchkey.CodeMalformed)
	}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		// Raw: the content is the value, whatever transfer encoding it claims.
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return latchkey.Fail(latchkey.CodeMalformed)
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return latchkey.Fail(latchkey.CodeMalformed)
		}
		if part.FormName() == "" || part.FileName() != "" {
			if f.fields++; f.fields > maxFields {
				return latchkey.Fail(latchkey.CodeTooLarge)
			}
			continue
		}
		if err := f.add(part.FormName(), string(value)); err != nil {
			return err
		}
	}
}
