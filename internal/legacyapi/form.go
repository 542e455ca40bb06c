package legacyapi

import (
	"mime"
	"net/http"
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
// counts as absent. A call has so few that looking through them beats a map.
type form struct {
	params  []param
	usual   [12]param // where params begins
	garbled bool      // some value is not text
	fields  int
	body    []byte // that it was read from
}

type param struct {
	name, value string
	garbled     bool // the value is not text
}

func (f *form) find(name string) *param {
	for i := range f.params {
		if f.params[i].name == name {
			return &f.params[i]
		}
	}
	return nil
}

// get returns a parameter, "" if it is absent.
func (f *form) get(name string) string {
	if p := f.find(name); p != nil {
		return p.value
	}
	return ""
}

// replace gives a parameter another value. What is not text then is garbled,
// whatever it was before.
func (f *form) replace(p *param, value string) {
	p.value, p.garbled = trimmed(value)
	f.garbled = false
	for i := range f.params {
		f.garbled = f.garbled || f.params[i].garbled
	}
}

// isGarbled reports whether a parameter has a value that is not text.
func (f *form) isGarbled(name string) bool {
	p := f.find(name)
	return p != nil && p.garbled
}

// clear forgets everything but the body's memory, in which no secret stays.
func (f *form) clear() {
	body := f.body[:cap(f.body)]
	*f = form{}
	if len(body) <= maxKept {
		clear(body)
		f.body = body[:0]
	}
}

// read reads parameters from the body, then from the query; for each name
// the first value wins. It reads what the published clients send, which
// net/url does not: values that were never escaped, with ';' and stray '%' in
// them. Errors: request.too_large, request.media_type, request.malformed.
func (f *form) read(w http.ResponseWriter, r *http.Request) error {
	f.params = f.usual[:0]
	if r.Method == http.MethodPost {
		if err := f.readBody(w, r); err != nil {
			return err
		}
	}
	if len(r.URL.RawQuery) > maxBody {
		return latchkey.Fail(latchkey.CodeTooLarge)
	}
	return f.readPairs(r.URL.RawQuery)
}

func (f *form) readBody(w http.ResponseWriter, r *http.Request) (err error) {
	if f.body, err = web.AppendBody(f.body[:0], w, r, maxBody); err != nil {
		return err
	}
	media, boundary := mediaOf(r.Header.Get("Content-Type"))
	switch media {
	case "multipart/form-data":
		return f.readParts(f.body, boundary)
	case "", formType, "text/plain":
		return f.readPairs(string(f.body))
	}
	return nil // some clients label an empty body as JSON and use the query
}

const formType = "application/x-www-form-urlencoded"

// mediaOf is the media type of a body and the boundary of its parts, if it has
// any. A type that does not parse still names its kind before the ';'.
func mediaOf(contentType string) (media, boundary string) {
	if contentType == formType { // nearly always
		return formType, ""
	}
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(strings.ToLower(contentType), ";")
	}
	return strings.TrimSpace(media), params["boundary"]
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
	if f.find(name) != nil {
		return nil
	}
	value, garbled := trimmed(value)
	f.garbled = f.garbled || garbled
	f.params = append(f.params, param{name: name, value: value, garbled: garbled})
	return nil
}

// trimmed is a value without white space around it, and whether it is no text.
func trimmed(value string) (text string, garbled bool) {
	text = strings.Trim(value, " \t\n\r\v\x00")
	return text, !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0
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
		case c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			b.WriteByte(hexDigit(text[i+1])<<4 | hexDigit(text[i+2]))
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// hexDigit is the value of a digit that isHex.
func hexDigit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
