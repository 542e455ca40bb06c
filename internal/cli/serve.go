package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/server"
	"github.com/latchkey-dev/latchkey/internal/web"
)

type serveCommand struct {
	dataFlags
	mailFlags
	Listen              string         `help:"Address to listen on; 127.0.0.1:8080, or :443 with --tls-domain, if not given." env:"LATCHKEY_LISTEN" placeholder:"HOST:PORT"`
	PublicURL           string         `name:"public-url" help:"Address at which browsers and customers reach the server." env:"LATCHKEY_PUBLIC_URL" placeholder:"URL"`
	TrustedProxies      []netip.Prefix `name:"trusted-proxy" help:"Reverse proxies whose X-Forwarded-For is believed." env:"LATCHKEY_TRUSTED_PROXY" placeholder:"CIDR"`
	TLSDomains          []string       `name:"tls-domain" help:"Serve HTTPS for these names, with certificates from Let's Encrypt." env:"LATCHKEY_TLS_DOMAIN" placeholder:"NAME"`
	TLSRedirectListen   string         `name:"tls-redirect-listen" help:"With --tls-domain: where plain HTTP is redirected to HTTPS; empty for nowhere." default:":80" env:"LATCHKEY_TLS_REDIRECT_LISTEN" placeholder:"HOST:PORT"`
	OpsListen           string         `help:"Address for metrics, profiles and health, to be kept from strangers; nowhere if not given." env:"LATCHKEY_OPS_LISTEN" placeholder:"HOST:PORT"`
	GeoIP               []string       `name:"geoip" help:"MMDB file that tells where addresses are, as MaxMind, DB-IP and IPinfo make them; may be given again. Newer ones are read by themselves, and on SIGHUP." env:"LATCHKEY_GEOIP" placeholder:"FILE"`
	LeakedPasswords     string         `help:"File of leaked passwords: their SHA-1 hashes, ordered, one a line as HASH:COUNT. Applications may refuse these." env:"LATCHKEY_LEAKED_PASSWORDS" placeholder:"FILE"`
	OTelEndpoint        string         `name:"otel-endpoint" help:"URL of an OpenTelemetry collector for traces; none if not given." env:"LATCHKEY_OTEL_ENDPOINT,OTEL_EXPORTER_OTLP_ENDPOINT" placeholder:"URL"`
	MaxConnections      int            `help:"Connections open at once." default:"10000" env:"LATCHKEY_MAX_CONNECTIONS" placeholder:"N"`
	MaxConnectionsPerIP int            `name:"max-connections-per-ip" help:"Connections open at once from one address, trusted proxies and this machine apart." default:"100" env:"LATCHKEY_MAX_CONNECTIONS_PER_IP" placeholder:"N"`
	MaxLicensesPerCall  int64          `help:"Licenses that one call may make." default:"10000000" env:"LATCHKEY_MAX_LICENSES_PER_CALL" placeholder:"N"`
	MaxFileSize         byteSize       `help:"Largest file that a seller may upload." default:"50MiB" env:"LATCHKEY_MAX_FILE_SIZE" placeholder:"SIZE"`
	MaxFilesPerApp      int64          `help:"Files that an application may have." default:"1000" env:"LATCHKEY_MAX_FILES_PER_APP" placeholder:"N"`
	MaxAppStorage       byteSize       `help:"Size of an application's uploaded files together." default:"5GiB" env:"LATCHKEY_MAX_APP_STORAGE" placeholder:"SIZE"`
	MaxLogLines         int64          `help:"Log lines that are kept of an application, the newest of them." default:"100000" env:"LATCHKEY_MAX_LOG_LINES" placeholder:"N"`
	SessionIdle         time.Duration  `help:"After what time without a call the dashboard asks to sign in again: 30m to 12h." default:"12h" env:"LATCHKEY_SESSION_IDLE" placeholder:"TIME"`
	EgressAllowHTTP     bool           `name:"egress-allow-http" help:"Call sellers' addresses that begin with http:// too, and port 80." env:"LATCHKEY_EGRESS_ALLOW_HTTP"`
	EgressPorts         []uint16       `help:"Ports at which sellers' addresses may be called; 443 and 8443 if not given." env:"LATCHKEY_EGRESS_PORTS" placeholder:"LIST"`
	EgressAllow         []netip.Prefix `help:"Networks of your own in which sellers' addresses may be called." env:"LATCHKEY_EGRESS_ALLOW" placeholder:"CIDR"`
	EgressBlock         []netip.Prefix `help:"Public networks in which no address is called." env:"LATCHKEY_EGRESS_BLOCK" placeholder:"CIDR"`
	Limits              string         `help:"Limits on how often clients may try: default, or off for measurements." enum:"default,off" default:"default" env:"LATCHKEY_LIMITS" placeholder:"default|off"`
	LimitFailures       int            `help:"Failed attempts in a minute from one address, and ten times as many in an hour." default:"10" env:"LATCHKEY_LIMIT_FAILURES" placeholder:"N"`
	LimitSignIns        int            `help:"Sign-ins in a minute from one address, right ones as well." default:"6000" env:"LATCHKEY_LIMIT_SIGN_INS" placeholder:"N"`
	LimitRegistrations  int            `help:"Users made in an hour from one address." default:"600" env:"LATCHKEY_LIMIT_REGISTRATIONS" placeholder:"N"`
}

