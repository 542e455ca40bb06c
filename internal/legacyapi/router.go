package legacyapi

import (
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// Options configure the client API. All fields but Limits are needed.
type Options struct {
	Now    func() time.Time
	Rand   io.Reader            // a cryptographic source, safe for concurrent use
	Limits *ratelimit.Customers // nil: none
	// KeepOpen gives an answer that is large more time to be taken than others
	// have. nil: there is no limit.
	KeepOpen func(*http.ResponseController, time.Duration) error
}

// api answers the calls of all versions.
type api struct {
	svc       *service.Service
	opts      Options
	versions  map[string]version // by the path's last element
	functions map[string]function
	headers   headers
	spaces    sync.Pool // of *space
	downloads *downloads
}

// headers are the values of headers that are always the same. Answers share
// them; nobody may change one.
type headers struct{ anyOrigin, exposed, json, noStore []string }

func newHeaders() headers {
	return headers{
		anyOrigin: []string{"*"},
		exposed:   []string{headerHMAC + ", " + headerEd25519 + ", " + headerTimestamp},
		json:      []string{"application/json; charset=utf-8"},
		noStore:   []string{"no-store"},
	}
}

// function is one value of the parameter "type".
type function struct {
	typ         string
	needSession bool              // whether it wants a session that init opened
	guessed     ratelimit.Guessed // what could be found out by trying
	run         func(*api, context.Context, *call) (answer, error)
}

const (
	typeInit       = "init"
	typeRegister   = "register"
	typeLoginEmail = "loginEmail"
	typeRename     = "changeUsername"
)

// functions is the one table of calls, the same in every version. That
// somebody has signed in is judged by the use case.
func functions() []function {
	return []function{
		{typ: typeInit, run: (*api).init},
		{typ: typeRegister, needSession: true, guessed: ratelimit.UserName, run: (*api).register},
		{typ: "login", needSession: true, guessed: ratelimit.UserName, run: (*api).login},
		{typ: typeLoginEmail, needSession: true, guessed: ratelimit.UserName, run: (*api).loginEmail},
		{typ: "license", needSession: true, guessed: ratelimit.LicenseKey, run: (*api).license},
		{typ: "upgrade", needSession: true, guessed: ratelimit.LicenseKey, run: (*api).upgrade},
		{typ: "check", needSession: true, run: (*api).check},
		{typ: "logout", needSession: true, run: (*api).logout},
		{typ: "file", needSession: true, run: (*api).file},
		{typ: "webhook", needSession: true, run: (*api).webhook},
		{typ: "2faenable", needSession: true, run: (*api).enableTwoFactor},
		{typ: "2fadisable", needSession: true, run: (*api).disableTwoFactor},
		{typ: typeRename, needSession: true, guessed: ratelimit.UserName, run: (*api).rename},
		{typ: "ban", needSession: true, run: (*api).ban},
		{typ: "forgot", needSession: true, run: (*api).forgot},
		{typ: "log", needSession: true, run: (*api).log},
		{typ: "chatget", needSession: true, run: (*api).chatGet},
		{typ: "chatsend", needSession: true, run: (*api).chatSend},
		{typ: "var", needSession: true, run: (*api).variable},
		{typ: "getvar", needSession: true, run: (*api).userVariable},
		{typ: "setvar", needSession: true, run: (*api).setUserVariable},
		{typ: "fetchOnline", needSession: true, run: (*api).fetchOnline},
		{typ: "fetchStats", needSession: true, run: (*api).fetchStats},
		{typ: "checkblacklist", needSession: true, run: (*api).checkBlacklist},
		{typ: "checkblack", needSession: true, run: (*api).checkBlacklist}, // so in a published Ruby example
		{typ: "checkBlack", needSession: true, run: (*api).checkBlacklist}, // and in the PHP one for 1.3
	}
}

// New returns the handler of every path in [Paths].
func New(svc *service.Service, opts Options) http.Handler {
	a := &api{svc: svc, opts: opts, versions: versions(), functions: map[string]function{}, headers: newHeaders(),
		spaces: sync.Pool{New: func() any { return new(space) }}, downloads: newDownloads()}
	for _, f := range functions() {
		a.functions[f.typ] = f
	}
	return a
}

func versions() map[string]version {
	return map[string]version{"1.0": version10{}, "1.1": version11{}, "1.2": version12{}, "1.3": version13{}}
}

// Paths returns every path that the handler answers. Custom domains put the
// version first, and some clients leave out the last slash: both are answered
// in place, since a redirect would drop the body of a POST.
func Paths() []string {
	var paths []string
	for name := range versions() {
		paths = append(paths, "/"+name, "/"+name+"/", "/api/"+name, "/api/"+name+"/")
	}
	slices.Sort(paths)
	return paths
}
