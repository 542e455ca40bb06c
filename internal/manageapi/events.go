package manageapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/web"
)

const (
	eventsType = "text/event-stream"
	// eventsBeat is how often a stream on which nothing happens says that it
	// lives, and asks whether its caller still may listen.
	eventsBeat = 15 * time.Second
	// eventsGap lies between two events of a stream: what changes in it is one.
	eventsGap = 250 * time.Millisecond
	// eventsRetry is when a browser comes back after the connection broke.
	eventsRetry = "retry: 2000\n" // milliseconds
)

type watchAppInput struct {
	AppPath
	Topics string `query:"topics" maxLength:"200" doc:"Names of topics with commas between them: sessions, logs, licenses, users, chats, tokens, counters. Absent: all that you may read." example:"sessions,counters"`
}

// watching binds a handler that answers with a stream of events.
func (s *surface) watching(f func(context.Context, *watchAppInput) (*service.AppWatch, error)) binder {
	return func(a huma.API, op huma.Operation) {
		op.Responses["200"] = &huma.Response{
			Description: "Events until the caller hangs up. ready comes first, with the topics that the stream tells of; changed says which of them have " +
				"something new to read, a few times a second at most; end says why the server ends the stream. Lines that begin with a colon only show that it lives.",
			Content: map[string]*huma.MediaType{eventsType: {Schema: &huma.Schema{Type: huma.TypeString},
				Example: "event: ready\ndata: {\"topics\":[\"sessions\",\"counters\"]}\n\nevent: changed\ndata: {\"topics\":[\"sessions\"]}\n\n"}},
		}
		huma.Register(a, op, func(ctx context.Context, in *watchAppInput) (*huma.StreamResponse, error) {
			watch, err := f(ctx, in)
			if err != nil {
				return nil, refuse(ctx, err)
			}
			return &huma.StreamResponse{Body: func(ctx huma.Context) {
				r, w := humago.Unwrap(ctx)
				defer watch.Close()
				s.sendEvents(s.stream(w, r, http.StatusOK, eventsType), watch)
			}}, nil
		})
	}
}

func (s *surface) watchApp(ctx context.Context, in *watchAppInput) (*service.AppWatch, error) {
	var topics []string
	if in.Topics != "" {
		topics = strings.Split(in.Topics, ",")
	}
	return s.svc.WatchApp(ctx, in.App, topics)
}

// sendEvents sends events until the caller hangs up or may not listen any more,
// or the server stops. Whoever does not take what is sent is cut off by the
// connection's deadline; meanwhile nothing gathers but a bit for each topic.
func (s *surface) sendEvents(out *stream, watch *service.AppWatch) {
	ctx := out.r.Context()
	stopping := s.stopping.Done()
	// Also where a write waits for its reader.
	defer context.AfterFunc(s.stopping, func() { _ = out.to.SetWriteDeadline(time.Unix(1, 0)) })()
	beat := time.NewTicker(s.eventsBeat)
	defer beat.Stop()
	gap := time.NewTimer(0)
	defer gap.Stop()
	out.w.Header().Set("Cache-Control", "no-store, no-transform")
	err := out.event(eventsRetry, "ready", api.Watching{Topics: texts(watch.Topics())})
	changed := watch.Changed()
	for err == nil {
		select {
		case <-ctx.Done():
			return
		case <-stopping:
			return
		case <-gap.C:
			changed = watch.Changed()
		case <-beat.C:
			if err = watch.Check(ctx); err == nil {
				err = out.raw(":\n\n")
			}
		case <-changed:
			var topics []service.Topic
			if topics, err = watch.Take(ctx); err != nil || len(topics) == 0 {
				continue
			}
			err = out.event("", "changed", api.Changed{Topics: texts(topics)})
			changed = nil // until the gap is over
			gap.Reset(s.eventsGap)
		}
	}
	// A reason of the server's own only breaks the stream off: the caller is to come back.
	if e, ours := errors.AsType[*latchkey.Error](err); ours && web.Status(e.Code) < http.StatusInternalServerError && ctx.Err() == nil {
		_ = out.event("", "end", api.WatchEnd{Code: string(e.Code), Detail: e.Message}) // a client that left is no error
	}
}

// event sends an event, after other fields.
func (o *stream) event(fields, name string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return o.raw(fields + "event: " + name + "\ndata: " + string(text) + "\n\n")
}

// raw sends text at once.
func (o *stream) raw(text string) error {
	if _, err := o.buffer.WriteString(text); err != nil {
		return err
	}
	return o.flush()
}
