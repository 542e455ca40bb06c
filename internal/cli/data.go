package cli

import (
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/latchkey-dev/latchkey/internal/blob/s3"
	"github.com/latchkey-dev/latchkey/internal/logs"
	"github.com/latchkey-dev/latchkey/internal/server"
)

// dataFlags say where an installation keeps its data.
type dataFlags struct {
	Data         string  `help:"Folder of the database and key file." default:"./data" env:"LATCHKEY_DATA" placeholder:"DIR"`
	Database     string  `help:"sqlite, or a postgres:// URL." default:"sqlite" env:"LATCHKEY_DATABASE" placeholder:"URL"`
	DatabaseFile string  `help:"File that holds the database URL." env:"LATCHKEY_DATABASE_FILE" placeholder:"FILE"`
	KeyFile      string  `help:"Key file; latchkey.key in the data folder if not given." env:"LATCHKEY_KEY_FILE" placeholder:"FILE"`
	Files        string  `help:"Folder of uploaded files, or with --s3-bucket of those on their way; files in the data folder if not given." env:"LATCHKEY_FILES" placeholder:"DIR"`
	S3           s3Flags `embed:"" prefix:"s3-"`
	LogFormat    string  `help:"How to log to standard error: auto, text or json." enum:"auto,text,json" default:"auto" env:"LATCHKEY_LOG_FORMAT"`

	s3 s3.Config // with its keys
}

// AfterApply reads the database URL from its file. A URL that was typed wins.
func (d *dataFlags) AfterApply(ctx *kong.Context, std Streams) (err error) {
	if d.DatabaseFile != "" && (onCommandLine(ctx, "database-file") || !onCommandLine(ctx, "database")) {
		if d.Database, err = readSecret(d.DatabaseFile, std.In); err != nil {
			return err
		}
	}
	if d.Database != server.DefaultDatabase && !strings.HasPrefix(d.Database, "postgres://") && !strings.HasPrefix(d.Database, "postgresql://") {
		return usageError("The database is sqlite or a postgres:// URL.") // which may hold a password: it is not repeated
	}
	d.s3, err = d.S3.settings(std)
	return err
}

func (d *dataFlags) config(std Streams) server.Config {
	return server.Config{DataDir: d.Data, Database: d.Database, KeyFile: d.KeyFile, FilesDir: d.Files, S3: d.s3, Log: newLog(d.LogFormat, std.Err)}
}

// newLog logs as text to a terminal and as JSON to everything else.
func newLog(format string, w io.Writer) *slog.Logger {
	if format == "text" || format == "auto" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, nil))
	}
	return slog.New(logs.NewHandler(w))
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
