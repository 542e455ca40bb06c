package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const appSelect = `SELECT id, account_id, owner_id, name, paused_at, disabled_at, sessions_from, settings, messages, revision,
	access_revision, access_floor, created_at, updated_at FROM apps `

const (
	qAppInsert = `INSERT INTO apps (id, account_id, owner_id, name, paused_at, disabled_at, sessions_from, settings, messages,
		revision, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	qAppByID   = appSelect + `WHERE id = $1`
	qAppByName = appSelect + `WHERE owner_id = $1 AND name = $2`
	qAppsAfter = appSelect + `WHERE id > $1 ORDER BY id LIMIT $2`
	qAppLock   = `UPDATE apps SET revision = revision + 1 WHERE id = $1`
	qAppUpdate = `UPDATE apps SET name = $2, paused_at = $3, disabled_at = $4, sessions_from = $5, settings = $6, messages = $7,
		updated_at = $8 WHERE id = $1`
	qAppDelete = `DELETE FROM apps WHERE id = $1`
	qAppsFrom  = `UPDATE apps SET sessions_from = $1, revision = revision + 1 RETURNING id`

	qCredentialInsert = `INSERT INTO credentials (id, app_id, kind, value_hash, value_sealed, public_key, active_from, retires_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	qCredentials        = `SELECT id, app_id, kind, value_sealed, public_key, active_from, retires_at, created_at FROM credentials WHERE app_id = $1 ORDER BY id DESC`
	qCredentialRetire   = `UPDATE credentials SET retires_at = $3 WHERE app_id = $1 AND kind = $2 AND (retires_at IS NULL OR retires_at > $3)`
	qCredentialsRetired = `DELETE FROM credentials WHERE app_id = $1 AND retires_at <= $2`
)

func scanApp(row scanner) (a latchkey.App, err error) {
	var paused, disabled sql.NullInt64
	var from, created, updated int64
	var settings, messages string
	if err := row.Scan(&a.ID, &a.AccountID, &a.OwnerID, &a.Name, &paused, &disabled, &from, &settings, &messages, &a.Revision,
		&a.AccessRevision, &a.AccessFloor, &created, &updated); err != nil {
		return a, err
	}
	a.Settings = latchkey.DefaultSettings() // of what did not exist yet when they were stored
	if err := json.Unmarshal([]byte(settings), &a.Settings); err != nil {
		return a, fmt.Errorf("read settings of app %s: %w", a.ID, err)
	}
	if err := json.Unmarshal([]byte(messages), &a.Messages); err != nil {
		return a, fmt.Errorf("read messages of app %s: %w", a.ID, err)
	}
	a.PausedAt, a.DisabledAt, a.SessionsFrom = fromNullMs(paused), fromNullMs(disabled), fromMs(from)
	a.CreatedAt, a.UpdatedAt = fromMs(created), fromMs(updated)
	return a, nil
}

func encodeApp(a *latchkey.App) (settings, messages string, err error) {
	s, err := json.Marshal(a.Settings)
	if err != nil {
		return "", "", fmt.Errorf("encode settings: %w", err)
	}
	if a.Messages == nil {
		return string(s), "{}", nil
	}
	m, err := json.Marshal(a.Messages)
	if err != nil {
		return "", "", fmt.Errorf("encode messages: %w", err)
	}
	return string(s), string(m), nil
}

// InsertApp stores a new app; app.exists if its owner has one of the name.
func (tx *Tx) InsertApp(ctx context.Context, a *latchkey.App) error {
	settings, messages, err := encodeApp(a)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, qAppInsert, a.ID, a.AccountID, a.OwnerID, a.Name, nullMs(a.PausedAt), nullMs(a.DisabledAt),
		ms(a.SessionsFrom), settings, messages, a.Revision, ms(a.CreatedAt), ms(a.UpdatedAt))
	if isUnique(err) {
		return latchkey.Fail(latchkey.CodeAppExists)
	}
	return wrap("insert app", err)
}

// App returns an app by id; app.not_found.
func (tx *Tx) App(ctx context.Context, id string) (latchkey.App, error) {
	return oneApp(tx.queryRow(ctx, qAppByID, id))
}

// AppByName returns an app by its owner's public id and its name, both
// compared exactly; app.not_found.
func (tx *Tx) AppByName(ctx context.Context, ownerID, name string) (latchkey.App, error) {
	return oneApp(tx.queryRow(ctx, qAppByName, ownerID, name))
}

func oneApp(row *sql.Row) (latchkey.App, error) {
	a, err := scanApp(row)
	if isNoRows(err) {
		return a, latchkey.Fail(latchkey.CodeAppNotFound)
	}
	return a, wrap("read app", err)
}

// LockApp keeps other transactions from changing the app until this one ends,
// counts its revision up and returns it as it then is; app.not_found.
func (tx *Tx) LockApp(ctx context.Context, id string) (latchkey.App, error) {
	tx.touch(stampApp, id)
	if _, err := tx.exec(ctx, qAppLock, id); err != nil {
		return latchkey.App{}, wrap("lock app", err)
	}
	return tx.App(ctx, id)
}

