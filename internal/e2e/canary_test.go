package e2e_test

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/pgtest"
)

// TestCanaries plants secrets of every kind through every path, the failing
// ones included, and then looks for them in all that is kept: database files,
// write-ahead logs, backups and logs.
func TestCanaries(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			i := newInstallation(t, engine)
			p := i.start()
			s := &spy{t: t, process: p, secrets: map[string]string{}, visible: map[string]string{}, http: browser()}
			s.account(s.setUp())
			s.machines()
			s.customers()
			s.strangers()
			folders := []string{i.data, i.logs}
			if engine == "postgres" {
				folders = append(folders, postgresFolder(t, i.database))
			}
			p.kill()
			s.lookInto(folders)
			i.start().stop()
			if engine == "postgres" {
				pgtest.Checkpoint(t) // the log may have a text in two pieces, a table has not
			}
			s.lookInto(folders)
			s.findVisible(folders)
		})
	}
}

// spy plants secrets and remembers them.
type spy struct {
	t       *testing.T
	process *process
	http    *http.Client
	seller  *seller           // the owner, by API key
	secrets map[string]string // what each is
	visible map[string]string // what has to be found, to show that the search works
}

// plant makes up a secret.
func (s *spy) plant(what string) string { return s.keep(what, rand.Text()) }

func (s *spy) plantEmail(what string) string {
	name := strings.ToLower(rand.Text())
	s.keep(what, name)
	return name + "@example.com"
}

// keep remembers a secret that the server made up.
func (s *spy) keep(what, secret string) string {
	s.t.Helper()
	if len(secret) < 12 {
		s.t.Fatalf("%s: %q is too short to be looked for", what, secret)
	}
	s.secrets[secret] = what
	return secret
}

// lookInto fails the test for every secret in the folders.
func (s *spy) lookInto(folders []string) {
	s.t.Helper()
	found, searched := newHaystack(s.secrets).searchFolders(s.t, folders...)
	for n, path := range found {
		s.t.Errorf("%s, %s, is in %s", n.what, n.form, path)
	}
	s.t.Logf("%d secrets looked for in %d bytes, %d found", len(s.secrets), searched, len(found))
}

// findVisible fails the test if the search does not find what has to be there.
func (s *spy) findVisible(folders []string) {
	s.t.Helper()
	control, _ := newHaystack(s.visible).searchFolders(s.t, folders...)
	for text, what := range s.visible {
		if _, ok := control[needle{what, "as it is", text}]; !ok {
			s.t.Errorf("the search does not find %s, which is not secret", what)
		}
	}
}

// send makes a request of any shape. Whatever the answer is, the server must
// not have failed.
func (s *spy) send(method, path, body string, header ...string) (*http.Response, error) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.process.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for n := 0; n+1 < len(header); n += 2 {
		req.Header.Add(header[n], header[n+1])
	}
	res, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	_ = res.Body.Close() // status and headers are what counts
	if res.StatusCode >= 500 {
		s.t.Errorf("%s %.40s: status %d", method, path, res.StatusCode)
	}
	return res, nil
}

const jsonType = "application/json"

// setUp makes the owner through the printed link and returns its password.
func (s *spy) setUp() (email, password string) {
	token := regexp.MustCompile(`/setup#token=(\S+)`).FindStringSubmatch(s.process.read(s.process.out))
	if token == nil {
		s.t.Fatal("no setup link was printed")
	}
	// Standard output is the one place that shows it; it is no log.
	s.keep("the setup token", token[1])
	email, password = s.plantEmail("an account's mail address"), s.plant("an account's password")
	in := api.Setup{Token: s.plant("a wrong setup token"), Email: email, Password: password}
	stranger := newSeller(s.t, s.process.url, "")
	if err := stranger.try("POST", "/setup", in, nil); err == nil {
		s.t.Fatal("a wrong setup token was accepted")
	}
	in.Token = token[1]
	var done api.SetupDone
	stranger.call("POST", "/setup", in, &done)
	s.keep("the first API key", done.APIKey)
	s.seller = newSeller(s.t, s.process.url, done.APIKey)
	return email, password
}

