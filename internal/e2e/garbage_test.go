package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/api"
)

const (
	garbageRequests = 10_000
	noiseRequests   = 1_000
	garbageWorkers  = 8
	noiseWorkers    = 40
	garbageSeed     = 20
)

// TestGarbage sends requests that are a little or altogether wrong to every
// route, and bytes that are no requests at all. Nothing may make the server
// fail, and it goes on answering those who are right.
func TestGarbage(t *testing.T) {
	t.Parallel()
	i := newInstallation(t, "sqlite")
	i.flags = append(i.flags, "--max-licenses-per-call", "20")
	key := i.initialize()
	p := i.start()
	s := newSeller(t, p.url, key)
	g := newGarbage(t, s)
	began := time.Now()
	statuses := g.flood(t)
	t.Logf("%d requests in %v: %v", garbageRequests, time.Since(began), statuses)
	if statuses[http.StatusOK] < garbageRequests/100 || statuses[http.StatusBadRequest] < garbageRequests/100 {
		t.Error("hardly any request got anywhere; the garbage is too bad, or too good")
	}
	began = time.Now()
	answers := makeNoise(t, p.url)
	t.Logf("%d pieces of noise in %v: %v", noiseRequests, time.Since(began), answers)

	v := newVictim(t, s)
	if a, err := v.call("check", nil); err != nil || !a.Success {
		t.Errorf("afterwards check says %q (%v)", a.Message, err)
	}
	i.examine()
	for line := range strings.Lines(p.read(p.log)) {
		if strings.Contains(line, `"status":5`) && !strings.Contains(line, `"server.busy"`) {
			t.Errorf("the log holds %s", line)
		}
	}
	p.stop()
}

// garbage is what requests are put together from.
type garbage struct {
	spec *spec
	ops  []operation
	app  api.AppCreated
	key  string // API key
	url  string
	http *http.Client
	real []string // values that mean something

	mu  sync.Mutex
	ids map[string][]string // seen in answers, by their kind
}

func newGarbage(t *testing.T, s *seller) *garbage {
	t.Helper()
	g := &garbage{spec: readSpec(t, s.url), app: s.createApp("garbage"), key: s.key, url: s.url, http: browser(), ids: map[string][]string{}}
	g.ops = g.spec.operations(t)
	licenses := s.createLicenses(g.app.ID, 20)
	var user api.User
	s.call("POST", "/apps/"+g.app.ID+"/users", api.CreateUser{Username: "somebody"}, &user)
	var subs api.SubscriptionList
	s.call("GET", "/apps/"+g.app.ID+"/subscriptions", nil, &subs)
	g.real = []string{g.app.ID, g.app.OwnerID, user.ID, user.Username, subs.Subscriptions[0].ID, "1.3"}
	for _, license := range licenses {
		g.real = append(g.real, license.ID, license.Key)
	}
	p := newProgram(s.url, g.app, g.http)
	if err := p.open(); err != nil {
		t.Fatal(err)
	}
	g.real = append(g.real, p.session)
	return g
}

