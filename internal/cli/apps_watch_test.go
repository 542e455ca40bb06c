package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestWatchPrintsEvents(t *testing.T) {
	const ready = "retry: 2000\nevent: ready\ndata: {\"topics\":[\"users\",\"chats\"]}\n\n:\n\n"
	const changed = "event: changed\ndata: {\"topics\":[\"users\"]}\n\n"
	for name, c := range map[string]struct {
		stream  string
		json    bool
		count   int
		printed []string // each line holds its text
		err     string
	}{
		"until enough has changed": {stream: ready + changed + changed + changed, count: 2, printed: []string{"ready    users, chats", "changed  users", "changed  users"}},
		"as JSON":                  {stream: ready + changed, json: true, count: 1, printed: []string{`"event":"ready","topics":["users","chats"]}`, `"event":"changed","topics":["users"]}`}},
		"until the key is revoked": {stream: ready + "event: end\ndata: {\"code\":\"auth.invalid\",\"detail\":\"No more.\"}\n\n", printed: []string{"ready"}, err: "No more. (auth.invalid)"},
		"until the server stops":   {stream: ready, printed: []string{"ready"}, err: "ended the stream"},
		"what is no event":         {stream: "data: nonsense\n\n", err: "read the server's answer"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := (&appsWatch{Count: c.count}).read(strings.NewReader(c.stream), &call{std: Streams{Out: &out}, json: c.json})
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if out.Len() == 0 {
				lines = nil
			}
			if len(lines) != len(c.printed) {
				t.Fatalf("printed %q", out.String())
			}
			for i, want := range c.printed {
				if !strings.Contains(lines[i], want) {
					t.Errorf("line %d is %q, want %q", i, lines[i], want)
				}
			}
		})
	}
}
