package server

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/pgtest"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// note writes a value into an installation's database.
func note(t *testing.T, c Config, name, value string) {
	t.Helper()
	inside(t, c, func(ctx context.Context, d *Data) error {
		return d.DB.Write(ctx, func(tx *store.Tx) error { return tx.SetMeta(ctx, name, value) })
	})
}

func noted(t *testing.T, c Config, name string) (value string) {
	t.Helper()
	inside(t, c, func(ctx context.Context, d *Data) error {
		return d.DB.Read(ctx, func(tx *store.Tx) (err error) {
			value, _, err = tx.Meta(ctx, name)
			return err
		})
	})
	return value
}

func inside(t *testing.T, c Config, do func(context.Context, *Data) error) {
	t.Helper()
	d, err := OpenData(t.Context(), c)
	must(t, err)
	must(t, errors.Join(do(t.Context(), d), d.Close()))
}

// backedUp makes an installation whose backup says "old" and whose database
// says "new".
func backedUp(t *testing.T) (c Config, file string) {
	t.Helper()
	c = initialized(t)
	note(t, c, "state", "old")
	file = filepath.Join(t.TempDir(), "copy.db")
	_, err := Backup(t.Context(), c, file)
	must(t, err)
	if got := mode(t, file); got != 0o600 {
		t.Errorf("the backup has mode %04o", got)
	}
	note(t, c, "state", "new")
	return c, file
}

func TestRestore(t *testing.T) {
	c, file := backedUp(t)
	before := listing(t, c.DataDir)
	for name, spoil := range map[string]func(t *testing.T) (file string, force bool, why string){
		"an existing database needs force": func(t *testing.T) (string, bool, string) {
			return file, false, "--force"
		},
		"a cut backup is refused": func(t *testing.T) (string, bool, string) {
			return changed(t, file, func(b []byte) []byte { return b[:len(b)-100] }), true, "cut off"
		},
		"an empty backup is refused": func(t *testing.T) (string, bool, string) {
			return changed(t, file, func([]byte) []byte { return nil }), true, "cannot be read"
		},
		"a backup of another installation is refused": func(t *testing.T) (string, bool, string) {
			_, other := backedUp(t)
			return other, true, "not the one that this database was made with"
		},
	} {
		t.Run(name, func(t *testing.T) {
			file, force, why := spoil(t)
			_, err := Restore(t.Context(), c, file, force)
			if refusal, ok := errors.AsType[*Refusal](err); !ok || !strings.Contains(refusal.Message, why) {
				t.Errorf("got %v, want a refusal that says %q", err, why)
			}
			if after := listing(t, c.DataDir); after != before {
				t.Errorf("the folder changed from %s to %s", before, after)
			}
			if got := noted(t, c, "state"); got != "new" {
				t.Errorf("the database says %q", got)
			}
		})
	}
	done, err := Restore(t.Context(), c, file, true)
	must(t, err)
	if got := noted(t, c, "state"); got != "old" {
		t.Errorf("the restored database says %q", got)
	}
	// What was set aside is whole.
	if _, err := Restore(t.Context(), c, done.Replaced, true); err != nil {
		t.Fatal(err)
	}
	if got := noted(t, c, "state"); got != "new" {
		t.Errorf("the database that was set aside says %q", got)
	}
}

func changed(t *testing.T, file string, change func([]byte) []byte) string {
	t.Helper()
	content, err := os.ReadFile(file)
	must(t, err)
	path := filepath.Join(t.TempDir(), "changed.db")
	must(t, os.WriteFile(path, change(content), 0o600))
	return path
}

func TestRestoreRefusesANewerSchema(t *testing.T) {
	c, file := backedUp(t)
	storetest.MakeNewer(t, file)
	_, err := Restore(t.Context(), c, file, true)
	if refusal, ok := errors.AsType[*Refusal](err); !ok || !strings.Contains(refusal.Message, "newer version") {
		t.Errorf("got %v", err)
	}
	if got := noted(t, c, "state"); got != "new" {
		t.Errorf("the database says %q", got)
	}
}

// TestRestoreTakesTheLogWithTheFile: the copy of a server's files by other
// means has a write-ahead log, which holds what came last.
func TestRestoreTakesTheLogWithTheFile(t *testing.T) {
	c := initialized(t)
	d, err := OpenData(t.Context(), c)
	must(t, err)
	ctx := t.Context()
	must(t, d.DB.Write(ctx, func(tx *store.Tx) error { return tx.SetMeta(ctx, "state", "in the log") }))
	dir := t.TempDir()
	for _, suffix := range []string{"", "-wal"} { // as a crash would leave them
		content, err := os.ReadFile(c.databasePath() + suffix)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, "copy.db"+suffix), content, 0o600))
	}
	must(t, d.Close())
	_, err = Restore(ctx, c, filepath.Join(dir, "copy.db"), true)
	must(t, err)
	if got := noted(t, c, "state"); got != "in the log" {
		t.Errorf("the database says %q", got)
	}
}

