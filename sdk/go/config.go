package latchkey

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
)

// Config says which application of which server the program is.
type Config struct {
	BaseURL string // such as https://license.example.com; http for loopback addresses only
	AppID   string // app_…
	// PublicKeys are the application's client public keys, 64 hex digits each,
	// newest first. One is usual; two while keys are rotated.
	PublicKeys []string
	Version    string // of the program; "" leaves the server's version check out
	Hash       string // of the program's file, see [ExecutableHash]; only if the application checks hashes
	Token      string // only if the application hands out tokens
}

// Option changes how a [Client] works.
type Option func(*settings)

type settings struct {
	env     environment
	timeout time.Duration
	retries int
	roots   *x509.CertPool
	hwid    func() (string, error)
	offline offlineRule
}

// Defaults of the options.
const (
	DefaultTimeout = 10 * time.Second
	DefaultRetries = 2
)

func defaultSettings(appID string) settings {
	return settings{env: machine(), timeout: DefaultTimeout, retries: DefaultRetries,
		hwid: func() (string, error) { return MachineID(appID) }}
}

// WithHWID names the computer by an id of the program's own making, 8 to 256
// bytes. Without it [MachineID] is taken. An empty one sends none.
func WithHWID(id string) Option {
	return func(s *settings) { s.hwid = func() (string, error) { return id, nil } }
}

// hardwareID is the id as the server compares it: without white space around it.
func (s *settings) hardwareID() (string, error) {
	id, err := s.hwid()
	if id = strings.TrimSpace(id); err == nil && id != "" && (len(id) < client.MinHWID || len(id) > client.MaxHWID) {
		err = fmt.Errorf("latchkey: a hardware id has %d to %d bytes", client.MinHWID, client.MaxHWID)
	}
	return id, err
}

// WithTimeout bounds one attempt at a call, from the connection to the last
// byte of the answer. [DefaultTimeout] if d is not positive.
func WithTimeout(d time.Duration) Option {
	return func(s *settings) {
		if d > 0 {
			s.timeout = d
		}
	}
}

// WithRetries bounds how often a call is sent again when no answer came. All
// attempts are the same request, which the server carries out once.
func WithRetries(n int) Option { return func(s *settings) { s.retries = max(0, n) } }

// WithRootCAs trusts these certificate authorities in place of the system's.
func WithRootCAs(pool *x509.CertPool) Option { return func(s *settings) { s.roots = pool } }

// publicKeys reads the pinned keys.
func publicKeys(texts []string) ([]ed25519.PublicKey, error) {
	if len(texts) == 0 {
		return nil, errors.New("latchkey: no public key: answers could not be verified")
	}
	if len(texts) > maxKeys {
		return nil, fmt.Errorf("latchkey: %d public keys, at most %d", len(texts), maxKeys)
	}
	var keys []ed25519.PublicKey
	for _, text := range texts {
		key, err := hex.DecodeString(text)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, errors.New("latchkey: a public key has 64 hex digits")
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// baseURL reads the server's address. Without TLS, licenses and passwords would
// travel in clear, so plain http is for this computer only.
func baseURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return "", errors.New("latchkey: the base URL is not an address such as https://license.example.com")
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && isLoopback(u.Hostname()):
	default:
		return "", errors.New("latchkey: the base URL must be https")
	}
	return strings.TrimRight(u.Scheme+"://"+u.Host+u.EscapedPath(), "/"), nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func isAppID(id string) bool {
	rest, ok := strings.CutPrefix(id, "app_")
	return ok && rest != "" && len(id) <= 64 && strings.Trim(rest, "0123456789abcdefghijklmnopqrstuvwxyz") == ""
}
