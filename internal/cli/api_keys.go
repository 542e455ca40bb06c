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
	Show   apiKeysShow   `cmd:"" help:"Show an API key, without the key itself."`
	Update apiKeysUpdate `cmd:"" help:"Change what an API key is called, may do and reaches, and when it ends."`
	Delete apiKeysDelete `cmd:"" help:"Revoke an API key."`
}

type apiKeysList struct{ pageFlags }

func (k *apiKeysList) Run(ctx context.Context, c *call) error {
	list, next, err := listAll(ctx, c, "/api-keys", nil, k.pageFlags,
		func(p api.APIKeyList) ([]api.APIKey, string) { return p.APIKeys, p.Next })
	if err != nil {
		return err
	}
	return c.show(api.APIKeyList{APIKeys: list, Next: next}, apiKeyTable(list...))
}

func apiKeyTable(list ...api.APIKey) *table {
	t := &table{header: []string{"NAME", "ID", "LAST 4", "APPS", "CREATED", "EXPIRES", "LAST USED", "PERMISSIONS"}}
	for _, v := range list {
		apps := either(len(v.AppIDs) == 0, "all", strings.Join(v.AppIDs, ","))
		may := either(len(v.Permissions) == len(latchkey.Permissions()), "all", strings.Join(v.Permissions, ","))
		t.add(v.Name, v.ID, v.Last4, apps, when(v.CreatedAt), when(v.ExpiresAt), when(v.LastUsedAt), may)
	}
	return t
}

type apiKeysCreate struct {
	Name        string     `arg:"" help:"What it is for."`
	Permissions []string   `name:"permission" help:"What it may do, such as licenses.read,licenses.create." required:"" placeholder:"LIST"`
	Apps        []string   `name:"app" help:"Applications that it reaches, by name or id; all if not given." placeholder:"NAME"`
	ExpiresAt   *time.Time `help:"When it ends (RFC 3339); never if not given." placeholder:"TIME"`
}

func (k *apiKeysCreate) Run(ctx context.Context, c *call) error {
	apps, err := c.appIDs(ctx, k.Apps)
	if err != nil {
		return err
	}
	in := api.CreateAPIKey{Name: k.Name, Permissions: k.Permissions, AppIDs: apps}
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

// appIDs are the ids of apps by name or id.
func (c *call) appIDs(ctx context.Context, names []string) (ids []string, err error) {
	for _, app := range names {
		id, err := c.appID(ctx, app)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

type apiKeysShow struct {
	ID string `arg:"" help:"Id."`
}

func (k *apiKeysShow) Run(ctx context.Context, c *call) error {
	var found api.APIKey
	if err := c.get(ctx, route("/api-keys/%s", k.ID), nil, &found); err != nil {
		return err
	}
	return c.show(found, apiKeyTable(found))
}

type apiKeysUpdate struct {
	ID           string     `arg:"" help:"Id."`
	Name         *string    `help:"New name."`
	Permissions  []string   `name:"permission" help:"What it may do, in place of what it may now." placeholder:"LIST"`
	Apps         []string   `name:"app" help:"Applications that it reaches, in place of those it reaches now, by name or id." placeholder:"NAME" xor:"apps"`
	AllApps      bool       `help:"It reaches all applications." xor:"apps"`
	ExpiresAt    *time.Time `help:"When it ends (RFC 3339)." placeholder:"TIME" xor:"end"`
	NeverExpires bool       `help:"It does not end by itself." xor:"end"`
}

func (k *apiKeysUpdate) Run(ctx context.Context, c *call) error {
	in := api.UpdateAPIKey{Name: k.Name}
	if len(k.Permissions) > 0 {
		in.Permissions = &k.Permissions
	}
	if len(k.Apps) > 0 || k.AllApps {
		apps, err := c.appIDs(ctx, k.Apps)
		if err != nil {
			return err
		}
		apps = append([]string{}, apps...)
		in.AppIDs = &apps
	}
	if k.NeverExpires {
		in.ExpiresAt = api.Null[api.Time]()
	}
	if k.ExpiresAt != nil {
		in.ExpiresAt = api.Value(api.At(*k.ExpiresAt))
	}
	if in == (api.UpdateAPIKey{}) {
		return usageError("Say what to change: --name, --permission, --app, --all-apps, --expires-at or --never-expires.")
	}
	var after api.APIKey
	if err := c.patch(ctx, route("/api-keys/%s", k.ID), in, &after); err != nil {
		return err
	}
	return c.show(after, apiKeyTable(after))
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
