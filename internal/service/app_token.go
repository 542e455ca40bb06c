package service

import (
	"context"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/store"
)

// TokenView is a token with what its holder is called.
type TokenView struct {
	latchkey.Token
	Username   string          // of a user's token
	LicenseKey latchkey.Secret // of a license's; "" if the license is gone
}

func tokenView(r store.TokenRow) TokenView { return TokenView(r) }

// tokenPrefix is how the tokens begin that programs come with.
const tokenPrefix = "lkt_"

// makeToken stores a token for a user or a license. made is false if it has one.
func (s *Service) makeToken(ctx context.Context, tx *store.Tx, t latchkey.Token, now time.Time) (_ latchkey.Token, made bool, err error) {
	if t.ID == "" {
		if t.ID, err = s.newID(latchkey.KindToken, now); err != nil {
			return t, false, err
		}
	}
	if t.Value, err = s.newToken(tokenPrefix); err != nil {
		return t, false, err
	}
	t.Status, t.CreatedBy, t.CreatedAt, t.UpdatedAt = latchkey.TokenNotUsed, ActorFrom(ctx).ID, now, now
	made, err = tx.InsertToken(ctx, &t)
	return t, made, err
}

// CreateToken makes the token of a user or of a license, one of the two. Errors:
// user.not_found, license.not_found, token.exists, request.invalid.
func (s *Service) CreateToken(ctx context.Context, appID, userID, licenseID string) (view TokenView, err error) {
	if (userID == "") == (licenseID == "") {
		return view, latchkey.Invalid("user_id", "Name a user or a license, one of the two.")
	}
	err = s.change(ctx, latchkey.PermTokensWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		if userID != "" {
			if _, err := tx.LockUser(ctx, appID, userID); err != nil {
				return err
			}
		} else if _, err := tx.LockLicense(ctx, appID, licenseID); err != nil {
			return err
		}
		t, ok, err := s.makeToken(ctx, tx, latchkey.Token{AppID: appID, UserID: userID, LicenseID: licenseID}, now)
		if err != nil {
			return err
		}
		if !ok && licenseID != "" {
			return latchkey.Fail(latchkey.CodeTokenExists).At("license_id")
		}
		if !ok {
			return latchkey.Fail(latchkey.CodeTokenExists)
		}
		audit(ctx, tx, now, appID, "token.create", t.ID, map[string]any{"user": userID, "license": licenseID})
		row, err := tx.Token(ctx, appID, t.ID)
		if err != nil {
			return err
		}
		view = tokenView(row)
		return made(ctx, view)
	})
	return view, err
}

// TokenFilter narrows and orders a list of tokens; zero fields do not.
type TokenFilter struct {
	Search    string // a whole token, or the last four characters of one
	UserID    string
	LicenseID string
	Batch     string // what [Service.CreateTokens] has called what it made
	Status    latchkey.TokenStatus
	Sort      string // "-created" (default), "created"; of those that are used, if nothing else narrows them, also "-used", "used"
	Page
}

// query turns the filter into the store's terms, without sort and page.
func (f *TokenFilter) query() (q store.TokenQuery, err error) {
	if err := checkSearch(f.Search); err != nil {
		return q, err
	}
	switch f.Status {
	case "", latchkey.TokenNotUsed, latchkey.TokenUsed, latchkey.TokenBlacklisted:
	default:
		return q, latchkey.Invalid("status", "The status is not_used, used or blacklisted.")
	}
	q = store.TokenQuery{Search: f.Search, UserID: f.UserID, LicenseID: f.LicenseID, Status: f.Status}
	if f.Batch != "" {
		if !latchkey.IsID(latchkey.KindJob, f.Batch) {
			return q, latchkey.Invalid("batch", "A batch has the name that the call which made it has answered with.")
		}
		q.Batch = tokenBatch(f.Batch)
	}
	return q, nil
}

