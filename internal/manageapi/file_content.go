package manageapi

import (
	"context"
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

// binaryType is the media type of contents, whatever they are: a browser that is
// led here saves them and shows nothing.
const binaryType = "application/octet-stream"

// uploading binds a row whose body is the content of a file: stage stores it as
// it arrives, and finish makes it what the answer shows. Of a call that is made
// again, the content counts as a part of what is asked for.
func uploading[I, V, O any](s *surface, stage func(context.Context, *I) (*service.StagedFile, error),
	finish func(context.Context, *I, *service.StagedFile) (V, error), wire func(*V) O, manners ...manner) binder {
	return func(a huma.API, op huma.Operation) {
		op.Metadata = map[string]any{fileBody: checkContent}
		bindOne(s, a, op, manners, wire, func(ctx context.Context, in *I, answer func(context.Context, func(context.Context) (V, error)) error) error {
			staged, err := stage(ctx, in)
			if err != nil {
				return err
			}
			defer staged.Drop(context.WithoutCancel(ctx))
			if asks := askedOf(ctx); asks.repeat != "" {
				sum := sha256.Sum256(append(asks.request, staged.SHA256()...))
				asks.request = sum[:]
				ctx = context.WithValue(ctx, askedKey{}, asks)
			}
			return answer(ctx, func(ctx context.Context) (V, error) { return finish(ctx, in, staged) })
		})
		a.OpenAPI().Paths[op.Path].Post.RequestBody = &huma.RequestBody{Required: true, Description: "The content.",
			Content: map[string]*huma.MediaType{binaryType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	}
}

// checkContent refuses what says that it is not the content itself. The body
// stays unread.
func checkContent(r *http.Request) error {
	if len(r.Header.Values("Content-Encoding")) > 0 {
		return latchkey.FailWith(latchkey.CodeMediaType, "Send the content as it is, without Content-Encoding.")
	}
	if slices.ContainsFunc(r.Header.Values("Content-Type"), func(v string) bool { return strings.HasPrefix(v, "multipart/") }) {
		return latchkey.FailWith(latchkey.CodeMediaType, "Send the content itself as the body, not a form.")
	}
	return nil
}

// downloading binds a row that answers with the content of a file.
func downloading[I any](f func(context.Context, *I) (writer, error)) binder {
	return func(a huma.API, op huma.Operation) {
		for name, doc := range map[string]string{"Range": "Which bytes to send, such as bytes=0-1023.", "If-Range": "The ETag of which Range is a part; else all is sent.",
			"If-None-Match": "The ETag of a copy that you have: 304 if it is still good."} {
			op.Parameters = append(op.Parameters, headerParam(name, 0, doc))
		}
		slices.SortFunc(op.Parameters, func(a, b *huma.Param) int { return strings.Compare(a.Name, b.Name) })
		content := map[string]*huma.MediaType{binaryType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
		for status, doc := range map[string]string{"200": "The content.", "206": "The range."} {
			op.Responses[status] = &huma.Response{Description: doc, Content: content, Headers: map[string]*huma.Header{"ETag": headerRef("ETag")}}
		}
		op.Responses["304"] = &huma.Response{Description: "The copy named in If-None-Match is still good."}
		op.Responses["416"] = &huma.Response{Description: "The range lies outside of the content."}
		huma.Register(a, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
			write, err := f(ctx, in)
			if err != nil {
				return nil, refuse(ctx, err)
			}
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				r, w := humago.Unwrap(hc)
				write(w, r.WithContext(ctx))
			}}, nil
		})
	}
}

// getFileContent answers whole contents and ranges of them.
func (s *surface) getFileContent(ctx context.Context, in *FilePath) (writer, error) {
	content, err := s.svc.FileContent(ctx, in.App, in.File)
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, r *http.Request) {
		defer content.Close()
		h := w.Header()
		h.Set("Content-Type", binaryType)
		h.Set("Content-Disposition", web.Attachment(content.Name))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("ETag", `"`+content.SHA256+`"`)
		http.ServeContent(web.Patient(w, s.keepOpen), r, "", time.Time{}, content)
	}, nil
}
