package web

import (
	"fmt"
	"net/http"
	"strings"
)

// Attachment is a Content-Disposition that has browsers save a file under a
// name, as RFC 6266 writes it.
func Attachment(name string) string {
	var plain, encoded strings.Builder
	for _, r := range name {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			r = '_'
		}
		plain.WriteRune(r)
	}
	for _, b := range []byte(name) {
		if b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || strings.IndexByte("!#$&+-.^_`|~", b) >= 0 {
			encoded.WriteByte(b)
			continue
		}
		fmt.Fprintf(&encoded, "%%%02X", b)
	}
	return `attachment; filename="` + plain.String() + `"; filename*=UTF-8''` + encoded.String()
}

// Patient returns an answer that may go on for as long as its client takes what
// is sent; keepOpen gives it more time, nil gives none.
func Patient(w http.ResponseWriter, keepOpen func(*http.ResponseController) error) http.ResponseWriter {
	return &patient{ResponseWriter: w, keepOpen: keepOpen}
}

// patient is an answer that may go on for as long as its client takes what is
// sent.
type patient struct {
	http.ResponseWriter
	keepOpen func(*http.ResponseController) error
}

// patientChunk is how much has to be taken within the time that a connection is
// kept open, in bytes.
const patientChunk = 64 << 10

func (p *patient) Write(b []byte) (total int, err error) {
	for len(b) > 0 {
		if p.keepOpen != nil {
			if err := p.keepOpen(http.NewResponseController(p.ResponseWriter)); err != nil {
				return total, fmt.Errorf("keep the connection open: %w", err)
			}
		}
		n, err := p.ResponseWriter.Write(b[:min(len(b), patientChunk)])
		if total += n; err != nil {
			return total, err
		}
		b = b[n:]
	}
	return total, nil
}
