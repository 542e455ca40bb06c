package bench

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/latchkey-dev/latchkey/internal/pgtest"
)

// options is the command line.
type options struct {
	Server      string        `help:"The latchkey program to measure." default:"bin/latchkey" type:"existingfile" placeholder:"FILE"`
	Base        string        `help:"An older latchkey program, measured in turn with it." type:"existingfile" placeholder:"FILE"`
	Licenses    int           `help:"Licenses in the database." default:"200000"`
	Users       int           `help:"Customers who have redeemed one." default:"20000"`
	Sessions    int           `help:"Customers who are signed in: check asks for these." default:"20000"`
	Engines     []string      `help:"Databases: sqlite, postgres, and pair for two servers on one PostgreSQL." enum:"sqlite,postgres,pair" default:"sqlite,postgres,pair"`
	Concurrency []int         `help:"Numbers of clients." default:"1,16,64,256"`
	Rows        []string      `help:"Rows to measure; all if not given."`
	Rounds      int           `help:"Rounds, of which the medians are taken." default:"5"`
	Duration    time.Duration `help:"How long each row takes in a round." default:"1s"`
	Idle        time.Duration `help:"How long a server rests before its memory at rest is read." default:"5s"`
	Timing      int           `help:"Instead of rows: compare how long refusals take that must not be told apart, so many of each." placeholder:"N"`
	Create      int           `help:"Licenses that create makes in one call." default:"100000"`
	Dir         string        `help:"Keep the filled SQLite database here, and start from it if there is one." placeholder:"DIR"`
	Temp        string        `help:"Folder on the disk to measure, for what is removed afterwards; a short path." default:"/var/tmp"`
	ServerFlags []string      `name:"server-flag" help:"Further flag of the server; may be repeated." sep:"none" placeholder:"FLAG"`
	Markdown    string        `help:"Write the report to this file." placeholder:"FILE"`
	Append      string        `help:"Add the report's tables to this file instead, under this heading." placeholder:"HEADING"`
	Profile     string        `help:"Save processor profiles of the server in this folder." type:"existingdir" placeholder:"DIR"`
	Pprof       string        `help:"Where the server answers /debug/pprof, for --profile." placeholder:"HOST:PORT"`
}

// Validate refuses numbers that cannot be measured with.
func (o *options) Validate() error {
	if o.Users < 1 || o.Licenses <= o.Users || o.Sessions < 1 || o.Rounds < 1 || o.Create < 1 || o.Timing < 0 || o.Duration <= 0 || len(o.Concurrency) == 0 || slices.Min(o.Concurrency) < 1 {
		return errors.New("all numbers are at least 1, and there are more licenses than users")
	}
	if (o.Profile == "") != (o.Pprof == "") {
		return errors.New("--profile and --pprof go together")
	}
	for _, name := range o.Rows {
		if !slices.ContainsFunc(rows(o.Create), func(r row) bool { return r.name == name && !r.hidden }) {
			return fmt.Errorf("there is no row %q", name)
		}
	}
	return nil
}

// Main measures as args say, prints the report to out and what it is doing to
// progress, and returns the exit code: not 0 if anything was answered wrongly.
func Main(args []string, out, progress io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, args, out, progress); err != nil {
		fmt.Fprintln(progress, "latchkey-bench:", err)
		return 1
	}
	return 0
}

