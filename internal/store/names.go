package store

import (
	"context"
	"slices"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// namedBy says how ids of a kind get their names: a query of id, name and what
// ends it where it is no secret.
var namedBy = map[latchkey.Kind]string{
	latchkey.KindUser:           `SELECT u.id, u.name, u.name_last4 FROM users u`,
	latchkey.KindLicense:        `SELECT u.id, '', u.key_last4 FROM licenses u`,
	latchkey.KindToken:          `SELECT u.id, '', u.token_last4 FROM tokens u`,
	latchkey.KindSubscription:   `SELECT u.id, u.name, '' FROM subscriptions u`,
	latchkey.KindVariable:       `SELECT u.id, u.name, '' FROM variables u`,
	latchkey.KindFile:           `SELECT u.id, u.name, '' FROM files u`,
	latchkey.KindWebhook:        `SELECT u.id, u.name, '' FROM webhooks u`,
	latchkey.KindChannel:        `SELECT u.id, u.name, '' FROM chat_channels u`,
	latchkey.KindBlacklistEntry: `SELECT u.id, '', '' FROM access_entries u`,
	latchkey.KindWhitelistEntry: `SELECT u.id, '', '' FROM access_entries u`,
}

// nameChunk bounds the ids of one query.
const nameChunk = 512

// Names adds the names of what an app still has by these ids, all of one kind.
// Of license keys and tokens only the end is a name: …1004; what has none is
// there with "".
func (tx *Tx) Names(ctx context.Context, appID string, kind latchkey.Kind, ids []string, to map[string]string) error {
	selection := namedBy[kind]
	if selection == "" {
		return nil
	}
	return tx.names(ctx, selection, "u.app_id", appID, ids, to)
}

// KeyNames adds the names of API keys, of one account or, with "", of all.
func (tx *Tx) KeyNames(ctx context.Context, accountID string, ids []string, to map[string]string) error {
	owner := "u.account_id"
	if accountID == "" {
		owner = ""
	}
	return tx.names(ctx, `SELECT u.id, u.name, '' FROM api_keys u`, owner, accountID, ids, to)
}

func (tx *Tx) names(ctx context.Context, selection, ownerColumn, owner string, ids []string, to map[string]string) error {
	for part := range slices.Chunk(ids, nameChunk) {
		w := &where{}
		if ownerColumn != "" {
			w.add(ownerColumn+" = ?", owner)
		}
		w.addIn("u.id", part)
		if _, err := collect(tx, ctx, "read names", selection+` WHERE `+w.text.String(), tx.db.engine.planned(w.args), func(row scanner) (struct{}, error) {
			var id, name, last4 string
			err := row.Scan(&id, &name, &last4)
			if name == "" && last4 != "" {
				name = "…" + last4
			}
			to[id] = name
			return struct{}{}, err
		}); err != nil {
			return err
		}
	}
	return nil
}

// AccountNames adds the mail addresses of accounts.
func (tx *Tx) AccountNames(ctx context.Context, ids []string, to map[string]string) error {
	for part := range slices.Chunk(ids, nameChunk) {
		w := &where{}
		w.addIn("a.id", part)
		list, err := collect(tx, ctx, "read accounts", `SELECT `+accountColumns+` FROM accounts a WHERE `+w.text.String(), tx.db.engine.planned(w.args),
			func(row scanner) (latchkey.Account, error) { return tx.scanAccount(row) })
		if err != nil {
			return err
		}
		for i := range list {
			to[list[i].ID] = list[i].Email
		}
	}
	return nil
}