// flood sends the garbage and counts the answers by status.
func (g *garbage) flood(t *testing.T) map[int]int {
	t.Helper()
	var mu sync.Mutex
	statuses := map[int]int{}
	var wg sync.WaitGroup
	for worker := range garbageWorkers {
		wg.Go(func() {
			random := newScribbler(worker, g.real...)
			for range garbageRequests / garbageWorkers {
				req := g.legacy(random)
				if random.IntN(4) > 0 {
					req = g.manage(random)
				}
				status, err := g.send(req)
				if err != nil {
					t.Errorf("%s %.200s: %v", req.Method, req.URL, err)
				}
				mu.Lock()
				statuses[status]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return statuses
}

// send makes a request. An error is an answer that nobody should get.
func (g *garbage) send(req *http.Request) (int, error) {
	res, err := g.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if res.Header.Get("Content-Type") == "text/event-stream" {
		return res.StatusCode, nil // it has no end
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return res.StatusCode, err
	}
	var content map[string]any
	isJSON := json.Unmarshal(body, &content) == nil
	switch {
	case res.StatusCode >= 500 && !bytes.Contains(body, []byte("server.busy")):
		return res.StatusCode, fmt.Errorf("status %d: %s", res.StatusCode, body)
	case res.StatusCode < 300:
		g.learn(body)
	case strings.HasPrefix(req.URL.Path, "/api/v1/") && req.Method != "HEAD" && res.StatusCode >= 400 && (!isJSON || content["code"] == "" || content["detail"] == ""):
		return res.StatusCode, fmt.Errorf("no problem: %s", body)
	}
	return res.StatusCode, nil
}

var idInAnswer = regexp.MustCompile(`"id":"((usr|lic|sub|ses|dev)_[0-9a-z]{26})"`)

// learn keeps ids for later requests.
func (g *garbage) learn(body []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, found := range idInAnswer.FindAllSubmatch(body[:min(len(body), 4000)], -1) {
		kind := string(found[2])
		g.ids[kind] = append(g.ids[kind], string(found[1]))
		g.ids[kind] = g.ids[kind][max(0, len(g.ids[kind])-20):]
	}
}

// id is a value for a parameter of a path: mostly the id of something real.
func (g *garbage) id(random *scribbler, name string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	kinds := map[string]string{"user": "usr", "license": "lic", "subscription": "sub", "session": "ses", "device": "dev"}
	known := g.ids[kinds[name]]
	switch {
	case random.IntN(5) == 0:
		return random.text()
	case name == "app":
		return g.app.ID
	case len(known) > 0:
		return random.pick(known...)
	}
	return random.text()
}

// manage makes a request to a row of the management API.
func (g *garbage) manage(random *scribbler) *http.Request {
	op := g.ops[random.IntN(len(g.ops))]
	for op.slow && random.IntN(20) > 0 {
		op = g.ops[random.IntN(len(g.ops))]
	}
	path, query := op.path, url.Values{}
	for _, param := range op.params {
		switch {
		case param.In == "path":
			path = strings.ReplaceAll(path, "{"+param.Name+"}", url.PathEscape(g.id(random, param.Name)))
		case random.IntN(3) == 0:
			query.Add(param.Name, random.text())
		}
	}
	if random.IntN(10) == 0 {
		query.Add(random.text(), random.text())
	}
	if random.IntN(50) == 0 {
		op.method = random.pick("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW")
	}
	var body []byte
	if op.body != nil || random.IntN(20) == 0 {
		body = random.body(g.spec, op.body)
	}
	req := newRequest(op.method, g.url+"/api/v1"+path, query.Encode(), body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+g.key)
	if random.IntN(20) == 0 {
		req.Header.Set(random.pick("Authorization", "Content-Type", "Content-Encoding", "Accept", "Cookie", "Origin", "Range"), random.header())
	}
	return req
}

// legacy makes a request to the compatible client API.
func (g *garbage) legacy(random *scribbler) *http.Request {
	typ := random.pick("init", "license", "upgrade", "check", "logout", "check", "init", "license", "none")
	if random.IntN(20) == 0 {
		typ = random.pick("register", "login")
	}
	form := url.Values{"type": {typ}, "name": {g.app.Name}, "ownerid": {g.app.OwnerID}}
	for _, name := range []string{"sessionid", "key", "hwid", "username", "pass", "email", "ver", "hash", "enckey", "code", "token"} {
		if random.IntN(3) > 0 {
			form.Set(name, random.text())
		}
	}
	if random.IntN(10) == 0 {
		form.Set(random.pick("type", "name", "ownerid"), random.text())
	}
	text := []byte(form.Encode())
	if random.IntN(3) == 0 {
		text = random.spoil(text)
	}
	path := random.pick("/api/1.3/", "/api/1.3", "/api/1.2/", "/1.3/", "/1.2", "/api/1.1/", "/api/1.3/more")
	if random.IntN(3) == 0 {
		return newRequest(random.pick("GET", "POST", "HEAD"), g.url+path, form.Encode(), nil)
	}
	req := newRequest(random.pick("POST", "POST", "POST", "PUT", "OPTIONS"), g.url+path, "", text)
	req.Header.Set("Content-Type", random.pick("application/x-www-form-urlencoded", "application/x-www-form-urlencoded",
		"multipart/form-data; boundary=x", "multipart/form-data", "application/json", "", random.header()))
	return req
}

func newRequest(method, address, query string, body []byte) *http.Request {
	req, err := http.NewRequest(method, address, bytes.NewReader(body))
	if err != nil {
		panic(err) // everything that varies is escaped
	}
	req.URL.RawQuery = query
	return req
}
