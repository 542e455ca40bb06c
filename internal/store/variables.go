package store

import (
	"context"
	"fmt"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const variableColumns = `id, app_id, name, size, needs_sign_in, min_level, created_at, updated_at`

const (
	qVariableInsert = `INSERT INTO variables (id, app_id, name, folded_name, size, needs_sign_in, min_level, created_at, updated_at, value_sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (app_id, name) DO NOTHING`
	qVariableByID   = `SELECT ` + variableColumns + `, value_sealed FROM variables WHERE app_id = $1 AND id = $2`
	qVariableByName = `SELECT ` + variableColumns + `, value_sealed FROM variables WHERE app_id = $1 AND name = $2`
	qVariableLock   = `UPDATE variables SET updated_at = updated_at WHERE app_id = $1 AND id = $2`
	qVariableUpdate = `UPDATE variables SET name = $3, folded_name = $4, size = $5, needs_sign_in = $6, min_level = $7, updated_at = $8, value_sealed = $9
		WHERE app_id = $1 AND id = $2`
	qVariableDelete = `DELETE FROM variables WHERE app_id = $1 AND id = $2`
	qVariableCount  = `SELECT COUNT(*) FROM variables WHERE app_id = $1`
	// Locks the app's row without anything having changed: what is counted
	// after it is counted by one transaction at a time.
	qAppHold = `UPDATE apps SET revision = revision WHERE id = $1`
)

func variablePlace(id string) secretbox.Place {
	return secretbox.Place{Table: "variables", Row: id, Column: "value"}
}

// variableName is what a variable is stamped under.
func variableName(appID, name string) string { return appID + "\x00" + name }

// VariableStamp is the stamp of the variable that has a name, or may get it.
func (db *DB) VariableStamp(appID, name string) Stamp {
	return db.stamps.take(stampVariable, variableName(appID, name))
}

// scanVariable scans variableColumns, and what follows them into more.
func scanVariable(row scanner, more ...any) (v latchkey.Variable, err error) {
	var created, updated int64
	dest := append([]any{&v.ID, &v.AppID, &v.Name, &v.Size, &v.NeedsSignIn, &v.MinLevel, &created, &updated}, more...)
	if err := row.Scan(dest...); err != nil {
		return v, err
	}
	v.CreatedAt, v.UpdatedAt = fromMs(created), fromMs(updated)
	return v, nil
}

func (tx *Tx) oneVariable(row scanner) (latchkey.Variable, error) {
	var sealed []byte
	v, err := scanVariable(row, &sealed)
	if isNoRows(err) {
		return v, latchkey.Fail(latchkey.CodeVariableNotFound)
	}
	if err != nil {
		return v, wrap("read variable", err)
	}
	value, err := tx.box().Open(variablePlace(v.ID), sealed)
	if err != nil {
		return v, fmt.Errorf("open variable %s: %w", v.ID, err)
	}
	v.Value = latchkey.Secret(value)
	return v, nil
}

// HoldApp lets transactions that hold the same app go on one after the other.
func (tx *Tx) HoldApp(ctx context.Context, appID string) error {
	_, err := tx.exec(ctx, qAppHold, appID)
	return wrap("hold app", err)
}

// InsertVariable stores a new variable; variable.exists.
func (tx *Tx) InsertVariable(ctx context.Context, v *latchkey.Variable) error {
	tx.touch(stampVariable, variableName(v.AppID, v.Name))
	sealed, err := tx.box().Seal(variablePlace(v.ID), []byte(v.Value.Reveal()))
	if err != nil {
		return fmt.Errorf("seal variable: %w", err)
	}
	n, err := tx.exec(ctx, qVariableInsert, v.ID, v.AppID, v.Name, foldNote(v.Name), v.Size, boolInt(v.NeedsSignIn), v.MinLevel,
		ms(v.CreatedAt), ms(v.UpdatedAt), sealed)
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeVariableExists)
	}
	return wrap("insert variable", err)
}

// Variable returns a variable by id; variable.not_found.
func (tx *Tx) Variable(ctx context.Context, appID, id string) (latchkey.Variable, error) {
	return tx.oneVariable(tx.queryRow(ctx, qVariableByID, appID, id))
}

// VariableByName returns a variable by its name, compared exactly; variable.not_found.
func (tx *Tx) VariableByName(ctx context.Context, appID, name string) (latchkey.Variable, error) {
	return tx.oneVariable(tx.queryRow(ctx, qVariableByName, appID, name))
}

// LockVariable keeps other transactions from changing the variable until this
// one ends, and returns it as it then is.
func (tx *Tx) LockVariable(ctx context.Context, appID, id string) (latchkey.Variable, error) {
	if _, err := tx.exec(ctx, qVariableLock, appID, id); err != nil {
		return latchkey.Variable{}, wrap("lock variable", err)
	}
	return tx.Variable(ctx, appID, id)
}

// VariableCount is how many variables an app has.
func (tx *Tx) VariableCount(ctx context.Context, appID string) (n int64, err error) {
	err = tx.queryRow(ctx, qVariableCount, appID).Scan(&n)
	return n, wrap("count variables", err)
}

// UpdateVariable stores a changed variable, which was called was until now and
// must be locked; variable.exists.
func (tx *Tx) UpdateVariable(ctx context.Context, v *latchkey.Variable, was string) error {
	tx.touch(stampVariable, variableName(v.AppID, was))
	tx.touch(stampVariable, variableName(v.AppID, v.Name))
	sealed, err := tx.box().Seal(variablePlace(v.ID), []byte(v.Value.Reveal()))
	if err != nil {
		return fmt.Errorf("seal variable: %w", err)
	}
	_, err = tx.exec(ctx, qVariableUpdate, v.AppID, v.ID, v.Name, foldNote(v.Name), v.Size, boolInt(v.NeedsSignIn), v.MinLevel, ms(v.UpdatedAt), sealed)
	if isUnique(err) {
		return latchkey.Fail(latchkey.CodeVariableExists)
	}
	return wrap("update variable", err)
}

// DeleteVariable deletes a variable that is locked.
func (tx *Tx) DeleteVariable(ctx context.Context, v *latchkey.Variable) error {
	tx.touch(stampVariable, variableName(v.AppID, v.Name))
	_, err := tx.exec(ctx, qVariableDelete, v.AppID, v.ID)
	return wrap("delete variable", err)
}

// Variables returns one page, without values.
func (tx *Tx) Variables(ctx context.Context, appID string, q NamedQuery) ([]latchkey.Variable, error) {
	text, args := q.page(appID, `SELECT `+variableColumns+` FROM variables`, "folded_name")
	return collect(tx, ctx, "list variables", text, args, func(row scanner) (latchkey.Variable, error) { return scanVariable(row) })
}
