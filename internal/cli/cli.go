// Package cli is the command line: one struct per command, whose fields are
// its flags, environment variables, defaults and help at once. Commands of the
// server (serve, init, migrate, doctor, backup, restore) stand on internal/server; all others
// are clients of the management API, with the types of package api.
//
// It owns what people see in a terminal and the exit codes. It knows no
// business rule: what is allowed is the server's answer.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/server"
)

// The exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRefused = 3 // unsafe or unreadable data
)

// Streams is where commands read and write.
type Streams struct {
	In  io.Reader
	Out io.Writer // results
	Err io.Writer // questions, errors, logs
}

type root struct {
	Config configFile `help:"Read settings from a JSON file: the names of flags as names, flags and environment win." env:"LATCHKEY_CONFIG" placeholder:"FILE"`

	Serve      serveCommand      `cmd:"" group:"server" help:"Run the server."`
	Init       initCommand       `cmd:"" group:"server" help:"Make the first account without a browser."`
	Migrate    migrateCommand    `cmd:"" group:"server" help:"Bring the database to this version."`
	Doctor     doctorCommand     `cmd:"" group:"server" help:"Examine key file, database, audit log, clock and disk."`
	Backup     backupCommand     `cmd:"" group:"server" help:"Copy the database, also while the server runs."`
	Restore    restoreCommand    `cmd:"" group:"server" help:"Put a backup in the database's place."`
	Mail       mailCommand       `cmd:"" group:"server" help:"Try the settings for mail."`
	Version    versionCommand    `cmd:"" group:"server" help:"Say which version this is."`
	Completion completionCommand `cmd:"" group:"server" help:"Print a shell's completion script."`
	Complete   completeCommand   `cmd:"" name:"__complete" hidden:""`

	Status        statusCommand        `cmd:"" group:"remote" help:"How the server is."`
	Apps          appsCommand          `cmd:"" group:"remote" help:"Applications."`
	Subscriptions subscriptionsCommand `cmd:"" group:"remote" help:"Tiers of an application."`
	Files         filesCommand         `cmd:"" group:"remote" help:"Files that an application hands to its programs."`
	Webhooks      webhooksCommand      `cmd:"" group:"remote" help:"Addresses that programs may have called."`
	Licenses      licensesCommand      `cmd:"" group:"remote" help:"License keys."`
	Users         usersCommand         `cmd:"" group:"remote" help:"Customers of an application."`
	Tokens        tokensCommand        `cmd:"" group:"remote" help:"What programs must come with."`
	Variables     variablesCommand     `cmd:"" group:"remote" help:"Values that programs ask for."`
	Sessions      sessionsCommand      `cmd:"" group:"remote" help:"Running programs that signed in."`
	Chats         chatsCommand         `cmd:"" group:"remote" help:"Channels in which customers talk."`
	Logs          logsCommand          `cmd:"" group:"remote" help:"What programs reported."`
	Deliveries    deliveriesCommand    `cmd:"" group:"remote" help:"Mails and messages that an application sends."`
	Audit         auditCommand         `cmd:"" group:"remote" help:"Who changed what, and from where."`
	Blacklists    blacklistsCommand    `cmd:"" group:"remote" help:"Who is kept out of an application."`
	Whitelists    whitelistsCommand    `cmd:"" group:"remote" help:"Addresses that are let in all the same."`
	Account       accountCommand       `cmd:"" group:"remote" help:"The account whose key is used."`
	Accounts      accountsCommand      `cmd:"" group:"remote" help:"Everybody's accounts, for administrators."`
	APIKeys       apiKeysCommand       `cmd:"" name:"api-keys" group:"remote" help:"Credentials of machines."`
}

// exit ends a parse early; kong asks for that after it printed help.
type exit int

// usageError reports a command that was not written as it must be.
type usageError string

func (e usageError) Error() string { return string(e) }

// Main runs one command and returns the exit code. The first interrupt asks
// the command to stop, the second ends the program.
func Main(args []string, std Streams) (code int) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case exit:
			code = int(p)
		default:
			panic(p)
		}
	}()
	ctx, stop := interruptible()
	defer stop()

	parser, err := newParser(ctx, &root{}, std)
	if err != nil {
		return report(std.Err, err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return report(std.Err, err)
	}
	return report(std.Err, command.Run())
}

// interruptible returns a context that the first SIGINT or SIGTERM cancels.
// Before it does, signals have their usual force again, so that a second one
// ends the process at once, however early it comes.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
		case <-ctx.Done():
		}
		signal.Stop(signals)
		cancel()
	}()
	return ctx, cancel
}

func newParser(ctx context.Context, r *root, std Streams) (*kong.Kong, error) {
	return kong.New(r,
		kong.Name("latchkey"),
		kong.Description("Latchkey is a licensing and sign-in server for software that you sell."),
		kong.Writers(std.Out, std.Err),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "server", Title: "The server on this machine:"},
			{Key: "remote", Title: "A running server, through its management API:"},
		}),
		kong.Configuration(loadConfig),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
}

// report writes an error as one sentence and returns the exit code for it.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	_, _ = fmt.Fprintln(w, "latchkey:", sentence(err)) // where else to complain
	var parse *kong.ParseError
	var usage usageError
	var refusal *server.Refusal
	switch {
	case errors.As(err, &refusal):
		return exitRefused
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &parse):
		_, _ = fmt.Fprintf(w, "Run \"%s --help\" to see how it is used.\n", commandPath(parse.Context))
		return exitUsage
	}
	return exitFailed
}

func sentence(err error) string {
	if e, ok := errors.AsType[*latchkey.Error](err); ok {
		text := fmt.Sprintf("%s (%s)", e.Message, e.Code)
		if cause := e.Unwrap(); cause != nil {
			text += ": " + cause.Error()
		}
		return text
	}
	return err.Error()
}

// commandPath is the command as far as it was understood.
func commandPath(ctx *kong.Context) string {
	if node := ctx.Selected(); node != nil {
		return node.FullPath()
	}
	path := ctx.Model.Name
	for _, step := range ctx.Path {
		if step.Command != nil {
			path = step.Command.FullPath()
		}
	}
	return path
}
