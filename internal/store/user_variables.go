package store

import (
	"context"
	"fmt"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const userVariableSelect = `SELECT id, app_id, user_id, name, value_sealed, read_only, created_at, updated_at FROM user_variables`

const (
	qUserVariableByID   = userVariableSelect + ` WHERE app_id = $1 AND user_id = $2 AND id = $3`
	qUserVariableByName = userVariableSelect + ` WHERE app_id = $1 AND user_id = $2 AND name = $3`
	qUserVariableCount  = `SELECT COUNT(*) FROM user_variables WHERE app_id = $1 AND user_id = $2`
	qUserVariableInsert = `INSERT INTO user_variables (id, app_id, user_id, name, value_sealed, read_only, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	qUserVariableUpdate = `UPDATE user_variables SET value_sealed = $4, read_only = $5, updated_at = $6
		WHERE app_id = $1 AND user_id = $2 AND id = $3`
	qUserVariableDelete = `DELETE FROM user_variables WHERE app_id = $1 AND user_id = $2 AND id = $3`
)

func userVariablePlace(id string) secretbox.Place {
	return secretbox.Place{Table: "user_variables", Row: id, Column: "value"}
}

func (tx *Tx) scanUserVariable(row scanner) (v latchkey.UserVariable, err error) {
	var sealed []byte
	var created, updated int64
	if err := row.Scan(&v.ID, &v.AppID, &v.UserID, &v.Name, &sealed, &v.ReadOnly, &created, &updated); err != nil {
		return v, err
	}
	value, err := tx.box().Open(userVariablePlace(v.ID), sealed)
	if err != nil {
		return v, fmt.Errorf("open variable %s of user %s: %w", v.ID, v.UserID, err)
	}
	v.Value, v.CreatedAt, v.UpdatedAt = latchkey.Secret(value), fromMs(created), fromMs(updated)
	return v, nil
}

func (tx *Tx) oneUserVariable(row scanner) (latchkey.UserVariable, error) {
	v, err := tx.scanUserVariable(row)
	if isNoRows(err) {
		return v, latchkey.Fail(latchkey.CodeVariableNotFound)
	}
	return v, wrap("read user's variable", err)
}

// UserVariable returns a variable of a user by id; variable.not_found.
func (tx *Tx) UserVariable(ctx context.Context, appID, userID, id string) (latchkey.UserVariable, error) {
	return tx.oneUserVariable(tx.queryRow(ctx, qUserVariableByID, appID, userID, id))
}

// UserVariableByName returns a variable of a user by its name, compared
// exactly; variable.not_found.
func (tx *Tx) UserVariableByName(ctx context.Context, appID, userID, name string) (latchkey.UserVariable, error) {
	return tx.oneUserVariable(tx.queryRow(ctx, qUserVariableByName, appID, userID, name))
}

// UserVariableCount is how many variables a user has.
func (tx *Tx) UserVariableCount(ctx context.Context, appID, userID string) (n int64, err error) {
	err = tx.queryRow(ctx, qUserVariableCount, appID, userID).Scan(&n)
	return n, wrap("count user's variables", err)
}

// UserVariables returns one page, ordered by name; the keyset's After is one.
func (tx *Tx) UserVariables(ctx context.Context, appID, userID string, k Keyset) ([]latchkey.UserVariable, error) {
	text, args := newWhere("app_id = ? AND user_id = ?", appID, userID).page(userVariableSelect, "name", k)
	return collect(tx, ctx, "list user's variables", text, args, tx.scanUserVariable)
}

// InsertUserVariable stores a new variable. The user must be locked, and have
// none of the name.
func (tx *Tx) InsertUserVariable(ctx context.Context, v *latchkey.UserVariable) error {
	sealed, err := tx.box().Seal(userVariablePlace(v.ID), []byte(v.Value.Reveal()))
	if err != nil {
		return fmt.Errorf("seal user's variable: %w", err)
	}
	_, err = tx.exec(ctx, qUserVariableInsert, v.ID, v.AppID, v.UserID, v.Name, sealed, boolInt(v.ReadOnly), ms(v.CreatedAt), ms(v.UpdatedAt))
	return wrap("insert user's variable", err)
}

// UpdateUserVariable stores the value of a variable, and who may change it. The
// user must be locked.
func (tx *Tx) UpdateUserVariable(ctx context.Context, v *latchkey.UserVariable) error {
	sealed, err := tx.box().Seal(userVariablePlace(v.ID), []byte(v.Value.Reveal()))
	if err != nil {
		return fmt.Errorf("seal user's variable: %w", err)
	}
	_, err = tx.exec(ctx, qUserVariableUpdate, v.AppID, v.UserID, v.ID, sealed, boolInt(v.ReadOnly), ms(v.UpdatedAt))
	return wrap("update user's variable", err)
}

// DeleteUserVariable deletes a variable. The user must be locked.
func (tx *Tx) DeleteUserVariable(ctx context.Context, appID, userID, id string) error {
	_, err := tx.exec(ctx, qUserVariableDelete, appID, userID, id)
	return wrap("delete user's variable", err)
}
