package manageapi

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/listfile"
)

// maxFile bounds a body that is read as a stream, in bytes: more than ten
// million licenses take that were exported with all their columns.
const maxFile = 4 << 30

// maxLines bounds a body that is a list with a value a line, in bytes.
const maxLines = 8 << 20

// fileBody marks an operation whose body is a file, which its handler reads. Its
// value is a function that refuses requests by their headers.
const fileBody = "latchkey-file-body"

// fileForm is what a body has to be.
type fileForm struct {
	known func(*http.Request) bool // of a form that the handler reads
	limit int64                    // in bytes
	hint  string                   // what else to send
}

// readingLines binds a row whose body is text with a value a line.
func readingLines(bind binder) binder {
	return func(a huma.API, op huma.Operation) {
		op.Metadata = map[string]any{fileBody: fileForm{known: isLines, limit: maxLines,
			hint: "Send the lines as text/plain in UTF-8, without Content-Encoding; with the dashboard's cookie as application/json and format=txt."}.check}
		bind(a, op)
		a.OpenAPI().Paths[op.Path].Post.RequestBody = &huma.RequestBody{Required: true,
			Content: map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}}}}
	}
}

func isLines(r *http.Request) bool {
	return r.URL.Query().Get("format") == "txt" || formatOf(r) == listfile.Text
}

// reading binds a row whose body is a file of T in one of several formats. The
// document learns of the body after the row is bound: else huma would read it
// as a whole.
func reading[T any](limit int64, media []string, bind binder) binder {
	return func(a huma.API, op huma.Operation) {
		known := func(r *http.Request) bool {
			format := formatOf(r)
			return format == listfile.JSON || format != "" && slices.ContainsFunc(media, func(m string) bool { return listfile.OfMediaType(m) == format })
		}
		op.Metadata = map[string]any{fileBody: fileForm{known: known, limit: limit,
			hint: "Send the file as application/json, " + strings.Join(media, " or ") + ", or say its format with format=; without Content-Encoding."}.check}
		bind(a, op)
		list := &huma.Schema{Type: huma.TypeArray, Items: a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")}
		body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: list}}}
		for _, media := range media {
			body.Content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
		}
		a.OpenAPI().Paths[op.Path].Post.RequestBody = body
	}
}

// check refuses what is no file of a known form. The body stays unread.
func (f fileForm) check(r *http.Request) error {
	if len(r.Header.Values("Content-Encoding")) > 0 || !f.known(r) {
		return latchkey.FailWith(latchkey.CodeMediaType, f.hint)
	}
	if r.ContentLength > f.limit {
		return latchkey.Fail(latchkey.CodeTooLarge)
	}
	if r.Header.Get("Accept") != linesType {
		r.Header.Del("Accept")
	}
	return nil
}

// formatOf is the format that the query says, or else the content type; "" if
// neither does.
func formatOf(r *http.Request) listfile.Format {
	if format := r.URL.Query().Get("format"); format != "" {
		return listfile.Format(format)
	}
	values := r.Header.Values("Content-Type")
	if len(values) != 1 {
		return ""
	}
	media, params, err := mime.ParseMediaType(values[0])
	if charset, given := params["charset"]; err != nil || given && !strings.EqualFold(charset, "utf-8") {
		return ""
	}
	return listfile.OfMediaType(media)
}

// upload is a body that is read while it arrives. Its errors are the API's, and
// stay once they came.
type upload struct {
	surface *surface
	to      *http.ResponseController
	body    io.Reader
	length  int64 // as announced; -1: unknown
	read    int64
	sum     hash.Hash // nil: nobody wants it
	broke   string    // what is said of a body that breaks off
	err     error
}

func (s *surface) upload(w http.ResponseWriter, r *http.Request, limit int64, hashed bool) *upload {
	u := &upload{surface: s, to: http.NewResponseController(w), body: http.MaxBytesReader(w, r.Body, limit), length: r.ContentLength,
		broke: "The file broke off before its end, so nothing was imported."}
	if hashed {
		u.sum = sha256.New()
	}
	return u
}

// answerWhileReading lets the answer begin before the body has ended. The
// connection then serves no other request: net/http may still be looking for
// the end of a body that was not read when it begins to wait for the next.
func (u *upload) answerWhileReading(w http.ResponseWriter, r *http.Request) error {
	if r.ProtoMajor != 1 {
		return nil
	}
	w.Header().Set("Connection", "close")
	if err := u.to.EnableFullDuplex(); err != nil {
		return fmt.Errorf("answer while reading: %w", err)
	}
	return nil
}

// Read reads what has arrived; each part may take as long as a whole small
// request.
func (u *upload) Read(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	if keep := u.surface.keepReading; keep != nil {
		if err := keep(u.to); err != nil {
			u.err = fmt.Errorf("keep the connection open: %w", err)
			return 0, u.err
		}
	}
	n, err := u.body.Read(p)
	u.read += int64(n)
	if u.sum != nil {
		u.sum.Write(p[:n])
	}
	if err != nil {
		u.err = u.ended(err)
	}
	return n, u.err
}

func (u *upload) ended(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return latchkey.FailWith(latchkey.CodeTooLarge, "The file is larger than this call takes; split it.")
	}
	if !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return latchkey.FailWith(latchkey.CodeMalformed, u.broke).Because(err)
	}
	if keep := u.surface.keepOpen; keep != nil {
		if err := keep(u.to); err != nil {
			return fmt.Errorf("keep the connection open: %w", err)
		}
	}
	return io.EOF
}

// estimate is how many rows the file has if the rest is like what was read of
// it, and rows itself where its length is not known.
func (u *upload) estimate(rows int64) int64 {
	if u.read <= 0 || u.length < u.read {
		return rows
	}
	return max(rows, int64(float64(rows)*float64(u.length)/float64(u.read)))
}
