package store

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// Where addresses of customers stand: with their last sign-in, in the history
// of sign-ins, in sessions and in log lines. The ids of the last three begin with
// their moment. Sessions and log lines are found by these; of the history, which
// is ordered by user, an index holds what still has an address.
const (
	qAddressesSwept = `SELECT swept_to FROM ip_sweeps WHERE app_id = $1`
	qAddressesSweep = `INSERT INTO ip_sweeps (app_id, swept_to) VALUES ($1, $2) ON CONFLICT (app_id) DO UPDATE SET swept_to = excluded.swept_to`

	qSignInsBound = `SELECT id FROM sign_ins WHERE app_id = $1 AND ip <> '' AND id < $2 ORDER BY id LIMIT 1 OFFSET $3`
	// Every address of a last sign-in stands in the history too.
	qLastIPsTake = `UPDATE users SET last_ip = '' WHERE app_id = $1 AND last_ip <> '' AND last_sign_in_at < $3
		AND id IN (SELECT user_id FROM sign_ins WHERE app_id = $1 AND ip <> '' AND id <= $2)`
	qSignInsTake = `UPDATE sign_ins SET ip = '' WHERE app_id = $1 AND ip <> '' AND id <= $2`

	qSessionIPsBound = `SELECT id FROM sessions WHERE app_id = $1 AND id >= $2 AND id < $3 ORDER BY id LIMIT 1 OFFSET $4`
	qSessionIPsTake  = `UPDATE sessions SET ip = '' WHERE app_id = $1 AND id >= $2 AND id <= $3 AND ip <> ''`
	qLogIPsBound     = `SELECT id FROM log_lines WHERE app_id = $1 AND id >= $2 AND id < $3 ORDER BY id LIMIT 1 OFFSET $4`
	// There are few of them, and none is older than a week.
	qPanelIPsTake = `UPDATE panel_sessions SET ip = '' WHERE app_id = $1 AND ip <> '' AND created_at < $2`
	qLogIPsTake   = `UPDATE log_lines SET ip = '' WHERE app_id = $1 AND id >= $2 AND id <= $3 AND ip <> ''`
)

// AddressesSwept is the moment up to which the addresses of an app's customers
// have been taken out; zero: never.
func (tx *Tx) AddressesSwept(ctx context.Context, appID string) (to time.Time, err error) {
	var swept int64
	switch err := tx.queryRow(ctx, qAddressesSwept, appID).Scan(&swept); {
	case isNoRows(err):
		return to, nil
	case err != nil:
		return to, wrap("read sweep of addresses", err)
	}
	return fromMs(swept), nil
}

// SetAddressesSwept notes that addresses have been taken out up to a moment.
func (tx *Tx) SetAddressesSwept(ctx context.Context, appID string, to time.Time) error {
	_, err := tx.exec(ctx, qAddressesSweep, appID, ms(to))
	return wrap("note sweep of addresses", err)
}

// TakeSignInAddresses takes the addresses out of about limit of an app's oldest
// sign-ins before a moment, and out of the last sign-ins of their users. more
// reports that there may be others.
func (tx *Tx) TakeSignInAddresses(ctx context.Context, appID string, before time.Time, limit int) (taken int64, more bool, err error) {
	last := latchkey.IDBound(latchkey.KindSignIn, before)
	if err := tx.queryRow(ctx, qSignInsBound, appID, last, limit-1).Scan(&last); err != nil && !isNoRows(err) {
		return 0, false, wrap("find addresses", err)
	} else {
		more = err == nil
	}
	if _, err := tx.exec(ctx, qLastIPsTake, appID, last, ms(before)); err != nil {
		return 0, false, wrap("take addresses of users", err)
	}
	taken, err = tx.exec(ctx, qSignInsTake, appID, last)
	return taken, more, wrap("take addresses of sign-ins", err)
}

// AddressTable is a table whose addresses are found by the moments in its ids.
type AddressTable struct {
	kind        latchkey.Kind
	bound, take string
}

// AddressTables are all of these.
func AddressTables() []AddressTable {
	return []AddressTable{{latchkey.KindSession, qSessionIPsBound, qSessionIPsTake}, {latchkey.KindLogLine, qLogIPsBound, qLogIPsTake}}
}

// AddressRange is where to go on taking addresses out of a table.
type AddressRange struct {
	Table        AddressTable
	From, Before string // ids; see NewAddressRange
}

// NewAddressRange is the range of what was made from one moment on and before
// another.
func NewAddressRange(t AddressTable, from, before time.Time) AddressRange {
	return AddressRange{Table: t, From: latchkey.IDBound(t.kind, from), Before: latchkey.IDBound(t.kind, before)}
}

// TakeAddresses takes the addresses out of the first about limit rows of a range.
// more reports that there may be others; r is then what is left.
func (tx *Tx) TakeAddresses(ctx context.Context, appID string, r *AddressRange, limit int) (taken int64, more bool, err error) {
	last := r.Before
	if err := tx.queryRow(ctx, r.Table.bound, appID, r.From, r.Before, limit-1).Scan(&last); err != nil && !isNoRows(err) {
		return 0, false, wrap("find addresses", err)
	} else {
		more = err == nil
	}
	taken, err = tx.exec(ctx, r.Table.take, appID, r.From, last)
	if err == nil {
		r.From = last
	}
	return taken, more, wrap("take addresses", err)
}

// TakePanelAddresses takes the addresses out of an app's sessions of customers'
// own pages that began before a moment.
func (tx *Tx) TakePanelAddresses(ctx context.Context, appID string, before time.Time) (int64, error) {
	n, err := tx.exec(ctx, qPanelIPsTake, appID, ms(before))
	return n, wrap("take addresses of pages", err)
}
