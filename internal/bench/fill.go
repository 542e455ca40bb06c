package bench

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"github.com/latchkey-dev/latchkey/api"
)

const (
	appName   = "bench"
	batch     = 10_000 // licenses made by one call while filling
	fillers   = 64     // clients while filling
	namedHere = 100    // users with a password that filling makes; hashing is slow
	password  = "a-customers-password"
)

// fixture is what is known of a filled installation: enough to go on with it
// later.
type fixture struct {
	Licenses int
	AppID    string
	OwnerID  string
	Public   ed25519.PublicKey // of the compatible API
	Native   ed25519.PublicKey // of the native one
	APIKey   string
	Bound    []string // keys that are users, each with the device of its index
	Unused   []string // keys
	Named    int      // users with a name and a password
	FileID   string   // "" before it has been uploaded
}

func (f *fixture) licensesPath() string { return "/api/v1/apps/" + f.AppID + "/licenses" }

// device is the hardware id of a user.
func device(user int) string { return fmt.Sprintf("4c4c4544-0042-3510-8052-%012d", user) }

// userName is the name of a user who has chosen one.
func userName(user int) string { return "customer-" + strconv.Itoa(user) }

// note is what a seller wrote to a batch of licenses.
func note(number int) string { return fmt.Sprintf("order-%06d", number) }

func (t *target) fixtureFile() string { return filepath.Join(t.dir, "fixture.json") }

