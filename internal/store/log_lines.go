package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const (
	logLineColumns = `SELECT l.id, l.app_id, l.user_id, l.text_sealed, l.ip, l.created_at, COALESCE(u.name, ''), u.name_sealed, COALESCE(u.license_named, 0)`
	logLineFrom    = ` FROM log_lines l`
	logLineUsers   = ` LEFT JOIN users u ON u.app_id = l.app_id AND u.id = l.user_id`
	logLineSelect  = logLineColumns + logLineFrom + logLineUsers
)

const (
	qLogLineInsert  = `INSERT INTO log_lines (id, app_id, user_id, device_hash, text_sealed, ip, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	qLogLineDelete  = `DELETE FROM log_lines WHERE app_id = $1 AND id = $2`
	qLogLinesOfUser = `DELETE FROM log_lines WHERE app_id = $1 AND user_id = $2 AND user_id <> ''`
	qLogLinesBound  = `SELECT l.id FROM log_lines l WHERE l.app_id = $1 AND l.id < $2 ORDER BY l.id LIMIT 1 OFFSET $3`
	qLogLinesUpTo   = `DELETE FROM log_lines WHERE app_id = $1 AND id <= $2`
	qLogLinesBefore = `DELETE FROM log_lines WHERE app_id = $1 AND id < $2`
	qLogLine        = logLineSelect + ` WHERE l.app_id = $1 AND l.id = $2`
	qLogLineCount   = `SELECT CAST(COALESCE(SUM(c.value), 0) AS BIGINT) FROM counters c WHERE c.app_id = $1 AND c.name = 'logs'`
)

// countLogs is the counter of an app's log lines.
const countLogs = "logs"

func logLinePlace(id string) secretbox.Place {
	return secretbox.Place{Table: "log_lines", Row: id, Column: "text"}
}

func (tx *Tx) deviceNameHash(appID, name string) []byte {
	if name == "" {
		return nil
	}
	return tx.box().Lookup("log-device", appID, name)
}

// logText is what of a line is sealed.
type logText struct {
	Message string `json:"m"`
	Device  string `json:"d,omitempty"`
}

// InsertLogLine stores a line.
func (tx *Tx) InsertLogLine(ctx context.Context, l *latchkey.LogLine) error {
	text, err := json.Marshal(logText{l.Message, l.Device})
	if err != nil {
		return fmt.Errorf("write log line: %w", err)
	}
	sealed, err := tx.box().Seal(logLinePlace(l.ID), text)
	if err != nil {
		return fmt.Errorf("seal log line: %w", err)
	}
	tx.count(l.AppID, countLogs, 1)
	tx.mark(l.AppID, TopicLogs)
	err = tx.later(ctx, qLogLineInsert, l.ID, l.AppID, l.UserID, tx.deviceNameHash(l.AppID, l.Device), sealed, l.IP, ms(l.CreatedAt))
	return wrap("insert log line", err)
}

// LogRow is a line with its user's name as it now is, "" if there is none.
type LogRow struct {
	latchkey.LogLine
	Username     string
	LicenseNamed bool // Username is a license key
}

func (tx *Tx) scanLogRow(row scanner) (r LogRow, err error) {
	var sealed, nameSealed []byte
	var created int64
	if err := row.Scan(&r.ID, &r.AppID, &r.UserID, &sealed, &r.IP, &created, &r.Username, &nameSealed, &r.LicenseNamed); err != nil {
		return r, err
	}
	opened, err := tx.box().Open(logLinePlace(r.ID), sealed)
	if err != nil {
		return r, fmt.Errorf("open log line %s: %w", r.ID, err)
	}
	var text logText
	if err := json.Unmarshal(opened, &text); err != nil {
		return r, fmt.Errorf("read log line %s: %w", r.ID, err)
	}
	if nameSealed != nil {
		name, err := tx.box().Open(userPlace(r.UserID, "name"), nameSealed)
		if err != nil {
			return r, fmt.Errorf("open name of user %s: %w", r.UserID, err)
		}
		r.Username = string(name)
	}
	r.Message, r.Device, r.CreatedAt = text.Message, text.Device, fromMs(created)
	return r, nil
}

// LogQuery narrows [Tx.LogLines]; zero fields do not.
type LogQuery struct {
	UserID        string
	Device        string    // exactly
	CreatedAfter  time.Time // or at it
	CreatedBefore time.Time
	Until         string // only ids before this one
	Keyset
}

// logLines is where a page of lines is read from: log_lines, as l, and before it
// perhaps an index of it. id is in the order of the list.
type logLines struct{ from, id string }

// where turns the query into conditions that one index answers in order: of a
// user's lines and a device's that of the fewer, whose lines are then looked at.
func (q *LogQuery) where(ctx context.Context, tx *Tx, appID string) (in logLines, w *where, err error) {
	device := branch{"device_hash = ?", []any{tx.deviceNameHash(appID, q.Device)}}
	user := branch{"user_id = ?", []any{q.UserID}}
	in = logLines{logLineFrom, "l.id"}
	w = newWhere("l.app_id = ?", appID)
	switch {
	case q.UserID != "" && q.Device != "":
		fewest, err := tx.counted(ctx, logLineFrom, newWhere("l.app_id = ? AND l.user_id <> '' AND l."+user.condition, appID, q.UserID), int64(tx.db.bounds.counted))
		if err != nil {
			return in, nil, err
		}
		n, err := tx.counted(ctx, logLineFrom, newWhere("l.app_id = ? AND l."+device.condition, append([]any{appID}, device.args...)...), fewest)
		if err != nil {
			return in, nil, err
		}
		few, other := device, user
		if n == fewest {
			few, other = user, device
		}
		// A CROSS JOIN keeps SQLite from walking all lines instead.
		in = logLines{` FROM log_lines d CROSS JOIN log_lines l`, "d.id"}
		w = newWhere("d.app_id = ?", appID)
		w.add("d."+few.condition, few.args...)
		if n == fewest {
			w.add("d.user_id <> ''")
		}
		w.add("l.app_id = d.app_id AND l.id = d.id")
		w.add("l."+other.condition, other.args...)
	case q.UserID != "":
		w.add("l.user_id <> '' AND l."+user.condition, user.args...)
	case q.Device != "":
		w.add("l."+device.condition, device.args...)
	}
	rest := q.span()
	if !q.CreatedAfter.IsZero() {
		rest.from = max(rest.from, latchkey.IDBound(latchkey.KindLogLine, q.CreatedAfter))
	}
	if !q.CreatedBefore.IsZero() {
		rest.to = rest.sooner(latchkey.IDBound(latchkey.KindLogLine, q.CreatedBefore))
	}
	if q.Until != "" {
		rest.to = rest.sooner(q.Until)
	}
	rest.narrow(w, in.id)
	return in, w, nil
}

// LogLines returns one page.
func (tx *Tx) LogLines(ctx context.Context, appID string, q LogQuery) ([]LogRow, error) {
	in, w, err := q.where(ctx, tx, appID)
	if err != nil {
		return nil, err
	}
	text, args := w.ordered(logLineColumns+in.from+logLineUsers, in.id, q.Ascending, q.Limit)
	return collect(tx, ctx, "list log lines", text, args, tx.scanLogRow)
}

// LogLine returns one line; log.not_found.
func (tx *Tx) LogLine(ctx context.Context, appID, id string) (LogRow, error) {
	r, err := tx.scanLogRow(tx.queryRow(ctx, qLogLine, appID, id))
	if isNoRows(err) {
		return r, latchkey.Fail(latchkey.CodeLogNotFound)
	}
	return r, wrap("read log line", err)
}

// LogLineIDs returns the ids of one page.
func (tx *Tx) LogLineIDs(ctx context.Context, appID string, q LogQuery) ([]string, error) {
	in, w, err := q.where(ctx, tx, appID)
	if err != nil {
		return nil, err
	}
	text, args := w.ordered(`SELECT `+in.id+in.from, in.id, q.Ascending, q.Limit)
	return tx.ids(ctx, text, args...)
}

// LogLineCount is how many lines an app has.
func (tx *Tx) LogLineCount(ctx context.Context, appID string) (n int64, err error) {
	err = tx.queryRow(ctx, qLogLineCount, appID).Scan(&n)
	return n, wrap("count log lines", err)
}

// CountLogLines is how many of certain lines an app has.
func (tx *Tx) CountLogLines(ctx context.Context, appID string, ids []string) (n int64, err error) {
	w := newWhere("l.app_id = ?", appID)
	w.addIn("l.id", ids)
	err = tx.queryRow(ctx, `SELECT COUNT(*) FROM log_lines l WHERE `+w.text.String(), w.args...).Scan(&n)
	return n, wrap("count log lines", err)
}

// DeleteLogLine deletes a line; n is 0 if there is none.
func (tx *Tx) DeleteLogLine(ctx context.Context, appID, id string) (n int64, err error) {
	return tx.deleteLogLines(ctx, qLogLineDelete, appID, id)
}

// TrimLogLines deletes about limit of an app's oldest lines with ids before one
// and returns how many.
func (tx *Tx) TrimLogLines(ctx context.Context, appID, before string, limit int) (n int64, err error) {
	var last string
	err = tx.queryRow(ctx, qLogLinesBound, appID, before, limit-1).Scan(&last)
	switch {
	case isNoRows(err):
		return tx.deleteLogLines(ctx, qLogLinesBefore, appID, before)
	case err != nil:
		return 0, wrap("trim log lines", err)
	}
	return tx.deleteLogLines(ctx, qLogLinesUpTo, appID, last)
}

func (tx *Tx) deleteLogLines(ctx context.Context, query, appID, id string) (n int64, err error) {
	n, err = tx.exec(ctx, query, appID, id)
	tx.count(appID, countLogs, -n)
	if n > 0 {
		tx.mark(appID, TopicLogs)
	}
	return n, wrap("delete log lines", err)
}
