package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/latchkey-dev/latchkey/internal/blob/s3/s3test"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"latchkey": func() { os.Exit(Main(os.Args[1:], Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})) },
	})
}

// TestScripts runs testdata/*.txtar: each is a story told with the real
// program, and where it says serve, with a real server. Beside the usual
// commands of testscript there are
//
//	exits CODE PROGRAM…   the program ends with the exit code
//	serve [FLAG…]         starts latchkey serve on a free port, sets LATCHKEY_URL and SETUP_LINK
//	stop                  interrupts the server, which must end with exit code 0
//	field NAME PATH       puts a value of the JSON on stdout into a variable: licenses.0.key
//	get PATH              asks the server and prints the answer
//	damage FILE OFFSET    overwrites 64 bytes of a file
//	lines N               stdout has N lines
//	bucket                makes a bucket on a real S3 server and sets the variables that name it
//	cuts                  puts a line before the server that breaks at every first answer to a POST
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// A program under the race detector waits a second at its end otherwise.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Values[serverKey] = &runningServer{}
			env.Defer(env.Values[serverKey].(*runningServer).kill)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": cmdExits, "serve": cmdServe, "stop": cmdStop, "field": cmdField,
			"get": cmdGet, "damage": cmdDamage, "lines": cmdLines, "cuts": cmdCuts, "bucket": cmdBucket,
		},
	})
}

const serverKey = "server"

// runningServer is the server of one script.
type runningServer struct{ cmd *exec.Cmd }

func (s *runningServer) kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

func program(ts *testscript.TestScript, args []string) *exec.Cmd {
	path, err := exec.LookPath(args[0])
	ts.Check(err)
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = ts.Getenv("WORK")
	for _, name := range []string{"PATH", "HOME", "WORK", "GORACE", "LATCHKEY_URL", "LATCHKEY_API_KEY", "LATCHKEY_DATA", "LATCHKEY_LISTEN",
		"LATCHKEY_S3_BUCKET", "LATCHKEY_S3_ENDPOINT", "LATCHKEY_S3_ACCESS_KEY", "LATCHKEY_S3_SECRET_KEY"} {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	return cmd
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	cmd := program(ts, args[1:])
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	got := 0
	if err := cmd.Run(); err != nil {
		var failed *exec.ExitError
		if !errors.As(err, &failed) {
			ts.Fatalf("run: %v", err)
		}
		got = failed.ExitCode()
	}
	_, _ = ts.Stdout().Write(stdout.Bytes())
	_, _ = ts.Stderr().Write(stderr.Bytes())
	if got != want {
		ts.Fatalf("exit code %d, want %d\n%s%s", got, want, stdout.String(), stderr.String())
	}
}

func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(serverKey).(*runningServer)
	cmd := program(ts, append([]string{"latchkey", "serve", "--listen", "127.0.0.1:0"}, args...))
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	log, err := os.OpenFile(filepath.Join(ts.Getenv("WORK"), "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	ts.Check(err)
	defer log.Close()
	cmd.Stderr = log
	ts.Check(cmd.Start())
	s.cmd = cmd
	lines := bufio.NewScanner(stdout)
	var url, link string
	for url == "" && lines.Scan() {
		url, _ = strings.CutPrefix(lines.Text(), "Latchkey listens on ")
	}
	if url == "" {
		ts.Fatalf("the server did not say where it listens:\n%s", ts.ReadFile("server.log"))
	}
	ts.Setenv("LATCHKEY_URL", url)
	if ts.Getenv("LATCHKEY_API_KEY") == "" { // nobody has set the server up: the link follows
		for link == "" && lines.Scan() {
			if strings.HasPrefix(lines.Text(), "http") {
				link = lines.Text()
			}
		}
	}
	ts.Setenv("SETUP_LINK", link)
}

func cmdBucket(ts *testscript.TestScript, neg bool, args []string) {
	server, bucket, err := s3test.Bucket()
	ts.Check(err)
	for name, value := range map[string]string{"BUCKET": server.Folder(bucket), "LATCHKEY_S3_BUCKET": bucket, "LATCHKEY_S3_ENDPOINT": server.Endpoint,
		"LATCHKEY_S3_ACCESS_KEY": s3test.AccessKey, "LATCHKEY_S3_SECRET_KEY": s3test.SecretKey} {
		ts.Setenv(name, value)
	}
}

func cmdStop(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(serverKey).(*runningServer)
	ts.Check(s.cmd.Process.Signal(os.Interrupt))
	err := s.cmd.Wait()
	s.cmd = nil
	ts.Check(err)
}

func cmdField(ts *testscript.TestScript, neg bool, args []string) {
	var v any
	text := ts.ReadFile("stdout")
	ts.Check(json.Unmarshal([]byte(text[max(0, strings.Index(text, "{")):]), &v)) // behind the status of get
	for name := range strings.SplitSeq(args[1], ".") {
		switch part := v.(type) {
		case map[string]any:
			v = part[name]
		case []any:
			i, err := strconv.Atoi(name)
			ts.Check(err)
			if i >= len(part) {
				ts.Fatalf("%s: the list has %d items", args[1], len(part))
			}
			v = part[i]
		}
	}
	value, ok := v.(string)
	if !ok {
		ts.Fatalf("%s is not a text in\n%s", args[1], ts.ReadFile("stdout"))
	}
	ts.Setenv(args[0], value)
}

func cmdGet(ts *testscript.TestScript, neg bool, args []string) {
	res, err := http.Get(ts.Getenv("LATCHKEY_URL") + args[0])
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	_, _ = ts.Stdout().Write([]byte(res.Status + "\n" + string(body)))
}

func cmdDamage(ts *testscript.TestScript, neg bool, args []string) {
	offset, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY, 0)
	ts.Check(err)
	defer f.Close()
	_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, 64), offset)
	ts.Check(err)
}

func cmdLines(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := strings.Count(ts.ReadFile("stdout"), "\n"); got != want {
		ts.Fatalf("%d lines, want %d", got, want)
	}
}
