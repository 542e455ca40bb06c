package listfile

import (
	"path"
	"strings"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// Format is how a list is written.
type Format string

// The formats.
const (
	Text  Format = "txt"    // one key a line; or KEY,LEVEL,DAYS|KEY,LEVEL,DAYS|…
	CSV   Format = "csv"    // a header, then a row a license
	JSON  Format = "json"   // a list of objects, perhaps inside an object
	Lines Format = "ndjson" // an object a line
)

// MediaType is what HTTP calls the format.
func (f Format) MediaType() string {
	switch f {
	case Text:
		return "text/plain; charset=utf-8"
	case CSV:
		return "text/csv; charset=utf-8; header=present"
	case JSON:
		return "application/json"
	}
	return "application/x-ndjson"
}

// OfMediaType returns the format of a media type without parameters, "" if it
// tells none.
func OfMediaType(media string) Format {
	switch media {
	case "text/plain":
		return Text
	case "text/csv":
		return CSV
	case "application/json":
		return JSON
	case "application/x-ndjson", "application/jsonl", "application/x-jsonlines":
		return Lines
	}
	return ""
}

// OfName returns the format that a file's name ends in, "" if it tells none.
func OfName(name string) Format {
	switch strings.ToLower(path.Ext(name)) {
	case ".txt":
		return Text
	case ".csv":
		return CSV
	case ".json":
		return JSON
	case ".ndjson", ".jsonl":
		return Lines
	}
	return ""
}

// Name is a name for a file of things of an app: of letters, digits and hyphens
// only, so that no header, shell or file system minds it.
func (f Format) Name(things, app, day string) string {
	slug := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			return r
		}
		return '-'
	}, app), "-")
	if len(slug) > 40 {
		slug = strings.Trim(slug[:40], "-")
	}
	if slug == "" {
		slug = "app"
	}
	return things + "-" + slug + "-" + day + "." + string(f)
}

// malformed refuses a file that cannot be read to its end.
func malformed(message string) error { return latchkey.FailWith(latchkey.CodeMalformed, message) }
