package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/latchkey-dev/latchkey/api"
)

// What programs ask for beside their sessions.
const (
	variableName  = "offsets"
	variableValue = `{"health":"0x7ff6a0001c40","ammo":"0x7ff6a0001c58"}`
	ownName       = "progress"
	ownValue      = "level-7"
	channel       = "lobby"
	said          = "hello-everybody"
	fileSize      = 1 << 20
)

// fileContent is the same in every run.
func fileContent() []byte {
	content := make([]byte, fileSize)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content) // it never fails
	return content
}

// furnish makes what programs ask for, unless an earlier run has, and notes
// what the program knows nothing of.
func (t *target) furnish(ctx context.Context) (err error) {
	app := "/api/v1/apps/" + t.AppID
	if t.noVariables, err = t.make(ctx, app+"/variables", api.CreateVariable{Name: variableName, Value: variableValue}); err != nil {
		return err
	}
	if t.early, err = t.make(ctx, app+"/chats", api.CreateChat{Name: channel}); err != nil || t.early {
		return err
	}
	if err := t.hook(ctx, app); err != nil || t.FileID != "" {
		return err
	}
	res, err := t.sent(ctx, app+"/files?name=loader.bin", "application/octet-stream", fileContent())
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s/files answered %s", app, res.Status)
	}
	var file api.File
	err = json.NewDecoder(res.Body).Decode(&file)
	t.FileID = file.ID
	return err
}

// hook makes a webhook that calls the floor, which is elsewhere in each run.
func (t *target) hook(ctx context.Context, app string) error {
	if !slices.Contains(t.lenient, "--egress-allow") {
		return nil
	}
	var made api.Webhook
	err := t.manage(ctx, app+"/webhooks", api.CreateWebhook{Name: t.hello, URL: "http://" + t.hello + "/", ShowAnswer: true}, &made)
	t.webhook = made.ID
	return err
}

// make makes something unless it is there; unknown if the program has no such thing.
func (t *target) make(ctx context.Context, path string, in any) (unknown bool, err error) {
	res, err := t.posted(ctx, path, in)
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusCreated, http.StatusConflict:
		return false, nil
	case http.StatusNotFound:
		return true, nil
	}
	return false, fmt.Errorf("%s answered %s", path, res.Status)
}

// settle does what some rows need of the sessions: it is written down who is
// online, which a server does at its end; everybody has a variable of their own,
// somebody has said something, and as many are signed in by the native protocol.
func (t *target) settle(ctx context.Context, rows []row) error {
	if t.noTokens = t.early; t.early {
		return nil
	}
	online, own, native := false, false, false
	for _, r := range rows {
		online = online || r.name == "fetchOnline" || r.name == "native online"
		own = own || slices.Contains([]string{"getvar", "native getvar", "chatget", "native chatget"}, r.name)
		native = native || r.native
	}
	if slices.ContainsFunc(rows, func(r row) bool { return r.tokens }) {
		if err := t.tryToken(ctx); err != nil {
			return err
		}
	}
	if online {
		if _, err := t.restart(ctx); err != nil {
			return err
		}
	}
	if own {
		if err := t.each(ctx, func(w *worker, i int) { setOwn(t, w, i) }); err != nil {
			return err
		}
		if _, _, err := t.load(1, once(func(w *worker) { say(t, w, 0) })).runFor(ctx, 0); err != nil {
			return err
		}
	}
	if native {
		return t.signInNative(ctx, len(t.sessions))
	}
	return nil
}

// each makes a call with every session.
func (t *target) each(ctx context.Context, call func(w *worker, session int)) error {
	var next atomic.Int64
	_, _, err := t.load(fillers, func(w *worker) bool {
		i := int(next.Add(1)) - 1
		if i < len(t.sessions) {
			call(w, i)
		}
		return i < len(t.sessions)
	}).runFor(ctx, 0)
	return err
}

func once(call func(*worker)) func(*worker) bool {
	asked := false
	return func(w *worker) bool {
		if asked {
			return false
		}
		asked = true
		call(w)
		return true
	}
}

// has is the judge of answers that hold a text.
func has(text string) func(*response) bool {
	return func(r *response) bool { return succeeded(r) && bytes.Contains(r.body, []byte(text)) }
}