// account signs in and out, rightly and wrongly.
func (s *spy) account(email, password string) {
	wrong := fmt.Sprintf(`{"email":%q,"password":%q}`, email, s.plant("a wrong account password"))
	for _, body := range []string{wrong, wrong[:len(wrong)-1], wrong + wrong, strings.Replace(wrong, "password", "passwort", 1),
		fmt.Sprintf(`{"email":%q,"password":[%q]}`, s.plantEmail("an unknown mail address"), s.plant("a password as a list"))} {
		_, _ = s.send("POST", "/api/v1/session", body, "Content-Type", jsonType)
	}
	cookie := s.signIn(email, password)
	next := s.plant("an account's next password")
	_, _ = s.send("POST", "/api/v1/account/password", fmt.Sprintf(`{"current":%q,"new":%q}`, password, next), "Content-Type", jsonType, "Cookie", cookie)
	cookie = s.signIn(email, next)
	_, _ = s.send("DELETE", "/api/v1/session", "", "Content-Type", jsonType, "Cookie", cookie)
	_, _ = s.send("GET", "/api/v1/session", "", "Cookie", cookie)
	other := api.CreateAccount{Email: s.plantEmail("another account's mail address"), Password: s.plant("another account's password")}
	s.seller.call("POST", "/accounts", other, nil)
	if err := s.seller.try("POST", "/accounts", other, nil); err == nil {
		s.t.Error("an account was made twice")
	}
}

func (s *spy) signIn(email, password string) (cookie string) {
	res, err := s.send("POST", "/api/v1/session", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password), "Content-Type", jsonType)
	if err != nil || len(res.Cookies()) != 1 {
		s.t.Fatalf("the sign-in sets no cookie (%v)", err)
	}
	c := res.Cookies()[0]
	s.keep("a dashboard session", c.Value)
	return c.Name + "=" + c.Value
}

// machines makes and misuses API keys.
func (s *spy) machines() {
	var made api.APIKeyCreated
	s.seller.call("POST", "/api-keys", api.CreateAPIKey{Name: "machine", Permissions: []string{"apps.read"}}, &made)
	key := s.keep("an API key", made.Key)
	newSeller(s.t, s.process.url, key).call("GET", "/apps", nil, nil)
	s.seller.call("DELETE", "/api-keys/"+made.ID, nil, nil)
	for _, header := range [][]string{
		{"Authorization", "Bearer " + key}, {"Authorization", "Bearer " + s.plant("an unknown API key")},
		{"Authorization", s.plant("an Authorization without a scheme")}, {"Authorization", "Basic " + s.plant("a Basic credential")},
		{"Authorization", "Bearer " + key, "Authorization", "Bearer " + key}, {"Cookie", "latchkey_dev=" + s.plant("an unknown cookie")},
		{"X-Api-Key", key}, {"X-Forwarded-For", s.plant("a forwarded address")}, {"Idempotency-Key", s.plant("an idempotency key")},
	} {
		_, _ = s.send("GET", "/api/v1/apps", "", header...)
		_, _ = s.send("POST", "/api/v1/apps", `{"name":`+key, append(header, "Content-Type", jsonType)...)
	}
}