// Validate refuses values that can be seen to be wrong before anything starts.
func (s *serveCommand) Validate() error {
	if s.MaxConnections < 1 || s.MaxConnectionsPerIP < 1 || s.MaxLicensesPerCall < 1 || s.MaxFilesPerApp < 1 || s.MaxLogLines < 1 ||
		s.LimitFailures < 1 || s.LimitSignIns < 1 || s.LimitRegistrations < 1 {
		return errors.New("a limit is at least 1")
	}
	if s.SessionIdle < latchkey.LeastAccountSessionIdle || s.SessionIdle > latchkey.AccountSessionIdle {
		return errors.New("the idle time of a dashboard session is 30m to 12h")
	}
	if s.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(s.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
		!web.IsBasePath(strings.TrimRight(u.EscapedPath(), "/")) || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("the public URL is http:// or https://, a host, and perhaps a path of plain letters, such as https://keys.example.com or https://example.com/keys")
	}
	return nil
}

// garbageTarget lets the heap grow to five times of what is live before it is
// collected: what is live is little, and collecting is a tenth of a request.
const garbageTarget = 400

func (s *serveCommand) Run(ctx context.Context, std Streams) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbageTarget)
	}
	c := s.config(std)
	build := buildVersion()
	c.Version, c.Revision = build.Version, build.Revision
	c.OpsListen, c.OTelEndpoint, c.GeoIP, c.LeakedPasswords = s.OpsListen, s.OTelEndpoint, s.GeoIP, s.LeakedPasswords
	c.Listen, c.PublicURL, c.TrustedProxies = s.Listen, s.PublicURL, s.TrustedProxies
	c.TLSDomains, c.RedirectListen = s.TLSDomains, s.TLSRedirectListen
	c.MaxConnections, c.MaxConnectionsPerIP, c.LicensesPerCall = s.MaxConnections, s.MaxConnectionsPerIP, s.MaxLicensesPerCall
	c.FileSize, c.FilesPerApp, c.AppStorage = int64(s.MaxFileSize), s.MaxFilesPerApp, int64(s.MaxAppStorage)
	c.LogLinesPerApp, c.SessionIdle = s.MaxLogLines, s.SessionIdle
	c.EgressAllowHTTP, c.EgressPorts, c.EgressAllow, c.EgressBlock = s.EgressAllowHTTP, s.EgressPorts, s.EgressAllow, s.EgressBlock
	c.Limits = server.Limits{Off: s.Limits == "off", FailuresPerMinute: s.LimitFailures,
		SignInsPerMinute: s.LimitSignIns, RegistrationsPerHour: s.LimitRegistrations}
	var err error
	if c.Mail, err = s.settings(std); err != nil {
		return err
	}
	srv, err := server.New(ctx, c)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "Latchkey listens on %s\n", srv.URL())
	if ops := srv.OpsAddr(); ops != nil && err == nil {
		_, err = fmt.Fprintf(std.Out, "Metrics and profiles are on http://%s\n", ops)
	}
	if link := srv.SetupLink(); link != "" && err == nil {
		_, err = fmt.Fprintf(std.Out, "First start: open this link once to make the owner's account:\n%s\n", link)
	}
	if err != nil {
		err = fmt.Errorf("print address: %w", err)
	} else {
		// What the start has left behind is of no use any more.
		go debug.FreeOSMemory()
		stop := s.onHangUp(ctx, srv.ReloadGeo)
		err = srv.Run(ctx)
		stop()
	}
	return errors.Join(err, srv.Close())
}

// onHangUp has SIGHUP read geolocation files again, if there are any; otherwise
// it ends the program as ever.
func (s *serveCommand) onHangUp(ctx context.Context, reload func(context.Context)) (stop func()) {
	if len(s.GeoIP) == 0 {
		return func() {}
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	go func() {
		for range signals {
			reload(ctx)
		}
	}()
	return func() { signal.Stop(signals); close(signals) }
}
