package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// page signs a user in to their own page, n minutes after noon.
func (s *shop) page(u latchkey.User, n int) latchkey.PanelSession {
	s.Helper()
	after := time.Duration(n) * time.Minute
	p := latchkey.PanelSession{ID: s.id(latchkey.KindPanelSession, after), AppID: s.app, UserID: u.ID, AuthVersion: u.AuthVersion, IP: "192.0.2.1", UserAgent: "a browser",
		CreatedAt: noon.Add(after), LastSeenAt: noon.Add(after), ExpiresAt: noon.Add(after + time.Hour)}
	s.write(func(tx *store.Tx) error { return tx.InsertPanelSession(s.Context(), pageToken(u, n), &p) })
	return p
}

func pageToken(u latchkey.User, n int) latchkey.Secret { return latchkey.Secret(fmt.Sprint(u.ID, n)) }

// whose is who is signed in by a token, "" if nobody.
func (s *shop) whose(token latchkey.Secret, t store.PanelTimes) (name string) {
	s.Helper()
	s.read(func(tx *store.Tx) error {
		_, found, _, err := tx.PanelSession(s.Context(), s.app, token, t)
		if latchkey.CodeOf(err) == latchkey.CodeAuthInvalid {
			return nil
		}
		name = found
		return err
	})
	return name
}

func TestPanelSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(testing.TB) *store.DB) {
		s := newShop(t, open(t))
		ann, keyed := s.user(1, "Ann"), s.user(2, "AAAA-BBBB-CCCC")
		keyed.LicenseNamed = true
		s.register(ann, keyed)
		first, second := s.page(ann, 1), s.page(ann, 2)
		s.page(keyed, 3)
		now := store.PanelTimes{Now: noon.Add(10 * time.Minute)}
		if s.whose(pageToken(ann, 1), now) != "Ann" || s.whose(pageToken(keyed, 3), now) != "AAAA-BBBB-CCCC" || s.whose("none", now) != "" {
			t.Error("sessions are not found")
		}
		if other := s.second(); other.whose(pageToken(ann, 1), now) != "" {
			t.Error("a session opens another app's page")
		}
		for what, at := range map[string]store.PanelTimes{
			"expired": {Now: first.ExpiresAt}, "idle": {Now: now.Now, Idle: first.LastSeenAt}, "from before": {Now: now.Now, From: first.CreatedAt.Add(time.Millisecond)},
		} {
			if s.whose(pageToken(ann, 1), at) != "" {
				t.Errorf("%s, and still there", what)
			}
		}
		s.read(func(tx *store.Tx) error {
			list, err := tx.PanelSessions(t.Context(), s.app, ann.ID, now, 10)
			if diff := cmp.Diff([]latchkey.PanelSession{second, first}, list); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			return err
		})
		s.write(func(tx *store.Tx) error {
			if err := tx.DeletePanelSession(t.Context(), s.app, keyed.ID, second.ID); latchkey.CodeOf(err) != latchkey.CodeSessionNotFound {
				t.Errorf("another's session: %v", err)
			}
			return tx.DeletePanelSession(t.Context(), s.app, ann.ID, second.ID)
		})
		ann.AuthVersion++
		s.write(func(tx *store.Tx) error { return tx.UpdateUser(t.Context(), &ann) })
		if s.whose(pageToken(ann, 1), now) != "" {
			t.Error("a session outlives its password")
		}
		s.write(func(tx *store.Tx) error {
			return tx.RenewPanelSession(t.Context(), pageToken(ann, 1), "next", ann.AuthVersion)
		})
		if s.whose("next", now) != "Ann" || s.whose(pageToken(ann, 1), now) != "" {
			t.Error("the session did not go on under its new token")
		}
		ann.BannedAt = noon
		s.write(func(tx *store.Tx) error { return tx.UpdateUser(t.Context(), &ann) })
		if s.whose("next", now) != "" {
			t.Error("a banned user is signed in")
		}
		s.write(func(tx *store.Tx) error {
			n, err := tx.TakePanelAddresses(t.Context(), s.app, noon.Add(2*time.Minute))
			if n != 1 {
				t.Errorf("%d addresses were taken", n)
			}
			return err
		})
		s.write(func(tx *store.Tx) error {
			n, err := tx.SweepPanelSessions(t.Context(), first.ExpiresAt, 10)
			if n != 1 {
				t.Errorf("%d sessions were swept", n)
			}
			return err
		})
	})
}

func TestPanelSessionsNeverScan(t *testing.T) {
	eachPlanned(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		s.stock(4000)
		s.insert(4000, `INSERT INTO panel_sessions (token_hash, id, app_id, user_id, auth_version, ip, user_agent, created_at, last_seen_at, expires_at)
			SELECT CAST(u.id AS BYTES), 'pns_' || u.id, u.app_id, u.id, 1, '', '', 0, 0, u.created_at FROM users u WHERE u.app_id = $1 AND $2 + $3 > 0`)
		if err := db.AnalyzeAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.checkPlans("sessions of pages", func(tx *store.Tx) error {
			if _, _, _, err := tx.PanelSession(s.Context(), s.app, "x", store.PanelTimes{}); latchkey.CodeOf(err) != latchkey.CodeAuthInvalid {
				return err
			}
			if _, err := tx.PanelSessions(s.Context(), s.app, "usr_none", store.PanelTimes{}, 10); err != nil {
				return err
			}
			_, err := tx.PanelFiles(s.Context(), s.app, 10)
			return err
		})
	})
}
