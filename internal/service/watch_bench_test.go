package service_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// Sign-ins while nobody watches their app, while many do on the same server, and
// while somebody does on another server of the database:
//
//	go test -run - -bench WatchedSignIn ./internal/service
func BenchmarkWatchedSignIn(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		e := servicetest.New(b)
		watchedSignIns(b, e, e)
	})
	b.Run("postgres", func(b *testing.B) {
		here, there := servicetest.NewPair(b)
		ctx, cancel := context.WithCancel(context.Background())
		var relays sync.WaitGroup
		relays.Go(func() { here.DB.Relay(ctx) })
		relays.Go(func() { there.DB.Relay(ctx) })
		b.Cleanup(func() { cancel(); relays.Wait() })
		watchedSignIns(b, here, there)
	})
}

func watchedSignIns(b *testing.B, e, other *servicetest.Env) {
	app := e.App("watched")
	client := e.Client(app)
	licenses := e.Licenses(app.ID, 1000, "30d")
	signIn := func(i int) error {
		i %= len(licenses)
		_, err := e.Service.ClientLicense(context.Background(), client, e.Session(client), service.ClientSignIn{Key: licenses[i].Key.Reveal(), HWID: hwid(i)})
		return err
	}
	parallel(b, len(licenses), signIn)
	for _, c := range []struct {
		name     string
		watching int
		on       *servicetest.Env
	}{{"nobody watches", 0, e}, {"fifty watch", 50, e}, {"one watches elsewhere", 1, other}} {
		b.Run(c.name, func(b *testing.B) {
			var listeners sync.WaitGroup
			stop := make(chan struct{})
			for range c.watching {

				w, err := c.on.Service.WatchApp(c.on.Ctx(), app.ID, nil)
				if err != nil {
					b.Fatal(err)
				}
				listeners.Go(func() {
					defer w.Close()
					for {
						select {
						case <-w.Changed():
							_, _ = w.Take(context.Background())
						case <-stop:
							return
						}
						select { // as the stream of events does
						case <-time.After(250 * time.Millisecond):
						case <-stop:
							return
						}
					}
				})
			}
			b.ReportAllocs()
			b.ResetTimer()
			parallel(b, b.N, signIn)
			b.StopTimer()
			close(stop)
			listeners.Wait()
		})
	}
}
