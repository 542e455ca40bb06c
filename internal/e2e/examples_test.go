package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkey-dev/latchkey/api"
)

// sample runs a sample program as a customer would, and returns what it said.
type sample struct {
	*testing.T
	command []string
}

func (s sample) run(typed string, more ...string) (said string, worked bool) {
	s.Helper()
	cmd := exec.Command(s.command[0], append(s.command[1:len(s.command):len(s.command)], more...)...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.SysProcAttr = root, environment(), strings.NewReader(typed), processAttributes()
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// says wants an ending and a text of a run.
func (s sample) says(what string, worked bool, text, typed string, more ...string) {
	s.Helper()
	said, ended := s.run(typed, more...)
	if ended != worked || !strings.Contains(said, text) {
		s.Errorf("%s: worked: %t, said\n%s", what, ended, said)
	}
}

func TestConsoleExample(t *testing.T) {
	t.Parallel()
	i := newInstallation(t, "sqlite")
	key := i.initialize()
	server := i.start()
	seller := newSeller(t, server.url, key)
	app := seller.createApp("demo")
	licenses := seller.createLicenses(app.ID, 2)
	seller.call("POST", "/apps/"+app.ID+"/variables", api.CreateVariable{Name: "motd", Value: "Good morning"}, nil)

	binary := filepath.Join(t.TempDir(), "console")
	build := exec.Command("go", "build", "-trimpath", "-o", binary, "./examples/console")
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as `make build` has compiled it already
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, said)
	}
	console := sample{t, []string{binary, "-server", server.url, "-app", app.ID, "-key", app.ClientPublicKey, "-hwid", "a computer of this test",
		"-grace-file", filepath.Join(t.TempDir(), "grace")}}

	console.says("a license", true, "Your subscription default (level 1) lasts until", "1\n"+licenses[0].Key+"\n")
	console.says("a wrong license", false, "Invalid license key", "1\nABCDEF\n")
	console.says("a variable", true, `The variable motd is "Good morning".`, "1\n"+licenses[0].Key+"\n", "-variable", "motd")
	console.says("registering", true, "Hello, ada.", "3\nada\nsecret\n"+licenses[1].Key+"\n")
	console.says("signing in", true, "Hello, ada.", "2\nada\nsecret\n")
	console.says("a wrong password", false, "password", "2\nada\nwrong\n")
	console.says("another computer", false, "HWID doesn't match", "2\nada\nsecret\n", "-hwid", "another computer of this test")
	console.says("an old version", false, "version", "", "-version", "0.9")
	console.says("another key", false, "Something answers in the server's place", "", "-key", strings.Repeat("0a", 32))
	console.says("a new sign-in", true, "Hello, ada.", "2\nada\nsecret\n")

	server.kill()
	console.says("without the server", true, "You can go on for", "")
	console.says("without the server, on another computer", false, "cannot be reached", "", "-hwid", "another computer of this test")
}

func TestCurlExample(t *testing.T) {
	t.Parallel()
	need(t, "bash", "curl", "openssl")
	i := newInstallation(t, "sqlite")
	key := i.initialize()
	server := i.start()
	seller := newSeller(t, server.url, key)
	app, other := seller.createApp("demo & more"), seller.createApp("another")
	licenses := seller.createLicenses(app.ID, 2)
	arguments := func(public, license string) []string {
		return []string{server.url, app.Name, app.OwnerID, public, license, "my first computer 0001"}
	}
	curl := sample{t, []string{"examples/curl/sign-in.sh"}}
	curl.says("a license", true, "signed out", "", arguments(app.CompatPublicKey, licenses[0].Key)...)
	curl.says("again", true, "subscription: default, until", "", arguments(app.CompatPublicKey, licenses[0].Key)...)
	curl.says("a wrong license", false, "refused: Invalid license key", "", arguments(app.CompatPublicKey, "ABCDEF")...)
	curl.says("the key of another app", false, "not signed by the application's key", "", arguments(other.CompatPublicKey, licenses[1].Key)...)
	curl.says("no arguments", false, "LICENSE HWID", "")
	var list api.LicenseList
	seller.call("GET", "/apps/"+app.ID+"/licenses?status=not_used", nil, &list)
	if len(list.Licenses) != 1 {
		t.Errorf("%d licenses are left", len(list.Licenses))
	}
	server.kill()
	curl.says("no server", false, "connect", "", arguments(app.CompatPublicKey, licenses[1].Key)...)
}
