package service_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
	"github.com/latchkey-dev/latchkey/internal/store"
	"github.com/latchkey-dev/latchkey/internal/store/storetest"
)

// TestSecrets_at_rest lives through a busy day in which every kind of secret is
// planted, and then looks for them in all that the database has written (the
// file and its log on SQLite, the whole data directory on PostgreSQL), in the
// service's log, in its errors and in the audit log.
func TestSecrets_at_rest(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		searchSecrets(t, "sqlite", dir, dir)
	})
	t.Run("postgres", func(t *testing.T) {
		database := storetest.NewPostgres(t)
		u, err := url.Parse(database)
		if err != nil {
			t.Fatal(err)
		}
		searchSecrets(t, database, t.TempDir(), filepath.Join(u.Query().Get("host"), "data"))
	})
}

// keeper collects what was planted, and what people were told.
type keeper struct {
	mu      sync.Mutex
	planted map[string]string // secret by what it is
	told    strings.Builder
}

func (k *keeper) plant(what, secret string) string {
	k.planted[what] = secret
	return secret
}

// tell remembers an error's text.
func (k *keeper) tell(err error) {
	if err != nil {
		k.told.WriteString(err.Error() + "\n")
	}
}

// Write takes the service's log.
func (k *keeper) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.told.Write(b)
}

const plainName = "Plain-Name-That-Is-No-Secret"

