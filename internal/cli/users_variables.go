package cli

import (
	"context"
	"strconv"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type usersVariables struct {
	userArg
	pageFlags
}

func userVariableTable(list ...api.UserVariable) *table {
	t := &table{header: []string{"NAME", "ID", "READ-ONLY", "CHANGED", "VALUE"}}
	for _, v := range list {
		t.add(v.Name, v.ID, strconv.FormatBool(v.ReadOnly), when(v.UpdatedAt), v.Value)
	}
	return t
}

func (u *usersVariables) Run(ctx context.Context, c *call) error {
	path, err := u.userPath(ctx, c, "/apps/%s/users/%s/variables")
	if err != nil {
		return err
	}
	list, next, err := c.userVariables(ctx, path, u.pageFlags)
	if err != nil {
		return err
	}
	return c.show(api.UserVariableList{Variables: list, Next: next}, userVariableTable(list...))
}

func (c *call) userVariables(ctx context.Context, path string, flags pageFlags) ([]api.UserVariable, string, error) {
	return listAll(ctx, c, path, nil, flags, func(p api.UserVariableList) ([]api.UserVariable, string) { return p.Variables, p.Next })
}

type usersSetVariable struct {
	userSelection
	valueFlags
	Name     string `help:"Name of the variable." required:""`
	ReadOnly bool   `help:"Their programs can read it, and not set it."`
}

func (u *usersSetVariable) Run(ctx context.Context, c *call) error {
	value, err := u.needed(c.std)
	if err != nil {
		return err
	}
	app, sel, err := u.selection(ctx, c)
	if err != nil {
		return err
	}
	in := api.SetUserVariable{Name: u.Name, Value: value, ReadOnly: u.ReadOnly}
	if len(sel.IDs) == 1 && !u.DryRun && u.Repeat == "" { // which also tells why it cannot be
		var after api.UserVariable
		if err := c.create(ctx, route("/apps/%s/users/%s/variables", app, sel.IDs[0]), in, &after); err != nil {
			return err
		}
		return c.show(after, userVariableTable(after))
	}
	return u.run(ctx, c, u.questionIfAll("Set "+u.Name+" of"), "changed",
		bulkCall{path: route("/apps/%s/users/set-variable", app), in: api.SetUserVariables{UserSelection: sel, SetUserVariable: in}})
}

type usersDeleteVariable struct {
	userSelection
	Name string `help:"Name of the variable." required:""`
}

func (u *usersDeleteVariable) Run(ctx context.Context, c *call) error {
	app, sel, err := u.selection(ctx, c)
	if err != nil {
		return err
	}
	if len(sel.IDs) == 1 && !u.DryRun && u.Repeat == "" {
		return u.one(ctx, c, route("/apps/%s/users/%s/variables", app, sel.IDs[0]))
	}
	return u.run(ctx, c, u.questionIfAll("Delete "+u.Name+" of"), "changed",
		bulkCall{path: route("/apps/%s/users/delete-variable", app), in: api.DeleteUserVariables{UserSelection: sel, Name: u.Name}})
}

// one deletes the variable of one user, or tells that there is none.
func (u *usersDeleteVariable) one(ctx context.Context, c *call, path string) error {
	list, _, err := c.userVariables(ctx, path, pageFlags{Limit: serverPage}) // nobody has more
	if err != nil {
		return err
	}
	for _, v := range list {
		if v.Name != u.Name {
			continue
		}
		if err := c.delete(ctx, path+route("/%s", v.ID), nil, nil); err != nil {
			return err
		}
		return c.changed(api.Change{Matched: 1, Changed: 1}, "users changed")
	}
	return latchkey.Fail(latchkey.CodeVariableNotFound)
}
