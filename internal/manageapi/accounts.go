package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func accountView(v *service.AccountView) api.Account { return account(&v.Account) }

func (s *surface) listAccounts(ctx context.Context, in *PageQuery) (api.AccountList, error) {
	list, err := s.svc.ListAccounts(ctx, in.page())
	return api.AccountList{Accounts: each(list.Items, account), Next: list.Next}, err
}

type createAccountInput struct {
	Body api.CreateAccount
}

func (s *surface) createAccount(ctx context.Context, in *createAccountInput) (service.AccountView, error) {
	return s.svc.CreateAccount(ctx, service.NewAccount{Email: in.Body.Email, Password: latchkey.Secret(in.Body.Password), Administrator: in.Body.Administrator})
}

type accountInput struct {
	Account string `path:"account" doc:"Id of the account."`
}

func (s *surface) getAccount(ctx context.Context, in *accountInput) (service.AccountView, error) {
	return s.svc.Account(ctx, in.Account)
}

func (s *surface) disableAccount(ctx context.Context, in *accountInput) (service.AccountView, error) {
	return s.svc.DisableAccount(ctx, in.Account)
}

func (s *surface) enableAccount(ctx context.Context, in *accountInput) (service.AccountView, error) {
	return s.svc.EnableAccount(ctx, in.Account)
}

func (s *surface) deleteAccount(ctx context.Context, in *accountInput) error {
	return s.svc.DeleteAccount(ctx, in.Account)
}
