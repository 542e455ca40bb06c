package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type variablesCommand struct {
	remoteFlags
	List   variablesList   `cmd:"" help:"List or search an application's variables."`
	Create variablesCreate `cmd:"" help:"Add a variable."`
	Show   variablesShow   `cmd:"" help:"Show a variable with its value."`
	Update variablesUpdate `cmd:"" help:"Change a variable."`
	Delete variablesDelete `cmd:"" help:"Delete a variable."`
}

// valueFlags are the two ways to give a value.
type valueFlags struct {
	Value     *string `help:"The value." xor:"value"`
	ValueFile string  `help:"File that holds the value as it is; - for standard input." xor:"value" placeholder:"FILE"`
}

// read returns the value, nil if none was given.
func (v *valueFlags) read(std Streams) (value *string, err error) {
	if v.ValueFile == "" {
		return v.Value, nil
	}
	from := std.In
	if v.ValueFile != "-" {
		file, err := os.Open(v.ValueFile)
		if err != nil {
			return nil, fmt.Errorf("read value: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, latchkey.MaxVariableSize+1)) // of more, the server says that it is too much
	if err != nil {
		return nil, fmt.Errorf("read value: %w", err)
	}
	return new(string(text)), nil
}

// needed is read where a value must be given.
func (v *valueFlags) needed(std Streams) (string, error) {
	value, err := v.read(std)
	if err == nil && value == nil {
		err = usageError("Give the value: --value or --value-file.")
	}
	if err != nil {
		return "", err
	}
	return *value, nil
}

func variableTable(list ...api.Variable) *table {
	t := &table{header: []string{"NAME", "ID", "SIZE", "FOR", "CHANGED"}}
	for _, v := range list {
		t.add(v.Name, v.ID, strconv.FormatInt(v.Size, 10), reach(v), when(v.UpdatedAt))
	}
	return t
}

// reach says who gets a variable.
func reach(v api.Variable) string {
	switch {
	case v.MinLevel > 0:
		return "level " + strconv.FormatInt(v.MinLevel, 10)
	case v.NeedsSignIn:
		return "users"
	}
	return "anyone"
}

func variableCard(v api.Variable) *table {
	t := &table{header: []string{"FIELD", "VALUE"}}
	t.add("name", v.Name)
	t.add("id", v.ID)
	t.add("for", reach(v))
	t.add("changed", when(v.UpdatedAt))
	if v.Value != nil {
		t.add("value", *v.Value)
	}
	return t
}

type variablesList struct {
	appFlag
	pageFlags
	searchFlag
	Sort string `help:"name for A to Z, -name for Z to A." enum:"name,-name" default:"name"`
}

func (l *variablesList) Run(ctx context.Context, c *call) error {
	path, err := l.path(ctx, c, "/apps/%s/variables")
	if err != nil {
		return err
	}
	list, next, err := listAll(ctx, c, path, namedQuery(l.Search, l.Sort), l.pageFlags, func(p api.VariableList) ([]api.Variable, string) { return p.Variables, p.Next })
	if err != nil {
		return err
	}
	return c.show(api.VariableList{Variables: list, Next: next}, variableTable(list...))
}

type variablesCreate struct {
	appFlag
	valueFlags
	Name        string `arg:"" help:"Name."`
	NeedsSignIn bool   `help:"Only for users who have signed in." negatable:"" default:"true"`
	MinLevel    int64  `help:"Only for users with an active subscription of this level or a higher one." placeholder:"N"`
}

func (v *variablesCreate) Run(ctx context.Context, c *call) error {
	value, err := v.needed(c.std)
	if err != nil {
		return err
	}
	path, err := v.path(ctx, c, "/apps/%s/variables")
	if err != nil {
		return err
	}
	var made api.Variable
	if err := c.create(ctx, path, api.CreateVariable{Name: v.Name, Value: value, NeedsSignIn: &v.NeedsSignIn, MinLevel: v.MinLevel}, &made); err != nil {
		return err
	}
	return c.show(made, variableCard(made))
}

// variableArg names one variable of an app.
type variableArg struct {
	appFlag
	Variable string `arg:"" help:"Name or id."`
}

func (v variableArg) variablePath(ctx context.Context, c *call) (string, error) {
	app, err := c.appID(ctx, v.App)
	if err != nil {
		return "", err
	}
	id := v.Variable
	if !latchkey.IsID(latchkey.KindVariable, id) {
		if id, err = c.variableID(ctx, app, v.Variable); err != nil {
			return "", err
		}
	}
	return route("/apps/%s/variables/%s", app, id), nil
}

// variableID finds a variable by its name.
func (c *call) variableID(ctx context.Context, appID, name string) (string, error) {
	flags := pageFlags{Limit: serverPage}
	for {
		list, next, err := listAll(ctx, c, route("/apps/%s/variables", appID), url.Values{"search": {name}}, flags,
			func(p api.VariableList) ([]api.Variable, string) { return p.Variables, p.Next })
		if err != nil {
			return "", err
		}
		for _, v := range list {
			if v.Name == name {
				return v.ID, nil
			}
		}
		if flags.Cursor = next; next == "" {
			return "", latchkey.Fail(latchkey.CodeVariableNotFound)
		}
	}
}

type variablesShow struct {
	variableArg
	Raw bool `help:"Print the value alone, as it is."`
}

func (v *variablesShow) Run(ctx context.Context, c *call) error {
	path, err := v.variablePath(ctx, c)
	if err != nil {
		return err
	}
	var found api.Variable
	if err := c.get(ctx, path, nil, &found); err != nil {
		return err
	}
	if v.Raw && found.Value != nil {
		return printf(c.std.Out, "%s", *found.Value)
	}
	return c.show(found, variableCard(found))
}

type variablesUpdate struct {
	variableArg
	valueFlags
	Name        *string `help:"New name."`
	NeedsSignIn *bool   `help:"Only for users who have signed in." negatable:""`
	MinLevel    *int64  `help:"Only for users with an active subscription of this level or a higher one; 0 for any." placeholder:"N"`
}

func (v *variablesUpdate) Run(ctx context.Context, c *call) error {
	value, err := v.read(c.std)
	if err != nil {
		return err
	}
	update := api.UpdateVariable{Name: v.Name, Value: value, NeedsSignIn: v.NeedsSignIn, MinLevel: v.MinLevel}
	if update == (api.UpdateVariable{}) {
		return usageError("Say what to change: --value, --value-file, --name, --needs-sign-in or --min-level.")
	}
	path, err := v.variablePath(ctx, c)
	if err != nil {
		return err
	}
	var after api.Variable
	if err := c.patch(ctx, path, update, &after); err != nil {
		return err
	}
	return c.show(after, variableCard(after))
}

type variablesDelete struct {
	variableArg
	yesFlag
}

func (v *variablesDelete) Run(ctx context.Context, c *call) error {
	path, err := v.variablePath(ctx, c)
	if err != nil {
		return err
	}
	if err := v.confirm(c, fmt.Sprintf("Delete the variable %s?", v.Variable)); err != nil {
		return err
	}
	if err := c.delete(ctx, path, nil, nil); err != nil {
		return err
	}
	return c.did("Variable " + v.Variable + " deleted.")
}
