package pgtest

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// superuser is the role that tests connect as; the server trusts whoever can
// reach its socket, which is in a folder of mode 0700.
const superuser = "latchkey"

// maxSocketDir is what fits into a socket's address beside the file's name.
const maxSocketDir = 80

// Server is a running PostgreSQL. Its methods are safe for concurrent use,
// except that Halt, Resume and Stop exclude each other.
type Server struct {
	dir      string
	bin      string
	settings []string            // such as fsync=off
	identity *syscall.Credential // nil: as we are
	guard    *exec.Cmd
	guarded  io.Closer
	count    atomic.Int64
}

// Start makes a new PostgreSQL in an existing, empty folder and starts it, with
// fsync as in production unless a setting such as "fsync=off" says otherwise. Run by root, the folder is given to an unprivileged
// user, since PostgreSQL refuses to run as root. The server listens only on a
// socket in the folder, whose path must be short (80 bytes).
func Start(dir string, settings ...string) (*Server, error) {
	if len(dir) > maxSocketDir {
		return nil, fmt.Errorf("the folder's path is longer than %d bytes, which a socket's address cannot hold: %s", maxSocketDir, dir)
	}
	bin, err := findBinaries()
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, settings: settings}
	if s.identity, err = unprivileged(dir); err != nil {
		return nil, err
	}
	if err := s.startGuard(); err != nil {
		return nil, fmt.Errorf("start guard: %w", err)
	}
	err = s.run("initdb", "--pgdata="+s.data(), "--username="+superuser, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	if err == nil {
		err = s.Resume()
	}
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// URL names a database on the server.
func (s *Server) URL(database string) string {
	query := url.Values{"host": {s.dir}, "sslmode": {"disable"}}
	return "postgres://" + superuser + "@/" + database + "?" + query.Encode()
}

// CreateDatabase makes an empty database and returns its URL.
func (s *Server) CreateDatabase() (string, error) { return s.CopyDatabase("template1") }

// CopyDatabase makes a database with what another one holds, to which nobody
// may be connected, and returns its URL.
func (s *Server) CopyDatabase(name string) (string, error) {
	made := "test" + strconv.FormatInt(s.count.Add(1), 10)
	return s.URL(made), s.run("createdb", "--host="+s.dir, "--username="+superuser, "--template="+name, made)
}

// DropDatabase removes a database made by [Server.CreateDatabase] and ends the
// connections to it.
func (s *Server) DropDatabase(databaseURL string) error {
	return s.run("dropdb", "--host="+s.dir, "--username="+superuser, "--force", databaseName(databaseURL))
}

func databaseName(databaseURL string) string {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Path, "/")
}

// Checkpoint writes what is only in memory or in the write-ahead log into the
// files of the databases.
func (s *Server) Checkpoint() error {
	return s.run("psql", "--host="+s.dir, "--username="+superuser, "--no-psqlrc", "--command=CHECKPOINT", "postgres")
}

// Halt ends the server at once, as a crash would; [Server.Resume] starts it again.
func (s *Server) Halt() error {
	return s.run("pg_ctl", "stop", "--pgdata="+s.data(), "--mode=immediate", "--wait")
}

// Resume starts the server and returns when it accepts connections.
func (s *Server) Resume() error {
	options := "-c listen_addresses='' -c unix_socket_directories='" + s.dir + "' -c max_connections=300 -c logging_collector=off"
	for _, setting := range s.settings {
		options += " -c " + setting
	}
	return s.run("pg_ctl", "start", "--pgdata="+s.data(), "--log="+filepath.Join(s.dir, "log"), "--wait", "--timeout=60", "--options="+options)
}

// Stop ends the server and removes its folder.
func (s *Server) Stop() error {
	if err := s.guarded.Close(); err != nil {
		return err
	}
	return s.guard.Wait()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// startGuard starts a shell that waits for the end of its input, that is for
// Stop or for the end of this process by whatever cause, and then ends the
// server and removes the folder.
func (s *Server) startGuard() error {
	const script = `cat; "$0/pg_ctl" stop --pgdata="$1/data" --mode=immediate --wait; rm -rf "$1"`
	s.guard = exec.Command("/bin/sh", "-c", script, s.bin, s.dir)
	// A group of its own, so that an interrupt from the terminal spares it.
	s.guard.SysProcAttr = &syscall.SysProcAttr{Credential: s.identity, Setpgid: true}
	s.guard.Env = environment()
	s.guard.Dir = s.dir
	in, err := s.guard.StdinPipe()
	if err != nil {
		return err
	}
	s.guarded = in
	return s.guard.Start()
}

// run runs one of PostgreSQL's programs. Its output goes through a file: the
// server inherits it and would keep a pipe open.
func (s *Server) run(program string, args ...string) error {
	out, err := os.CreateTemp(s.dir, "out-*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd := exec.Command(filepath.Join(s.bin, program), args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.identity, Setpgid: true}
	cmd.Env = environment()
	cmd.Dir = s.dir
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		logged, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		return fmt.Errorf("%s: %w\n%s%s", program, err, said, logged)
	}
	return nil
}

// environment keeps the caller's PG… variables away.
func environment() []string { return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"} }

// findBinaries returns the folder with PostgreSQL's server programs: that of
// the initdb in PATH, else the newest where Debian puts them.
func findBinaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil && hasServer(filepath.Dir(path)) {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	newest, best := -1, ""
	for _, dir := range found {
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		if err == nil && version > newest && hasServer(dir) {
			newest, best = version, dir
		}
	}
	if best == "" {
		return "", errors.New("PostgreSQL is not installed on this machine and these tests need it; " +
			"on Debian or Ubuntu run: apt-get install postgresql; elsewhere put PostgreSQL's initdb, pg_ctl and postgres into PATH")
	}
	return best, nil
}

func hasServer(dir string) bool {
	for _, program := range []string{"initdb", "pg_ctl", "postgres", "createdb", "dropdb", "psql"} {
		if info, err := os.Stat(filepath.Join(dir, program)); err != nil || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}

// unprivileged gives the folder to a user other than root, if we are root.
func unprivileged(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2, os.Chown(dir, int(uid), int(gid)), os.Chmod(dir, 0o700)); err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}
