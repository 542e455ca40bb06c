// Command console is a sample program with the Go SDK: it asks its customer for
// a license, or for a user name and a password, and does nothing without. See
// README.md beside it.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	latchkey "github.com/latchkey-dev/latchkey/sdk/go"
)

// A program of your own has these four as constants. They are flags here, so
// that the sample can be tried against any server.
var (
	server   = flag.String("server", "http://127.0.0.1:8080", "the server's `address`")
	appID    = flag.String("app", "", "the application's `id`, app_…")
	key      = flag.String("key", "", "the application's client public `key`")
	version  = flag.String("version", "1.0", "the program's `version`")
	variable = flag.String("variable", "", "`name` of a variable to show after signing in")
	grace    = flag.Duration("grace", 72*time.Hour, "how long to go on without the server")
	file     = flag.String("grace-file", defaultFile(), "where the last sign-in is kept for that")
	hwid     = flag.String("hwid", "", "a hardware `id` in place of this computer's")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, explain(err))
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	options := []latchkey.Option{latchkey.WithOffline(*file, *grace)}
	if *hwid != "" {
		options = append(options, latchkey.WithHWID(*hwid))
	}
	client, err := latchkey.New(latchkey.Config{BaseURL: *server, AppID: *appID, PublicKeys: []string{*key}, Version: *version}, options...)
	if err != nil {
		return err
	}
	defer client.Close()

	p := &program{client: client, in: bufio.NewScanner(in), out: out}
	user, err := p.enter(ctx)
	switch {
	case err == nil:
		p.greet(user)
		return p.work(ctx)
	case errors.Is(err, latchkey.ErrUnavailable):
		return p.offline(err)
	}
	return err
}

// program is one run.
type program struct {
	client *latchkey.Client
	in     *bufio.Scanner
	out    io.Writer
}

// ask asks the customer for a line.
func (p *program) ask(question string) string {
	fmt.Fprint(p.out, question+": ")
	p.in.Scan()
	return strings.TrimSpace(p.in.Text())
}

// enter signs the customer in, in one of three ways.
func (p *program) enter(ctx context.Context) (*latchkey.User, error) {
	app, err := p.client.Init(ctx)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(p.out, "Welcome to %s.\n(1) use a license  (2) sign in  (3) register\n", app.Name)
	var user *latchkey.User
	switch p.ask("Choose") {
	case "1":
		user, err = p.client.License(ctx, p.ask("License"))
	case "2":
		user, err = p.client.Login(ctx, p.ask("User name"), p.ask("Password"))
	case "3":
		user, err = p.client.Register(ctx, latchkey.Registration{Username: p.ask("User name"), Password: p.ask("Password"), License: p.ask("License")})
	default:
		return nil, errors.New("that is none of the three")
	}
	if errors.Is(err, latchkey.ErrTwoFactor) {
		user, err = p.client.TwoFactor(ctx, p.ask("Code of your authenticator"))
	}
	return user, err
}

func (p *program) greet(user *latchkey.User) {
	fmt.Fprintf(p.out, "Hello, %s.\n", user.Username)
	now := p.client.Clock().ServerTime
	for _, s := range user.Subscriptions {
		until := "for ever"
		if !s.ExpiresAt.IsZero() {
			until = fmt.Sprintf("until %s, %s left", s.ExpiresAt.Format(time.DateOnly), s.ExpiresAt.Sub(now).Round(time.Hour))
		}
		fmt.Fprintf(p.out, "Your subscription %s (level %d) lasts %s.\n", s.Name, s.Level, until)
	}
	if err := p.client.OfflineError(); err != nil {
		fmt.Fprintln(p.out, "Without the server this program will not go on:", err)
	}
}

// work is what the customer has paid for. What it needs comes from the server,
// so that there is nothing to do for who has cut the sign-in out.
func (p *program) work(ctx context.Context) error {
	if *variable != "" {
		value, err := p.client.Variable(ctx, *variable)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "The variable %s is %q.\n", *variable, value)
	}
	// A program that runs for long does this every few minutes.
	if _, err := p.client.Check(ctx); err != nil {
		return err
	}
	return nil
}

// offline goes on where the server cannot be reached, for as long as the last
// sign-in on this computer allows.
func (p *program) offline(cause error) error {
	left, err := p.client.Offline()
	if err != nil {
		return fmt.Errorf("%w (%w)", cause, err)
	}
	fmt.Fprintf(p.out, "The server cannot be reached. You can go on for %s, %s.\n", left.Left.Round(time.Minute), left.User.Username)
	return nil
}

// explain says what a customer can do about an error.
func explain(err error) string {
	var refused *latchkey.Error
	switch {
	case errors.As(err, &refused) && refused.Code == latchkey.CodeAppVersion && refused.DownloadURL != "":
		return "This version is too old. Get the new one at " + refused.DownloadURL
	case errors.As(err, &refused):
		return refused.Message
	case errors.Is(err, latchkey.ErrUnavailable):
		return "The server cannot be reached. Is the computer online?"
	case errors.Is(err, latchkey.ErrUnverified):
		return "Something answers in the server's place. " + err.Error()
	}
	return err.Error()
}

func defaultFile() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "latchkey-console.grace")
}
