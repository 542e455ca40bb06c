package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const userColumns = `u.id, u.app_id, u.name, u.name_sealed, u.license_named, u.password_state, u.password_hash, u.password_until,
	u.email_sealed, u.hwid_affected, u.device_limit, u.banned_at, u.ban_reason, u.banned_with, u.auth_version, u.created_at,
	u.created_by, u.license_id, u.last_sign_in_at, u.last_ip, u.devices_reset_at, u.reset_requested_at, u.reset_declined_at,
	u.two_factor_at, u.updated_at`

const (
	qUserInsert = `INSERT INTO users (id, app_id, name_hash, name, canonical_name, name_sealed, name_last4, license_named,
		password_state, password_hash, password_until, email_hash, email_sealed, hwid_affected, device_limit, banned_at, ban_reason,
		banned_with, auth_version, created_at, created_by, license_id, last_sign_in_at, last_ip, devices_reset_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)
		ON CONFLICT (app_id, name_hash) DO NOTHING`
	qUserByID   = `SELECT ` + userColumns + ` FROM users u WHERE u.app_id = $1 AND u.id = $2`
	qUserByName = `SELECT ` + userColumns + ` FROM users u WHERE u.app_id = $1 AND u.name_hash IN ($2, $3)
		ORDER BY u.license_named LIMIT 1`
	// Those without a password cannot sign in by address.
	qUserByEmail = `SELECT ` + userColumns + ` FROM users u WHERE u.app_id = $1 AND u.email_hash = $2 AND u.email_hash IS NOT NULL
		AND u.password_state <> 'none' ORDER BY u.id LIMIT 1`
	qUserByLicense = `SELECT ` + userColumns + ` FROM users u WHERE u.app_id = $1 AND u.name_hash = $2`
	// Writing the row is also what locks it on PostgreSQL: whatever is counted
	// per user is counted after this.
	qUserLock   = `UPDATE users SET updated_at = updated_at WHERE app_id = $1 AND id = $2`
	qUserUpdate = `UPDATE users SET name_hash = $3, name = $4, canonical_name = $5, name_sealed = $6, name_last4 = $7, license_named = $8,
		password_state = $9, password_hash = $10, password_until = $11, email_hash = $12, email_sealed = $13, hwid_affected = $14,
		device_limit = $15, banned_at = $16, ban_reason = $17, banned_with = $18, auth_version = $19, devices_reset_at = $20,
		updated_at = $21, two_factor_at = $22, reset_requested_at = $23, reset_declined_at = $24 WHERE app_id = $1 AND id = $2`
	qUserSignedIn = `UPDATE users SET last_sign_in_at = $3, last_ip = $4 WHERE app_id = $1 AND id = $2`
	qUserPassword = `UPDATE users SET password_hash = $3, password_state = 'set', password_until = NULL
		WHERE app_id = $1 AND id = $2 AND password_hash = $4 AND password_state = $5`
	qUserCounted = `SELECT u.banned_at IS NOT NULL, u.reset_requested_at IS NOT NULL FROM users u WHERE u.app_id = $1 AND u.id = $2`
	qUserDelete  = `DELETE FROM users WHERE app_id = $1 AND id = $2 RETURNING banned_at IS NOT NULL, reset_requested_at IS NOT NULL`
	qUserIDs     = `SELECT u.id FROM users u WHERE u.app_id = $1 AND u.id > $2 ORDER BY u.id LIMIT $3`
)

func usernameHash(box *secretbox.Box, appID, name string) []byte {
	return box.Lookup("username", appID, latchkey.CanonicalName(name))
}

// A user made by a license alone lives in a name space of its own, compared
// exactly as keys are, so that no chosen name can stand in a key's way.
func licenseUserHash(box *secretbox.Box, appID, key string) []byte {
	return box.Lookup("license-user", appID, key)
}

func emailHash(box *secretbox.Box, scope, email string) []byte {
	return box.Lookup("email", scope, email)
}

func userPlace(id, column string) secretbox.Place {
	return secretbox.Place{Table: "users", Row: id, Column: column}
}

