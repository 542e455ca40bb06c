package clientapi

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/sign"
)

// Options configure the native client API. All fields but Limits are needed.
type Options struct {
	Now    func() time.Time
	Limits *ratelimit.Customers // nil: none
}

// api answers the calls.
type api struct {
	svc       *service.Service
	opts      Options
	functions map[string]*function // by path after the prefix
	headers   headers
	bodies    sync.Pool // of *[]byte, in which answers are written
}

// headers are the values of headers that are always the same. Answers share
// them; nobody may change one.
type headers struct{ anyOrigin, exposed, json, content, noStore []string }

// New returns the handler of every path for which [Serves] is true.
func New(svc *service.Service, opts Options) http.Handler {
	return &api{svc: svc, opts: opts, functions: functions(), bodies: sync.Pool{New: func() any { return new([]byte) }},
		headers: headers{
			anyOrigin: []string{"*"}, // no cookie is read here
			exposed:   []string{strings.Join([]string{sign.HeaderNativeSignature, sign.HeaderNativeKey, sign.HeaderNativeTime}, ", ")},
			json:      []string{"application/json"},
			content:   []string{"application/octet-stream"},
			noStore:   []string{"no-store, no-transform"},
		}}
}

// Serves reports whether a path is one of this API's. It is asked before any
// router: a router would answer a path such as /api/client/v1//check with a
// redirect, which nobody signs.
func Serves(path string) bool { return strings.HasPrefix(path, client.Prefix) }