// ListTokens lists an app's tokens.
func (s *Service) ListTokens(ctx context.Context, appID string, f TokenFilter) (list List[TokenView], err error) {
	q, err := f.query()
	if err != nil {
		return list, err
	}
	asc := f.Sort == "used"
	switch q.ByUse = asc || f.Sort == "-used"; {
	case !q.ByUse:
		if asc, err = ascending(f.Sort); err != nil {
			return list, err
		}
	case f.Status != latchkey.TokenUsed || f.Search+f.UserID+f.LicenseID+f.Batch != "":
		return list, latchkey.Invalid("sort", "Only tokens that are narrowed to the status used, and by nothing else, can be sorted by when they were.")
	}
	shape := f
	shape.Page = Page{}
	if q.Keyset, err = s.keyset(f.Page, asc, "tokens", appID, shape); err != nil {
		return list, err
	}
	err = s.read(ctx, latchkey.PermTokensRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		rows, err := tx.Tokens(ctx, appID, q)
		if err != nil {
			return err
		}
		views := make([]TokenView, len(rows))
		for i := range rows {
			views[i] = tokenView(rows[i])
		}
		list, err = page(s, views, q.Keyset, func(v *TokenView) string {
			if q.ByUse {
				return store.TokenUsePlace(&v.Token)
			}
			return v.ID
		}, "tokens", appID, shape)
		return err
	})
	return list, err
}

// Token returns one; token.not_found.
func (s *Service) Token(ctx context.Context, appID, id string) (view TokenView, err error) {
	err = s.read(ctx, latchkey.PermTokensRead, appID, func(tx *store.Tx, _ *latchkey.App) error {
		row, err := tx.Token(ctx, appID, id)
		view = tokenView(row)
		return err
	})
	return view, err
}

// BlacklistToken takes a token out of use: programs that come with it are
// refused at init, and told the reason. Errors: token.not_found,
// token.blacklisted, request.invalid.
func (s *Service) BlacklistToken(ctx context.Context, appID, id, reason string) (TokenView, error) {
	return s.changeToken(ctx, appID, id, "token.blacklist", map[string]any{"reason": reason},
		func(t *latchkey.Token, now time.Time) error { return t.Blacklist(reason, now) })
}

// UnblacklistToken lets programs in with it again. Errors: token.not_found,
// token.not_blacklisted.
func (s *Service) UnblacklistToken(ctx context.Context, appID, id string) (TokenView, error) {
	return s.changeToken(ctx, appID, id, "token.unblacklist", nil, (*latchkey.Token).Unblacklist)
}

// ResetToken unbinds a token from its file; token.not_found.
func (s *Service) ResetToken(ctx context.Context, appID, id string) (TokenView, error) {
	return s.changeToken(ctx, appID, id, "token.reset", nil, func(t *latchkey.Token, now time.Time) error {
		t.Reset(now)
		return nil
	})
}

// changeToken locks a token, applies a rule to it, and stores and audits it.
func (s *Service) changeToken(ctx context.Context, appID, id, action string, details map[string]any, rule func(t *latchkey.Token, now time.Time) error) (view TokenView, err error) {
	err = s.change(ctx, latchkey.PermTokensWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		row, err := s.lockToken(ctx, tx, appID, id)
		if err != nil {
			return err
		}
		if err := rule(&row.Token, now); err != nil {
			return err
		}
		audit(ctx, tx, now, appID, action, id, details)
		if err := tx.UpdateToken(ctx, &row.Token); err != nil {
			return err
		}
		view = tokenView(row)
		return made(ctx, view)
	})
	return view, err
}

func (s *Service) lockToken(ctx context.Context, tx *store.Tx, appID, id string) (store.TokenRow, error) {
	row, err := tx.LockToken(ctx, appID, id)
	if err == nil {
		err = s.expected(ctx, func() (Tagged, error) { return tokenView(row), nil })
	}
	return row, err
}

// DeleteToken deletes one; token.not_found.
func (s *Service) DeleteToken(ctx context.Context, appID, id string) error {
	return s.change(ctx, latchkey.PermTokensWrite, appID, func(tx *store.Tx, _ *latchkey.App, now time.Time) error {
		row, err := s.lockToken(ctx, tx, appID, id)
		if err != nil {
			return err
		}
		audit(ctx, tx, now, appID, "token.delete", id, tokenDetails(&row))
		return tx.DeleteToken(ctx, appID, id)
	})
}
