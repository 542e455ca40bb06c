package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/latchkey-dev/latchkey/api"
)

const (
	tokenRow = "login token"
	// tokenUsers is how many customers share the tokens.
	tokenUsers = 1_000
	// mostTokens bounds those that are made for one run: each lives a minute, and
	// the first is to be good when the last has been made.
	mostTokens = 4_000
)

// tokenUser is a customer whom a token signs in.
type tokenUser struct {
	id   string
	user int // of whom the device is
	name string
}

// pageOf signs customers in to a page of the seller's: each token is for one of
// them, and good once.
type pageOf struct {
	users  []tokenUser
	tokens pool // "number of the user in users" token
}

// findUsers notes who is who: the management API calls customers by their ids.
func (t *target) findUsers(ctx context.Context) error {
	if t.page.users != nil {
		return nil
	}
	number := make(map[string]int, len(t.Bound))
	for i, key := range t.Bound {
		number[key] = i
	}
	for cursor := ""; len(t.page.users) < tokenUsers; {
		var list api.UserList
		if err := t.read(ctx, "/api/v1/apps/"+t.AppID+"/users?sort=created&limit=100&cursor="+cursor, &list); err != nil {
			return err
		}
		for _, u := range list.Users {
			if i, bound := number[u.Username]; bound {
				t.page.users = append(t.page.users, tokenUser{u.ID, i, u.Username})
			}
		}
		if cursor = list.Next; cursor == "" {
			break
		}
	}
	if len(t.page.users) == 0 {
		return errors.New("nobody is there to be signed in by a token")
	}
	return nil
}

// read makes a call of the management API that changes nothing.
func (t *target) read(ctx context.Context, path string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+t.address(0)+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+t.APIKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", path, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(out)
}

func (t *target) tokenPath(of int) string {
	return "/api/v1/apps/" + t.AppID + "/users/" + t.page.users[of].id + "/sign-in-token"
}

// tryToken finds out whether the program has such tokens.
func (t *target) tryToken(ctx context.Context) error {
	err := t.findUsers(ctx)
	if err == nil {
		t.noTokens, err = t.make(ctx, t.tokenPath(0), struct{}{})
	}
	return err
}

// refillTokens makes n tokens, as a page does for who comes by.
func (t *target) refillTokens(ctx context.Context, n int) error {
	if err := t.findUsers(ctx); err != nil {
		return err
	}
	n = min(n, mostTokens)
	var made atomic.Int64
	asks := make([]int, fillers) // whom each client has asked for
	l := t.load(fillers, func(w *worker) bool {
		i := int(made.Add(1)) - 1
		asks[w.number] = i % len(t.page.users)
		w.postTo(&t.fixture, t.tokenPath(asks[w.number]), "{}")
		return i < n
	})
	l.good = func(r *response) bool { return r.status == http.StatusCreated }
	l.proof = nil
	l.keep = func(w *worker) {
		_, rest, _ := bytes.Cut(w.res.body, []byte(`"token":"`))
		token, _, _ := bytes.Cut(rest, []byte(`"`))
		w.kept = append(w.kept, strconv.Itoa(asks[w.number])+" "+string(token))
	}
	_, workers, err := l.runFor(ctx, 0)
	if err != nil {
		return fmt.Errorf("make sign-in tokens: %w", err)
	}
	var tokens []string
	for _, w := range workers {
		tokens = slices.Concat(tokens, w.kept)
	}
	t.page.tokens.fill(tokens)
	return nil
}

func loginToken(t *target, w *worker) bool {
	session, more := t.fresh.take()
	if !more {
		return false
	}
	kept, more := t.page.tokens.take()
	if !more {
		return false
	}
	of, token, _ := strings.Cut(kept, " ")
	i, err := strconv.Atoi(of)
	if err != nil {
		return false
	}
	u := &t.page.users[i]
	w.post(&t.fixture, "type", "login", "sessionid", session, "username", u.name, "token", token, "hwid", device(u.user))
	return true
}
