package latchkey

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/latchkey-dev/latchkey/api/client"
)

// Client is one run of a program. It is safe for concurrent use.
type Client struct {
	settings
	appID string
	base  string
	init  client.Init
	http  *http.Client
	clock clock

	mu         sync.Mutex
	trusted    []ed25519.PublicKey // pinned, then learned
	statements []client.Succession // by which keys were learned
	started    string              // token that init gave
	pending    string              // token that waits for a second factor
	session    string              // token of who is signed in
	offlineErr error
	grace      graceRun
}

// New returns a client. It refuses a configuration that could not be safe and
// talks to nobody yet.
func New(config Config, options ...Option) (*Client, error) {
	if !isAppID(config.AppID) {
		return nil, errors.New("latchkey: the application's id looks like app_06fs4kkq8vxg7m1x2ndn0k3b1r")
	}
	keys, err := publicKeys(config.PublicKeys)
	if err != nil {
		return nil, err
	}
	base, err := baseURL(config.BaseURL)
	if err != nil {
		return nil, err
	}
	c := &Client{settings: defaultSettings(config.AppID), appID: config.AppID, base: base, trusted: keys,
		init: client.Init{Version: config.Version, Hash: config.Hash, Token: config.Token}}
	for _, option := range options {
		option(&c.settings)
	}
	if err := c.offline.check(); err != nil {
		return nil, err
	}
	c.clock.env = c.env
	c.http = &http.Client{Transport: c.transport(), CheckRedirect: stay}
	return c, nil
}

// stay follows no redirect: whoever answers at another address is not the
// server that was asked.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (s *settings) transport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.roots},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // the signature is on the bytes as the server made them
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    s.timeout,
	}
}

// Close drops idle connections. It does not sign out.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// token returns the session of who is signed in, or else the one that init
// gave; "" if there is neither.
func (c *Client) token() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != "" {
		return c.session
	}
	return c.started
}

// signedInToken returns the session of who is signed in.
func (c *Client) signedInToken() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == "" {
		return "", ErrNotSignedIn
	}
	return c.session, nil
}

// anyToken is [Client.token], after init if there is none.
func (c *Client) anyToken(ctx context.Context) (string, error) {
	if token := c.token(); token != "" {
		return token, nil
	}
	if _, err := c.Init(ctx); err != nil {
		return "", err
	}
	return c.token(), nil
}
