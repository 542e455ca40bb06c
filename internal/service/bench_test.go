package service_test

import (
	"context"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// The hot path below HTTP and signatures, 64 customers at once:
//
//	go test -run - -bench Client ./internal/service
func BenchmarkClient(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			e := servicetest.NewOn(b, engine)
			app := e.App("bench")
			client := e.Client(app)
			ctx := context.Background()
			licenses := e.Licenses(app.ID, 1000, "30d")
			for i := range 64 {
				if _, err := e.Service.ClientLicense(ctx, client, e.Session(client), service.ClientSignIn{Key: licenses[i].Key.Reveal(), HWID: hwid(i)}); err != nil {
					b.Fatal(err)
				}
			}
			session := e.Session(client)
			if _, err := e.Service.ClientLicense(ctx, client, session, service.ClientSignIn{Key: licenses[0].Key.Reveal(), HWID: hwid(0)}); err != nil {
				b.Fatal(err)
			}
			run := func(name string, call func(i int) error) {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					b.SetParallelism(32)
					b.RunParallel(func(pb *testing.PB) {
						for i := 0; pb.Next(); i++ {
							if err := call(i % 64); err != nil {
								b.Error(err)
							}
						}
					})
				})
			}
			run("init", func(int) error {
				_, err := e.Service.ClientInit(ctx, client, service.ClientInit{Protocol: "1.3"})
				return err
			})
			run("app", func(int) error {
				_, err := e.Service.ClientApp(ctx, app.OwnerID, app.Name)
				return err
			})
			run("license", func(i int) error {
				_, err := e.Service.ClientLicense(ctx, client, e.Session(client), service.ClientSignIn{Key: licenses[i].Key.Reveal(), HWID: hwid(i)})
				return err
			})
			run("check", func(int) error { return e.Service.ClientCheck(ctx, client, session) })
		})
	}
}