// UpdateApp stores a changed app, which must be locked; app.exists.
func (tx *Tx) UpdateApp(ctx context.Context, a *latchkey.App) error {
	tx.touch(stampApp, a.ID)
	tx.mark(a.ID, TopicSessions) // a pause and a new SessionsFrom end them
	settings, messages, err := encodeApp(a)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, qAppUpdate, a.ID, a.Name, nullMs(a.PausedAt), nullMs(a.DisabledAt), ms(a.SessionsFrom), settings, messages, ms(a.UpdatedAt))
	if isUnique(err) {
		return latchkey.Fail(latchkey.CodeAppExists)
	}
	return wrap("update app", err)
}

// DeleteApp deletes an app and everything in it but its audit log.
func (tx *Tx) DeleteApp(ctx context.Context, id string) error {
	tx.touch(stampApp, id)
	tx.mark(id, AllTopics)
	tx.forgetCounts(id)
	if _, err := tx.exec(ctx, qQueuesOfApp, id); err != nil {
		return wrap("delete app's deliveries", err)
	}
	_, err := tx.exec(ctx, qAppDelete, id)
	return wrap("delete app", err)
}

// EndAppSessions ends every client session of every app that began before
// from, and returns the apps' ids.
func (tx *Tx) EndAppSessions(ctx context.Context, from time.Time) ([]string, error) {
	ids, err := tx.ids(ctx, qAppsFrom, ms(from))
	for _, id := range ids {
		tx.touch(stampApp, id)
	}
	return ids, err
}

// AppsAfter returns up to limit apps of all accounts, after an id.
func (tx *Tx) AppsAfter(ctx context.Context, after string, limit int) ([]latchkey.App, error) {
	return collect(tx, ctx, "list apps", qAppsAfter, []any{after, limit}, scanApp)
}

// AppQuery narrows [Tx.Apps]. AppIDs empty means every app of the account.
type AppQuery struct {
	AccountID string
	AppIDs    []string
	Name      string
	Keyset
}

// Apps returns one page.
func (tx *Tx) Apps(ctx context.Context, q AppQuery) ([]latchkey.App, error) {
	w := newWhere("account_id = ?", q.AccountID)
	if q.Name != "" {
		w.add("name = ?", q.Name)
	}
	if len(q.AppIDs) > 0 {
		args := make([]any, len(q.AppIDs))
		list := ""
		for i, id := range q.AppIDs {
			args[i] = id
			list += ", ?"
		}
		w.add("id IN ("+list[2:]+")", args...)
	}
	text, args := w.page(appSelect, "id", q.Keyset)
	return collect(tx, ctx, "list apps", text, args, scanApp)
}

func credentialPlace(id string) secretbox.Place {
	return secretbox.Place{Table: "credentials", Row: id, Column: "value"}
}

// InsertCredential stores one generation of an app's secret.
func (tx *Tx) InsertCredential(ctx context.Context, c *latchkey.Credential) error {
	tx.touch(stampApp, c.AppID)
	sealed, err := tx.box().Seal(credentialPlace(c.ID), []byte(c.Value.Reveal()))
	if err != nil {
		return fmt.Errorf("seal credential: %w", err)
	}
	_, err = tx.exec(ctx, qCredentialInsert, c.ID, c.AppID, string(c.Kind), tx.box().Lookup("credential", string(c.Kind), c.Value.Reveal()),
		sealed, c.PublicKey, ms(c.ActiveFrom), nullMs(c.RetiresAt), ms(c.CreatedAt))
	return wrap("insert credential", err)
}

// Credentials returns every generation of an app's secrets, newest first.
func (tx *Tx) Credentials(ctx context.Context, appID string) ([]latchkey.Credential, error) {
	return collect(tx, ctx, "list credentials", qCredentials, []any{appID}, func(row scanner) (c latchkey.Credential, err error) {
		var sealed []byte
		var from, created int64
		var retires sql.NullInt64
		if err := row.Scan(&c.ID, &c.AppID, &c.Kind, &sealed, &c.PublicKey, &from, &retires, &created); err != nil {
			return c, err
		}
		value, err := tx.box().Open(credentialPlace(c.ID), sealed)
		if err != nil {
			return c, fmt.Errorf("open credential %s: %w", c.ID, err)
		}
		c.Value, c.ActiveFrom, c.RetiresAt, c.CreatedAt = latchkey.Secret(value), fromMs(from), fromNullMs(retires), fromMs(created)
		return c, nil
	})
}

// RetireCredentials ends every credential of a kind at a moment, and deletes
// those of the app that are over at now. The app must be locked.
func (tx *Tx) RetireCredentials(ctx context.Context, appID string, kind latchkey.CredentialKind, at, now time.Time) error {
	tx.touch(stampApp, appID)
	if _, err := tx.exec(ctx, qCredentialRetire, appID, string(kind), ms(at)); err != nil {
		return wrap("retire credentials", err)
	}
	_, err := tx.exec(ctx, qCredentialsRetired, appID, ms(now))
	return wrap("delete retired credentials", err)
}