// customers has licenses made and used through every door, rightly and wrongly.
func (s *spy) customers() {
	app := s.seller.createApp("canaries")
	s.keep("the app's secret", app.Secret)
	s.keep("the app's seller key", app.SellerKey)
	var secrets api.AppSecrets
	s.seller.call("POST", "/apps/"+app.ID+"/credentials/rotate", api.RotateCredentials{Kinds: []string{"secret", "seller_key"}, Overlap: 60}, &secrets)
	s.keep("the app's next secret", secrets.Secret)
	s.keep("the app's next seller key", secrets.SellerKey)
	base := "/apps/" + app.ID

	// Licenses: random ones, and keys that the seller chose.
	var keys []string
	for _, license := range s.seller.createLicenses(app.ID, 7) {
		keys = append(keys, license.Key)
	}
	for range 3 {
		var made api.LicensesCreated
		note := rand.Text()
		s.visible[note] = "a license's note"
		s.seller.call("POST", base+"/licenses", api.CreateLicenses{Mask: s.plant("a chosen license key"), CustomKey: true, Duration: "30d", Note: note}, &made)
		keys = append(keys, made.Licenses[0].Key)
	}
	for _, key := range keys {
		s.keep("a license key", key)
		s.seller.call("GET", base+"/licenses?search="+url.QueryEscape(key), nil, nil)
	}

	open := func() *program {
		p := newProgram(s.process.url, app, s.http)
		a, err := p.call("init", url.Values{"ver": {"1.0"}, "enckey": {s.plant("a program's encryption key")}})
		if err != nil || !a.Success {
			s.t.Fatalf("init: %s (%v)", a.Message, err)
		}
		p.session = s.keep("a program's session", a.SessionID)
		return p
	}
	enter := func(success bool, typ string, params url.Values) {
		s.t.Helper()
		if a, err := open().call(typ, params); err != nil || a.Success != success {
			s.t.Fatalf("%s: success %t, %s (%v)", typ, a.Success, a.Message, err)
		}
	}
	hwid := func() string { return s.plant("a hardware id") }

	alone, chosen := customer{key: keys[0], hwid: hwid()}, customer{key: keys[7], hwid: hwid()}
	named := customer{name: keys[1], key: keys[1], password: s.plant("the password of a user named by its license"), hwid: hwid()}
	proper := customer{name: "visible-" + rand.Text(), key: keys[2], password: s.plant("a user's password"), hwid: hwid()}
	s.visible[proper.name] = "a user's name"
	enter(true, "license", alone.license())
	enter(true, "license", alone.license())
	enter(true, "license", chosen.license())
	enter(true, "register", named.register())
	enter(true, "login", named.login())
	withEmail := proper.register()
	withEmail.Set("email", s.plantEmail("a user's mail address"))
	enter(true, "register", withEmail)
	enter(true, "login", proper.login())
	enter(true, "upgrade", customer{name: proper.name, key: keys[3]}.upgrade())
	enter(true, "upgrade", customer{name: keys[0], key: keys[8]}.upgrade())

	// The same, wrongly.
	for _, c := range []customer{
		{name: proper.name, password: s.plant("a user's wrong password"), key: keys[2], hwid: proper.hwid},
		{name: proper.name, password: proper.password, key: keys[2], hwid: hwid()},
		{name: s.plant("an unknown user"), password: s.plant("an unknown user's password"), key: s.plant("an unknown license key"), hwid: hwid()},
		{name: keys[0], password: keys[0], key: keys[0], hwid: hwid()},
	} {
		enter(false, "login", c.login())
		enter(false, "register", c.register())
		enter(false, "license", c.license())
	}
	s.manageCustomers(app.ID, keys)
	s.misspell(app, alone, proper)
}

// manageCustomers goes through what a seller does with users and licenses.
func (s *spy) manageCustomers(appID string, keys []string) {
	base := "/apps/" + appID
	hand := api.CreateUser{Username: "by-hand", Password: s.plant("the password of a user made by hand"), Email: s.plantEmail("the mail address of a user made by hand")}
	var user api.User
	s.seller.call("POST", base+"/users", hand, &user)
	s.seller.call("PATCH", base+"/users/"+user.ID, api.UpdateUser{Password: new(s.plant("a new password")), Email: new(s.plantEmail("a new mail address"))}, nil)
	s.seller.call("POST", base+"/users/"+user.ID+"/redeem", api.RedeemLicense{Key: keys[4]}, nil)
	if err := s.seller.try("POST", base+"/users/"+user.ID+"/redeem", api.RedeemLicense{Key: keys[0]}, nil); err == nil {
		s.t.Error("a used license was redeemed")
	}
	if err := s.seller.try("POST", base+"/licenses", api.CreateLicenses{Mask: keys[7], CustomKey: true, Duration: "30d"}, nil); err == nil {
		s.t.Error("a license was made twice")
	}
	for _, u := range s.seller.users(appID) {
		s.seller.call("GET", base+"/users?search="+url.QueryEscape(u.Username), nil, nil)
		if u.LicenseNamed {
			s.seller.call("POST", base+"/users/"+u.ID+"/ban", api.BanUser{Reason: "no reason"}, nil)
			s.seller.call("POST", base+"/users/"+u.ID+"/reset-devices", nil, nil)
			s.seller.call("POST", base+"/licenses/"+u.LicenseID+"/ban", api.BanLicense{UserToo: true}, nil)
		}
	}
	for _, l := range s.seller.licenses(appID) {
		if slices.Contains(keys[5:7], l.Key) {
			s.seller.call("DELETE", base+"/licenses/"+l.ID, nil, nil)
		}
	}
	s.seller.call("DELETE", base+"/users/"+user.ID, nil, nil)
	s.seller.call("GET", base+"/audit-events", nil, nil)
}

