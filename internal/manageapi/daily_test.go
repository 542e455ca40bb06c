package manageapi

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

func TestDailyStatsHaveEveryDay(t *testing.T) {
	w := newWorld(t)
	w.settle()
	w.env.Clock.Advance(24 * time.Hour)
	ask[json.RawMessage](w, "POST", "/apps/{app}/licenses", `{"amount":3,"duration":"30d"}`, 201)
	w.env.Service.CountRefusal(w.ids["app"], latchkey.CodeUserBanned)
	w.env.Service.CountRefusal(w.ids["app"], latchkey.CodeDeviceMismatch)
	w.must(w.env.Service.FlushActivity(t.Context()))
	w.must(w.env.Service.CountDays(t.Context()))
	today := latchkey.DayOf(w.env.Clock.Now())
	got := ask[api.DailyStats](w, "GET", "/apps/{app}/stats/daily?from="+today.String()+"&to="+(today+1).String(), "", 200)
	want := api.DailyStats{TellsCountries: true, Data: []api.DayStats{
		{Day: today.String(), LicensesCreated: 3, Refused: 2, RefusedBy: map[string]int64{"user.banned": 1, "device.mismatch": 1}, Countries: map[string]int64{}, Versions: map[string]int64{}},
		{Day: (today + 1).String(), RefusedBy: map[string]int64{}, Countries: map[string]int64{}, Versions: map[string]int64{}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := ask[api.DailyStats](w, "GET", "/apps/{app}/stats/daily", "", 200).Data; len(got) != 30 || got[29].Day != today.String() || got[28].LicensesCreated == 0 {
		t.Errorf("%+v", got)
	}
	for query, field := range map[string]string{
		"from=yesterday": "from", "to=2026-02-30": "to", "from=2026-01-01T00:00:00Z": "from", "to=1969-12-31": "to",
		"from=" + (today + 1).String(): "from", "from=" + (today - 400).String(): "from", "days=3": "days",
	} {
		p := w.checkProblem(w.send(w.as(w.key, "GET", "/apps/{app}/stats/daily?"+query, "")), query)
		if p.Code != "request.invalid" || len(p.Errors) != 1 || p.Errors[0].Field != field {
			t.Errorf("%s: %+v", query, p)
		}
	}
	if n := ask[api.AppStats](w, "GET", "/apps/{app}/stats", "", 200); n.Online != 0 || n.Licenses.Total < 3 {
		t.Errorf("%+v", n)
	}
}
