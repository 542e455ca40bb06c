package cli

import (
	"context"
	"net/url"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type tokensCommand struct {
	remoteFlags
	List        tokensList        `cmd:"" help:"List or search tokens."`
	Create      tokensCreate      `cmd:"" help:"Make the token of a user or of a license."`
	Show        tokensShow        `cmd:"" help:"Show a token."`
	Blacklist   tokensBlacklist   `cmd:"" help:"Refuse programs that come with a token, or with one of many."`
	Unblacklist tokensUnblacklist `cmd:"" help:"Let programs in with blacklisted tokens again."`
	Reset       tokensReset       `cmd:"" help:"Unbind a token from its file."`
	Delete      tokensDelete      `cmd:"" help:"Delete a token, or many."`
}

func tokenTable(list ...api.Token) *table {
	t := &table{header: []string{"TOKEN", "ID", "STATUS", "OF", "CREATED", "USED", "REASON"}}
	for _, v := range list {
		of := v.Username
		if of == "" {
			of = either(v.LicenseKey != "", v.LicenseKey, v.LicenseID)
		}
		t.add(v.Token, v.ID, v.Status, of, when(v.CreatedAt), when(v.UsedAt), v.Reason)
	}
	return t
}

type tokensList struct {
	appFlag
	pageFlags
	Search  string `help:"A whole token or its last four characters."`
	User    string `help:"Only this user's, by name or id." placeholder:"NAME"`
	License string `help:"Only this license's, by key or id." placeholder:"KEY"`
	Batch   string `help:"Only those that one call of licenses create-tokens has made." placeholder:"ID"`
	Status  string `help:"not_used, used or blacklisted." enum:",not_used,used,blacklisted" default:""`
	Sort    string `help:"created for oldest first, -created for newest first; with --status used alone also used and -used, by when they were." enum:"created,-created,used,-used" default:"-created"`
}

func (l *tokensList) Run(ctx context.Context, c *call) error {
	app, err := c.appID(ctx, l.App)
	if err != nil {
		return err
	}
	q := url.Values{"sort": {l.Sort}}
	for name, value := range map[string]string{"search": l.Search, "batch": l.Batch, "status": l.Status} {
		if value != "" {
			q.Set(name, value)
		}
	}
	holder, err := c.tokenHolder(ctx, app, l.User, l.License)
	if err != nil {
		return err
	}
	if holder.UserID != "" {
		q.Set("user_id", holder.UserID)
	}
	if holder.LicenseID != "" {
		q.Set("license_id", holder.LicenseID)
	}
	list, next, err := c.tokens(ctx, app, q, l.pageFlags)
	if err != nil {
		return err
	}
	return c.show(api.TokenList{Tokens: list, Next: next}, tokenTable(list...))
}

func (c *call) tokens(ctx context.Context, appID string, q url.Values, flags pageFlags) ([]api.Token, string, error) {
	return listAll(ctx, c, route("/apps/%s/tokens", appID), q, flags, func(p api.TokenList) ([]api.Token, string) { return p.Tokens, p.Next })
}

// tokenHolder finds a user or a license by what it is called.
func (c *call) tokenHolder(ctx context.Context, appID, user, license string) (holder api.CreateToken, err error) {
	if user != "" {
		if holder.UserID, err = c.userID(ctx, appID, user); err != nil {
			return holder, err
		}
	}
	if license != "" {
		holder.LicenseID, err = c.licenseID(ctx, appID, license)
	}
	return holder, err
}

type tokensCreate struct {
	appFlag
	User    string `help:"User, by name or id." xor:"holder" required:"" placeholder:"NAME"`
	License string `help:"License, by key or id." xor:"holder" required:"" placeholder:"KEY"`
}

func (t *tokensCreate) Run(ctx context.Context, c *call) error {
	app, err := c.appID(ctx, t.App)
	if err != nil {
		return err
	}
	in, err := c.tokenHolder(ctx, app, t.User, t.License)
	if err != nil {
		return err
	}
	var made api.Token
	if err := c.create(ctx, route("/apps/%s/tokens", app), in, &made); err != nil {
		return err
	}
	return c.show(made, tokenTable(made))
}

// tokenArg names one token of an app.
type tokenArg struct {
	appFlag
	Token string `arg:"" help:"The token or its id."`
}

func (t tokenArg) tokenPath(ctx context.Context, c *call, pattern string) (string, error) {
	app, err := c.appID(ctx, t.App)
	if err != nil {
		return "", err
	}
	id := t.Token
	if !latchkey.IsID(latchkey.KindToken, id) {
		list, _, err := c.tokens(ctx, app, url.Values{"search": {t.Token}}, pageFlags{Limit: serverPage})
		if err != nil {
			return "", err
		}
		id = ""
		for _, v := range list { // the search finds those with the same end as well
			if v.Token == t.Token {
				id = v.ID
			}
		}
		if id == "" {
			return "", latchkey.Fail(latchkey.CodeTokenNotFound)
		}
	}
	return route(pattern, app, id), nil
}

func (t tokenArg) act(ctx context.Context, c *call, method func(context.Context, string, any, any) error, pattern string, in any) error {
	path, err := t.tokenPath(ctx, c, pattern)
	if err != nil {
		return err
	}
	var after api.Token
	if err := method(ctx, path, in, &after); err != nil {
		return err
	}
	return c.show(after, tokenTable(after))
}

type tokensShow struct{ tokenArg }

func (t *tokensShow) Run(ctx context.Context, c *call) error {
	read := func(ctx context.Context, path string, _, out any) error { return c.get(ctx, path, nil, out) }
	return t.act(ctx, c, read, "/apps/%s/tokens/%s", nil)
}

type tokensReset struct{ tokenArg }

func (t *tokensReset) Run(ctx context.Context, c *call) error {
	return t.act(ctx, c, c.post, "/apps/%s/tokens/%s/reset", nil)
}

type licensesCreateTokens struct{ licenseSelection }

func (l *licensesCreateTokens) Run(ctx context.Context, c *call) error {
	return l.run(ctx, c, bulkAction{verb: "Make tokens for", done: "given a token", path: "create-tokens",
		body: func(sel api.LicenseSelection) any { return sel }})
}