func TestRestoreEndsSessions(t *testing.T) {
	for engine, database := range map[string]string{"sqlite": "sqlite", "postgres": pgtest.New(t)} {
		t.Run(engine, func(t *testing.T) {
			c := Config{DataDir: t.TempDir(), Database: database}.withDefaults()
			var actor service.Actor
			var token latchkey.Secret
			var app service.AppView
			var ses *service.ClientSession
			inside(t, c, func(ctx context.Context, d *Data) error {
				setup, err := d.Service.NewSetupToken(ctx)
				must(t, err)
				owner, err := d.Service.Setup(ctx, setup, "ann@example.com", "correct horse battery", "")
				must(t, err)
				token = owner.Session
				actor, err = d.Service.AuthenticateSession(ctx, token)
				must(t, err)
				app, _, err = d.Service.CreateApp(service.WithActor(ctx, actor), "Demo")
				must(t, err)
				client, err := d.Service.ClientApp(ctx, app.OwnerID, app.Name)
				must(t, err)
				ses, err = d.Service.ClientInit(ctx, client, service.ClientInit{Protocol: latchkey.Protocol13})
				return err
			})
			restoreItself(t, c)
			inside(t, c, func(ctx context.Context, d *Data) error {
				if _, err := d.Service.AuthenticateSession(ctx, token); latchkey.CodeOf(err) != latchkey.CodeAuthInvalid {
					t.Errorf("the dashboard session lives: %v", err)
				}
				client, err := d.Service.ClientApp(ctx, app.OwnerID, app.Name)
				must(t, err)
				if _, err := d.Service.OpenSession(client, latchkey.Protocol13, ses.Token.Reveal()); latchkey.CodeOf(err) != latchkey.CodeSessionNotFound {
					t.Errorf("the client session lives: %v", err)
				}
				log, err := d.Service.ListAuditEvents(service.WithActor(ctx, actor), "", service.AuditFilter{Page: service.Page{Limit: 1}})
				must(t, err)
				if len(log.Items) != 1 || log.Items[0].Action != "database.restore" {
					t.Errorf("the audit log ends with %+v", log.Items)
				}
				return d.DB.VerifyAudit(ctx)
			})
		})
	}
}

// restoreItself restores an installation from its own present state.
func restoreItself(t *testing.T, c Config) {
	t.Helper()
	if c.databasePath() == "" {
		_, err := RestoredElsewhere(t.Context(), c)
		must(t, err)
		return
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	_, err := Backup(t.Context(), c, file)
	must(t, err)
	_, err = Restore(t.Context(), c, file, true)
	must(t, err)
}

// TestRestoreGoesOnAfterACrash: whatever files a crash has left after the
// decision, the next start has the restored database and keeps the old one.
func TestRestoreGoesOnAfterACrash(t *testing.T) {
	for name, crash := range map[string]func(t *testing.T, path, aside string){
		"right after the decision": func(*testing.T, string, string) {},
		"between the old log and the old file": func(t *testing.T, path, aside string) {
			must(t, os.Rename(path+"-wal", aside+"-wal"))
		},
		"before the new file was placed": func(t *testing.T, path, aside string) {
			must(t, os.Rename(path+"-wal", aside+"-wal"))
			must(t, os.Rename(path, aside))
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, file := backedUp(t)
			path := c.databasePath()
			d, err := OpenData(t.Context(), c)
			must(t, err)
			ctx := t.Context()
			must(t, d.DB.Write(ctx, func(tx *store.Tx) error { return tx.SetMeta(ctx, "state", "newest") }))
			content, err := os.ReadFile(path + "-wal")
			must(t, err)
			before, err := os.ReadFile(path)
			must(t, err)
			must(t, d.Close())
			must(t, os.WriteFile(path, before, 0o600)) // as if that server had crashed
			must(t, os.WriteFile(path+"-wal", content, 0o600))

			_, err = store.Stage(file, path)
			must(t, err)
			at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
			must(t, store.Promote(path, at))
			aside := path + ".replaced-20300102T030405.000Z"
			crash(t, path, aside)
			if got := noted(t, c, "state"); got != "old" {
				t.Errorf("the database says %q, want the restored one", got)
			}
			if _, err := Restore(ctx, c, aside, true); err != nil {
				t.Fatal(err)
			}
			if got := noted(t, c, "state"); got != "newest" {
				t.Errorf("what was set aside says %q", got)
			}
		})
	}
}

func TestBackupNeedsADatabase(t *testing.T) {
	c := Config{DataDir: filepath.Join(t.TempDir(), "nowhere")}
	_, err := Backup(t.Context(), c, filepath.Join(t.TempDir(), "copy.db"))
	if _, ok := errors.AsType[*Refusal](err); !ok {
		t.Errorf("got %v", err)
	}
	if _, err := os.Lstat(c.DataDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
}
