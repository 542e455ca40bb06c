package cli

import (
	"context"

	"github.com/latchkey-dev/latchkey/internal/server"
)

type backupCommand struct {
	dataFlags
	File string `arg:"" help:"Where to write the copy; a file that exists is not replaced." placeholder:"FILE"`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (b *backupCommand) Run(ctx context.Context, std Streams) error {
	c := b.config(std)
	if c.Database != server.DefaultDatabase {
		return usageError("PostgreSQL makes its own copies, also while servers run: pg_dump --format=custom --file FILE URL")
	}
	done, err := server.Backup(ctx, c, b.File)
	if err != nil {
		return err
	}
	if b.JSON {
		return printJSON(std.Out, done)
	}
	return printf(std.Out, "%s holds the whole database (%d KiB) and has been read back.\nThe key file %s is not in it, and nothing in it can be used without that: keep a copy of the key file elsewhere.\n",
		done.File, (done.Bytes+1023)/1024, done.KeyFile)
}

type restoreCommand struct {
	dataFlags
	File  string `arg:"" optional:"" help:"The backup; on PostgreSQL none, after pg_restore." placeholder:"FILE"`
	Force bool   `help:"Replace the database that is there; it is set aside and kept."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

func (r *restoreCommand) Run(ctx context.Context, std Streams) (err error) {
	c := r.config(std)
	embedded := c.Database == server.DefaultDatabase
	var done server.RestoreDone
	switch {
	case embedded && r.File == "":
		return usageError("Name the backup: latchkey restore FILE")
	case !embedded && r.File != "":
		return usageError("PostgreSQL restores its own copies: pg_restore --clean --if-exists --dbname URL FILE, and then latchkey restore without a file, which ends all sessions.")
	case embedded:
		done, err = server.Restore(ctx, c, r.File, r.Force)
	default:
		done, err = server.RestoredElsewhere(ctx, c)
	}
	if err != nil {
		return err
	}
	if r.JSON {
		return printJSON(std.Out, done)
	}
	text := "The database is restored, and everybody has to sign in again.\n"
	if done.Replaced != "" {
		text += "The one that was there is kept as " + done.Replaced + ".\n"
	}
	return printf(std.Out, "%s", text)
}
