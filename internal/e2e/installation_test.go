package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/pgtest"
)

// engines are the databases that every promise holds on.
func engines() []string { return []string{"sqlite", "postgres"} }

const (
	ownerEmail    = "owner@example.com"
	ownerPassword = "correct horse battery staple"
)

// installation is a place where servers keep their data.
type installation struct {
	t        testing.TB
	binary   string // that runs on it
	data     string // folder
	logs     string // folder
	database string // "sqlite" or a URL
	keyFile  string
	flags    []string // of serve: by default without the limits, which all of loopback would share
}

func newInstallation(t testing.TB, engine string) *installation {
	t.Helper()
	dir := t.TempDir()
	i := &installation{t: t, binary: shipped(t), data: filepath.Join(dir, "data"), logs: filepath.Join(dir, "logs"), database: engine}
	i.keyFile, i.flags = filepath.Join(i.data, "latchkey.key"), []string{"--limits", "off"}
	if engine == "postgres" {
		i.database = pgtest.New(t)
	}
	if err := os.MkdirAll(i.logs, 0o700); err != nil {
		t.Fatal(err)
	}
	return i
}

// neighbor is an installation with a data folder of its own on the same
// PostgreSQL, under the same key file: a second server's.
func (i *installation) neighbor() *installation {
	second := *i
	second.data = filepath.Join(i.t.TempDir(), "data")
	return &second
}

// dataFlags name the installation on a command line.
func (i *installation) dataFlags() []string {
	return []string{"--data", i.data, "--database", i.database, "--key-file", i.keyFile, "--log-format", "json"}
}

// command runs a command of the binary on the installation and returns what it
// printed.
func (i *installation) command(name string, args ...string) (string, error) {
	cmd := exec.Command(i.binary, append(append([]string{name}, i.dataFlags()...), args...)...)
	cmd.Env = environment()
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		i.t.Logf("latchkey %s: %v\n%s%s", name, err, out, said.String())
	}
	return string(out), err
}

// initialize makes the owner's account and returns its API key.
func (i *installation) initialize() string {
	i.t.Helper()
	file := filepath.Join(i.t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(ownerPassword), 0o600); err != nil {
		i.t.Fatal(err)
	}
	out, err := i.command("init", "--email", ownerEmail, "--password-file", file, "--json")
	if err != nil {
		i.t.Fatal(err)
	}
	var made struct {
		APIKey string `json:"api_key"`
	}
	if err := json.Unmarshal([]byte(out), &made); err != nil || made.APIKey == "" {
		i.t.Fatalf("init printed %q (%v)", out, err)
	}
	return made.APIKey
}

// examine has doctor look the installation over: integrity, audit chains, key
// file and the rest have to be in order.
func (i *installation) examine() {
	i.t.Helper()
	out, err := i.command("doctor", "--json")
	var report struct {
		OK       bool `json:"ok"`
		Findings []struct {
			Check string `json:"check"`
			OK    bool   `json:"ok"`
		} `json:"findings"`
	}
	if jsonErr := json.Unmarshal([]byte(out), &report); err != nil || jsonErr != nil || !report.OK || len(report.Findings) < 5 {
		i.t.Fatalf("doctor is not content: %v, %v\n%s", err, jsonErr, out)
	}
}
