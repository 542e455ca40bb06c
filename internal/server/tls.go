package server

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"path/filepath"

	"golang.org/x/crypto/acme/autocert"
)

// certificates fetches and renews certificates from Let's Encrypt for the
// configured domains, and for no others. Keys are kept in the data folder.
func (c Config) certificates() *autocert.Manager {
	return &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		HostPolicy: autocert.HostWhitelist(c.TLSDomains...),
		Cache:      autocert.DirCache(filepath.Join(c.DataDir, "certificates")),
	}
}

func tlsConfig(m *autocert.Manager) *tls.Config {
	t := m.TLSConfig()
	t.MinVersion = tls.VersionTLS12
	return t
}

// redirectServer answers plain HTTP: the certificate authority's questions,
// and everybody else with a redirect. Certificates come without it as well, so
// a port that is taken is only worth a warning.
func (s *Server) redirectServer(ctx context.Context, m *autocert.Manager, failed chan<- error) *http.Server {
	if s.config.RedirectListen == "" {
		return nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", s.config.RedirectListen)
	if err != nil {
		s.config.Log.WarnContext(ctx, "no redirect from plain HTTP", "error", err)
		return nil
	}
	srv := s.httpServer(m.HTTPHandler(nil))
	go func() { failed <- srv.Serve(newLimitListener(l, s.config)) }()
	return srv
}
