package legacyapi

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// Caps of a request. They bound memory; the published clients stay far below.
const (
	maxBody   = 64 << 10 // bytes, of the body and of the query each
	maxFields = 100      // in body and query together
	maxName   = 256      // bytes
	maxValue  = 8 << 10  // bytes, after decoding
)

// form holds the parameters of a call. Values are trimmed; what is then empty
// counts as absent.
type form struct {
	values  map[string]string
	garbled []string // names of the parameters whose value is not text
	fields  int
}

// get returns a parameter, "" if it is absent.
func (f *form) get(name string) string { return f.values[name] }

// isGarbled reports whether one of the names has a value that is not text.
func (f *form) isGarbled(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(f.garbled, name) })
}

// readForm reads parameters from the body, then from the query; for each name
// the first value wins. It reads what the published clients send, which
// net/url does not: values that were never escaped, with ';' and stray '%' in
// them. Errors: request.too_large, request.media_type, request.malformed.
func readForm(w http.ResponseWriter, r *http.Request) (*form, error) {
	f := &form{values: map[string]string{}}
	if r.Method == http.MethodPost {
		if err := f.readBody(w, r); err != nil {
			return nil, err
		}
	}
	if len(r.URL.RawQuery) > maxBody {
		return nil, latchkey.Fail(latchkey.CodeTooLarge)
	}
	return f, f.readPairs(r.URL.RawQuery)
}

func (f *form) readBody(w http.ResponseWriter, r *http.Request) error {
	body, err := web.ReadBody(w, r, maxBody)
	if err != nil {
		return err
	}
	// A media type that does not parse still names its kind before the ';'.
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		media, _, _ = strings.Cut(strings.ToLower(r.Header.Get("Content-Type")), ";")
	}
	switch strings.TrimSpace(media) {
	case "multipart/form-data":
		return f.readParts(body, params["boundary"])
	case "", "application/x-www-form-urlencoded", "text/plain":
		return f.readPairs(string(body))
	}
	return nil // some clients label an empty body as JSON and use the query
}

// readPairs reads name=value pairs between '&'.
func (f *form) readPairs(text string) error {
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if err := f.add(unescape(name), unescape(value)); err != nil {
			return err
		}
	}
	return nil
}

// add keeps the first value of a name.
func (f *form) add(name, value string) error {
	f.fields++
	if f.fields > maxFields || len(name) > maxName || len(value) > maxValue {
		return latchkey.Fail(latchkey.CodeTooLarge)
	}
	if _, seen := f.values[name]; seen {
		return nil
	}
	value = strings.Trim(value, " \t\n\r\v\x00")
	if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
		f.garbled = append(f.garbled, name)
	}
	f.values[name] = value
	return nil
}

// unescape decodes '+' and every well-formed '%xx'; any other '%' stands for
// itself.
func unescape(text string) string {
	if !strings.ContainsAny(text, "+%") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '+':
			b.WriteByte(' ')
		case c == '%' && i+2 < len(text):
			char, err := url.PathUnescape(text[i : i+3])
			if err != nil {
				b.WriteByte('%')
				continue
			}
			b.WriteString(char)
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
