package legacyapi_test

import (
	"context"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// TestAsManyAreCountedAsAreNamed: a published client reads as many rows of
// fetchOnline as fetchStats says, however many more are online.
func TestAsManyAreCountedAsAreNamed(t *testing.T) {
	w := newWorld(t)
	w.do("app force-hwid=off")
	w.do("user bartholomew secret")
	ctx := service.WithOrigin(context.Background(), service.Origin{IP: *w.from.Load()})
	app := w.env.Client(w.app)
	const online = latchkey.MaxOnlineNames + 1
	for range online {
		_, err := w.env.Service.ClientLogin(ctx, app, w.env.Session(app), service.ClientSignIn{Username: "bartholomew", Password: "secret"})
		w.must(err)
	}
	w.do("flush")
	w.env.Clock.Advance(10 * time.Second)
	p := w.program(t)
	stats, _ := p.must(url.Values{"type": {"fetchStats"}})["appinfo"].(map[string]any)
	users, _ := p.must(url.Values{"type": {"fetchOnline"}})["users"].([]any)
	if want := strconv.Itoa(latchkey.MaxOnlineNames); stats["numOnlineUsers"] != want || len(users) != latchkey.MaxOnlineNames {
		t.Errorf("%v are counted and %d named, want %s", stats["numOnlineUsers"], len(users), want)
	}
	if _, total, err := w.env.Service.ClientOnline(ctx, app, w.env.Session(app)); err != nil || total != online {
		t.Errorf("%d are online (%v), want %d", total, err, online)
	}
}
