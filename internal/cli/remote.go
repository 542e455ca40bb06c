package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// remoteFlags say which server a command talks to, and how it prints.
type remoteFlags struct {
	URL        string `name:"url" help:"The server." default:"http://127.0.0.1:8080" env:"LATCHKEY_URL" placeholder:"URL"`
	APIKey     string `name:"api-key" help:"API key; others on this machine can see it when it is typed, so prefer the variable or a file." env:"LATCHKEY_API_KEY" placeholder:"KEY"`
	APIKeyFile string `name:"api-key-file" help:"File that holds the API key." env:"LATCHKEY_API_KEY_FILE" placeholder:"FILE"`
	JSON       bool   `name:"json" help:"Print JSON."`
}

// AfterApply prepares the call for the command that runs.
func (r *remoteFlags) AfterApply(ctx *kong.Context, std Streams) error {
	key := r.APIKey
	if r.APIKeyFile != "" && (key == "" || onCommandLine(ctx, "api-key-file") && !onCommandLine(ctx, "api-key")) {
		var err error
		if key, err = readSecret(r.APIKeyFile, std.In); err != nil {
			return err
		}
	}
	if key == "" {
		return usageError("An API key is needed: set LATCHKEY_API_KEY or LATCHKEY_API_KEY_FILE.")
	}
	c, err := newClient(r.URL, key)
	if err != nil {
		return err
	}
	ctx.Bind(&call{client: c, std: std, json: r.JSON})
	return nil
}

// call is one run of a remote command.
type call struct {
	*client
	std  Streams
	json bool
}

// show prints v as JSON for programs, or the table for people.
func (c *call) show(v any, t *table) error {
	if c.json {
		return printJSON(c.std.Out, v)
	}
	return t.print(c.std.Out)
}

// did reports the success of an action that has no result of its own.
func (c *call) did(text string) error {
	if c.json {
		return printJSON(c.std.Out, struct{}{})
	}
	return printf(c.std.Out, "%s\n", plain(text))
}

// changed reports the outcome of a bulk action.
func (c *call) changed(change api.Change, verb string) error {
	if c.json {
		return printJSON(c.std.Out, change)
	}
	return printf(c.std.Out, "%d of %d %s.\n", change.Changed, change.Matched, verb)
}

var errNotConfirmed = errors.New("nothing was done")

// yesFlag confirms in advance.
type yesFlag struct {
	Yes bool `help:"Do not ask." short:"y"`
}

// confirm asks before something that cannot be undone.
func (y yesFlag) confirm(c *call, question string) error {
	if y.Yes {
		return nil
	}
	answer, err := c.ask(question + " [y/N] ")
	if err != nil {
		return err
	}
	if a := strings.ToLower(answer); a != "y" && a != "yes" {
		return errNotConfirmed
	}
	return nil
}

func (c *call) ask(question string) (string, error) {
	if err := printf(c.std.Err, "%s", plain(question)); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(c.std.In).ReadString('\n')
	if errors.Is(err, io.EOF) && line == "" {
		return "", usageError("Nobody answers; add --yes to do it without asking.")
	}
	return strings.TrimSpace(line), nil
}

// pageFlags ask for a part of a list.
type pageFlags struct {
	Limit  int    `help:"How many to list." default:"50" placeholder:"N"`
	Cursor string `help:"Go on where a list ended: its next." placeholder:"NEXT"`
}

// Validate refuses a limit that lists nothing.
func (p *pageFlags) Validate() error {
	if p.Limit < 1 {
		return errors.New("a limit is at least 1")
	}
	return nil
}

// serverPage is the most that the server gives at a time.
const serverPage = 1000

// listAll fetches pages until the limit is reached or the list ends, and
// returns the items with the cursor to go on from.
func listAll[T, P any](ctx context.Context, c *call, path string, query url.Values, flags pageFlags, part func(P) ([]T, string)) ([]T, string, error) {
	items, cursor := []T{}, flags.Cursor
	for {
		q := url.Values{}
		for name, values := range query {
			q[name] = values
		}
		q.Set("limit", strconv.Itoa(min(flags.Limit-len(items), serverPage)))
		if cursor != "" {
			q.Set("cursor", cursor)
		}
		var page P
		if err := c.get(ctx, path, q, &page); err != nil {
			return nil, "", err
		}
		var more []T
		more, cursor = part(page)
		items = append(items, more...)
		if cursor == "" || len(items) >= flags.Limit {
			return items, cursor, nil
		}
	}
}

// searchFlag and namedFlags narrow and order lists of things that have names.
type searchFlag struct {
	Search string `help:"Text of the name, in any case of letters." placeholder:"TEXT"`
}

type namedFlags struct {
	searchFlag
	Sort string `help:"created for oldest first, name for A to Z; with - before it the other way." enum:"created,-created,name,-name" default:"created"`
}

// namedQuery is the query of such a list.
func namedQuery(search, sort string) url.Values {
	q := url.Values{"sort": {sort}}
	if search != "" {
		q.Set("search", search)
	}
	return q
}

// appFlag names the app that a command is about.
type appFlag struct {
	App string `help:"Application, by name or id." required:"" env:"LATCHKEY_APP" placeholder:"NAME"`
}

// path fills the app's id and further elements into a pattern that begins with
// /apps/%s.
func (a appFlag) path(ctx context.Context, c *call, pattern string, elements ...string) (string, error) {
	id, err := c.appID(ctx, a.App)
	if err != nil {
		return "", err
	}
	return route(pattern, append([]string{id}, elements...)...), nil
}

// appID finds an app by its name or takes its id.
func (c *call) appID(ctx context.Context, nameOrID string) (string, error) {
	if latchkey.IsID(latchkey.KindApp, nameOrID) {
		return nameOrID, nil
	}
	var list api.AppList
	if err := c.get(ctx, "/apps", url.Values{"name": {nameOrID}}, &list); err != nil {
		return "", err
	}
	if len(list.Apps) == 0 {
		return "", latchkey.Fail(latchkey.CodeAppNotFound)
	}
	return list.Apps[0].ID, nil
}
