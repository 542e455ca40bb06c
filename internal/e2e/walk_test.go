package e2e_test

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"net"
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

var walkBlock = regexp.MustCompile("(?ms)^<!-- walk -->\n```sh\n(.*?)^```$")

// TestReadmeWalk does what README.md tells a stranger to do, to the letter, in
// a copy of the tree: the marked blocks in one shell, and `make run` in a
// second one after the first block. Only the port is another.
func TestReadmeWalk(t *testing.T) {
	t.Parallel()
	need(t, "bash", "make", "curl", "openssl")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := walkBlock.FindAllStringSubmatch(string(readme), -1)
	if len(blocks) < 3 {
		t.Fatalf("README.md has %d blocks marked <!-- walk -->", len(blocks))
	}
	tree, port := copyOfTree(t), freePort(t)
	var script strings.Builder
	for n, block := range blocks {
		script.WriteString(strings.ReplaceAll(block[1], "127.0.0.1:8080", "127.0.0.1:"+port))
		if n == 0 {
			script.WriteString("\necho pause\nread -r _ <&3\n")
		}
	}
	shell := newShell(t, tree, script.String(), "LATCHKEY_URL=http://127.0.0.1:"+port)
	shell.until("pause")
	makeRun(t, tree, port)
	shell.goOn()
	said := shell.finish()
	for _, want := range []string{`"success":true`, "Signature Verified Successfully"} {
		if !strings.Contains(said, want) {
			t.Errorf("the walk does not show %s", want)
		}
	}
	if t.Failed() {
		t.Logf("the walk said:\n%s", said)
	}
}

// copyOfTree copies what a fresh clone would have, and what `make build` has
// made in it, if it has been run: with the times of the files, so that make
// sees that it was. The packages of the dashboard, too many to copy, are shared.
func copyOfTree(t *testing.T) string {
	t.Helper()
	tree := filepath.Join(t.TempDir(), "latchkey")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if slices.Contains([]string{".git", "bin", "data", "web/node_modules", "web/shots"}, filepath.ToSlash(name)) {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(tree, name), 0o755)
		}
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		copied := filepath.Join(tree, name)
		return errors.Join(os.WriteFile(copied, content, info.Mode().Perm()), os.Chtimes(copied, time.Time{}, info.ModTime()))
	})
	if err != nil {
		t.Fatal(err)
	}
	packages, err := filepath.Abs(filepath.Join(root, "web", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(packages, ".package-lock.json")); err == nil {
		if err := os.Symlink(packages, filepath.Join(tree, "web", "node_modules")); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

// freePort returns a port of loopback that nobody has.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// makeRun is the second terminal: the server runs until the test ends.
func makeRun(t *testing.T, tree, port string) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "make-run"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("make", "run", "ARGS=--listen 127.0.0.1:"+port)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = tree, walkEnvironment(), log, log, processAttributes()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // it may have ended by itself
		_ = cmd.Wait()                                      // make reports the signal as an error
		if said, err := os.ReadFile(log.Name()); err != nil || t.Failed() {
			t.Logf("make run said (%v):\n%s", err, said)
		}
		_ = log.Close() // it was read already
	})
	eventually(t, 2*time.Minute, "make run serves", func() bool {
		res, err := http.Get("http://127.0.0.1:" + port + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close() // only the status counts
		return res.StatusCode == http.StatusOK
	})
}

// walkEnvironment keeps the outer make's settings away from the inner one.
func walkEnvironment(extra ...string) []string {
	return slices.DeleteFunc(environment(extra...), func(setting string) bool {
		return strings.HasPrefix(setting, "MAKE") || strings.HasPrefix(setting, "MFLAGS=")
	})
}

// shell is a running script that pauses by reading its file descriptor 3.
type shell struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *bufio.Scanner
	gate  *os.File
	said  strings.Builder
}

func newShell(t *testing.T, dir, script string, settings ...string) *shell {
	t.Helper()
	wait, gate, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-e", "-c", script)
	cmd.Dir, cmd.Env, cmd.ExtraFiles, cmd.SysProcAttr = dir, walkEnvironment(settings...), []*os.File{wait}, processAttributes()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &shell{t: t, cmd: cmd, lines: bufio.NewScanner(io.Reader(out)), gate: gate}
	limit := time.AfterFunc(3*time.Minute, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	t.Cleanup(func() {
		limit.Stop()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended by itself
		_ = wait.Close()                                    // nothing was written through it
		_ = gate.Close()
	})
	return s
}

// until reads up to a line.
func (s *shell) until(mark string) {
	s.t.Helper()
	for s.lines.Scan() {
		if s.lines.Text() == mark {
			return
		}
		s.said.WriteString(s.lines.Text() + "\n")
	}
	s.t.Fatalf("the script ended early: %v\n%s", s.cmd.Wait(), s.said.String())
}

func (s *shell) goOn() {
	s.t.Helper()
	if _, err := s.gate.WriteString("\n"); err != nil {
		s.t.Fatal(err)
	}
}

// finish reads the rest and returns all that was said.
func (s *shell) finish() string {
	s.t.Helper()
	for s.lines.Scan() {
		s.said.WriteString(s.lines.Text() + "\n")
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("the script ended with %v", err)
	}
	return s.said.String()
}
