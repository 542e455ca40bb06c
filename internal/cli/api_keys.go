package cli

import (
	"context"
	"strings"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

type apiKeysCommand struct {
	remoteFlags
	List   apiKeysList   `cmd:"" help:"List the account's API keys."`
	Create apiKeysCreate `cmd:"" help:"Make an API key and show it, this once."`
	Delete apiKeysDelete `cmd:"" help:"Revoke an API key."`
}

type apiKeysList struct{ pageFlags }

func (k *apiKeysList) Run(ctx context.Context, c *call) error {
	list, next, err := listAll(ctx, c, "/api-keys", nil, k.pageFlags,
		func(p api.APIKeyList) ([]api.APIKey, string) { return p.APIKeys, p.Next })
	if err != nil {
		return err
	}
	t := &table{header: []string{"NAME", "ID", "LAST 4", "APPS", "CREATED", "EXPIRES", "LAST USED", "PERMISSIONS"}}
	for _, v := range list {
		apps := either(len(v.AppIDs) == 0, "all", strings.Join(v.AppIDs, ","))
		may := either(len(v.Permissions) == len(latchkey.Permissions()), "all", strings.Join(v.Permissions, ","))
		t.add(v.Name, v.ID, v.Last4, apps, when(v.CreatedAt), when(v.ExpiresAt), when(v.LastUsedAt), may)
	}
	return c.show(api.APIKeyList{APIKeys: list, Next: next}, t)
}

type apiKeysCreate struct {
	Name        string     `arg:"" help:"What it is for."`
	Permissions []string   `name:"permission" help:"What it may do, such as licenses.read,licenses.create." required:"" placeholder:"LIST"`
	Apps        []string   `name:"app" help:"Applications that it reaches, by name or id; all if not given." placeholder:"NAME"`
	ExpiresAt   *time.Time `help:"When it ends (RFC 3339); never if not given." placeholder:"TIME"`
}

func (k *apiKeysCreate) Run(ctx context.Context, c *call) error {
	in := api.CreateAPIKey{Name: k.Name, Permissions: k.Permissions}
	for _, app := range k.Apps {
		id, err := c.appID(ctx, app)
		if err != nil {
			return err
		}
		in.AppIDs = append(in.AppIDs, id)
	}
	if k.ExpiresAt != nil {
		at := api.At(*k.ExpiresAt)
		in.ExpiresAt = &at
	}
	var created api.APIKeyCreated
	if err := c.create(ctx, "/api-keys", in, &created); err != nil {
		return err
	}
	t := &table{header: []string{"FIELD", "VALUE"}}
	t.add("name", created.Name)
	t.add("id", created.ID)
	t.add("key, shown this once", created.Key)
	return c.show(created, t)
}

type apiKeysDelete struct {
	yesFlag
	ID string `arg:"" help:"Id."`
}

func (k *apiKeysDelete) Run(ctx context.Context, c *call) error {
	if err := k.confirm(c, "Revoke the API key "+k.ID+"?"); err != nil {
		return err
	}
	if err := c.delete(ctx, route("/api-keys/%s", k.ID), nil, nil); err != nil {
		return err
	}
	return c.did("API key " + k.ID + " revoked.")
}
