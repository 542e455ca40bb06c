package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
)

// TestBackupDrill makes a backup in a storm of sign-ins, loses the server and
// goes on elsewhere from the backup: what was acknowledged before it was begun
// is there, the doctor is content, and every session has ended.
func TestBackupDrill(t *testing.T) {
	lost := newInstallation(t, "sqlite")
	key := lost.initialize()
	p := lost.start()
	st := newStorm(t, newSeller(t, p.url, key), "drill")
	st.begin(p.url)
	eventually(t, stormLimit, "the storm rages", func() bool { return st.acknowledged() >= 100 })
	st.mu.Lock()
	before := &storm{app: st.app, client: st.client, deeds: slices.Clone(st.deeds)}
	st.mu.Unlock()
	file := filepath.Join(t.TempDir(), "copy.db")
	if _, err := lost.command("backup", file); err != nil {
		t.Fatal(err)
	}
	during := st.acknowledged() - before.acknowledged()
	p.kill()
	st.done.Wait()
	for _, err := range st.wrong {
		t.Error(err)
	}

	found := newInstallation(t, "sqlite")
	copyKeyFile(t, lost, found)
	began := time.Now()
	if _, err := found.command("restore", file); err != nil {
		t.Fatal(err)
	}
	found.examine()
	p = found.start()
	t.Logf("restored and ready after %v; %d sign-ins acknowledged before the backup, %d while it was made",
		time.Since(began), before.acknowledged(), during)
	checkRedeemed(t, newSeller(t, p.url, key), before)
	again := func(d deed) error { return signInAgain(p.url, before, d) }
	if err := each(before.of(true, "license"), stormers, again); err != nil {
		t.Errorf("a user of the backup cannot sign in: %v", err)
	}
	if err := each(before.of(true, "license", "register", "login"), stormers, func(d deed) error { return sessionIsOver(p.url, before, d) }); err != nil {
		t.Error(err)
	}
}

func copyKeyFile(t *testing.T, from, to *installation) {
	t.Helper()
	content, err := os.ReadFile(from.keyFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(to.data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to.keyFile, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func sessionIsOver(server string, st *storm, d deed) error {
	p := newProgram(server, st.app, st.client)
	p.session = d.session
	a, err := p.call("check", nil)
	if err == nil && a.Success {
		err = fmt.Errorf("a session of the lost server lives on")
	}
	return err
}

// TestKilledBackupsAndRestores kills the commands at any moment: there is a
// whole backup or none, and after a restore the old database or the new one.
func TestKilledBackupsAndRestores(t *testing.T) {
	i := newInstallation(t, "sqlite")
	key := i.initialize()
	p := i.start()
	s := newSeller(t, p.url, key)
	s.createLicenses(s.createApp("before").ID, 1500)
	file := filepath.Join(t.TempDir(), "copy.db")
	if _, err := i.command("backup", file); err != nil {
		t.Fatal(err)
	}
	s.createApp("after")
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for range rounds("LATCHKEY_KILL_ROUNDS") {
		copied := filepath.Join(t.TempDir(), "copy.db")
		done := i.killed(random, "backup", copied)
		switch _, err := os.Stat(copied); {
		case err == nil:
			verifyBackup(t, i, copied)
		case done:
			t.Error("the backup succeeded and is not there")
		}
	}
	p.stop()
	for range rounds("LATCHKEY_KILL_ROUNDS") {
		done := i.killed(random, "restore", "--force", file)
		p := i.start() // puts a decided restore into its place
		apps := appNames(newSeller(t, p.url, key))
		if want := []string{"before"}; done && !slices.Equal(apps, want) {
			t.Errorf("after the restore: %v", apps)
		} else if !slices.Equal(apps, want) && !slices.Equal(apps, []string{"after", "before"}) {
			t.Errorf("after a killed restore: %v", apps)
		}
		p.stop()
		i.examine()
		drafts, err := filepath.Glob(filepath.Join(i.data, "latchkey.db.[snr]*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range drafts {
			if !strings.Contains(name, ".replaced-") {
				t.Errorf("%s stays", name)
			}
		}
	}
}

// appNames are the seller's apps, newest first.
func appNames(s *seller) (names []string) {
	s.t.Helper()
	var page api.AppList
	s.call("GET", "/apps", nil, &page)
	for _, app := range page.Apps {
		names = append(names, app.Name)
	}
	return names
}

// killed runs a command and kills it at a random moment, unless it is faster;
// done says that it succeeded.
func (i *installation) killed(random *rand.Rand, name string, args ...string) (done bool) {
	cmd := exec.Command(i.binary, append(append([]string{name}, i.dataFlags()...), args...)...)
	cmd.Env = environment()
	cmd.SysProcAttr = processAttributes()
	if err := cmd.Start(); err != nil {
		i.t.Fatal(err)
	}
	timer := time.AfterFunc(time.Duration(random.Int64N(int64(400*time.Millisecond))), func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended by itself
	})
	defer timer.Stop()
	return cmd.Wait() == nil
}

// verifyBackup restores a backup into a folder of its own and examines that.
func verifyBackup(t *testing.T, from *installation, file string) {
	t.Helper()
	i := newInstallation(t, "sqlite")
	copyKeyFile(t, from, i)
	if _, err := i.command("restore", file); err != nil {
		t.Error(err)
	}
	i.examine()
}
