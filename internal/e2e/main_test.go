package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/pgtest"
)

const root = "../.."

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	defer built.remove()
	return pgtest.Run(m)
}

// built holds the programs under test. They are built once per run, when a
// test first wants them.
var built programs

type programs struct {
	mu   sync.Mutex
	dir  string
	done map[string]string // path by name
}

// shipped is the program as `make build` makes it.
func shipped(t testing.TB) string {
	return built.get(t, "latchkey", []string{"CGO_ENABLED=0"}, "-trimpath", "-ldflags=-s -w")
}

// watched is the program with the race detector in it, if the tests run with
// it as well.
func watched(t testing.TB) string {
	if !underRace {
		return shipped(t)
	}
	return built.get(t, "latchkey-race", nil, raceFlags(t)...)
}

// raceFlags are those of the Makefile: with others, everything that the program
// is made of would be compiled once more.
func raceFlags(t testing.TB) []string {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(makefile), "\nRACE := -race ")
	line, _, found := strings.Cut(strings.ReplaceAll(rest, "\\\n", ""), "\n")
	if !found {
		t.Fatal("the Makefile has no RACE flags")
	}
	flags := []string{"-race"}
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			flags = append(flags, part)
		}
	}
	return flags
}

func (p *programs) get(t testing.TB, name string, env []string, flags ...string) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if path, ok := p.done[name]; ok {
		return path
	}
	if p.dir == "" {
		dir, err := os.MkdirTemp("", "latchkey-e2e-")
		if err != nil {
			t.Fatal(err)
		}
		p.dir, p.done = dir, map[string]string{}
	}
	path := filepath.Join(p.dir, name)
	cmd := exec.Command("go", slices.Concat([]string{"build", "-o", path}, flags, []string{"./cmd/latchkey"})...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), env...)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, said)
	}
	p.done[name] = path
	return path
}

func (p *programs) remove() {
	if err := os.RemoveAll(p.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// rounds is how many rounds a test runs: few in every run, more where the
// variable says so.
func rounds(variable string) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil && n > 0 {
		return n
	}
	return 5
}

// environment is the tests' own without settings for the program.
func environment(extra ...string) []string {
	var env []string
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "LATCHKEY_") {
			env = append(env, setting)
		}
	}
	return append(env, extra...)
}

// need fails the test with what to install if one of the programs is missing.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("this test needs %s; on Debian or Ubuntu run: apt-get install %s", program, program)
		}
	}
}