func searchSecrets(t *testing.T, database, dir, written string) {
	start, err := os.Stat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{planted: map[string]string{}}
	log := slog.New(slog.NewTextHandler(k, &slog.HandlerOptions{Level: slog.LevelDebug}))
	box := servicetest.NewBox(t)
	db, err := store.Open(t.Context(), store.Config{Database: database, Path: filepath.Join(dir, "latchkey.db"), Box: box, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Migrate(t.Context(), filepath.Join(dir, "backups")); err != nil {
		t.Fatal(err)
	}
	e := &servicetest.Env{DB: db, Box: box, Clock: servicetest.NewClock()}
	e.Service = beside(t, e, rand.Reader, log)
	setup, err := e.Service.NewSetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e.Owner, err = e.Service.Setup(t.Context(), setup, k.plant("the owner's address", "canary-owner@example.com"),
		latchkey.Secret(k.plant("the owner's password", "canary owner password")), "Firefox")
	if err != nil {
		t.Fatal(err)
	}
	k.plant("the setup token", setup.Reveal())
	k.plant("the owner's session", e.Owner.Session.Reveal())
	k.plant("the first API key", e.Owner.APIKey.Reveal())
	app, secrets, err := e.Service.CreateApp(e.Ctx(), "canaries")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range secrets.Credentials {
		k.plant("the app's "+string(c.Kind), c.Value.Reveal())
	}
	s := &scene{T: t, Env: e, app: app}
	busyDay(s, k)
	if err := db.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
	k.tell(e.Service.Ready(context.Background()))

	files, size := 0, 0
	foundPlain := false
	err = filepath.WalkDir(written, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return ignoreGone(err)
		}
		info, err := d.Info()
		if err != nil || info.ModTime().Before(start.ModTime()) { // of a database beside this one
			return ignoreGone(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return ignoreGone(err)
		}
		files, size = files+1, size+len(content)
		foundPlain = foundPlain || bytes.Contains(content, []byte(plainName))
		k.search(t, filepath.Base(path), content)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !foundPlain {
		t.Fatalf("not even what is no secret was found in %d files of %d bytes: the search looks in the wrong place", files, size)
	}
	k.search(t, "the service's log and errors", []byte(k.told.String()))
	k.search(t, "the audit log", []byte(s.events(app.ID)))
	t.Logf("searched %d files, %d bytes, for %d secrets", files, size, len(k.planted))
}

// ignoreGone forgives a file that the database has removed meanwhile.
func ignoreGone(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// search wants none of the planted secrets in content, in any common spelling.
func (k *keeper) search(t *testing.T, where string, content []byte) {
	t.Helper()
	for what, secret := range k.planted {
		spellings := []string{secret, strings.ToLower(secret), hex.EncodeToString([]byte(secret)),
			base64.RawStdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret))}
		slices.Sort(spellings)
		for _, spelled := range slices.Compact(spellings) {
			if bytes.Contains(content, []byte(spelled)) {
				t.Errorf("%s is in %s", what, where)
				break
			}
		}
	}
}

// busyDay calls every use case that meets a secret, and with mistakes as well.
func busyDay(s *scene, k *keeper) {
	in := func(name, password, key, hwid, email string) service.ClientSignIn {
		return service.ClientSignIn{Username: name, Password: latchkey.Secret(password), Key: key, HWID: hwid, Email: email}
	}
	hwid := k.plant("a hardware id", "canary-hardware-id-0001")
	second := k.plant("another hardware id", "canary-hardware-id-0002")
	password := k.plant("a user's password", "canary user password")
	email := k.plant("a user's address", "canary-user@example.com")
	list := s.Licenses(s.app.ID, 4, "30d")
	alone, chosen, added, banned := k.plant("a license used alone", list[0].Key.Reveal()), k.plant("a registered license", list[1].Key.Reveal()),
		k.plant("an upgrade's license", list[2].Key.Reveal()), k.plant("a banned license", list[3].Key.Reveal())
	custom, err := s.Service.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 1, Mask: k.plant("a custom key", "canary-custom-key-of-mine"), CustomKey: true,
		Charset: bothCases(), Level: 1, Duration: s.length("1d")})
	s.must(err)
	_, err = s.Service.CreateLicenses(s.Ctx(), s.app.ID, service.NewLicenses{Amount: 1, Mask: custom[0].Key.Reveal(), CustomKey: true, Charset: bothCases(), Level: 1, Duration: s.length("1d")})
	s.refused(err, latchkey.CodeLicenseExists)
	k.tell(err)

	// An API key whose maker can ask for it again.
	_, _, err = s.Service.Once(s.Ctx(), service.Repeat{Key: "canary", Asked: []byte("a key"), Encode: func(made any) ([]byte, error) {
		return []byte(k.plant("a repeatable API key", made.(service.CreatedAPIKey).Token.Reveal())), nil
	}}, func(ctx context.Context) error {
		_, _, err := s.Service.CreateAPIKey(ctx, service.NewAPIKey{Name: "canary", Permissions: []latchkey.Permission{latchkey.PermAppsRead}})
		return err
	})
	s.must(err)

	// License alone, with all that can be done to its user.
	ses, err := s.license(alone, hwid)
	s.must(err)
	k.plant("a session token", ses.Token.Reveal())
	_, err = s.license(alone, second)
	s.refused(err, latchkey.CodeDeviceMismatch)
	k.tell(err)
	user := s.named(alone)
	_, err = s.Service.UpdateUser(s.Ctx(), s.app.ID, user.ID, service.UserEdit{Email: &email})
	s.must(err)
	_, err = s.Service.BanUser(s.Ctx(), s.app.ID, user.ID, service.UserBan{Reason: "a reason"})
	s.must(err)
	_, err = s.license(alone, hwid)
	s.refused(err, latchkey.CodeUserBanned)
	k.tell(err)
	_, err = s.Service.UnbanUser(s.Ctx(), s.app.ID, user.ID)
	s.must(err)
	s.must(s.Service.UnbindDevice(s.Ctx(), s.app.ID, user.ID, user.Devices[0].ID))
	_, err = s.license(alone, second)
	s.must(err)
	own, err := s.enter(s.Service.ClientRegister, in(custom[0].Key.Reveal(), password, custom[0].Key.Reveal(), hwid, ""))
	s.must(err) // whose name is the key
	k.plant("another session token", own.Token.Reveal())

	// Variables.
	motd, err := s.Service.CreateVariable(s.Ctx(), s.app.ID, service.NewVariable{Name: "motd", Value: latchkey.Secret(k.plant("a variable", "canary variable value"))})
	s.must(err)
	_, err = s.Service.UpdateVariable(s.Ctx(), s.app.ID, motd.ID, service.VariableEdit{Value: point(latchkey.Secret(k.plant("its new value", "canary variable changed")))})
	s.must(err)
	_, err = s.Service.SetUserVariable(s.Ctx(), s.app.ID, user.ID, service.SetVariable{Name: "plan", Value: latchkey.Secret(k.plant("a user's variable", "canary user variable"))})
	s.must(err)
	k.tell(s.Service.ClientSetUserVariable(outside(), s.client(), own, "theme", latchkey.Secret(k.plant("a variable that a program sets", "canary set by program"))))
	k.tell(s.Service.ClientSetUserVariable(outside(), s.client(), own, "theme", latchkey.Secret(k.plant("a value that is refused", "canary refused value")+"\x00")))
	_, err = s.Service.SetVariables(s.Ctx(), s.app.ID, everybody, service.SetVariable{Name: "news", Value: latchkey.Secret(k.plant("a variable of all users", "canary value for all"))},
		service.BulkCall{Repeat: "canary variables"})
	s.must(err)

	// Tokens of programs, before the setting that asks for them is on.
	for _, holder := range [][2]string{{user.ID, ""}, {"", list[3].ID}} {
		token, err := s.Service.CreateToken(s.Ctx(), s.app.ID, holder[0], holder[1])
		s.must(err)
		k.plant("a token of "+strings.Join(holder[:], ""), token.Value.Reveal())
		_, err = s.Service.ListTokens(s.Ctx(), s.app.ID, service.TokenFilter{Search: token.Value.Reveal()})
		s.must(err)
		s.edit(service.AppEdit{TokenSystem: point(true)})
		s.must(s.starts(token.Value, k.plant("the file of "+strings.Join(holder[:], ""), `C:\Users\Canary\`+strings.Join(holder[:], ""))))
		k.tell(s.starts(token.Value, k.plant("another file", "canary-file-hash")))
		k.tell(s.starts(latchkey.Secret(k.plant("a token that is none", "canary-made-up-token")), oneFile))
		s.edit(service.AppEdit{TokenSystem: point(false)})
	}

	// A name and a password of their own.
	for _, tried := range []string{password, k.plant("a retry's wrong password", "canary wrong password")} {
		_, err = s.enter(s.Service.ClientRegister, in(plainName, tried, chosen, hwid, email))
		k.tell(err)
		_, err = s.login(plainName, k.plant("a wrong password", "canary wrong attempt"), hwid)
		k.tell(err)
	}
	_, err = s.enter(s.Service.ClientRegister, in(alone, password, added, hwid, email)) // somebody's key as a name
	s.refused(err, latchkey.CodeUserExists)
	k.tell(err)
	k.tell(s.Service.ClientUpgrade(outside(), s.client(), s.start(), in(plainName, "", added, "", "")))
	k.tell(s.Service.ClientUpgrade(outside(), s.client(), s.start(), in(k.plant("an unknown name", "canary-unknown-name"), "", added, "", "")))
	_, err = s.license(k.plant("an unknown key", "canary-unknown-license-key"), hwid)
	k.tell(err)
	_, err = s.login(k.plant("a mistaken name", "canary-password-typed-as-name"), password, hwid)
	k.tell(err)
	_, err = s.Service.UpdateUser(s.Ctx(), s.app.ID, s.named(plainName).ID, service.UserEdit{Password: point(latchkey.Secret(k.plant("a new password", "canary new password")))})
	s.must(err)

	// A second factor.
	ses, err = s.login(plainName, "canary new password", hwid)
	s.must(err)
	factor := s.secondFactor(ses)
	k.plant("a seed", factor.secret)
	k.plant("a recovery code", factor.recovery[0].Reveal())
	k.plant("another recovery code", strings.ReplaceAll(factor.recovery[1].Reveal(), "-", ""))
	for _, code := range []string{factor.recovery[0].Reveal(), k.plant("a wrong recovery code", "cana-ryca-nary-c0de")} {
		_, err = s.enter(s.Service.ClientLogin, service.ClientSignIn{Username: plainName, Password: "canary new password", HWID: hwid, Code: code})
		k.tell(err)
	}
	s.refused(err, latchkey.CodeTwoFactorWrong)

	// Where the audit log goes.
	hook, err := s.Service.SetAuditWebhook(s.Ctx(), s.app.ID, latchkey.Secret(k.plant("an audit webhook's address", "https://receiver.example.com/canary-audit")), "")
	s.must(err)
	k.plant("an audit webhook's secret", hook.Secret.Reveal())
	hook, err = s.Service.RotateAuditWebhookSecret(s.Ctx(), s.app.ID)
	s.must(err)
	k.plant("an audit webhook's next secret", hook.Secret.Reveal())

	// Talk.
	lobby := s.channel("lobby", service.ChannelEdit{})
	_, err = s.Service.SetLogWebhook(s.Ctx(), s.app.ID, latchkey.Secret(k.plant("a channel's address", "https://discord.com/api/webhooks/1/canary")))
	s.must(err)
	s.must(s.Service.ClientLog(outside(), s.client(), own, k.plant("a log message", "canary reported by a program"), k.plant("a computer's name", "CANARY-COMPUTER")))
	_, err = s.Service.SetLogWebhook(s.Ctx(), s.app.ID, latchkey.Secret(k.plant("a channel's wrong address", "https://localhost/canary-wrong")))
	s.refused(err, latchkey.CodeInvalid)
	k.tell(err)
	said := k.plant("a chat message", "canary said to the lobby")
	s.must(s.say(own, "lobby", said))
	s.wantHeard(own, "lobby", custom[0].Key.Reveal()+": "+said)
	_, err = s.Service.SendChatMessage(s.Ctx(), s.app.ID, lobby.ID, "", k.plant("the seller's chat message", "canary said by the seller"))
	s.must(err)
	k.tell(s.say(own, "lobby", k.plant("a long chat message", strings.Repeat("canary", 400))))
	webToken, err := s.Service.CreateSignInToken(s.Ctx(), s.app.ID, s.named(plainName).ID)
	s.must(err)
	k.plant("a sign-in token", webToken.Token.Reveal())
	_, err = s.enter(s.Service.ClientLogin, service.ClientSignIn{Username: plainName, Token: webToken.Token, HWID: hwid})
	s.must(err)
	_, err = s.enter(s.Service.ClientLogin, service.ClientSignIn{Username: plainName, Token: webToken.Token, HWID: hwid})
	k.tell(err)
	_, err = s.enter(s.Service.ClientLoginEmail, service.ClientSignIn{Email: email, Password: "canary new password", HWID: hwid})
	k.tell(err)

	// Lists, also with what is no entry.
	for _, value := range []string{hwid, second, k.plant("a blacklisted hardware id", "canary-hardware-id-0003"), password + "\xff"} {
		entry, err := s.Service.CreateAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.NewAccess{Kind: "hwid", Value: value, ExpiresAt: s.Clock.Now().Add(time.Millisecond)})
		k.tell(err)
		_, err = s.Service.CreateAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.NewAccess{Kind: "hwid", Value: value})
		k.tell(err)
		_, err = s.Service.ListAccess(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessFilter{Search: value})
		k.tell(err)
		_, err = s.Service.DeleteAccessEntries(s.Ctx(), s.app.ID, latchkey.Blacklist, service.AccessSelection{All: true, Search: value}, service.BulkCall{Repeat: "canaries " + entry.ID})
		k.tell(err)
	}

	// Bans, deletions, searches, machines, further accounts.
	_, err = s.Service.BanLicense(s.Ctx(), s.app.ID, list[3].ID, "a reason", true)
	s.must(err)
	_, err = s.license(banned, hwid)
	k.tell(err)
	for _, search := range []string{alone, email, hwid, password} {
		_, err = s.Service.ListLicenses(s.Ctx(), s.app.ID, service.LicenseFilter{Search: search, Page: service.Page{Limit: 1}})
		s.must(err)
		_, err = s.Service.ListUsers(s.Ctx(), s.app.ID, service.UserFilter{Search: search, Page: service.Page{Limit: 1}})
		s.must(err)
	}
	key, token := s.newKey(service.NewAPIKey{Name: "a machine", Permissions: latchkey.Permissions()})
	k.plant("an API key", token.Reveal())
	_, err = s.Service.AuthenticateAPIKey(outside(), token)
	s.must(err)
	s.must(s.Service.DeleteAPIKey(s.Ctx(), key.ID))
	_, err = s.Service.AuthenticateAPIKey(outside(), token)
	k.tell(err)
	_, err = s.Service.CreateAccount(s.Ctx(), service.NewAccount{Email: k.plant("an account's address", "canary-second@example.com"), Password: latchkey.Secret(k.plant("an account's password", "canary account password"))})
	s.must(err)
	_, err = s.Service.CreateAccount(s.Ctx(), service.NewAccount{Email: "canary-second@example.com", Password: "canary account password"})
	k.tell(err)
	_, err = s.Service.SignIn(outside(), "canary-second@example.com", latchkey.Secret(k.plant("an account's wrong password", "canary wrong account password")), "")
	k.tell(err)
	signedIn, err := s.Service.SignIn(outside(), "canary-second@example.com", "canary account password", "Firefox")
	s.must(err)
	k.plant("a dashboard session", signedIn.Token.Reveal())
	_, err = s.Service.CreateWebhook(s.Ctx(), s.app.ID, service.NewWebhook{Name: "orders",
		URL: latchkey.Secret(k.plant("a webhook's address", "https://hooks.example.com/canary-of-a-webhook"))})
	s.must(err)
	_, err = s.Service.CreateWebhook(s.Ctx(), s.app.ID, service.NewWebhook{Name: "local", URL: latchkey.Secret(k.plant("a refused address", "https://127.0.0.1/canary-of-nobody"))})
	k.tell(err)
	_, err = s.Service.LinkFile(s.Ctx(), s.app.ID, service.NewFile{Name: "tool.exe",
		Link: latchkey.Secret(k.plant("a link", "https://files.example.com/canary-of-a-link"))})
	s.must(err)
	rotated, err := s.Service.RotateCredentials(s.Ctx(), s.app.ID, latchkey.CredentialKinds(), 0)
	s.must(err)
	for _, c := range rotated.Credentials {
		k.plant("the app's new "+string(c.Kind), c.Value.Reveal())
	}
	s.must(s.Service.DeleteLicense(s.Ctx(), s.app.ID, list[0].ID, true))
}
