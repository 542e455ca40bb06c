package server

import (
	"context"
	"time"
)

// geoInterval is how often geolocation files are looked at for a newer one.
const geoInterval = time.Minute

// ReloadGeo reads geolocation files that have been replaced. If one cannot be
// read, those that were read before go on to be used.
func (s *Server) ReloadGeo(ctx context.Context) {
	switch changed, err := s.data.Geo.Reload(); {
	case err != nil:
		s.config.Log.WarnContext(ctx, "geolocation files not read", "error", err)
	case changed:
		s.config.Log.InfoContext(ctx, "geolocation files read")
	}
}

// watchingGeo starts to look for newer geolocation files and returns what ends
// that.
func (s *Server) watchingGeo(ctx context.Context) (stop func()) {
	if len(s.config.GeoIP) == 0 {
		return func() {}
	}
	return every(ctx, geoInterval, s.ReloadGeo)
}

// activityInterval is how often it is written down which sessions were seen.
const activityInterval = 30 * time.Second

// recording starts to write down which sessions were seen and returns what ends
// that, with what there is by then.
func (s *Server) recording(ctx context.Context) (stop func()) {
	flush := func(ctx context.Context) {
		if err := s.data.Service.FlushActivity(ctx); err != nil && ctx.Err() == nil {
			s.config.Log.WarnContext(ctx, "sessions seen not written down", "error", err)
		}
	}
	end := every(ctx, activityInterval, flush)
	return func() {
		end()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		flush(ctx)
	}
}

// every does something at every interval until stop is called, which waits for
// what has begun.
func every(ctx context.Context, interval time.Duration, do func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				do(ctx)
			}
		}
	}()
	return func() { cancel(); <-ended }
}