// open starts the first server on a database that holds the licenses and
// users: one that an earlier run has left, or a new one.
func (t *target) open(ctx context.Context, licenses, users int, say func(string, ...any)) error {
	text, err := os.ReadFile(t.fixtureFile())
	if err == nil && json.Unmarshal(text, &t.fixture) == nil && t.Licenses == licenses && len(t.Bound) == users {
		// What it says is true until the first license is redeemed.
		if err := os.Remove(t.fixtureFile()); err != nil {
			return err
		}
		t.unused.fill(t.Unused)
		t.serial.Store(int64(t.Named))
		return t.addNode(ctx)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	t.fixture = fixture{}
	if entries, err := os.ReadDir(t.dir); err != nil || len(entries) > 0 {
		return errors.Join(err, fmt.Errorf("%s holds something else than what a run of this size left; empty it", t.dir))
	}
	return t.fillNew(ctx, licenses, users, say)
}

// leave stops the servers and writes down what a later run needs to go on.
func (t *target) leave() error {
	if err := t.stop(); err != nil {
		return err
	}
	t.Unused, t.Named = t.unused.rest(), int(t.serial.Load())
	text, err := json.Marshal(t.fixture)
	if err != nil {
		return err
	}
	return os.WriteFile(t.fixtureFile(), text, 0o600)
}

func (t *target) fillNew(ctx context.Context, licenses, users int, say func(string, ...any)) (err error) {
	if t.APIKey, err = t.setUp(ctx); err != nil {
		return err
	}
	if err := t.addNode(ctx); err != nil {
		return err
	}
	var app api.AppCreated
	if err := t.manage(ctx, "/api/v1/apps", api.CreateApp{Name: appName}, &app); err != nil {
		return err
	}
	t.Licenses, t.AppID, t.OwnerID = licenses, app.ID, app.OwnerID
	if t.Public, err = hex.DecodeString(app.CompatPublicKey); err != nil {
		return err
	}
	if t.Native, err = hex.DecodeString(app.ClientPublicKey); err != nil {
		return err
	}
	say("%s: %d licenses", t.name, licenses)
	keys := make([]string, 0, licenses)
	for number := 0; len(keys) < licenses; number++ {
		amount := int64(min(batch, licenses-len(keys)))
		made, err := t.makeLicenses(ctx, api.CreateLicenses{Amount: &amount, Duration: "365d", Note: note(number)})
		if err != nil {
			return err
		}
		keys = append(keys, made...)
	}
	say("%s: %d users", t.name, users)
	t.Bound = keys[:users]
	t.unused.fill(keys[users:])
	if _, err := t.signIn(ctx, users); err != nil {
		return err
	}
	return t.registerSome(ctx, min(namedHere, len(keys)-users))
}

// signIn signs the first n users in, each in a new session, and returns the
// sessions. At the first time that redeems their licenses.
func (t *target) signIn(ctx context.Context, n int) ([]string, error) {
	if err := t.refill(ctx, n); err != nil {
		return nil, err
	}
	sessions := t.fresh.texts
	var user atomic.Int64
	l := t.load(fillers, func(w *worker) bool {
		i := int(user.Add(1)) - 1
		if i >= n {
			return false
		}
		w.post(&t.fixture, "type", "license", "sessionid", sessions[i], "key", t.Bound[i], "hwid", device(i))
		return true
	})
	_, _, err := l.runFor(ctx, 0)
	return sessions[:n], err
}

// refill opens n sessions that nobody has signed in with.
func (t *target) refill(ctx context.Context, n int) error {
	var opened atomic.Int64
	l := t.load(fillers, func(w *worker) bool {
		w.post(&t.fixture, "type", "init", "ver", "1.0")
		return opened.Add(1) <= int64(n)
	})
	l.keep = func(w *worker) { w.kept = append(w.kept, sessionID(&w.res)) }
	_, workers, err := l.runFor(ctx, 0)
	if err != nil {
		return fmt.Errorf("open sessions: %w", err)
	}
	sessions := make([]string, 0, n)
	for _, w := range workers {
		sessions = append(sessions, w.kept...)
	}
	t.fresh.fill(sessions)
	return nil
}

// registerSome makes users with a name and a password.
func (t *target) registerSome(ctx context.Context, n int) error {
	if n == 0 {
		return nil
	}
	if err := t.refill(ctx, n); err != nil {
		return err
	}
	l := t.load(1, t.register) // more would only wait for each other
	_, _, err := l.runFor(ctx, 0)
	t.Named = int(t.serial.Load())
	return err
}

// register writes the registration of one more user.
func (t *target) register(w *worker) bool {
	session, open := t.fresh.take()
	if !open {
		return false
	}
	key, more := t.unused.take()
	if !more {
		return false
	}
	user := int(t.serial.Add(1)) - 1
	w.post(&t.fixture, "type", "register", "sessionid", session, "username", userName(user), "pass", password, "key", key, "hwid", device(user))
	return true
}

// load is what the clients of the client API do.
func (t *target) load(clients int, next func(*worker) bool) load {
	return load{clients: clients, address: t.address, next: next, good: succeeded, proof: compatible(t.Public)}
}

// makeLicenses returns the keys of a batch, whether the server answers with
// one list or a line for each.
func (t *target) makeLicenses(ctx context.Context, in api.CreateLicenses) (keys []string, err error) {
	answer, err := t.created(ctx, t.licensesPath(), in)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	type key struct {
		Key string `json:"key"`
	}
	for values := json.NewDecoder(answer); ; {
		var value struct {
			key
			Licenses []key `json:"licenses"`
		}
		err := values.Decode(&value)
		switch {
		case errors.Is(err, io.EOF) && int64(len(keys)) == *in.Amount:
			return keys, nil
		case err != nil:
			return nil, fmt.Errorf("%d licenses came of %d: %w", len(keys), *in.Amount, err)
		case value.Key != "":
			keys = append(keys, value.Key)
		}
		for _, l := range value.Licenses {
			keys = append(keys, l.Key)
		}
	}
}

// manage makes a call of the management API that creates something.
func (t *target) manage(ctx context.Context, path string, in, out any) error {
	answer, err := t.created(ctx, path, in)
	if err != nil {
		return err
	}
	defer answer.Close()
	return json.NewDecoder(answer).Decode(out)
}

// created posts to the management API and returns the answer, which the caller
// closes, if something was created.
func (t *target) created(ctx context.Context, path string, in any) (io.ReadCloser, error) {
	res, err := t.posted(ctx, path, in)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusCreated {
		defer res.Body.Close()
		text, err := io.ReadAll(io.LimitReader(res.Body, 300))
		return nil, errors.Join(fmt.Errorf("%s answered %s: %s", path, res.Status, text), err)
	}
	return res.Body, nil
}

// posted posts to the management API; the caller closes the answer's body.
func (t *target) posted(ctx context.Context, path string, in any) (*http.Response, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	return t.sent(ctx, path, "application/json", body)
}

func (t *target) sent(ctx context.Context, path, contentType string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+t.address(0)+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Authorization", "Bearer "+t.APIKey)
	return http.DefaultClient.Do(req)
}
