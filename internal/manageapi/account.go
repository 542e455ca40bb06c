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
		CreatedAt: api.At(a.CreatedAt), UpdatedAt: api.At(a.UpdatedAt), DisabledAt: api.At(a.DisabledAt)}
}

func (s *surface) account(ctx context.Context, _ *NoInput) (latchkey.Account, error) {
	return s.svc.Me(ctx)
}

type changePasswordInput struct {
	Browser
	Body api.ChangePassword
}

func (s *surface) changePassword(ctx context.Context, in *changePasswordInput) (cookie string, err error) {
	err = s.guess(ctx, service.ActorFrom(ctx).AccountID, func() error {
		c, err := s.svc.ChangePassword(ctx, latchkey.Secret(in.Body.Current), latchkey.Secret(in.Body.New))
		cookie = s.renewed(in.Browser, c)
		return err
	})
	return cookie, err
}

type changeEmailInput struct {
	Body api.ChangeEmail
}

func (s *surface) changeEmail(ctx context.Context, in *changeEmailInput) (out api.Account, err error) {
	err = s.guess(ctx, service.ActorFrom(ctx).AccountID, func() error {
		a, err := s.svc.ChangeEmail(ctx, in.Body.Email, latchkey.Secret(in.Body.Password))
		out = account(&a)
		return err
	})
	return out, err
}

func (s *surface) listAccountSignIns(ctx context.Context, in *PageQuery) (api.AccountSignInList, error) {
	list, err := s.svc.ListAccountSignIns(ctx, in.page())
	return api.AccountSignInList{SignIns: each(list.Items, func(r *latchkey.AccountSignIn) api.AccountSignIn {
		return api.AccountSignIn{ID: r.ID, At: api.At(r.At), Succeeded: r.Succeeded, Method: r.Method, IP: r.IP, UserAgent: r.UserAgent}
	}), Next: list.Next}, err
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

func apiKeyView(v *service.APIKeyView) api.APIKey { return apiKey(&v.APIKey) }

func (s *surface) getAPIKey(ctx context.Context, in *apiKeyInput) (service.APIKeyView, error) {
	return s.svc.APIKey(ctx, in.APIKey)
}

type updateAPIKeyInput struct {
	APIKey string `path:"api_key" doc:"Id of the API key."`
	Body   api.UpdateAPIKey
}

func (s *surface) updateAPIKey(ctx context.Context, in *updateAPIKeyInput) (service.APIKeyView, error) {
	b := in.Body
	edit := service.APIKeyEdit{Name: b.Name, AppIDs: b.AppIDs}
	if b.Permissions != nil {
		list := named[latchkey.Permission](*b.Permissions)
		edit.Permissions = &list
	}
	if b.ExpiresAt.Set {
		edit.ExpiresAt = new(time.Time)
		if b.ExpiresAt.Value != nil {
			*edit.ExpiresAt = b.ExpiresAt.Value.Time
		}
	}
	return s.svc.UpdateAPIKey(ctx, in.APIKey, edit)
}

func (s *surface) deleteAPIKey(ctx context.Context, in *apiKeyInput) error {
	return s.svc.DeleteAPIKey(ctx, in.APIKey)
}
