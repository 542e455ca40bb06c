package manageapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
)

// Browser gives the calls that set the cookie the request that they answer.
type Browser struct {
	request *http.Request
}

// Resolve is called by huma before the handler.
func (b *Browser) Resolve(ctx huma.Context) []error {
	b.request, _ = humago.Unwrap(ctx)
	return nil
}

func (b *Browser) userAgent() string { return strings.ToValidUTF8(b.request.UserAgent(), "?") }

type cookieReply[O any] struct {
	SetCookie string `header:"Set-Cookie"`
	Body      O
}

// returningCookie binds a handler that answers with a body and a cookie.
func returningCookie[I, O any](f func(context.Context, *I) (O, string, error)) binder {
	return func(api huma.API, op huma.Operation) {
		huma.Register(api, op, func(ctx context.Context, in *I) (*cookieReply[O], error) {
			body, cookie, err := f(ctx, in)
			if err != nil {
				return nil, refuse(ctx, err)
			}
			return &cookieReply[O]{SetCookie: cookie, Body: body}, nil
		})
	}
}

type silentCookieReply struct {
	SetCookie string `header:"Set-Cookie"`
}

// silentCookie binds a handler that answers with a cookie alone.
func silentCookie[I any](f func(context.Context, *I) (string, error)) binder {
	return func(api huma.API, op huma.Operation) {
		huma.Register(api, op, func(ctx context.Context, in *I) (*silentCookieReply, error) {
			cookie, err := f(ctx, in)
			if err != nil {
				return nil, refuse(ctx, err)
			}
			return &silentCookieReply{SetCookie: cookie}, nil
		})
	}
}

type setupInput struct {
	Browser
	Body api.Setup
}

func (s *surface) setup(ctx context.Context, in *setupInput) (api.SetupDone, string, error) {
	var owner service.NewOwner
	err := s.guess(ctx, "", func() (err error) {
		owner, err = s.svc.Setup(ctx, latchkey.Secret(in.Body.Token), in.Body.Email, latchkey.Secret(in.Body.Password), in.userAgent())
		return err
	})
	if err != nil {
		return api.SetupDone{}, "", err
	}
	cookie := s.cookies.Set(in.request, owner.Session, latchkey.AccountSessionMax)
	return api.SetupDone{AccountID: owner.Account.ID, APIKey: owner.APIKey.Reveal()}, cookie, nil
}

type signInInput struct {
	Browser
	Body api.SignIn
}

func (s *surface) signIn(ctx context.Context, in *signInInput) (api.CurrentSession, string, error) {
	var signed service.SignedIn
	err := s.guess(ctx, subjectOf(in.Body.Email), func() (err error) {
		signed, err = s.svc.SignIn(ctx, in.Body.Email, latchkey.Secret(in.Body.Password), in.userAgent())
		return err
	})
	if err != nil {
		return api.CurrentSession{}, "", err
	}
	cookie := s.cookies.Set(in.request, signed.Token, latchkey.AccountSessionMax)
	return api.CurrentSession{Account: account(&signed.Account), SessionID: signed.Session.ID,
		ConfirmedUntil: api.At(signed.Session.ConfirmedAt.Add(latchkey.ConfirmationLasts))}, cookie, nil
}

func (s *surface) currentSession(ctx context.Context, _ *NoInput) (api.CurrentSession, error) {
	me, err := s.svc.Me(ctx)
	if err != nil {
		return api.CurrentSession{}, err
	}
	actor := service.ActorFrom(ctx)
	return api.CurrentSession{Account: account(&me), SessionID: actor.SessionID, ConfirmedUntil: api.At(actor.ConfirmedUntil)}, nil
}

type confirmInput struct {
	Browser
	Body api.Confirm
}

func (s *surface) confirm(ctx context.Context, in *confirmInput) (out api.Confirmed, cookie string, err error) {
	err = s.guess(ctx, service.ActorFrom(ctx).AccountID, func() error {
		c, err := s.svc.Confirm(ctx, latchkey.Secret(in.Body.Password))
		out.ConfirmedUntil, cookie = api.At(c.Until), s.renewed(in.Browser, c)
		return err
	})
	return out, cookie, err
}

// renewed is the cookie of a session that has another token, "" if it has none.
func (s *surface) renewed(b Browser, c service.Confirmation) string {
	if c.Token == "" {
		return ""
	}
	return s.cookies.Set(b.request, c.Token, c.TokenFor)
}

type signOutInput struct {
	Browser
}

func (s *surface) signOut(ctx context.Context, in *signOutInput) (string, error) {
	if err := s.svc.SignOut(ctx); err != nil {
		return "", err
	}
	return s.cookies.Clear(in.request), nil
}
