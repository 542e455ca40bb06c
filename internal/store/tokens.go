package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const tokenColumns = `t.id, t.app_id, t.token_sealed, COALESCE(t.user_id, ''), COALESCE(t.license_id, ''), t.status, t.used_at, t.reason,
	t.blacklisted_at, t.created_at, t.created_by, t.updated_at`

const tokenSelect = `SELECT ` + tokenColumns + `, COALESCE(u.name, ''), u.name_sealed, l.key_sealed FROM tokens t
	LEFT JOIN users u ON u.app_id = t.app_id AND u.id = t.user_id
	LEFT JOIN licenses l ON l.app_id = t.app_id AND l.id = t.license_id`

const (
	qTokenInsert = `INSERT INTO tokens (id, app_id, token_hash, token_sealed, token_last4, user_id, license_id, status, reason, created_at, created_by, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $9) ON CONFLICT DO NOTHING`
	qTokenByID = tokenSelect + ` WHERE t.app_id = $1 AND t.id = $2`
	qTokenLock = `UPDATE tokens SET updated_at = updated_at WHERE app_id = $1 AND id = $2`
	// What it is bound to is not written here, but forgotten where it is to be.
	qTokenUpdate = `UPDATE tokens SET status = $3, used_at = $4, file_hash = CASE WHEN $5 = 1 THEN file_hash END, reason = $6, blacklisted_at = $7, updated_at = $8
		WHERE app_id = $1 AND id = $2`
	qTokenDelete = `DELETE FROM tokens WHERE app_id = $1 AND id = $2`
	qTokenAdmit  = `SELECT t.id, t.status, t.reason, t.used_at, t.file_hash FROM tokens t WHERE t.app_id = $1 AND t.token_hash = $2`
	// The guard decides every race for a token: exactly one file is the first.
	qTokenBind = `UPDATE tokens SET status = 'used', used_at = $3, file_hash = $4, updated_at = $3
		WHERE app_id = $1 AND id = $2 AND status = 'not_used' AND file_hash IS NULL`
	qTokenOfLicense   = `DELETE FROM tokens WHERE app_id = $1 AND license_id = $2`
	qTokensOfLicenses = `DELETE FROM tokens WHERE app_id = $1 AND license_id IN
		(SELECT l.id FROM licenses l WHERE l.app_id = $1 AND l.used_by = $2 AND l.used_by <> '')`
)

func clientTokenHash(box *secretbox.Box, appID string, token latchkey.Secret) []byte {
	return box.Lookup("token", appID, token.Reveal())
}

// fileHash is what the hash of a file is compared by, without regard to the
// case of letters. Some programs send their path instead, which may say who
// their user is, so it is not kept in clear.
func fileHash(box *secretbox.Box, appID, hash string) []byte {
	return box.Lookup("token-file", appID, strings.ToLower(hash))
}

func tokenPlace(id string) secretbox.Place {
	return secretbox.Place{Table: "tokens", Row: id, Column: "token"}
}

// TokenRow is a token with what its holder is called.
type TokenRow struct {
	latchkey.Token
	Username   string          // of a user's token
	LicenseKey latchkey.Secret // of a license's; "" if the license is gone
}

func (tx *Tx) scanToken(row scanner) (r TokenRow, err error) {
	var sealed, name, key []byte
	var used, listed sql.NullInt64
	var created, updated int64
	if err := row.Scan(&r.ID, &r.AppID, &sealed, &r.UserID, &r.LicenseID, &r.Status, &used, &r.Reason, &listed, &created, &r.CreatedBy, &updated,
		&r.Username, &name, &key); err != nil {
		return r, err
	}
	for _, s := range []struct {
		sealed []byte
		place  secretbox.Place
		put    func(text string)
	}{
		{sealed, tokenPlace(r.ID), func(text string) { r.Value = latchkey.Secret(text) }},
		{name, userPlace(r.UserID, "name"), func(text string) { r.Username = text }},
		{key, licensePlace(r.LicenseID), func(text string) { r.LicenseKey = latchkey.Secret(text) }},
	} {
		if s.sealed == nil {
			continue
		}
		text, err := tx.box().Open(s.place, s.sealed)
		if err != nil {
			return r, fmt.Errorf("open token %s: %w", r.ID, err)
		}
		s.put(string(text))
	}
	r.UsedAt, r.BlacklistedAt, r.CreatedAt, r.UpdatedAt = fromNullMs(used), fromNullMs(listed), fromMs(created), fromMs(updated)
	return r, nil
}