func (tx *Tx) scanUser(row scanner, more ...any) (u latchkey.User, err error) {
	var nameSealed, emailSealed []byte
	var until, banned, signedIn, reset, requested, declined, factor, limit sql.NullInt64
	var created, updated int64
	dest := append([]any{&u.ID, &u.AppID, &u.Name, &nameSealed, &u.LicenseNamed, &u.PasswordState, &u.PasswordHash, &until,
		&emailSealed, &u.HWIDAffected, &limit, &banned, &u.BanReason, &u.BannedWith, &u.AuthVersion, &created,
		&u.CreatedBy, &u.LicenseID, &signedIn, &u.LastIP, &reset, &requested, &declined, &factor, &updated}, more...)
	if err := row.Scan(dest...); err != nil {
		return u, err
	}
	for _, s := range []struct {
		sealed []byte
		column string
		dest   *string
	}{{nameSealed, "name", &u.Name}, {emailSealed, "email", &u.Email}} {
		if s.sealed == nil {
			continue
		}
		value, err := tx.box().Open(userPlace(u.ID, s.column), s.sealed)
		if err != nil {
			return u, fmt.Errorf("open %s of user %s: %w", s.column, u.ID, err)
		}
		*s.dest = string(value)
	}
	if limit.Valid {
		u.DeviceLimit = &limit.Int64
	}
	u.PasswordUntil, u.BannedAt, u.LastSignInAt, u.DevicesReset = fromNullMs(until), fromNullMs(banned), fromNullMs(signedIn), fromNullMs(reset)
	u.TwoFactorAt, u.ResetRequested, u.ResetDeclined = fromNullMs(factor), fromNullMs(requested), fromNullMs(declined)
	u.CreatedAt, u.UpdatedAt = fromMs(created), fromMs(updated)
	return u, nil
}

// userRow is how a user's name and address are stored.
type userRow struct {
	nameHash, nameSealed, emailHash, emailSealed []byte
	name, canonical, last4                       string
}

func (tx *Tx) userRow(u *latchkey.User) (r userRow, err error) {
	if u.LicenseNamed {
		r.nameHash, r.last4 = licenseUserHash(tx.box(), u.AppID, u.Name), latchkey.Secret(u.Name).Last4()
		if r.nameSealed, err = tx.box().Seal(userPlace(u.ID, "name"), []byte(u.Name)); err != nil {
			return r, fmt.Errorf("seal user name: %w", err)
		}
	} else {
		r.nameHash, r.name, r.canonical = usernameHash(tx.box(), u.AppID, u.Name), u.Name, latchkey.CanonicalName(u.Name)
	}
	if u.Email != "" {
		r.emailHash = emailHash(tx.box(), u.AppID, u.Email)
		if r.emailSealed, err = tx.box().Seal(userPlace(u.ID, "email"), []byte(u.Email)); err != nil {
			return r, fmt.Errorf("seal mail address: %w", err)
		}
	}
	return r, nil
}

func nullInt(p *int64) any {
	if p == nil {
		return nil
	}
	return *p
}

// InsertUser stores a new user; user.exists if the app has one of its name.
// The transaction stays usable after that error.
func (tx *Tx) InsertUser(ctx context.Context, u *latchkey.User) error {
	r, err := tx.userRow(u)
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, qUserInsert, u.ID, u.AppID, r.nameHash, r.name, r.canonical, r.nameSealed, r.last4, boolInt(u.LicenseNamed),
		string(u.PasswordState), u.PasswordHash, nullMs(u.PasswordUntil), r.emailHash, r.emailSealed, boolInt(u.HWIDAffected),
		nullInt(u.DeviceLimit), nullMs(u.BannedAt), u.BanReason, u.BannedWith, u.AuthVersion, ms(u.CreatedAt), u.CreatedBy,
		u.LicenseID, nullMs(u.LastSignInAt), u.LastIP, nullMs(u.DevicesReset), ms(u.UpdatedAt))
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeUserExists)
	}
	tx.countUser(u.AppID, !u.BannedAt.IsZero(), false, 1)
	tx.mark(u.AppID, TopicUsers)
	return wrap("insert user", err)
}

func (tx *Tx) countUser(appID string, banned, asks bool, n int64) {
	tx.count(appID, countUsers, n)
	if banned {
		tx.count(appID, countUsersBanned, n)
	}
	if asks {
		tx.count(appID, countResetRequests, n)
	}
}

// User returns a user by id; user.not_found.
func (tx *Tx) User(ctx context.Context, appID, id string) (latchkey.User, error) {
	return tx.oneUser(tx.queryRow(ctx, qUserByID, appID, id))
}

// UserByName returns a user by name: one who chose it, else the one made by
// the license of that key; user.not_found.
func (tx *Tx) UserByName(ctx context.Context, appID, name string) (latchkey.User, error) {
	return tx.oneUser(tx.queryRow(ctx, qUserByName, appID, usernameHash(tx.box(), appID, name), licenseUserHash(tx.box(), appID, name)))
}

// UserByLicense returns the user who was made by a license alone; user.not_found.
func (tx *Tx) UserByLicense(ctx context.Context, appID string, key latchkey.Secret) (latchkey.User, error) {
	return tx.oneUser(tx.queryRow(ctx, qUserByLicense, appID, licenseUserHash(tx.box(), appID, key.Reveal())))
}

