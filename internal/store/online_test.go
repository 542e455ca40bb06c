package store_test

import (
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// TestOnlineWithoutStatistics: also in tables of which PostgreSQL knows nothing
// yet it finds users by their sessions, and does not go through both together.
func TestOnlineWithoutStatistics(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		db := open(t)
		s := newShop(t, db)
		s.stock(500)
		plans, err := db.Plans(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.Online(t.Context(), s.app, store.OnlineQuery{Since: noon, Now: noon, From: noon}, 100)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(plans) != 2 {
			t.Fatalf("%d statements", len(plans))
		}
		for _, p := range plans {
			if text := p.Text; !strings.Contains(text, "(app_id = (s.app_id || ''::text))") && !strings.Contains(text, "SEARCH u USING INDEX sqlite_autoindex_users_1 (app_id=? AND id=?)") {
				t.Errorf("%s\n%s", p.Query, text)
			}
		}
	})
}
