package service_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func TestDailyStats(t *testing.T) {
	tell(t, []story{
		{"each day has what happened on it, and quiet days zeros", dailyAcrossMidnight},
		{"however many count, and however often, everything is counted once", dailyOnce},
		{"sessions are looked at while there are some", dailyPeak},
		{"a span has a day and at most four hundred", dailySpans},
		{"starts are told apart by version, so many of them", dailyVersionsApart},
		{"sign-ins are told apart by country, if addresses are kept", dailyCountries},
		{"days of more than three years ago are forgotten", dailyForgotten},
	})
}

// counted counts everything and tells the days up to now.
func (s *scene) counted(days latchkey.Day) []service.DayStats {
	s.Helper()
	s.must(s.Service.FlushActivity(context.Background()))
	s.must(s.Service.CountDays(context.Background()))
	s.must(s.Service.CountOnline(context.Background()))
	to := latchkey.DayOf(s.Clock.Now())
	from := to - days + 1
	list, err := s.Service.DailyStats(s.Ctx(), s.app.ID, service.DaySpan{From: &from, To: &to})
	s.must(err)
	if len(list) != int(days) {
		s.Fatalf("%d days, want %d", len(list), days)
	}
	for i := range list {
		if list[i].Day != from+latchkey.Day(i) {
			s.Errorf("row %d is %s", i, list[i].Day)
		}
		list[i].Day = 0
	}
	return list
}

func (s *scene) wantDays(want ...service.DayStats) {
	s.Helper()
	for i := range want {
		if want[i].Refusals == nil {
			want[i].Refusals = map[latchkey.Code]int64{}
		}
		if want[i].Countries == nil {
			want[i].Countries = map[string]int64{}
			if n := want[i].SignIns; n > 0 {
				want[i].Countries["DE"] = n // where everybody is who says nothing else
			}
		}
		if want[i].Versions == nil {
			want[i].Versions = map[string]int64{}
		}
	}
	if diff := cmp.Diff(want, s.counted(latchkey.Day(len(want)))); diff != "" {
		s.Errorf("(-want +got):\n%s", diff)
	}
}

// toMidnight moves the clock to a moment before the next day.
func (s *scene) toMidnight() {
	s.Helper()
	now := s.Clock.Now().UTC()
	s.Clock.Advance(now.Truncate(24 * time.Hour).Add(24*time.Hour - time.Second).Sub(now))
}

func dailyAcrossMidnight(s *scene) {
	s.toMidnight()
	key := s.key("30d")
	_, err := s.register("ann", "secret", key, machine)
	s.must(err)
	bob := s.user("bob", "secret")
	_, err = s.login("ann", "secret", machine)
	s.must(err)
	s.Service.CountRefusal(s.app.ID, latchkey.CodeUserBanned)
	s.Service.CountRefusal(s.app.ID, latchkey.CodeUserBanned)
	s.Service.CountRefusal(s.app.ID, latchkey.CodeDeviceMismatch)
	first := service.DayStats{SignIns: 2, Registrations: 2, Redemptions: 1, LicensesCreated: 1, OnlinePeak: 2,
		Refusals: map[latchkey.Code]int64{latchkey.CodeUserBanned: 2, latchkey.CodeDeviceMismatch: 1}}
	s.wantDays(service.DayStats{}, first)

	s.Clock.Advance(time.Second) // midnight
	s.Licenses(s.app.ID, 3, "1d")
	_, err = s.Service.RedeemLicense(s.Ctx(), s.app.ID, bob.ID, s.key("1d"))
	s.must(err)
	_, err = s.login("nobody", "secret", machine)
	s.refused(err, latchkey.CodeUserNotFound)
	_, err = s.license(s.key("1d"), "")
	s.refused(err, latchkey.CodeDeviceRequired)
	s.imported(s.app.ID, service.ImportCall{}, s.file(listfile.Text, "IMPORTED-000001-ABCDEFGHIJ\n"))
	s.wantDays(first, service.DayStats{Redemptions: 1, LicensesCreated: 6})
	s.Clock.Advance(48 * time.Hour)
	s.wantDays(first, service.DayStats{Redemptions: 1, LicensesCreated: 6}, service.DayStats{}, service.DayStats{})
	s.wantDays(service.DayStats{})
}

func dailyCountries(s *scene) {
	s.user("ann", "secret")
	from := func(ip string) {
		s.Helper()
		ctx := service.WithOrigin(context.Background(), service.Origin{IP: ip})
		_, err := s.Service.ClientLogin(ctx, s.client(), s.Session(s.client()), service.ClientSignIn{Username: "ann", Password: "secret", HWID: machine})
		s.must(err)
	}
	if !s.Service.TellsCountries() {
		s.Error("the files tell no countries")
	}
	for _, ip := range []string{"192.0.2.1", "192.0.2.200", "203.0.113.9", "2001:db8::7", "10.0.0.1", "no address"} {
		from(ip)
	}
	s.edit(service.AppEdit{IPLogging: point(false)})
	from("192.0.2.1")
	got := s.counted(1)[0]
	want := map[string]int64{"FR": 2, "DE": 2, latchkey.CountryUnknown: 2}
	if diff := cmp.Diff(want, got.Countries); diff != "" || got.SignIns != 7 {
		s.Errorf("%d sign-ins (-want +got):\n%s", got.SignIns, diff)
	}
}

