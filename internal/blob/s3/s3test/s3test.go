// Package s3test gives tests a real S3 server: Versity's gateway over a temporary
// folder, built from the module that tools/s3/go.mod names. There is one per test
// process, and it goes away with it.
//
// It knows nothing of what the tests store.
package s3test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The server's only account, and its region.
const (
	AccessKey = "latchkey-tests"
	SecretKey = "the-tests-secret-key"
	Region    = "us-east-1"
)

// Server is a running S3 server.
type Server struct {
	Endpoint string // URL

	dir     string
	program string
	port    string
	guard   *exec.Cmd
	guarded io.Closer
	count   atomic.Int64
}

// shared is the server of this test process. It is state of the process, as the
// server itself is, and lives nowhere else.
var shared lazy

type lazy struct {
	mu     sync.Mutex
	tried  bool
	server *Server
	err    error // why there is none; tried only once
}

func (l *lazy) get() (*Server, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.tried {
		l.tried = true
		l.server, l.err = start()
	}
	return l.server, l.err
}

// stop ends the server, if somebody has asked for one.
func (l *lazy) stop() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == nil {
		return nil
	}
	return errors.Join(l.server.guarded.Close(), l.server.guard.Wait())
}

// New returns the server and the name of a new, empty bucket on it. A machine
// where it cannot be built fails the test.
func New(t testing.TB) (s *Server, bucket string) {
	t.Helper()
	s, bucket, err := Bucket()
	if err != nil {
		t.Fatalf("start S3 server: %v", err)
	}
	return s, bucket
}

// Bucket is [New] for tests that are none of package testing's.
func Bucket() (s *Server, bucket string, err error) {
	if s, err = shared.get(); err != nil {
		return nil, "", err
	}
	bucket = "bucket-" + strconv.FormatInt(s.count.Add(1), 10)
	return s, bucket, os.Mkdir(s.Folder(bucket), 0o700)
}

// Folder is where the objects of a bucket lie.
func (s *Server) Folder(bucket string) string { return filepath.Join(s.dir, "data", bucket) }

// Main is for a package's TestMain: it runs the tests and waits until the server
// has gone. Without it the server goes a moment after the process.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run is [Main] for a TestMain that has more to do: it returns the exit code.
func Run(m *testing.M) int {
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop S3 server:", err)
		code = max(code, 1)
	}
	return code
}

func start() (*Server, error) {
	program, err := build()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "latchkey-s3-")
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"data", "meta"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			return nil, err
		}
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{Endpoint: "http://127.0.0.1:" + port, dir: dir, program: program, port: port}
	if err := s.run(); err != nil {
		return nil, err
	}
	return s, nil
}

// build has the go command build the program, which it keeps in its cache, and
// returns where that is.
func build() (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "tools", "s3", "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			return "", errors.New("tools/s3/go.mod is in no folder above the test's")
		}
		root = filepath.Dir(root)
	}
	// As `make build` compiles, so that what both stand on is compiled once; what
	// is there and up to date is left alone.
	path := filepath.Join(root, "bin", "versitygw")
	cmd := exec.Command("go", "build", "-trimpath", "-modfile="+filepath.Join(root, "tools", "s3", "go.mod"), "-o", path, "github.com/versity/versitygw/cmd/versitygw")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build versitygw: %w: %s", err, said)
	}
	return path, nil
}

// freePort is a port that nobody listens at.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// run starts a shell that starts the server, waits for the end of its input, that
// is for the end of this process by whatever cause, then ends the server and
// removes the folder.
func (s *Server) run() error {
	const script = `"$0" --port "127.0.0.1:$2" --quiet --keep-alive --health /health posix --sidecar "$1/meta" "$1/data" >"$1/log" 2>&1 &
server=$!
cat
kill $server
wait $server
rm -rf "$1"
exit 0`
	s.guard = exec.Command("/bin/sh", "-c", script, s.program, s.dir, s.port)
	// A group of its own, so that an interrupt from the terminal spares it.
	s.guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.guard.Env = []string{"ROOT_ACCESS_KEY=" + AccessKey, "ROOT_SECRET_KEY=" + SecretKey, "VGW_REGION=" + Region, "PATH=" + os.Getenv("PATH")}
	in, err := s.guard.StdinPipe()
	if err != nil {
		return err
	}
	s.guarded = in
	if err := s.guard.Start(); err != nil {
		return err
	}
	return s.ready()
}

// ready returns once the server answers.
func (s *Server) ready() error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for tries := 0; ; tries++ {
		res, err := http.Get(s.Endpoint + "/health")
		if err == nil {
			if err = res.Body.Close(); err == nil && res.StatusCode == http.StatusOK {
				return nil
			}
		}
		if tries == 1000 {
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("it does not answer: %v; it says: %s", err, log)
		}
		<-tick.C
	}
}
