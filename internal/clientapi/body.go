package clientapi

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// kind is what a value of a request's body is.
type kind int

const (
	kindText kind = iota
	kindInteger
	kindTexts // an object of texts
	kindOther // none of these: no field takes it
)

// member is one name of a request's body with its value.
type member struct {
	name   string
	kind   kind
	text   string
	number int64
	texts  []member
}

// longestName is how much of an unknown name is told back.
const longestName = 64

func (m *member) shortName() string {
	if len(m.name) > longestName {
		return ""
	}
	return m.name
}

func find(body []member, name string) *member {
	for i := range body {
		if body[i].name == name {
			return &body[i]
		}
	}
	return nil
}

// readBody reads a request's body: one JSON object in UTF-8 in which no name
// stands twice. Its error is request.malformed. Names are told apart by every
// letter; encoding/json would take "Session" for "session", and the last of two.
func readBody(body []byte) ([]member, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(false), jsontext.AllowInvalidUTF8(false))
	if d.PeekKind() != '{' {
		if _, err := d.ReadToken(); err != nil {
			return nil, latchkey.Fail(latchkey.CodeMalformed).Because(err)
		}
		return nil, notOneObject()
	}
	members, err := readObject(d, make([]member, 0, 8), true)
	if err != nil {
		return nil, latchkey.Fail(latchkey.CodeMalformed).Because(err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, notOneObject()
	}
	return members, nil
}

func notOneObject() error {
	return latchkey.FailWith(latchkey.CodeMalformed, "The body is not one JSON object.")
}

// readObject reads an object, and the objects within it if they may matter.
func readObject(d *jsontext.Decoder, members []member, outer bool) ([]member, error) {
	if _, err := d.ReadToken(); err != nil { // {
		return nil, err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		m := member{name: name.String(), kind: kindOther}
		switch k := d.PeekKind(); {
		case k == '"' || k == '0':
			value, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			m.set(value.String(), k == '"')
		case k == '{' && outer:
			m.kind = kindTexts
			if m.texts, err = readObject(d, nil, false); err != nil {
				return nil, err
			}
		default:
			if err := d.SkipValue(); err != nil {
				return nil, err
			}
		}
		members = append(members, m)
	}
	_, err := d.ReadToken() // }
	return members, err
}

// set takes a text, or a number: an integer in its one spelling.
func (m *member) set(value string, isText bool) {
	if isText {
		m.kind, m.text = kindText, value
		return
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err == nil && strconv.FormatInt(n, 10) == value {
		m.kind, m.number = kindInteger, n
	}
}
