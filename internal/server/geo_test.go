package server

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-dev/latchkey/internal/geoip"
	"github.com/latchkey-dev/latchkey/internal/geoip/geoiptest"
)

func TestNewerGeolocationFilesAreRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "places.mmdb")
	geoiptest.Write(t, path, map[string]geoip.Place{"192.0.2.0/24": {Country: "FR"}})
	var log bytes.Buffer
	s := newServer(t, Config{GeoIP: []string{path}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if got := s.data.Geo.Knows(); got != (geoip.Knowledge{Countries: true}) {
		t.Errorf("it knows %+v", got)
	}
	s.ReloadGeo(t.Context()) // nothing is new
	geoiptest.Write(t, path, geoiptest.World())
	s.ReloadGeo(t.Context())
	if got := s.data.Geo.Knows(); got != (geoip.Knowledge{Countries: true, Systems: true, Anonymity: true}) {
		t.Errorf("now it knows %+v", got)
	}
	must(t, os.Remove(path))
	s.ReloadGeo(t.Context())
	if got := s.data.Geo.Knows(); !got.Anonymity {
		t.Errorf("without the file it knows %+v", got)
	}
	if text := log.String(); strings.Count(text, "geolocation files read") != 1 || strings.Count(text, "geolocation files not read") != 1 {
		t.Errorf("the log says\n%s", text)
	}
}

func TestAGeolocationFileThatCannotBeReadStopsTheStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "places.mmdb")
	must(t, os.WriteFile(path, []byte("no database"), 0o600))
	_, err := New(t.Context(), Config{DataDir: t.TempDir(), Listen: "127.0.0.1:0", GeoIP: []string{path}})
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("the start says %v", err)
	}
}

func TestEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		stop := every(t.Context(), time.Minute, func(context.Context) { n++ })
		<-time.After(3*time.Minute + time.Second)
		stop()
		<-time.After(time.Hour)
		if n != 3 {
			t.Errorf("done %d times in three minutes", n)
		}
	})
}