// UserByEmail returns the first of the users with a mail address, normalized,
// who has a password; user.not_found.
func (tx *Tx) UserByEmail(ctx context.Context, appID, address string) (latchkey.User, error) {
	return tx.oneUser(tx.queryRow(ctx, qUserByEmail, appID, emailHash(tx.box(), appID, address)))
}

func (tx *Tx) oneUser(row *sql.Row) (latchkey.User, error) {
	u, err := tx.scanUser(row)
	if isNoRows(err) {
		return u, latchkey.Fail(latchkey.CodeUserNotFound)
	}
	return u, wrap("read user", err)
}

// LockUser keeps other transactions from changing the user, its devices and
// subscriptions until this one ends, and returns it as it then is.
func (tx *Tx) LockUser(ctx context.Context, appID, id string) (latchkey.User, error) {
	if _, err := tx.exec(ctx, qUserLock, appID, id); err != nil {
		return latchkey.User{}, wrap("lock user", err)
	}
	return tx.User(ctx, appID, id)
}

// UpdateUser stores a changed user, except for its last sign-in; user.exists
// if its new name is taken.
func (tx *Tx) UpdateUser(ctx context.Context, u *latchkey.User) error {
	tx.touch(stampUser, u.ID)
	tx.mark(u.AppID, TopicUsers|TopicSessions) // what ends sessions is a change of the user
	var banned, asked bool
	if err := tx.queryRow(ctx, qUserCounted, u.AppID, u.ID).Scan(&banned, &asked); err != nil && !isNoRows(err) {
		return wrap("read user", err)
	}
	r, err := tx.userRow(u)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, qUserUpdate, u.AppID, u.ID, r.nameHash, r.name, r.canonical, r.nameSealed, r.last4, boolInt(u.LicenseNamed),
		string(u.PasswordState), u.PasswordHash, nullMs(u.PasswordUntil), r.emailHash, r.emailSealed, boolInt(u.HWIDAffected),
		nullInt(u.DeviceLimit), nullMs(u.BannedAt), u.BanReason, u.BannedWith, u.AuthVersion, nullMs(u.DevicesReset), ms(u.UpdatedAt), nullMs(u.TwoFactorAt),
		nullMs(u.ResetRequested), nullMs(u.ResetDeclined))
	if isUnique(err) {
		return latchkey.Fail(latchkey.CodeUserExists)
	}
	if now := !u.BannedAt.IsZero(); now != banned {
		tx.count(u.AppID, countUsersBanned, 2*boolInt(now)-1)
	}
	if asks := !u.ResetRequested.IsZero(); asks != asked {
		tx.count(u.AppID, countResetRequests, 2*boolInt(asks)-1)
	}
	return wrap("update user", err)
}

// SetUserPassword stores a hash if the user's password is still the one that
// was read; changed is false otherwise.
func (tx *Tx) SetUserPassword(ctx context.Context, before *latchkey.User, hash string) (changed bool, err error) {
	n, err := tx.exec(ctx, qUserPassword, before.AppID, before.ID, hash, before.PasswordHash, string(before.PasswordState))
	return n == 1, wrap("set password", err)
}

// UserSignedIn records the last sign-in and, like [Tx.LockUser], locks the
// user; user.not_found.
func (tx *Tx) UserSignedIn(ctx context.Context, appID, id, ip string, now time.Time) error {
	n, err := tx.exec(ctx, qUserSignedIn, appID, id, ms(now), ip)
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeUserNotFound)
	}
	return wrap("record sign-in", err)
}

// DeleteUser deletes a user with its subscriptions, devices, tokens and history;
// user.not_found. Its sessions must be ended first.
func (tx *Tx) DeleteUser(ctx context.Context, appID, id string) error {
	tx.touch(stampUser, id)
	tx.mark(appID, TopicUsers|TopicSessions|TopicChats|TopicTokens) // with everything that is theirs
	if _, err := tx.exec(ctx, qTokensOfLicenses, appID, id); err != nil {
		return wrap("delete tokens", err)
	}
	var banned, asked bool
	err := tx.queryRow(ctx, qUserDelete, appID, id).Scan(&banned, &asked)
	if isNoRows(err) {
		return latchkey.Fail(latchkey.CodeUserNotFound)
	}
	tx.countUser(appID, banned, asked, -1)
	if err == nil {
		_, err = tx.deleteLogLines(ctx, qLogLinesOfUser, appID, id)
	}
	return wrap("delete user", err)
}

// UserIDs returns up to limit ids after the id after, ascending.
func (tx *Tx) UserIDs(ctx context.Context, appID, after string, limit int) ([]string, error) {
	return tx.ids(ctx, qUserIDs, appID, after, limit)
}
