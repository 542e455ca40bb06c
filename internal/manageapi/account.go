package manageapi

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func account(a *latchkey.Account) api.Account {
	return api.Account{ID: a.ID, Email: a.Email, OwnerID: a.OwnerID, Administrator: a.Administrator,
		CreatedAt: api.At(a.CreatedAt), UpdatedAt: api.At(a.UpdatedAt)}
}

func (s *surface) account(ctx context.Context, _ *NoInput) (latchkey.Account, error) {
	return s.svc.Me(ctx)
}

type changePasswordInput struct {
	Body api.ChangePassword
}

func (s *surface) changePassword(ctx context.Context, in *changePasswordInput) error {
	return s.guess(ctx, service.ActorFrom(ctx).AccountID, func() error {
		return s.svc.ChangePassword(ctx, latchkey.Secret(in.Body.Current), latchkey.Secret(in.Body.New))
	})
}

func (s *surface) listAccountSessions(ctx context.Context, _ *NoInput) (api.AccountSessionList, error) {
	list, err := s.svc.ListAccountSessions(ctx)
	current := service.ActorFrom(ctx).SessionID
	return api.AccountSessionList{Sessions: each(list, func(a *latchkey.AccountSession) api.AccountSession {
		return api.AccountSession{ID: a.ID, Current: a.ID == current, IP: a.IP, UserAgent: a.UserAgent,
			CreatedAt: api.At(a.CreatedAt), LastSeenAt: api.At(a.LastSeenAt), ExpiresAt: api.At(a.ExpiresAt)}
	})}, err
}

type accountSessionInput struct {
	Session string `path:"account_session" doc:"Id of the dashboard session."`
}

func (s *surface) endAccountSession(ctx context.Context, in *accountSessionInput) error {
	return s.svc.EndAccountSession(ctx, in.Session)
}

func apiKey(k *latchkey.APIKey) api.APIKey {
	return api.APIKey{ID: k.ID, Name: k.Name, Permissions: texts(k.Permissions), AppIDs: texts(k.AppIDs), Last4: k.Last4,
		CreatedAt: api.At(k.CreatedAt), ExpiresAt: api.At(k.ExpiresAt), LastUsedAt: api.At(k.LastUsedAt)}
}

func (s *surface) listAPIKeys(ctx context.Context, in *PageQuery) (api.APIKeyList, error) {
	list, err := s.svc.ListAPIKeys(ctx, in.page())
	return api.APIKeyList{APIKeys: each(list.Items, apiKey), Next: list.Next}, err
}

type createAPIKeyInput struct {
	Body api.CreateAPIKey
}

func (s *surface) createAPIKey(ctx context.Context, in *createAPIKeyInput) (service.CreatedAPIKey, error) {
	var expires time.Time
	if in.Body.ExpiresAt != nil {
		expires = in.Body.ExpiresAt.Time
	}
	key, token, err := s.svc.CreateAPIKey(ctx, service.NewAPIKey{
		Name: in.Body.Name, Permissions: named[latchkey.Permission](in.Body.Permissions), AppIDs: in.Body.AppIDs, ExpiresAt: expires})
	return service.CreatedAPIKey{Key: key, Token: token}, err
}

func apiKeyCreated(c *service.CreatedAPIKey) api.APIKeyCreated {
	return api.APIKeyCreated{APIKey: apiKey(&c.Key), Key: c.Token.Reveal()}
}

type apiKeyInput struct {
	APIKey string `path:"api_key" doc:"Id of the API key."`
}

func (s *surface) deleteAPIKey(ctx context.Context, in *apiKeyInput) error {
	return s.svc.DeleteAPIKey(ctx, in.APIKey)
}

func (s *surface) listAccounts(ctx context.Context, in *PageQuery) (api.AccountList, error) {
	list, err := s.svc.ListAccounts(ctx, in.page())
	return api.AccountList{Accounts: each(list.Items, account), Next: list.Next}, err
}

type createAccountInput struct {
	Body api.CreateAccount
}

func (s *surface) createAccount(ctx context.Context, in *createAccountInput) (latchkey.Account, error) {
	return s.svc.CreateAccount(ctx, in.Body.Email, latchkey.Secret(in.Body.Password))
}
