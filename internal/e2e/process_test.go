package e2e_test

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	startLimit = 20 * time.Second // on a busy machine, perhaps under the race detector
	stopLimit  = 20 * time.Second
)

// process is a running server.
type process struct {
	t       testing.TB
	cmd     *exec.Cmd
	url     string
	took    time.Duration // from the start until it was ready
	out     string        // file of standard output
	log     string        // file of standard error
	exited  chan struct{}
	exitErr error // valid once exited is closed
}

var listensOn = regexp.MustCompile(`(?m)^Latchkey listens on (http://\S+)$`)

// start runs a server on a free port of loopback and returns when it is ready.
// It is killed with the test, and its log must be without faults until then.
// Its limits are off, since crowds sign in from this one address here.
// prefix is a program that runs it, if any.
func (i *installation) start(prefix ...string) *process {
	t := i.t
	t.Helper()
	args := slices.Concat(prefix, []string{i.binary, "serve", "--listen", "127.0.0.1:0", "--limits", "off"}, i.dataFlags(), i.flags)
	p := &process{t: t, cmd: exec.Command(args[0], args[1:]...), exited: make(chan struct{})}
	p.cmd.Env = environment()
	p.cmd.SysProcAttr = processAttributes()
	stdout, stderr := p.createFile(t.TempDir(), "stdout"), p.createFile(i.logs, "stderr-*")
	p.out, p.log, p.cmd.Stdout, p.cmd.Stderr = stdout.Name(), stderr.Name(), stdout, stderr
	began := time.Now()
	err := p.cmd.Start()
	if closeErr := errors.Join(stdout.Close(), stderr.Close()); err != nil || closeErr != nil {
		t.Fatal(err, closeErr)
	}
	go func() {
		p.exitErr = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.kill()
		p.checkLog()
	})
	eventually(t, startLimit, "the server is ready\n"+filepath.Base(p.log), p.ready)
	p.took = time.Since(began)
	return p
}

func (p *process) createFile(dir, pattern string) *os.File {
	f, err := os.CreateTemp(dir, pattern)
	if err != nil {
		p.t.Fatal(err)
	}
	return f
}

func (p *process) ready() bool {
	select {
	case <-p.exited:
		p.t.Fatalf("the server ended before it was ready: %v\n%s", p.exitErr, p.read(p.log))
	default:
	}
	if p.url == "" {
		found := listensOn.FindStringSubmatch(p.read(p.out))
		if found == nil {
			return false
		}
		p.url = found[1]
	}
	res, err := http.Get(p.url + "/readyz")
	if err != nil {
		return false
	}
	_ = res.Body.Close() // only the status counts
	return res.StatusCode == http.StatusOK
}

func (p *process) read(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// kill ends the server as a crash would, with everything that it started.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may have ended by itself
	<-p.exited
}

// stop asks the server to end and fails if that takes long or is no success.
func (p *process) stop() {
	p.t.Helper()
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, stopLimit, "the server stops", func() bool {
		select {
		case <-p.exited:
			return true
		default:
			return false
		}
	})
	if p.exitErr != nil {
		p.t.Errorf("the server ended with %v", p.exitErr)
	}
}

// checkLog fails the test for what no log may hold, and shows the end of the
// log of a test that failed.
func (p *process) checkLog() {
	log := p.read(p.log)
	for _, fault := range []string{"DATA RACE", `"panic"`, "panic:", "goroutine ", `"status":500`} {
		if at := strings.Index(log, fault); at >= 0 {
			p.t.Errorf("the log holds %s: %.4000s", fault, log[max(0, at-300):])
		}
	}
	if p.t.Failed() {
		p.t.Logf("end of the log:\n%s", log[max(0, len(log)-2000):])
	}
}