// helloArgument makes the program serve the floor: it starts itself so.
const helloArgument = "serve-hello"

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	if slices.Equal(args, []string{helloArgument}) {
		return serveHello(ctx, out)
	}
	var o options
	parser, err := kong.New(&o, kong.Name("latchkey-bench"), kong.Writers(out, progress),
		kong.Description("Measures a latchkey server over loopback beside the floor of the same machine."))
	if err != nil {
		return err
	}
	if _, err := parser.Parse(args); err != nil {
		return err
	}
	began := time.Now()
	say := func(format string, args ...any) {
		fmt.Fprintf(progress, "%7s  %s\n", time.Since(began).Truncate(time.Second), fmt.Sprintf(format, args...))
	}
	own, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(o.Temp, "latchkey-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	hello, err := startProcess(filepath.Join(dir, "hello.log"), own, helloArgument)
	if err != nil {
		return err
	}
	defer hello.stop()
	if o.Timing > 0 {
		return o.compareTimes(ctx, dir, hello.address, out, say)
	}
	rep := report{options: o, args: args, machine: thisMachine()}
	for _, engine := range []string{"sqlite", "postgres"} {
		if !o.measures(engine) {
			continue
		}
		suites, err := o.engine(ctx, engine, dir, hello, say)
		if err != nil {
			return err
		}
		rep.suites = append(rep.suites, suites...)
	}
	if err := rep.writeText(out); err != nil {
		return err
	}
	if o.Markdown == "" {
		return nil
	}
	return rep.saveMarkdown(o.Markdown)
}

func (o *options) measures(engine string) bool {
	return slices.Contains(o.Engines, engine) || engine == "postgres" && slices.Contains(o.Engines, "pair")
}

// engine fills databases of an engine, one for each program, and measures.
func (o options) engine(ctx context.Context, engine, dir string, hello *process, say func(string, ...any)) (suites []*suite, err error) {
	database := func() (string, error) { return engine, nil }
	if engine == "postgres" {
		pgDir, err := os.MkdirTemp(o.Temp, "latchkey-pg-")
		if err != nil {
			return nil, err
		}
		server, err := pgtest.Start(pgDir)
		if err != nil {
			return nil, errors.Join(err, os.RemoveAll(pgDir))
		}
		defer func() { err = errors.Join(err, server.Stop()) }()
		database = server.CreateDatabase
	}
	var targets []*target
	defer func() {
		for _, t := range targets {
			err = errors.Join(err, t.leave())
		}
	}()
	programs := []string{o.Server}
	if o.Base != "" {
		programs = []string{o.Base, o.Server}
	}
	for i, program := range programs {
		t := &target{name: engine, program: program, flags: o.ServerFlags, hello: hello.address, fileSum: sha256.Sum256(fileContent())}
		if len(programs) > 1 {
			t.name += []string{" base", " new"}[i]
		}
		if t.dir, err = o.dataDir(dir, engine, t.name); err != nil {
			return nil, err
		}
		if t.database, err = database(); err != nil {
			return nil, err
		}
		targets = append(targets, t)
		if err := t.open(ctx, o.Licenses, o.Users, say); err != nil {
			return nil, err
		}
		if err := t.furnish(ctx); err != nil {
			return nil, err
		}
	}
	newSuite := func(name string) *suite {
		return &suite{options: o, name: name, hello: hello, targets: targets, rows: o.chosen(), say: say,
			results: map[place][]sample{}, pace: map[place]float64{}}
	}
	if slices.Contains(o.Engines, engine) {
		suites = append(suites, newSuite(engine))
		if err := suites[0].measure(ctx); err != nil {
			return nil, err
		}
	}
	if engine != "postgres" || !slices.Contains(o.Engines, "pair") {
		return suites, nil
	}
	for _, t := range targets {
		if err := t.addNode(ctx); err != nil {
			return nil, err
		}
	}
	pair := newSuite("postgres, two servers")
	return append(suites, pair), pair.measure(ctx)
}

// dataDir is where a target keeps its data: for good, if it is asked to and the
// database lies there too.
func (o *options) dataDir(temp, engine, name string) (string, error) {
	dir := filepath.Join(temp, name)
	if o.Dir != "" && engine == "sqlite" {
		dir = filepath.Join(o.Dir, name)
	}
	return dir, os.MkdirAll(dir, 0o700)
}

func (o *options) chosen() []row {
	all := slices.DeleteFunc(rows(o.Create), func(r row) bool { return r.hidden })
	if len(o.Rows) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(r row) bool { return !slices.Contains(o.Rows, r.name) })
}

func helloPublic() ed25519.PublicKey { return helloKey().Public().(ed25519.PublicKey) }
