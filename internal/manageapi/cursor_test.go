package manageapi

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/latchkey-dev/latchkey/api"
)

func TestPagesFollowOneAnotherWithoutGapOrRepetition(t *testing.T) {
	w := newWorld(t)
	w.settle()
	ask[api.LicensesCreated](w, "POST", "/apps/{app}/licenses", `{"amount":6,"duration":"1mo"}`, 201)
	seen := map[string]bool{}
	cursor, pages := "", 0
	for more := true; more; more = cursor != "" {
		list := ask[api.LicenseList](w, "GET", "/apps/{app}/licenses?limit=3&cursor="+url.QueryEscape(cursor), "", 200)
		for _, l := range list.Licenses {
			if seen[l.ID] {
				t.Fatalf("%s comes twice", l.ID)
			}
			seen[l.ID] = true
		}
		cursor, pages = list.Next, pages+1
	}
	if len(seen) != 7 || pages != 3 {
		t.Errorf("%d licenses on %d pages", len(seen), pages)
	}
}

func TestCursorsThatThisListDidNotGiveAreRefused(t *testing.T) {
	w := newWorld(t)
	w.settle()
	ask[api.LicensesCreated](w, "POST", "/apps/{app}/licenses", `{"amount":5,"duration":"1mo"}`, 201)
	cursor := ask[api.LicenseList](w, "GET", "/apps/{app}/licenses?limit=2", "", 200).Next
	refused := func(name, route string) {
		t.Helper()
		if p := w.checkProblem(w.send(w.as(w.key, "GET", route, "")), name); p.Code != "request.cursor_invalid" {
			t.Errorf("%s: %s", name, p.Code)
		}
	}
	for i := 1; i < len(cursor); i++ {
		refused(fmt.Sprintf("cut to %d", i), "/apps/{app}/licenses?limit=2&cursor="+url.QueryEscape(cursor[:i]))
	}
	for i := range cursor {
		changed := []byte(cursor)
		if changed[i]++; changed[i] == 'z'+1 {
			changed[i] = 'a'
		}
		refused(fmt.Sprintf("changed at %d", i), "/apps/{app}/licenses?limit=2&cursor="+url.QueryEscape(string(changed)))
	}
	ask[api.LicenseList](w, "GET", "/apps/{app}/licenses?limit=2&cursor="+url.QueryEscape(cursor), "", 200)
	refused("of another order", "/apps/{app}/licenses?limit=2&sort=created&cursor="+url.QueryEscape(cursor))
	refused("of another filter", "/apps/{app}/licenses?limit=2&status=used&cursor="+url.QueryEscape(cursor))
	refused("of another list", "/apps/{app}/users?limit=2&cursor="+url.QueryEscape(cursor))
	other := ask[api.AppCreated](w, "POST", "/apps", `{"name":"Other"}`, 201)
	refused("of another app", "/apps/"+other.ID+"/licenses?limit=2&cursor="+url.QueryEscape(cursor))
}