// InsertToken stores a new token. inserted is false if its user or license has one.
func (tx *Tx) InsertToken(ctx context.Context, t *latchkey.Token) (inserted bool, err error) {
	sealed, err := tx.box().Seal(tokenPlace(t.ID), []byte(t.Value.Reveal()))
	if err != nil {
		return false, fmt.Errorf("seal token: %w", err)
	}
	n, err := tx.exec(ctx, qTokenInsert, t.ID, t.AppID, clientTokenHash(tx.box(), t.AppID, t.Value), sealed, t.Value.Last4(), nullText(t.UserID), nullText(t.LicenseID),
		string(t.Status), ms(t.CreatedAt), t.CreatedBy)
	if n == 1 {
		tx.mark(t.AppID, TopicTokens)
	}
	return n == 1, wrap("insert token", err)
}

func nullText(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// Token returns a token by id; token.not_found.
func (tx *Tx) Token(ctx context.Context, appID, id string) (TokenRow, error) {
	r, err := tx.scanToken(tx.queryRow(ctx, qTokenByID, appID, id))
	if isNoRows(err) {
		return r, latchkey.Fail(latchkey.CodeTokenNotFound)
	}
	return r, wrap("read token", err)
}

// LockToken keeps other transactions from changing the token until this one
// ends, and returns it as it then is.
func (tx *Tx) LockToken(ctx context.Context, appID, id string) (TokenRow, error) {
	if _, err := tx.exec(ctx, qTokenLock, appID, id); err != nil {
		return TokenRow{}, wrap("lock token", err)
	}
	return tx.Token(ctx, appID, id)
}

// UpdateToken stores a changed token, which must be locked. One that is not
// bound any more forgets its file.
func (tx *Tx) UpdateToken(ctx context.Context, t *latchkey.Token) error {
	tx.mark(t.AppID, TopicTokens)
	_, err := tx.exec(ctx, qTokenUpdate, t.AppID, t.ID, string(t.Status), nullMs(t.UsedAt), boolInt(t.IsBound()), t.Reason, nullMs(t.BlacklistedAt), ms(t.UpdatedAt))
	return wrap("update token", err)
}

// DeleteToken deletes a token that is locked.
func (tx *Tx) DeleteToken(ctx context.Context, appID, id string) error {
	tx.mark(appID, TopicTokens)
	_, err := tx.exec(ctx, qTokenDelete, appID, id)
	return wrap("delete token", err)
}

// AdmittedToken is what decides about a program that comes with a token.
type AdmittedToken struct {
	latchkey.Token      // its id, status, reason, and when it was bound: nothing else
	SameFile       bool // it is bound to the file whose hash was sent
}

// TokenByValue finds the token that a program comes with, and compares the hash
// of its file; token.invalid.
func (tx *Tx) TokenByValue(ctx context.Context, appID string, token latchkey.Secret, hash string) (a AdmittedToken, err error) {
	var bound []byte
	var used sql.NullInt64
	err = tx.queryRow(ctx, qTokenAdmit, appID, clientTokenHash(tx.box(), appID, token)).Scan(&a.ID, &a.Status, &a.Reason, &used, &bound)
	if isNoRows(err) {
		return a, latchkey.Fail(latchkey.CodeTokenInvalid)
	}
	a.AppID, a.UsedAt = appID, fromNullMs(used)
	a.SameFile = bytes.Equal(bound, fileHash(tx.box(), appID, hash)) // both are keyed hashes
	return a, wrap("read token", err)
}

// BindToken binds an unused token to the file of a hash. bound is false if it is
// not unused any more.
func (tx *Tx) BindToken(ctx context.Context, appID, id, hash string, now time.Time) (bound bool, err error) {
	n, err := tx.exec(ctx, qTokenBind, appID, id, ms(now), fileHash(tx.box(), appID, hash))
	if n == 1 {
		tx.mark(appID, TopicTokens)
	}
	return n == 1, wrap("bind token", err)
}

// TokenQuery narrows and orders [Tx.Tokens]; zero fields do not.
type TokenQuery struct {
	Search    string // a whole token, or the last four characters of one
	UserID    string
	LicenseID string
	Batch     latchkey.IDRange
	Status    latchkey.TokenStatus
	Until     string // only ids before this one
	ByUse     bool   // those that are used, in the order of when they were; Status alone narrows it, and the After is a [TokenUsePlace]
	Keyset
}

// TokenUsePlace is where a token stands in the order of use.
func TokenUsePlace(t *latchkey.Token) string { return usedAt{t.ID, ms(t.UsedAt)}.place() }

// tokensByUse returns one page in the order of use, which an index gives.
func (tx *Tx) tokensByUse(ctx context.Context, appID string, q *TokenQuery) ([]TokenRow, error) {
	// Written so that no other index answers it.
	w := newWhere("t.app_id = ? AND t.used_at IS NOT NULL AND t.status || '' = ?", appID, string(q.Status))
	if q.After != "" {
		after, err := readUsePlace(q.After)
		if err != nil {
			return nil, err
		}
		w.add("(t.used_at, t.id) "+q.than()+" (?, ?)", after.at, after.id)
	}
	text, args := w.orderedBy(tokenSelect, "t.used_at", "t.id", q.Keyset)
	return collect(tx, ctx, "list tokens", text, tx.db.engine.planned(args), tx.scanToken)
}

// where turns the query into conditions that one index answers in order.
func (q *TokenQuery) where(tx *Tx, appID string) *where {
	w := newWhere("t.app_id = ?", appID)
	switch text := strings.TrimSpace(q.Search); {
	case utf8.RuneCountInString(text) == 4:
		w.add("t.token_last4 = ?", text)
	case q.Search != "":
		w.add("t.token_hash = ?", clientTokenHash(tx.box(), appID, latchkey.Secret(text)))
	}
	if q.Batch != (latchkey.IDRange{}) {
		// A cursor is of the batch and bounds one side; of two bounds SQLite would seek by one.
		if q.After == "" || !q.Ascending {
			w.add("t.id >= ?", q.Batch.First())
		}
		if q.After == "" || q.Ascending {
			w.add("t.id <= ?", q.Batch.Last())
		}
	}
	for _, f := range []struct{ column, value string }{{"t.user_id", q.UserID}, {"t.license_id", q.LicenseID}, {"t.status", string(q.Status)}} {
		if f.value != "" {
			w.add(f.column+" = ?", f.value)
		}
	}
	rest := q.span()
	if q.Until != "" {
		rest.to = rest.sooner(q.Until)
	}
	rest.narrow(w, "t.id")
	return w
}

// Tokens returns one page.
func (tx *Tx) Tokens(ctx context.Context, appID string, q TokenQuery) ([]TokenRow, error) {
	if q.ByUse {
		return tx.tokensByUse(ctx, appID, &q)
	}
	text, args := q.where(tx, appID).ordered(tokenSelect, "t.id", q.Ascending, q.Limit)
	return collect(tx, ctx, "list tokens", text, tx.db.engine.planned(args), tx.scanToken)
}

// TokenIDs returns the ids of one page.
func (tx *Tx) TokenIDs(ctx context.Context, appID string, q TokenQuery) ([]string, error) {
	text, args := q.where(tx, appID).ordered(`SELECT t.id FROM tokens t`, "t.id", q.Ascending, q.Limit)
	return tx.ids(ctx, text, tx.db.engine.planned(args)...)
}

// LicensesWithToken returns those of the licenses that have a token.
func (tx *Tx) LicensesWithToken(ctx context.Context, appID string, ids []string) (map[string]bool, error) {
	have := map[string]bool{}
	if len(ids) == 0 {
		return have, nil
	}
	w := newWhere("t.app_id = ?", appID)
	w.addIn("t.license_id", ids)
	found, err := tx.ids(ctx, `SELECT t.license_id FROM tokens t WHERE `+w.text.String(), tx.db.engine.planned(w.args)...)
	for _, id := range found {
		have[id] = true
	}
	return have, err
}

// dropTokens deletes the tokens of licenses that nobody can redeem any more.
// Those that have been redeemed leave theirs to the customer.
func (tx *Tx) dropTokens(ctx context.Context, appID string, licenses []string) error {
	if len(licenses) == 0 {
		return nil
	}
	if len(licenses) == 1 {
		n, err := tx.exec(ctx, qTokenOfLicense, appID, licenses[0])
		if n > 0 {
			tx.mark(appID, TopicTokens)
		}
		return wrap("delete token", err)
	}
	w := newWhere("app_id = ?", appID)
	w.addIn("license_id", licenses)
	gone, err := tx.ids(ctx, `DELETE FROM tokens WHERE `+w.text.String()+` RETURNING id`, tx.db.engine.planned(w.args)...)
	if len(gone) > 0 {
		tx.mark(appID, TopicTokens)
	}
	return err
}
