package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const licenseColumns = `l.id, l.app_id, l.key_sealed, l.level, l.duration_amount, l.duration_unit, l.note, l.status,
	l.created_at, l.created_by, l.used_at, l.used_by, l.ban_reason, l.banned_at, l.updated_at`

// licenseInserted are the columns of a new license.
const licenseInserted = `id, app_id, key_hash, key_sealed, key_last4, level, duration_amount, duration_unit,
	note, note_id, status, created_at, created_by, used_at, used_by, ban_reason, banned_at, updated_at`

func licenseInsertColumns() []string {
	return strings.FieldsFunc(licenseInserted, func(r rune) bool { return !(r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9') })
}

const (
	qLicenseInsert = `INSERT INTO licenses (` + licenseInserted + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
		ON CONFLICT (app_id, key_hash) DO NOTHING`
	qLicenseByID  = `SELECT ` + licenseColumns + ` FROM licenses l WHERE l.app_id = $1 AND l.id = $2 AND ` + licenseExists
	qLicenseByKey = `SELECT ` + licenseColumns + ` FROM licenses l WHERE l.app_id = $1 AND l.key_hash = $2 AND ` + licenseExists
	// The guard on status decides every race for a license: exactly one
	// redemption sees it unused.
	qLicenseRedeem = `UPDATE licenses SET status = 'used', used_by = $3, used_at = $4, updated_at = $4
		WHERE app_id = $1 AND id = $2 AND status = 'not_used' RETURNING level, duration_amount, duration_unit`
	qLicenseUpdate = `UPDATE licenses SET level = $3, duration_amount = $4, duration_unit = $5, note = $6, note_id = $7, status = $8,
		ban_reason = $9, banned_at = $10, updated_at = $11 WHERE app_id = $1 AND id = $2`
	qLicenseBefore = `SELECT l.status, l.note, l.note_id FROM licenses l WHERE l.app_id = $1 AND l.id = $2`
	qLicenseLock   = `UPDATE licenses SET updated_at = updated_at WHERE app_id = $1 AND id = $2`
	qLicenseDelete = `DELETE FROM licenses WHERE app_id = $1 AND id = $2 RETURNING status, note_id, used_at`
)

// licenseExists leaves out what is being made: the licenses of a batch come
// into being together.
const licenseExists = `NOT EXISTS (SELECT 1 FROM license_batches b
	WHERE b.app_id = l.app_id AND b.state <> 'done' AND b.first_id <= l.id AND b.last_id >= l.id)`

// licenseHash is what a license is found by. It begins with the last four
// characters, which its row shows anyway: licenses that are stored in the order
// of their hashes then are neighbours in the index of those characters too.
func licenseHash(box *secretbox.Box, appID string, key latchkey.Secret) []byte {
	return append([]byte(key.Last4()), box.Lookup("license", appID, key.Reveal())...)
}

func licensePlace(id string) secretbox.Place {
	return secretbox.Place{Table: "licenses", Row: id, Column: "key"}
}

type scanner interface{ Scan(dest ...any) error }

func (tx *Tx) scanLicense(row scanner, more ...any) (l latchkey.License, err error) {
	var sealed []byte
	var used, banned sql.NullInt64
	var created, updated int64
	dest := append([]any{&l.ID, &l.AppID, &sealed, &l.Level, &l.Duration.Amount, &l.Duration.Unit, &l.Note, &l.Status,
		&created, &l.CreatedBy, &used, &l.UsedBy, &l.BanReason, &banned, &updated}, more...)
	if err := row.Scan(dest...); err != nil {
		return l, err
	}
	key, err := tx.box().Open(licensePlace(l.ID), sealed)
	if err != nil {
		return l, fmt.Errorf("open key of license %s: %w", l.ID, err)
	}
	l.Key = latchkey.Secret(key)
	l.CreatedAt, l.UpdatedAt = fromMs(created), fromMs(updated)
	l.UsedAt, l.BannedAt = fromNullMs(used), fromNullMs(banned)
	return l, nil
}

// InsertLicense stores a new license; license.exists if the app has its key.
// The transaction stays usable after that error.
func (tx *Tx) InsertLicense(ctx context.Context, l *latchkey.License) error {
	row, err := tx.db.sealLicense(l)
	if err != nil {
		return err
	}
	if row.noteID, err = tx.noteID(ctx, l.AppID, l.Note); err != nil {
		return err
	}
	n, err := tx.exec(ctx, qLicenseInsert, row.values(l)...)
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeLicenseExists)
	}
	tx.countLicense(l.AppID, l.Status, 1)
	return wrap("insert license", err)
}

// licenseRow is what is stored of a license beside its fields.
type licenseRow struct {
	hash, sealed []byte
	last4        string
	noteID       any
}

func (db *DB) sealLicense(l *latchkey.License) (row licenseRow, err error) {
	row.hash, row.last4 = licenseHash(db.box, l.AppID, l.Key), l.Key.Last4()
	if row.sealed, err = db.box.Seal(licensePlace(l.ID), []byte(l.Key.Reveal())); err != nil {
		return row, fmt.Errorf("seal license: %w", err)
	}
	return row, nil
}

// values are those of licenseInserted.
func (row *licenseRow) values(l *latchkey.License) []any {
	return []any{l.ID, l.AppID, row.hash, row.sealed, row.last4, l.Level, l.Duration.Amount, string(l.Duration.Unit),
		l.Note, row.noteID, string(l.Status), ms(l.CreatedAt), l.CreatedBy, nullMs(l.UsedAt), l.UsedBy, l.BanReason,
		nullMs(l.BannedAt), ms(l.UpdatedAt)}
}

// License returns a license by id; license.not_found.
func (tx *Tx) License(ctx context.Context, appID, id string) (latchkey.License, error) {
	return tx.oneLicense(tx.queryRow(ctx, qLicenseByID, appID, id))
}

// LicenseByKey returns a license by its exact key; license.not_found.
func (tx *Tx) LicenseByKey(ctx context.Context, appID string, key latchkey.Secret) (latchkey.License, error) {
	return tx.oneLicense(tx.queryRow(ctx, qLicenseByKey, appID, licenseHash(tx.box(), appID, key)))
}

func (tx *Tx) oneLicense(row *sql.Row) (latchkey.License, error) {
	l, err := tx.scanLicense(row)
	if isNoRows(err) {
		return l, latchkey.Fail(latchkey.CodeLicenseNotFound)
	}
	return l, wrap("read license", err)
}

// RedeemLicense marks an unused license as used and reports whether this call
// did it: of any number of simultaneous ones, exactly one does. The license is
// then as it was at that moment, its duration included.
func (tx *Tx) RedeemLicense(ctx context.Context, l *latchkey.License, userID string, now time.Time) (won bool, err error) {
	row := tx.queryRow(ctx, qLicenseRedeem, l.AppID, l.ID, userID, ms(now))
	err = row.Scan(&l.Level, &l.Duration.Amount, &l.Duration.Unit)
	if isNoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, wrap("redeem license", err)
	}
	l.Status, l.UsedBy, l.UsedAt, l.UpdatedAt = latchkey.LicenseUsed, userID, now, now
	tx.countLicense(l.AppID, latchkey.LicenseNotUsed, -1)
	tx.countLicense(l.AppID, latchkey.LicenseUsed, 1)
	return true, nil
}

// LockLicense keeps other transactions from redeeming or changing the license
// until this one ends, and returns it as it then is.
func (tx *Tx) LockLicense(ctx context.Context, appID, id string) (latchkey.License, error) {
	if _, err := tx.exec(ctx, qLicenseLock, appID, id); err != nil {
		return latchkey.License{}, wrap("lock license", err)
	}
	return tx.License(ctx, appID, id)
}

// UpdateLicense stores a changed license, which must be locked.
func (tx *Tx) UpdateLicense(ctx context.Context, l *latchkey.License) error {
	var status latchkey.LicenseStatus
	var note string
	var before sql.NullInt64
	if err := tx.queryRow(ctx, qLicenseBefore, l.AppID, l.ID).Scan(&status, &note, &before); err != nil {
		return wrap("read license", err)
	}
	noteID := any(before)
	if l.Note != note {
		var err error
		if noteID, err = tx.noteID(ctx, l.AppID, l.Note); err != nil {
			return err
		}
	}
	if _, err := tx.exec(ctx, qLicenseUpdate, l.AppID, l.ID, l.Level, l.Duration.Amount, string(l.Duration.Unit), l.Note, noteID,
		string(l.Status), l.BanReason, nullMs(l.BannedAt), ms(l.UpdatedAt)); err != nil {
		return wrap("update license", err)
	}
	tx.countLicense(l.AppID, status, -1)
	tx.countLicense(l.AppID, l.Status, 1)
	if l.Note != note {
		return tx.dropNote(ctx, l.AppID, before)
	}
	return nil
}

// DeleteLicense deletes a license; license.not_found.
func (tx *Tx) DeleteLicense(ctx context.Context, appID, id string) error {
	var status latchkey.LicenseStatus
	var note, used sql.NullInt64
	err := tx.queryRow(ctx, qLicenseDelete, appID, id).Scan(&status, &note, &used)
	if isNoRows(err) {
		return latchkey.Fail(latchkey.CodeLicenseNotFound)
	}
	if err != nil {
		return wrap("delete license", err)
	}
	tx.countLicense(appID, status, -1)
	if !used.Valid {
		if err := tx.dropTokens(ctx, appID, []string{id}); err != nil {
			return err
		}
	}
	return tx.dropNote(ctx, appID, note)
}
