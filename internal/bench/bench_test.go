package bench

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMain lets the test's own program be the floor, as the benchmark starts itself.
func TestMain(m *testing.M) {
	if slices.Equal(os.Args[1:], []string{helloArgument}) {
		os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// TestBench measures a little of everything, so that the benchmark stays able to.
func TestBench(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "latchkey")
	build := exec.Command("go", "build", "-trimpath", "-o", program, "./cmd/latchkey")
	build.Dir = "../.."
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as `make build` has compiled it already
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	document := filepath.Join(dir, "BENCHMARKS.md")
	kept := filepath.Join(dir, "kept")
	var out, progress bytes.Buffer
	measure := func(more ...string) string {
		t.Helper()
		out.Reset()
		args := append([]string{"--server", program, "--licenses", "300", "--users", "20", "--sessions", "10", "--create", "50",
			"--rounds", "1", "--idle", "0s", "--duration", "20ms", "--concurrency", "2", "--markdown", document}, more...)
		if code := Main(args, &out, &progress); code != 0 {
			t.Fatalf("exit code %d\n%s", code, &progress)
		}
		return out.String()
	}
	report := measure("--temp", os.TempDir(), "--engines", "sqlite,pair")
	for _, want := range append([]string{helloRow, argonRow, "postgres, two servers"}, names(rows(50))...) {
		if !strings.Contains(report, want) && want != "create" && want != "register" {
			t.Errorf("the report has no %q:\n%s", want, report)
		}
	}
	if text, err := os.ReadFile(document); err != nil || !bytes.Contains(text, []byte("| hello | 2 |")) || !bytes.Contains(text, []byte("listens")) {
		t.Errorf("the document (%v):\n%s", err, text)
	}
	// A kept database is gone on with; two programs are measured in turn.
	for range 2 {
		report = measure("--dir", kept, "--engines", "sqlite", "--rows", "check", "--base", program, "--append", "Both programs")
	}
	if text, err := os.ReadFile(document); err != nil || bytes.Count(text, []byte("\n## Both programs\n")) != 2 {
		t.Errorf("the document was not added to (%v):\n%s", err, text)
	}
	// What a few samples say of the times of refusals is not judged.
	out.Reset()
	Main([]string{"--server", program, "--licenses", "300", "--users", "20", "--timing", "3", "--temp", dir}, &out, &progress)
	if got := out.String(); strings.Count(got, "\n") != 5 || !strings.Contains(got, "API key") {
		t.Errorf("times of refusals:\n%s\n%s", got, &progress)
	}
	if !strings.Contains(report, "sqlite base") || !strings.Contains(report, "sqlite new") {
		t.Errorf("the comparison has not both programs:\n%s", report)
	}
}

// BENCHMARKS.md says of every row what it is, also before the row was measured
// there.
func TestTheDocumentNamesAllRows(t *testing.T) {
	document, err := os.ReadFile("../../BENCHMARKS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows(100_000) {
		line := "| " + r.name + " | " + r.what + " |\n"
		if !r.hidden && !bytes.Contains(document, []byte(line)) {
			t.Errorf("BENCHMARKS.md has no line %q", line)
		}
	}
}

func names(rows []row) []string {
	var all []string
	for _, r := range rows {
		if !r.hidden {
			all = append(all, r.name)
		}
	}
	return all
}

func TestBenchRefusesWhatItCannotMeasure(t *testing.T) {
	for _, args := range [][]string{
		{"--server", "bench_test.go", "--licenses", "10", "--users", "10"},
		{"--server", "bench_test.go", "--rows", "nonsense"},
		{"--server", "bench_test.go", "--concurrency", "0"},
		{"--server", "no-such-program"},
	} {
		var progress bytes.Buffer
		if code := Main(args, &bytes.Buffer{}, &progress); code != 1 || progress.Len() == 0 {
			t.Errorf("%q: exit code %d, said %q", args, code, &progress)
		}
	}
}
