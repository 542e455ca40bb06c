package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	// What an app that is gone by now has done is not stored.
	dailyInsert = `INSERT INTO daily_stats (app_id, day, name, label, value)
		SELECT a.id, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT) FROM apps a WHERE a.id = $1
		ON CONFLICT (app_id, day, name, label) DO UPDATE SET value = `
	qDailyAdd   = dailyInsert + `daily_stats.value + excluded.value`
	qDailyRaise = dailyInsert + `excluded.value WHERE daily_stats.value < excluded.value`
	qDaily      = `SELECT d.day, d.name, d.label, d.value FROM daily_stats d WHERE d.app_id = $1 AND d.day >= $2 AND d.day <= $3`
	qDailySweep = `DELETE FROM daily_stats WHERE day = (SELECT MIN(d.day) FROM daily_stats d WHERE d.day < $1)`

	// How far an app's audit log is counted is a counter of the app. A chain has
	// no gap, so that what is counted up to a number is counted whole.
	countedUpTo  = `c.app_id = a.id AND c.name = 'daily' AND c.slot = 0`
	qDailyBehind = `SELECT a.id, COALESCE(c.value, 0) FROM apps a JOIN audit_heads h ON h.chain = a.id
		LEFT JOIN counters c ON ` + countedUpTo + ` WHERE a.id > $1 AND h.seq > COALESCE(c.value, 0) ORDER BY a.id LIMIT $2`
	qDailyEvents  = `SELECT e.seq, e.at, e.action, e.details FROM audit_events e WHERE e.chain = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3`
	qDailyAdvance = `INSERT INTO counters (app_id, name, slot, value)
		SELECT a.id, 'daily', 0, CAST($3 AS BIGINT) FROM apps a WHERE a.id = $1
		ON CONFLICT (app_id, name, slot) DO UPDATE SET value = excluded.value WHERE counters.value = $2`
)

// DayCount is how often something happened in an app on a day. Label tells
// apart what has one name, "" of what is not told apart.
type DayCount struct {
	AppID string
	Day   latchkey.Day
	Name  string
	Label string
	Value int64
}

// AddDaily adds to what has happened.
func (tx *Tx) AddDaily(ctx context.Context, counts []DayCount) error {
	return tx.daily(ctx, qDailyAdd, counts)
}

// RaiseDaily makes each value at least what it is here.
func (tx *Tx) RaiseDaily(ctx context.Context, counts []DayCount) error {
	return tx.daily(ctx, qDailyRaise, counts)
}

func (tx *Tx) daily(ctx context.Context, query string, counts []DayCount) error {
	for _, c := range counts {
		if err := tx.later(ctx, query, c.AppID, int64(c.Day), c.Name, c.Label, c.Value); err != nil {
			return wrap("count day", err)
		}
	}
	return nil
}

// Daily returns what happened in an app from one day to another, both included.
func (tx *Tx) Daily(ctx context.Context, appID string, from, to latchkey.Day) ([]DayCount, error) {
	return collect(tx, ctx, "read days", qDaily, []any{appID, int64(from), int64(to)}, func(row scanner) (c DayCount, err error) {
		c.AppID = appID
		return c, row.Scan(&c.Day, &c.Name, &c.Label, &c.Value)
	})
}

// SweepDaily deletes the oldest of the days before one and returns how many
// counts that were.
func (tx *Tx) SweepDaily(ctx context.Context, before latchkey.Day) (int64, error) {
	n, err := tx.exec(ctx, qDailySweep, int64(before))
	return n, wrap("sweep days", err)
}

// Uncounted is an app whose audit log goes on after what is counted of it.
type Uncounted struct {
	AppID   string
	Counted int64 // the number of the last event that is
}

// Uncounted returns up to limit of them, in the order of ids, after one.
func (tx *Tx) Uncounted(ctx context.Context, after string, limit int) ([]Uncounted, error) {
	return collect(tx, ctx, "list apps", qDailyBehind, []any{after, limit}, func(row scanner) (u Uncounted, err error) {
		return u, row.Scan(&u.AppID, &u.Counted)
	})
}

// Happened is as much of an audit event as is counted.
type Happened struct {
	Seq     int64
	At      time.Time
	Action  string
	Details map[string]any
}

// EventsAfter returns up to limit events of a chain, oldest first.
func (tx *Tx) EventsAfter(ctx context.Context, chain string, seq int64, limit int) ([]Happened, error) {
	return collect(tx, ctx, "read audit events", qDailyEvents, []any{chain, seq, limit}, func(row scanner) (h Happened, err error) {
		var at int64
		var details []byte
		if err := row.Scan(&h.Seq, &at, &h.Action, &details); err != nil {
			return h, err
		}
		h.At = fromMs(at)
		if err := json.Unmarshal(details, &h.Details); err != nil {
			return h, fmt.Errorf("decode details of event %d: %w", h.Seq, err)
		}
		return h, nil
	})
}

// AdvanceDaily records that an app's audit log is counted up to a number; moved
// is false if somebody else has counted meanwhile, or the app is gone.
func (tx *Tx) AdvanceDaily(ctx context.Context, appID string, from, to int64) (moved bool, err error) {
	n, err := tx.exec(ctx, qDailyAdvance, appID, from, to)
	return n == 1, wrap("count audit log", err)
}
