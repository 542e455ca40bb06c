package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// The ids follow, and have PostgreSQL plan for them: a plan made for any ids
// may read the whole app. So these are queries, which say what they touched.
const (
	licensesStore = `UPDATE licenses SET duration_amount = ?, duration_unit = ?, status = ?, ban_reason = ?, banned_at = ?, updated_at = ?
		WHERE app_id = ?`
	licensesLock   = `UPDATE licenses SET updated_at = updated_at WHERE `
	licensesDelete = `DELETE FROM licenses WHERE `
)

// LockLicenses keeps other transactions from redeeming or changing licenses
// until this one ends, and returns those that exist in the order of their ids.
func (tx *Tx) LockLicenses(ctx context.Context, appID string, ids []string) ([]latchkey.License, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	w := newWhere("app_id = ?", appID)
	w.addIn("id", ids)
	if _, err := tx.ids(ctx, licensesLock+w.text.String()+` RETURNING id`, tx.db.engine.planned(w.args)...); err != nil {
		return nil, err
	}
	return tx.LicensesNamed(ctx, appID, ids)
}

// LicensesNamed returns those of the ids that exist, in their order.
func (tx *Tx) LicensesNamed(ctx context.Context, appID string, ids []string) ([]latchkey.License, error) {
	w := newWhere("l.app_id = ?", appID)
	w.addIn("l.id", ids)
	w.add(licenseExists)
	list, err := collect(tx, ctx, "list licenses", `SELECT `+licenseColumns+` FROM licenses l WHERE `+w.text.String(), tx.db.engine.planned(w.args),
		func(row scanner) (latchkey.License, error) { return tx.scanLicense(row) })
	sortByID(list, func(l *latchkey.License) string { return l.ID }, true)
	return list, err
}

// StoreLicenses stores duration, status and ban of licenses that this
// transaction has locked; was is the status of each until now. Those that have
// become alike, as in a bulk action nearly all do, cost one statement.
func (tx *Tx) StoreLicenses(ctx context.Context, appID string, list []latchkey.License, was []latchkey.LicenseStatus) error {
	alike := map[licenseState][]string{}
	var order []licenseState
	for i := range list {
		l := &list[i]
		state := licenseState{l.Duration, l.Status, l.BanReason, nullMs(l.BannedAt), ms(l.UpdatedAt)}
		if alike[state] == nil {
			order = append(order, state)
		}
		alike[state] = append(alike[state], l.ID)
		tx.countLicense(appID, was[i], -1)
		tx.countLicense(appID, l.Status, 1)
	}
	for _, state := range order {
		w := newWhere(licensesStore, state.duration.Amount, string(state.duration.Unit), string(state.status), state.banReason, state.bannedAt, state.updatedAt, appID)
		w.addIn("id", alike[state])
		if _, err := tx.ids(ctx, w.text.String()+` RETURNING id`, tx.db.engine.planned(w.args)...); err != nil {
			return err
		}
	}
	return nil
}

// licenseState is what a bulk action changes of a license.
type licenseState struct {
	duration  latchkey.Duration
	status    latchkey.LicenseStatus
	banReason string
	bannedAt  any // milliseconds or nil
	updatedAt int64
}

// DeleteLicenses deletes licenses.
func (tx *Tx) DeleteLicenses(ctx context.Context, appID string, list []latchkey.License) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	w := newWhere("app_id = ?", appID)
	w.addIn("id", ids)
	var unused []string
	notes, err := collect(tx, ctx, "delete licenses", licensesDelete+w.text.String()+` RETURNING status, note_id, used_at, id`, tx.db.engine.planned(w.args),
		func(row scanner) (note sql.NullInt64, err error) {
			var status latchkey.LicenseStatus
			var used sql.NullInt64
			var id string
			err = row.Scan(&status, &note, &used, &id)
			tx.countLicense(appID, status, -1)
			if !used.Valid {
				unused = append(unused, id)
			}
			return note, err
		})
	if err != nil {
		return err
	}
	if err := tx.dropTokens(ctx, appID, unused); err != nil {
		return err
	}
	slices.SortFunc(notes, func(a, b sql.NullInt64) int { return cmp.Compare(a.Int64, b.Int64) })
	for _, note := range slices.Compact(notes) {
		if err := tx.dropNote(ctx, appID, note); err != nil {
			return err
		}
	}
	return nil
}
