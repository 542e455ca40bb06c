package cli

import (
	"context"
	"errors"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/server"
)

type initCommand struct {
	dataFlags
	Email        string `help:"Mail address of the owner, for signing in." required:"" env:"LATCHKEY_EMAIL" placeholder:"ADDRESS"`
	PasswordFile string `help:"File that holds the owner's password; - reads it from standard input." required:"" env:"LATCHKEY_PASSWORD_FILE" placeholder:"FILE"`
	JSON         bool   `name:"json" help:"Print JSON."`
}

// initDone is printed once: nobody can read the key again.
type initDone struct {
	AccountID string `json:"account_id"`
	APIKey    string `json:"api_key"`
}

func (i *initCommand) Run(ctx context.Context, std Streams) (err error) {
	password, err := readSecret(i.PasswordFile, std.In)
	if err != nil {
		return err
	}
	data, err := server.OpenBeside(ctx, i.config(std))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	owner, err := data.Service.Init(ctx, i.Email, latchkey.Secret(password))
	if err != nil {
		return err
	}
	done := initDone{AccountID: owner.Account.ID, APIKey: owner.APIKey.Reveal()}
	if i.JSON {
		return printJSON(std.Out, done)
	}
	return printf(std.Out, "Account %s is the owner of this server.\nAPI key, shown this once: %s\n", done.AccountID, done.APIKey)
}

type migrateCommand struct {
	dataFlags
}

func (m *migrateCommand) Run(ctx context.Context, std Streams) error {
	data, err := server.OpenData(ctx, m.config(std))
	if err != nil {
		return err
	}
	if err := data.Close(); err != nil {
		return err
	}
	return printf(std.Out, "The database is of this version.\n")
}
