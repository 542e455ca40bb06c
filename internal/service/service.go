// Package service is the only code that changes state: one exported method per
// use case, each of the shape authorise, then one transaction that reads,
// applies the domain's rule, writes and records an audit event, then the
// result. The management API, the compatible client API and the command line
// all go through it, so that a rule exists once.
//
// It knows neither HTTP nor SQL text. Every error that it returns is a
// [*latchkey.Error] or becomes server.internal.
package service

import (
	"cmp"
	"context"
	"hash/maphash"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/latchkey-dev/latchkey/internal/egress"
	"github.com/latchkey-dev/latchkey/internal/geoip"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/leaked"
	"github.com/latchkey-dev/latchkey/internal/password"
	"github.com/latchkey-dev/latchkey/internal/ratelimit"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Config is what a Service stands on. All fields are needed but those that
// name a default.
type Config struct {
	DB        *store.DB
	Box       *secretbox.Box
	Passwords *password.Gate
	Files     Files          // contents of files
	Scratch   Files          // on the local disk, for copies that are kept a moment; nil: Files is
	Egress    *egress.Client // makes every request to a URL that a seller chose
	Now       func() time.Time
	Rand      io.Reader // a cryptographic source, safe for concurrent use
	Log       *slog.Logger
	Limits    Limits
	// SessionIdle is after what time without a call a dashboard session ends; 0: [latchkey.AccountSessionIdle].
	SessionIdle time.Duration
	Leaked      *leaked.List // passwords that apps may refuse; nil: the very common ones alone
	// ResetURL is where the pages for new passwords are, with a slash at its end; "" where no mail can be sent.
	ResetURL string
	Geo      *geoip.DB // where addresses are; nil: nobody knows
	Host     Host      // shown to administrators
	// BatchChunk is how many licenses of a batch one transaction stores; 0: a good default.
	BatchChunk int64
	// AccessEntries is how long a blacklist or whitelist may be; 0: as long as any may.
	AccessEntries int64
	// BulkChunk is how many things one transaction of a bulk action changes; 0: a good default.
	BulkChunk int
}

// Limits are the operator's caps.
type Limits struct {
	LicensesPerCall int64 // licenses made by one call
	FileSize        int64 // bytes of a file
	FilesPerApp     int64
	AppStorage      int64 // bytes of an app's uploaded files together
	LogLinesPerApp  int64 // kept, the newest of them; 0: a good default
	ResetsOff       bool  // requests for new passwords are not limited by address
	OwnOff          bool  // what users change of their own is not limited
	WebhooksOff     bool  // how often programs call webhooks is not limited; how many at once is
	LogPerMinute    int   // lines of one session; 0: a good default, below 0: no limit
	ChatPerMinute   int   // chat messages of one user, over all channels; 0: a good default, below 0: no limit
}

// Service holds the use cases. Its methods are safe for concurrent use.
type Service struct {
	db          *store.DB
	box         *secretbox.Box
	passwords   *password.Gate
	files       Files
	egress      *egress.Client
	clock       func() time.Time
	rand        io.Reader
	log         *slog.Logger
	limits      Limits
	batchSize   int64 // licenses of a batch stored by one transaction
	bulkChunk   int
	keys        *credentialCache
	apps        *memory[*ClientApp]
	sessions    *memory[*store.SessionState]
	variables   *memory[latchkey.Variable]
	access      *accessMemory
	seen        *seen
	days        dayBook
	online      *onlineMemory
	listLimit   int64 // entries
	geo         *geoip.DB
	host        Host
	calls       calls
	chatter     *ratelimit.Buckets // messages of each user
	logging     *logLimits
	resets      *resetLimits
	ownLimits   ownLimits
	resetURL    string
	sessionIdle time.Duration
	leaked      *leaked.List
	links       *linkCopies
	hooks       *webhookCalls

	geoDamaged atomic.Bool // the log has been told
	watches    watchCount
}

// New returns a Service over an open database.
func New(c Config) *Service {
	chunk := c.BatchChunk
	if chunk <= 0 {
		chunk = batchChunk
	}
	s := &Service{db: c.DB, box: c.Box, passwords: c.Passwords, files: c.Files, egress: c.Egress, clock: c.Now, rand: c.Rand,
		log: c.Log, limits: c.Limits, batchSize: chunk, bulkChunk: cmp.Or(max(0, c.BulkChunk), bulkChunk), keys: newCredentialCache(),
		apps: newMemory[*ClientApp](rememberedApps), sessions: newMemory[*store.SessionState](rememberedSessions),
		chatter: newChatLimit(c.Now, c.Limits.ChatPerMinute), logging: newLogLimits(c.Now, c.Limits.LogPerMinute),
		resets: newResetLimits(c.Now, c.Limits.ResetsOff), ownLimits: newOwnLimits(c.Now, c.Limits.OwnOff), resetURL: c.ResetURL, leaked: c.Leaked,
		variables: newWeighedMemory(rememberedVariables, variableWeight),
		seen:      &seen{seed: maphash.MakeSeed()}, online: &onlineMemory{apps: map[string]*online{}, reads: map[string]*onlineRead{}},
		sessionIdle: cmp.Or(c.SessionIdle, latchkey.AccountSessionIdle), access: newAccessMemory(), listLimit: cmp.Or(max(0, c.AccessEntries), latchkey.MaxAccessEntries), geo: c.Geo, host: c.Host}
	scratch := c.Scratch
	if scratch == nil {
		scratch = c.Files
	}
	s.links, s.hooks = newLinkCopies(s, scratch), newWebhookCalls(s.clock, c.Limits.WebhooksOff)
	return s
}

// now is the current time as the database keeps it: UTC, whole milliseconds.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

// Ready reports whether the database answers; its error is [latchkey.CodeUnavailable].
func (s *Service) Ready(ctx context.Context) error { return s.db.Ping(ctx) }
