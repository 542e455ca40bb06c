package service_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// customers is how many the shop of BenchmarkSignIn has.
const customers = 10_000

// Sign-ins and redemptions among many customers, 64 at once:
//
//	go test -run - -bench SignIn ./internal/service
func BenchmarkSignIn(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			e := servicetest.NewOn(b, engine)
			app := e.App("bench")
			client := e.Client(app)
			ctx := context.Background()
			signIn := func(l *latchkey.License, i int) error {
				_, err := e.Service.ClientLicense(ctx, client, e.Session(client), service.ClientSignIn{Key: l.Key.Reveal(), HWID: hwid(i)})
				return err
			}
			licenses := make([]latchkey.License, 0, customers)
			for len(licenses) < customers {
				licenses = append(licenses, e.Licenses(app.ID, 1000, "30d")...)
			}
			parallel(b, customers, func(i int) error { return signIn(&licenses[i], i) })
			b.Run("license", func(b *testing.B) {
				b.ReportAllocs()
				b.ResetTimer()
				parallel(b, b.N, func(int) error {
					i := rand.IntN(customers)
					return signIn(&licenses[i], i)
				})
			})
			b.Run("redeem", func(b *testing.B) {
				fresh := e.Licenses(app.ID, int64(b.N), "30d")
				b.ReportAllocs()
				b.ResetTimer()
				parallel(b, b.N, func(i int) error { return signIn(&fresh[i], customers+i) })
			})
			b.Run("check", func(b *testing.B) {
				sessions := make([]*service.ClientSession, customers)
				parallel(b, customers, func(i int) error {
					sessions[i] = e.Session(client)
					_, err := e.Service.ClientLicense(ctx, client, sessions[i], service.ClientSignIn{Key: licenses[i].Key.Reveal(), HWID: hwid(i)})
					return err
				})
				b.ReportAllocs()
				b.ResetTimer()
				parallel(b, b.N, func(i int) error {
					return e.Service.ClientCheck(ctx, client, sessions[i%customers])
				})
			})
		})
	}
}

// parallel makes n calls, 64 at a time.
func parallel(b *testing.B, n int, call func(i int) error) {
	b.Helper()
	var next atomic.Int64
	errs := make(chan error, 64)
	for range 64 {
		go func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					errs <- nil
					return
				}
				if err := call(i); err != nil {
					errs <- fmt.Errorf("call %d: %w", i, err)
					return
				}
			}
		}()
	}
	for range 64 {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
}
