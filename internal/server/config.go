package server

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/blob/s3"
	"github.com/latchkey-dev/latchkey/internal/mail"
	"github.com/latchkey-dev/latchkey/internal/metrics"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/tracing"
)

// Defaults of a [Config].
const (
	DefaultListen              = "127.0.0.1:8080"
	DefaultTLSListen           = ":443"
	DefaultDataDir             = "./data"
	DefaultDatabase            = "sqlite"
	DefaultMaxConnections      = 10_000
	DefaultMaxConnectionsPerIP = 100
	DefaultLicensesPerCall     = 10_000_000
	DefaultFileSize            = 50 << 20 // bytes
	DefaultFilesPerApp         = 1000
	DefaultAppStorage          = 5 << 30 // bytes
	DefaultLogLinesPerApp      = service.DefaultLogLines
)

// Config says where a server keeps its data and how it is reached. The zero
// Config is complete: every field has a default.
type Config struct {
	Listen         string         // host:port; default 127.0.0.1:8080, with TLSDomains :443
	DataDir        string         // default ./data; made with mode 0700
	Database       string         // "sqlite" (default) or a postgres:// URL
	KeyFile        string         // default latchkey.key in the data folder
	PublicURL      string         // as customers see the server, perhaps with a path below which it lives; "" if unknown
	TrustedProxies []netip.Prefix // reverse proxies whose forwarded addresses are believed
	TLSDomains     []string       // certificates for these are fetched from Let's Encrypt; none: plain HTTP
	RedirectListen string         // with TLSDomains: plain HTTP that redirects; "" for none
	OpsListen      string         // host:port for metrics, profiles and health, to be kept from strangers; "" for none

	LeakedPasswords string // file of SHA-1 hashes, in their order; "": the very common passwords alone

	GeoIP []string // MMDB files that tell where addresses are; the first that knows decides

	OTelEndpoint string // URL of an OpenTelemetry collector for traces; "" for none

	MaxConnections      int   // open at once, over all addresses
	MaxConnectionsPerIP int   // not counted for this machine and trusted proxies
	LicensesPerCall     int64 // licenses made by one call
	Limits              Limits

	FilesDir    string    // uploaded files; default files in the data folder
	S3          s3.Config // where they are kept instead; without a Bucket they are not
	FileSize    int64     // bytes of a file
	FilesPerApp int64
	AppStorage  int64 // bytes of an application's uploaded files together

	LogLinesPerApp int64 // kept, the newest of them

	SessionIdle time.Duration // after which a dashboard session ends; default: [latchkey.AccountSessionIdle]

	EgressAllowHTTP bool           // requests to sellers' URLs may go to http:// as well
	EgressPorts     []uint16       // instead of 443 and 8443
	EgressAllow     []netip.Prefix // networks that they may go to although they are not public
	EgressBlock     []netip.Prefix // networks that they never go to

	Mail mail.Config // the mail server; without a Host no mail is sent

	Version  string // of the build, shown in the documentation
	Revision string // of the source that it was built from; "" if unknown

	Log  *slog.Logger     // default: discards
	Now  func() time.Time // default: the system's clock
	Rand io.Reader        // default: the system's cryptographic source

	metrics *metrics.Metrics // nil: nothing is counted
	tracer  *tracing.Tracer  // nil: nothing is traced

	stopping context.Context // of a server that serves: it ends when the server stops
}

func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = DefaultListen
		if len(c.TLSDomains) > 0 {
			c.Listen = DefaultTLSListen
		}
	}
	if c.DataDir == "" {
		c.DataDir = DefaultDataDir
	}
	if c.Database == "" {
		c.Database = DefaultDatabase
	}
	if c.KeyFile == "" {
		c.KeyFile = filepath.Join(c.DataDir, "latchkey.key")
	}
	if c.PublicURL == "" && len(c.TLSDomains) > 0 {
		c.PublicURL = "https://" + c.TLSDomains[0]
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if c.MaxConnections <= 0 {
		c.MaxConnections = DefaultMaxConnections
	}
	if c.MaxConnectionsPerIP <= 0 {
		c.MaxConnectionsPerIP = DefaultMaxConnectionsPerIP
	}
	if c.LicensesPerCall <= 0 {
		c.LicensesPerCall = DefaultLicensesPerCall
	}
	for _, setting := range []struct {
		value    *int64
		standard int64
	}{
		{&c.FileSize, DefaultFileSize},
		{&c.FilesPerApp, DefaultFilesPerApp},
		{&c.AppStorage, DefaultAppStorage},
		{&c.LogLinesPerApp, DefaultLogLinesPerApp},
	} {
		if *setting.value <= 0 {
			*setting.value = setting.standard
		}
	}
	if c.FilesDir == "" {
		c.FilesDir = filepath.Join(c.DataDir, "files")
	}
	c.Limits = c.Limits.withDefaults()
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	return c
}

// databasePath is the file of an embedded database, "" for PostgreSQL.
func (c Config) databasePath() string {
	if c.Database != DefaultDatabase {
		return ""
	}
	return filepath.Join(c.DataDir, "latchkey.db")
}

func (c Config) backupDir() string { return filepath.Join(c.DataDir, "backups") }

// reachableAt is the base URL for a person at this machine.
func (c Config) reachableAt(addr net.Addr) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	scheme := "http://"
	if len(c.TLSDomains) > 0 {
		scheme = "https://"
	}
	at, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return scheme + addr.String()
	}
	ip := at.Addr().Unmap()
	switch {
	case ip.IsUnspecified() && ip.Is4():
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case ip.IsUnspecified():
		ip = netip.IPv6Loopback()
	}
	return scheme + netip.AddrPortFrom(ip, at.Port()).String()
}
