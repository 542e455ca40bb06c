package server

import (
	"context"
	"time"
)

// How often what has happened is counted by day, and how often it is looked at
// who is online.
const (
	countInterval  = time.Minute
	onlineInterval = 5 * time.Minute
)

// counting starts to count what happens by day and returns what ends that.
func (s *Server) counting(ctx context.Context) (stop func()) {
	warned := func(what string, count func(context.Context) error) func(context.Context) {
		return func(ctx context.Context) {
			if err := count(ctx); err != nil && ctx.Err() == nil {
				s.config.Log.WarnContext(ctx, "not counted", "what", what, "error", err)
			}
		}
	}
	days := every(ctx, countInterval, warned("days", s.data.Service.CountDays))
	online := every(ctx, onlineInterval, warned("sessions online", s.data.Service.CountOnline))
	return func() { days(); online() }
}