// misspell sends secrets in requests that cannot be understood.
func (s *spy) misspell(app api.AppCreated, alone, proper customer) {
	form := url.Values{"type": {"login"}, "name": {app.Name}, "ownerid": {app.OwnerID}, "username": {proper.name}, "pass": {proper.password},
		"key": {alone.key}, "hwid": {alone.hwid}, "sessionid": {s.plant("an unknown session")}}.Encode()
	for _, path := range []string{"/api/1.3/", "/api/1.2/", "/api/1.0/", "/1.3", "/api/9.9/" + alone.key} {
		_, _ = s.send("GET", path+"?"+form, "")
		_, _ = s.send("POST", path+"?"+form, form, "Content-Type", "application/x-www-form-urlencoded")
		_, _ = s.send("POST", path, form+"&broken=%zz&bad=%ff", "Content-Type", "application/x-www-form-urlencoded")
		_, _ = s.send("POST", path, "--"+alone.key+"\r\n"+form, "Content-Type", "multipart/form-data; boundary="+alone.key)
		_, _ = s.send("POST", path, form, "Content-Encoding", proper.password)
		_, _ = s.send("POST", path, strings.Replace(form, "type=login", "type="+proper.password, 1), "Content-Type", "application/x-www-form-urlencoded")
		_, _ = s.send("PUT", path, form, "Content-Type", proper.password)
	}
}

// strangers sends secrets to places that do not exist, and as noise.
func (s *spy) strangers() {
	owned := []string{"Authorization", "Bearer " + s.seller.key, "Content-Type", jsonType}
	for secret := range s.secrets {
		escaped := url.PathEscape(secret)
		for _, path := range []string{"/" + escaped, "/api/v1/" + escaped, "/api/v1/apps/" + escaped, "/panel/" + escaped + "/", "/api/v1/apps?" + escaped + "=1",
			"/api/v1/apps?cursor=" + escaped, "/api/v1/apps?name=" + escaped, "/setup?token=" + escaped} {
			_, _ = s.send("GET", path, "", owned...)
		}
		_, _ = s.send("POST", "/api/v1/apps", `{"name":"`+secret+`","unknown":"`+secret+`"}`, owned...)
		_, _ = s.send("POST", "/api/v1/apps", `{"`+secret+`":1}`, owned...)
		_, _ = s.send("POST", "/api/v1/apps", `"`+secret, owned...)
	}
	for secret, what := range s.secrets {
		if !strings.Contains(what, "password") && !strings.Contains(what, "license key") {
			continue
		}
		for _, noise := range []string{secret + "\r\n\r\n", "GET /" + secret + " NOTHTTP\r\n\r\n", secret + " / HTTP/1.1\r\nHost: x\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: " + secret + "\r\n" + secret + "\r\n\r\n", "POST /api/1.3/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + secret + "\r\n\r\n"} {
			s.whisper(noise)
		}
	}
}

// whisper sends bytes that need not be HTTP.
func (s *spy) whisper(noise string) {
	c, err := net.DialTimeout("tcp", strings.TrimPrefix(s.process.url, "http://"), 5*time.Second)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := c.Write([]byte(noise)); err == nil {
		_, _ = c.Read(make([]byte, 512)) // whatever it says to that
	}
}