func dailyOnce(s *scene) {
	s.toMidnight()
	s.Clock.Advance(time.Hour)
	const n = 600 // more than one transaction counts
	for range n / 100 {
		for _, l := range s.Licenses(s.app.ID, 100, "1d") {
			s.must(s.Service.DeleteLicense(s.Ctx(), s.app.ID, l.ID, false))
		}
	}
	_ = s.signedIn("1d")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := s.Service.CountDays(context.Background()); err != nil {
				s.Error(err)
			}
		})
	}
	all.Wait()
	want := service.DayStats{SignIns: 1, Registrations: 1, Redemptions: 1, LicensesCreated: n + 1, OnlinePeak: 1}
	s.wantDays(want)
	s.wantDays(want)
}

func dailyVersionsApart(s *scene) {
	s.toMidnight()
	start := func(version string, want latchkey.Code) {
		_, err := s.Service.ClientInit(outside(), s.client(), service.ClientInit{Protocol: latchkey.Protocol13, Version: version})
		if want == "" {
			s.must(err)
		} else {
			s.refused(err, want)
		}
	}
	s.edit(service.AppEdit{Version: new("1.0")})
	start("1.0", "")
	start("1.0", "")
	start("0.9", latchkey.CodeAppVersion)
	want := map[string]int64{"1.0": 2, "0.9": 1}
	for i := range 40 {
		version := "9." + strconv.Itoa(i)
		start(version, latchkey.CodeAppVersion)
		if i < 30 {
			want[version] = 1
		} else {
			want[""]++
		}
	}
	start("0.9", latchkey.CodeAppVersion)
	want["0.9"]++
	s.wantDays(service.DayStats{Versions: want})
}

func dailyPeak(s *scene) {
	s.toMidnight()
	s.Clock.Advance(time.Hour)
	first, second := s.signedIn("1d"), s.signedIn("1d")
	s.wantDays(service.DayStats{SignIns: 2, Registrations: 2, Redemptions: 2, LicensesCreated: 2, OnlinePeak: 2})
	s.must(s.call(first))
	n, err := s.Service.AppStats(s.Ctx(), s.app.ID)
	s.must(err)
	if n.Online != 2 {
		s.Errorf("%d are online", n.Online)
	}
	s.Clock.Advance(latchkey.OnlineFor + time.Second)
	s.must(s.call(second))
	s.wantDays(service.DayStats{SignIns: 2, Registrations: 2, Redemptions: 2, LicensesCreated: 2, OnlinePeak: 2})
	n, err = s.Service.AppStats(s.Ctx(), s.app.ID)
	s.must(err)
	if n.Online != 1 {
		s.Errorf("ten minutes later %d are online", n.Online)
	}
	s.Clock.Advance(24 * time.Hour)
	s.wantDays(service.DayStats{})
}

func dailySpans(s *scene) {
	now := latchkey.DayOf(s.Clock.Now())
	day := func(n latchkey.Day) *latchkey.Day { return &n }
	for _, c := range []struct {
		span service.DaySpan
		days int
		code latchkey.Code
	}{
		{service.DaySpan{}, 30, ""},
		{service.DaySpan{From: day(now)}, 1, ""},
		{service.DaySpan{To: day(now - 5)}, 30, ""},
		{service.DaySpan{From: day(now - 399)}, 400, ""},
		{service.DaySpan{From: day(now - 400)}, 0, latchkey.CodeInvalid},
		{service.DaySpan{From: day(now + 1)}, 0, latchkey.CodeInvalid},
		{service.DaySpan{From: day(0)}, 0, latchkey.CodeInvalid},
	} {
		list, err := s.Service.DailyStats(s.Ctx(), s.app.ID, c.span)
		s.refused(err, c.code)
		if len(list) != c.days {
			s.Errorf("%+v: %d days", c.span, len(list))
		}
	}
}

func dailyForgotten(s *scene) {
	s.toMidnight()
	s.Clock.Advance(time.Hour)
	_ = s.signedIn("lifetime")
	s.counted(1)
	for range 3 {
		s.Clock.Advance(365 * 24 * time.Hour)
		_, err := s.Service.SweepDailyStats(context.Background())
		s.must(err)
	}
	if got := s.counted(400); len(got) != 400 {
		s.Errorf("%d days", len(got))
	}
	from := latchkey.DayOf(s.Clock.Now()) - 3*365
	kept, err := s.Service.DailyStats(s.Ctx(), s.app.ID, service.DaySpan{From: &from, To: &from})
	s.must(err)
	if kept[0].SignIns != 1 {
		s.Errorf("%+v", kept)
	}
	s.Clock.Advance(4 * 24 * time.Hour)
	n, err := s.Service.SweepDailyStats(context.Background())
	s.must(err)
	kept, err = s.Service.DailyStats(s.Ctx(), s.app.ID, service.DaySpan{From: &from, To: &from})
	s.must(err)
	if n == 0 || kept[0].SignIns != 0 {
		s.Errorf("%d swept: %+v", n, kept)
	}
}
