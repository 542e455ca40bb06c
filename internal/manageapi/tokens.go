package manageapi

import (
	"context"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

func token(v *service.TokenView) api.Token {
	return api.Token{ID: v.ID, Token: v.Value.Reveal(), Status: string(v.Status), UserID: v.UserID, Username: v.Username,
		LicenseID: v.LicenseID, LicenseKey: v.LicenseKey.Reveal(), UsedAt: api.At(v.UsedAt), Reason: v.Reason, BlacklistedAt: api.At(v.BlacklistedAt),
		CreatedAt: api.At(v.CreatedAt), CreatedBy: v.CreatedBy, UpdatedAt: api.At(v.UpdatedAt)}
}

// TokenPath names a token of an app.
type TokenPath struct {
	AppPath
	Token string `path:"token" doc:"Id of the token."`
}

type listTokensInput struct {
	AppPath
	Search    string `query:"search" maxLength:"200" doc:"A whole token, or the last four characters of one."`
	UserID    string `query:"user_id" maxLength:"64"`
	LicenseID string `query:"license_id" maxLength:"64"`
	Batch     string `query:"batch" maxLength:"64" doc:"Only those that one call has made for many licenses: the batch of its answer."`
	Status    string `query:"status" enum:"not_used,used,blacklisted"`
	Sort      string `query:"sort" enum:"-created,created,-used,used" doc:"-created, newest first, if left out. With status=used, and nothing else that narrows, also by when they were."`
	PageQuery
}

func (s *surface) listTokens(ctx context.Context, in *listTokensInput) (api.TokenList, error) {
	list, err := s.svc.ListTokens(ctx, in.App, service.TokenFilter{Search: in.Search, UserID: in.UserID, LicenseID: in.LicenseID, Batch: in.Batch,
		Status: latchkey.TokenStatus(in.Status), Sort: in.Sort, Page: in.page()})
	return api.TokenList{Tokens: each(list.Items, token), Next: list.Next}, err
}

type createTokenInput struct {
	AppPath
	Body api.CreateToken
}

func (s *surface) createToken(ctx context.Context, in *createTokenInput) (service.TokenView, error) {
	return s.svc.CreateToken(ctx, in.App, in.Body.UserID, in.Body.LicenseID)
}

func (s *surface) getToken(ctx context.Context, in *TokenPath) (service.TokenView, error) {
	return s.svc.Token(ctx, in.App, in.Token)
}

type blacklistTokenInput struct {
	TokenPath
	Body api.BlacklistToken
}

func (s *surface) blacklistToken(ctx context.Context, in *blacklistTokenInput) (service.TokenView, error) {
	return s.svc.BlacklistToken(ctx, in.App, in.Token, in.Body.Reason)
}

func (s *surface) unblacklistToken(ctx context.Context, in *TokenPath) (service.TokenView, error) {
	return s.svc.UnblacklistToken(ctx, in.App, in.Token)
}

func (s *surface) resetToken(ctx context.Context, in *TokenPath) (service.TokenView, error) {
	return s.svc.ResetToken(ctx, in.App, in.Token)
}

func (s *surface) deleteToken(ctx context.Context, in *TokenPath) error {
	return s.svc.DeleteToken(ctx, in.App, in.Token)
}

type createTokensInput struct {
	BulkInput
	Body api.LicenseSelection
}

func (s *surface) createTokens(_ context.Context, in *createTokensInput) (writer, error) {
	do := func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.CreateTokens(ctx, in.App, licenseSelection(&in.Body), call)
	}
	return s.bulk(&in.BulkInput, service.BulkCall{DryRun: in.Body.DryRun, Repeat: in.Repeat}, do, func(c *service.BulkChange) any {
		return api.TokensCreated{LicensesChanged: licensesChanged(c), Batch: c.Job}
	}), nil
}

func tokenSelection(sel *api.TokenSelection) service.TokenSelection {
	return service.TokenSelection{IDs: sel.IDs, All: sel.All, Status: latchkey.TokenStatus(sel.Status), Search: sel.Search}
}

func tokensChanged(c *service.BulkChange) any {
	return api.TokensChanged{Change: change(c.Change), Skipped: skipped(c), DryRun: c.DryRun}
}

type blacklistTokensInput struct {
	BulkInput
	Body api.BlacklistTokens
}

func (s *surface) blacklistTokens(_ context.Context, in *blacklistTokensInput) (writer, error) {
	return s.bulk(&in.BulkInput, service.BulkCall{DryRun: in.Body.DryRun, Repeat: in.Repeat}, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.BlacklistTokens(ctx, in.App, tokenSelection(&in.Body.TokenSelection), in.Body.Reason, call)
	}, tokensChanged), nil
}

type tokenSelectionInput struct {
	BulkInput
	Body api.TokenSelection
}

func (s *surface) unblacklistTokens(_ context.Context, in *tokenSelectionInput) (writer, error) {
	return s.bulk(&in.BulkInput, service.BulkCall{DryRun: in.Body.DryRun, Repeat: in.Repeat}, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.UnblacklistTokens(ctx, in.App, tokenSelection(&in.Body), call)
	}, tokensChanged), nil
}

func (s *surface) deleteTokens(_ context.Context, in *tokenSelectionInput) (writer, error) {
	return s.bulk(&in.BulkInput, service.BulkCall{DryRun: in.Body.DryRun, Repeat: in.Repeat}, func(ctx context.Context, call service.BulkCall) (service.BulkChange, error) {
		return s.svc.DeleteTokens(ctx, in.App, tokenSelection(&in.Body), call)
	}, tokensChanged), nil
}
