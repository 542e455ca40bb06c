package service_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// Each query of the hot path alone, on one connection; those that write run in
// one transaction without its commit:
//
//	go test -run - -bench Query ./internal/service
func BenchmarkQuery(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			e := servicetest.NewOn(b, engine)
			ctx, app := context.Background(), e.App("bench")
			client := e.Client(app)
			session := e.Session(client)
			key := e.Licenses(app.ID, 1000, "30d")[0].Key
			if _, err := e.Service.ClientLicense(ctx, client, session, service.ClientSignIn{Key: key.Reveal(), HWID: machine}); err != nil {
				b.Fatal(err)
			}
			var user latchkey.User
			now, hwid := e.Clock.Now(), latchkey.Secret(machine)
			if err := e.DB.Read(ctx, func(tx *store.Tx) (err error) {
				user, err = tx.UserByLicense(ctx, app.ID, key)
				return err
			}); err != nil {
				b.Fatal(err)
			}
			open, err := e.Service.ListSessions(e.Ctx(), app.ID, service.SessionFilter{Page: service.Page{Limit: 1}})
			if err != nil {
				b.Fatal(err)
			}
			repeat := func(name string, transaction func(context.Context, func(*store.Tx) error) error, query func(tx *store.Tx, i int) error) {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					err := transaction(ctx, func(tx *store.Tx) (err error) {
						for i := 0; b.Loop() && err == nil; i++ {
							err = query(tx, i)
						}
						return err
					})
					if err != nil {
						b.Error(err)
					}
				})
			}
			read := func(name string, query func(tx *store.Tx) error) {
				repeat(name, e.DB.Read, func(tx *store.Tx, _ int) error { return query(tx) })
			}
			read("app_by_name", func(tx *store.Tx) error { _, err := tx.AppByName(ctx, app.OwnerID, app.Name); return err })
			read("session_state", func(tx *store.Tx) error { _, err := tx.SessionState(ctx, app.ID, open.Items[0].ID); return err })
			read("license_by_key", func(tx *store.Tx) error { _, err := tx.LicenseByKey(ctx, app.ID, key); return err })
			read("user_by_license", func(tx *store.Tx) error { _, err := tx.UserByLicense(ctx, app.ID, key); return err })
			read("holdings", func(tx *store.Tx) error { _, err := tx.Holdings(ctx, app.ID, user.ID); return err })
			read("find_device", func(tx *store.Tx) error { _, err := tx.FindDevice(ctx, app.ID, user.ID, hwid); return err })
			repeat("user_signed_in", e.DB.Write, func(tx *store.Tx, _ int) error {
				return tx.UserSignedIn(ctx, app.ID, user.ID, address, now)
			})
			repeat("save_session", e.DB.Write, func(tx *store.Tx, i int) error {
				_, err := tx.SaveSession(ctx, "token"+strconv.Itoa(i), &latchkey.Session{ID: "ses_" + strconv.Itoa(i), AppID: app.ID,
					UserID: user.ID, Protocol: latchkey.Protocol13, IP: address, CreatedAt: now, SignedInAt: now, LastSeenAt: now, ExpiresAt: now.Add(1e9)})
				return err
			})
			repeat("insert_sign_in", e.DB.Write, func(tx *store.Tx, i int) error {
				return tx.InsertSignIn(ctx, &store.SignIn{ID: "sgn_" + strconv.Itoa(i), AppID: app.ID, UserID: user.ID, At: now, IP: address, Protocol: latchkey.Protocol13, Method: "license"})
			})
		})
	}
}
