package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// AccountView is an account as administrators see it.
type AccountView struct {
	latchkey.Account
}

// NewAccount is what a further account is made of.
type NewAccount struct {
	Email         string
	Password      latchkey.Secret
	Administrator bool
}

// CreateAccount makes a further account; administrators only. Errors:
// account.exists, request.invalid.
func (s *Service) CreateAccount(ctx context.Context, in NewAccount) (view AccountView, err error) {
	if _, err := require(ctx, latchkey.PermAdministrator); err != nil {
		return view, err
	}
	if err := s.confirmed(ctx); err != nil {
		return view, err
	}
	if view.Account, err = s.newAccount(ctx, in.Email, in.Password); err != nil {
		return view, err
	}
	view.Administrator = in.Administrator
	return view, s.write(ctx, func(tx *store.Tx) error {
		audit(ctx, tx, s.now(), latchkey.InstanceChain, "account.create", view.ID, map[string]any{"administrator": in.Administrator})
		if err := tx.InsertAccount(ctx, &view.Account); err != nil {
			return err
		}
		return made(ctx, view)
	})
}

// ListAccounts lists accounts, newest first; administrators only.
func (s *Service) ListAccounts(ctx context.Context, p Page) (list List[latchkey.Account], err error) {
	if _, err := require(ctx, latchkey.PermAdministrator); err != nil {
		return list, err
	}
	k, err := s.keyset(p, false, "accounts")
	if err != nil {
		return list, err
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		items, err := tx.Accounts(ctx, k)
		if err != nil {
			return err
		}
		list, err = page(s, items, k, func(a *latchkey.Account) string { return a.ID }, "accounts")
		return err
	})
	return list, err
}

// Account returns any account; administrators only. Error: account.not_found.
func (s *Service) Account(ctx context.Context, id string) (view AccountView, err error) {
	if _, err := require(ctx, latchkey.PermAdministrator); err != nil {
		return view, err
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		view.Account, err = tx.Account(ctx, id)
		return err
	})
	return view, err
}

// DisableAccount ends an account's dashboard sessions and streams, and neither
// its password nor its API keys work until it is enabled. Its apps go on serving
// their customers. Disabling twice is no error. Errors: account.not_found,
// account.own, account.last_administrator.
func (s *Service) DisableAccount(ctx context.Context, id string) (AccountView, error) {
	return s.switchAccount(ctx, id, "account.disable", func(account *latchkey.Account, now time.Time) {
		if account.DisabledAt.IsZero() {
			account.DisabledAt = now
		}
	})
}

// EnableAccount opens a disabled account; its API keys work again. Enabling twice
// is no error. Error: account.not_found.
func (s *Service) EnableAccount(ctx context.Context, id string) (AccountView, error) {
	return s.switchAccount(ctx, id, "account.enable", func(account *latchkey.Account, _ time.Time) { account.DisabledAt = time.Time{} })
}

func (s *Service) switchAccount(ctx context.Context, id, action string, body func(account *latchkey.Account, now time.Time)) (view AccountView, err error) {
	err = s.changeAccount(ctx, id, func(tx *store.Tx, account *latchkey.Account, now time.Time) error {
		before := account.DisabledAt
		body(account, now)
		if !account.DisabledAt.Equal(before) {
			account.UpdatedAt = now
			if err := tx.SetAccountDisabled(ctx, id, account.DisabledAt, now); err != nil {
				return err
			}
			audit(ctx, tx, now, latchkey.InstanceChain, action, id, nil)
		}
		view = AccountView{*account}
		return made(ctx, view)
	})
	return view, err
}

// DeleteAccount deletes an account that owns no app, with its sessions, API keys
// and log of sign-ins. Errors: account.not_found, account.own,
// account.last_administrator, account.owns_apps.
func (s *Service) DeleteAccount(ctx context.Context, id string) error {
	return s.changeAccount(ctx, id, func(tx *store.Tx, _ *latchkey.Account, now time.Time) error {
		audit(ctx, tx, now, latchkey.InstanceChain, "account.delete", id, nil)
		return tx.DeleteAccount(ctx, id)
	})
}

// changeAccount lets body change an account that is not the actor's, locked, and
// keeps the server with somebody who administers it.
func (s *Service) changeAccount(ctx context.Context, id string, body func(tx *store.Tx, account *latchkey.Account, now time.Time) error) error {
	actor, err := require(ctx, latchkey.PermAdministrator)
	if err != nil {
		return err
	}
	if err := s.confirmed(ctx); err != nil {
		return err
	}
	return s.write(ctx, func(tx *store.Tx) error {
		if err := tx.LockAdministrators(ctx); err != nil {
			return err
		}
		account, err := tx.LockAccount(ctx, id)
		if err != nil {
			return err
		}
		if err := s.expected(ctx, func() (Tagged, error) { return AccountView{account}, nil }); err != nil {
			return err
		}
		if id == actor.AccountID {
			return latchkey.Fail(latchkey.CodeAccountOwn)
		}
		others, err := tx.OtherAdministrators(ctx, id)
		if err != nil {
			return err
		}
		if others == 0 { // who asked has been disabled by the other one meanwhile
			return latchkey.Fail(latchkey.CodeAccountLast)
		}
		return body(tx, &account, s.now())
	})
}
