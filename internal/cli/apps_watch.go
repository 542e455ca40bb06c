package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/api"
)

type appsWatch struct {
	appArg
	Topics []string      `name:"topic" help:"Only these: sessions, logs, licenses, users, chats, tokens, counters." placeholder:"LIST"`
	Count  int           `help:"End after so many changes." placeholder:"N"`
	For    time.Duration `help:"End after a time, such as 10s." placeholder:"TIME"`
}

func (w *appsWatch) Run(ctx context.Context, c *call) error {
	path, err := w.path(ctx, c, "/apps/%s/events")
	if err != nil {
		return err
	}
	if w.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.For)
		defer cancel()
	}
	query := url.Values{}
	if len(w.Topics) > 0 {
		query.Set("topics", strings.Join(w.Topics, ","))
	}
	body, err := c.open(ctx, request{method: http.MethodGet, path: withQuery(path, query), header: http.Header{"Accept": {"text/event-stream"}}})
	if err != nil {
		return err
	}
	defer body.Close()
	err = w.read(body, c)
	if ctx.Err() != nil { // by the one who watches, or because the time is over
		return nil
	}
	return err
}

// read prints the events of a stream.
func (w *appsWatch) read(stream io.Reader, c *call) error {
	events := bufio.NewScanner(stream)
	name, changes := "", 0
	for events.Scan() {
		field, value, _ := strings.Cut(events.Text(), ":")
		switch value = strings.TrimSpace(value); field {
		case "event":
			name = value
		case "data":
			if err := printEvent(c, name, value); err != nil {
				return err
			}
			if name == "changed" {
				changes++
			}
		}
		if w.Count > 0 && changes >= w.Count {
			return nil
		}
	}
	if err := events.Err(); err != nil {
		return &lostError{err}
	}
	return errors.New("the server has ended the stream; it may be about to start anew")
}

// watchedEvent is an event as --json prints it.
type watchedEvent struct {
	At     api.Time `json:"at"`
	Event  string   `json:"event"`
	Topics []string `json:"topics"`
}

func printEvent(c *call, name, data string) error {
	var ev struct {
		api.Changed
		api.WatchEnd
	}
	if err := json.Unmarshal([]byte(data), &ev); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	if name == "end" {
		return &apiError{problem: api.Problem{Code: ev.Code, Detail: ev.Detail}}
	}
	at := api.At(time.Now())
	if c.json {
		line, err := json.Marshal(watchedEvent{At: at, Event: name, Topics: ev.Topics})
		if err != nil {
			return fmt.Errorf("print: %w", err)
		}
		return printf(c.std.Out, "%s\n", line)
	}
	return printf(c.std.Out, "%s  %-7s  %s\n", at.UTC().Format("15:04:05Z"), plain(name), plain(strings.Join(ev.Topics, ", ")))
}
