package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/latchkey-dev/latchkey/api"
)

// tokenSelection names tokens one by one, or all that a filter finds.
type tokenSelection struct {
	appFlag
	bulkFlags
	Tokens []string `arg:"" optional:"" help:"Tokens or their ids."`
	All    bool     `help:"All of the application's, or those that --status and --search leave."`
	Status string   `help:"With --all: not_used, used or blacklisted." enum:",not_used,used,blacklisted" default:""`
	Search string   `help:"With --all: those with these last four characters." placeholder:"TEXT"`
}

// tokenBulk is a bulk action on tokens before it is called.
type tokenBulk struct {
	verb, done, path string
	body             func(api.TokenSelection) any
}

// single is the token that is named alone, which has a call of its own; "" of any other selection.
func (t *tokenSelection) single() tokenArg {
	if len(t.Tokens) == 1 && !t.All && t.Status == "" && t.Search == "" && !t.DryRun && t.Repeat == "" {
		return tokenArg{appFlag: t.appFlag, Token: t.Tokens[0]}
	}
	return tokenArg{}
}

func (t *tokenSelection) run(ctx context.Context, c *call, yes *yesFlag, b tokenBulk) error {
	if t.All == (len(t.Tokens) > 0) || !t.All && (t.Status != "" || t.Search != "") {
		return usageError("Name tokens, or say --all, which --status and --search narrow.")
	}
	app, err := c.appID(ctx, t.App)
	if err != nil {
		return err
	}
	in := api.TokenSelection{All: t.All, Status: t.Status, Search: t.Search, DryRun: t.DryRun}
	for _, name := range t.Tokens {
		path, err := tokenArg{appFlag: t.appFlag, Token: name}.tokenPath(ctx, c, "/apps/%s/tokens/%s")
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		in.IDs = append(in.IDs, path[strings.LastIndexByte(path, '/')+1:])
	}
	if yes != nil && !t.DryRun {
		question := fmt.Sprintf("%s %d tokens?", b.verb, len(t.Tokens))
		if t.All {
			question = fmt.Sprintf("%s every token of %s that this names?", b.verb, t.App)
		}
		if err := yes.confirm(c, question); err != nil {
			return err
		}
	}
	var change api.TokensChanged
	if err := t.send(ctx, c, bulkCall{path: route("/apps/%s/tokens/"+b.path, app), in: b.body(in), dryRun: t.DryRun, what: b.done}, t.All, &change); err != nil {
		return err
	}
	if c.json {
		return printJSON(c.std.Out, change)
	}
	return printf(c.std.Out, "%d of %d tokens %s%s.\n", change.Changed, change.Matched, either(change.DryRun, "would be ", ""), b.done)
}

type tokensBlacklist struct {
	tokenSelection
	Reason string `help:"Shown to whoever starts a program with it."`
}

func (t *tokensBlacklist) Run(ctx context.Context, c *call) error {
	if one := t.single(); one.Token != "" {
		return one.act(ctx, c, c.post, "/apps/%s/tokens/%s/blacklist", api.BlacklistToken{Reason: t.Reason})
	}
	return t.run(ctx, c, nil, tokenBulk{verb: "Blacklist", done: "blacklisted", path: "blacklist",
		body: func(sel api.TokenSelection) any { return api.BlacklistTokens{TokenSelection: sel, Reason: t.Reason} }})
}

type tokensUnblacklist struct{ tokenSelection }

func (t *tokensUnblacklist) Run(ctx context.Context, c *call) error {
	if one := t.single(); one.Token != "" {
		return one.act(ctx, c, c.post, "/apps/%s/tokens/%s/unblacklist", nil)
	}
	return t.run(ctx, c, nil, tokenBulk{verb: "Unblacklist", done: "taken off the blacklist", path: "unblacklist", body: func(sel api.TokenSelection) any { return sel }})
}

type tokensDelete struct {
	tokenSelection
	yesFlag
}

func (t *tokensDelete) Run(ctx context.Context, c *call) error {
	if one := t.single(); one.Token != "" {
		path, err := one.tokenPath(ctx, c, "/apps/%s/tokens/%s")
		if err != nil {
			return err
		}
		if err := t.confirm(c, "Delete the token?"); err != nil {
			return err
		}
		if err := c.delete(ctx, path, nil, nil); err != nil {
			return err
		}
		return c.did("Token deleted.")
	}
	return t.run(ctx, c, &t.yesFlag, tokenBulk{verb: "Delete", done: "deleted", path: "delete", body: func(sel api.TokenSelection) any { return sel }})
}
