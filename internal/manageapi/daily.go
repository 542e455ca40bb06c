package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

type dailyStatsInput struct {
	AppPath
	From string `query:"from" maxLength:"10" doc:"The first day, such as 2026-11-01; left out, 29 days before the last."`
	To   string `query:"to" maxLength:"10" doc:"The last day; left out, today. At most 400 days in all."`
}

func (s *surface) dailyStats(ctx context.Context, in *dailyStatsInput) (out api.DailyStats, err error) {
	var span service.DaySpan
	if span.From, err = dayOf("from", in.From); err != nil {
		return out, err
	}
	if span.To, err = dayOf("to", in.To); err != nil {
		return out, err
	}
	days, err := s.svc.DailyStats(ctx, in.App, span)
	return api.DailyStats{Data: each(days, dayStats), TellsCountries: s.svc.TellsCountries()}, err
}

// dayOf reads a day that may be left out.
func dayOf(field, text string) (*latchkey.Day, error) {
	if text == "" {
		return nil, nil
	}
	day, err := latchkey.ParseDay(field, text)
	return &day, err
}

func dayStats(d *service.DayStats) api.DayStats {
	out := api.DayStats{Day: d.Day.String(), SignIns: d.SignIns, Registrations: d.Registrations, Redemptions: d.Redemptions,
		LicensesCreated: d.LicensesCreated, OnlinePeak: d.OnlinePeak, RefusedBy: map[string]int64{}, Countries: d.Countries, Versions: d.Versions}
	for code, n := range d.Refusals {
		out.Refused += n
		out.RefusedBy[string(code)] = n
	}
	return out
}
