package manageapi

import (
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// answerHeaders describes the headers of answers, once for the whole document.
func answerHeaders() map[string]*huma.Header {
	text := func(doc, example string) *huma.Header {
		return &huma.Header{Description: doc, Schema: &huma.Schema{Type: huma.TypeString, Examples: []any{example}}}
	}
	return map[string]*huma.Header{
		"ETag":         text("The state that the answer shows, for If-Match and If-None-Match.", `"0f3a5be1c2d4789a6b10.91c04d7e5f2a8b3c6d11"`),
		replayedHeader: text("true: the answer is that of the first call with this Idempotency-Key.", "true"),
		"RateLimit":    text("What is left of the class of calls (r), and the seconds until all of it is back (t).", `"write";r=2999;t=1`),
		"RateLimit-Policy": text("How many calls of the class (q) may be made in a number of seconds (w), for each API key or account.",
			`"write";q=3000;w=60`),
		"Retry-After": {Description: "Seconds to wait before the same call may succeed.", Schema: &huma.Schema{Type: huma.TypeInteger}},
	}
}

func headerRef(name string) *huma.Header { return &huma.Header{Ref: "#/components/headers/" + name} }

// describeHeaders adds what every counted answer says to the answers of a row.
func describeHeaders(responses map[string]*huma.Response) {
	for status, res := range responses {
		names := []string{"RateLimit", "RateLimit-Policy"}
		if _, err := strconv.Atoi(status); err != nil {
			names = append(names, "Retry-After") // a refusal
		}
		if res.Headers == nil {
			res.Headers = map[string]*huma.Header{}
		}
		for _, name := range names {
			res.Headers[name] = headerRef(name)
		}
	}
}
