package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"
)

// target is an installation that is measured: one database and the servers on it.
type target struct {
	name     string // in the report
	program  string // the server
	dir      string // of data folders and logs
	database string // "sqlite" or a URL
	flags    []string
	nodes    []*process
	fixture
	fresh    pool     // sessions that nobody has signed in with
	unused   pool     // license keys
	sessions []string // somebody is signed in with each
	serial   atomic.Int64

	freshNative pool     // sessions of the native protocol
	native      []string // somebody is signed in with each
	fileSum     [sha256.Size]byte

	page     pageOf
	noTokens bool // the program has none

	hello   string // address of the floor, which webhooks call
	webhook string // its id; "" if the program cannot be let call the floor

	noVariables bool     // the program has none
	early       bool     // it has neither files nor chats nor the native protocol
	lenient     []string // flags that turn the server's limits off and let it call the floor; nil before it was asked
}

// pool gives each of its texts out once. It is safe for concurrent use.
type pool struct {
	texts []string
	taken atomic.Int64
}

func (p *pool) take() (string, bool) {
	i := p.taken.Add(1) - 1
	if i >= int64(len(p.texts)) {
		return "", false
	}
	return p.texts[i], true
}

func (p *pool) fill(texts []string) {
	p.texts = texts
	p.taken.Store(0)
}

// rest is what has not been given out.
func (p *pool) rest() []string { return p.texts[min(p.taken.Load(), int64(len(p.texts))):] }

func (t *target) dataFlags(node int) []string {
	data := func(n int) string { return filepath.Join(t.dir, "data"+strconv.Itoa(n)) }
	flags := []string{"--data", data(node), "--database", t.database, "--key-file", filepath.Join(data(0), "latchkey.key"), "--log-format", "json"}
	if node > 0 && !t.early {
		flags = append(flags, "--files", filepath.Join(data(0), "files"))
	}
	return flags
}

// setUp makes the first account and returns its API key.
func (t *target) setUp(ctx context.Context) (apiKey string, err error) {
	args := append([]string{"init", "--email", "owner@example.com", "--password-file", "-", "--json"}, t.dataFlags(0)...)
	out, err := command(ctx, "correct horse battery staple", t.program, args...)
	if err != nil {
		return "", err
	}
	var done struct {
		APIKey string `json:"api_key"`
	}
	if err := json.Unmarshal(out, &done); err != nil {
		return "", fmt.Errorf("read what init printed: %w", err)
	}
	return done.APIKey, nil
}

// addNode starts one more server on the database, which logs as in production.
// Its limits on how often an address may try are off, where it has any: all
// clients share one. Webhooks may call the floor.
func (t *target) addNode(ctx context.Context) error {
	n := len(t.nodes)
	args := append([]string{"serve", "--listen", "127.0.0.1:0"}, t.dataFlags(n)...)
	if t.lenient == nil {
		if err := t.makeLenient(ctx); err != nil {
			return err
		}
	}
	args = append(args, t.lenient...)
	p, err := startProcess(filepath.Join(t.dir, fmt.Sprintf("server%d.log", n)), t.program, append(args, t.flags...)...)
	if err != nil {
		return err
	}
	t.nodes = append(t.nodes, p)
	return nil
}

// makeLenient finds out which of the flags the program knows.
func (t *target) makeLenient(ctx context.Context) error {
	help, err := command(ctx, "", t.program, "serve", "--help")
	if err != nil {
		return err
	}
	t.lenient = []string{}
	if bytes.Contains(help, []byte(" --limits")) {
		t.lenient = append(t.lenient, "--limits", "off")
	}
	if bytes.Contains(help, []byte(" --egress-allow=")) {
		_, port, err := net.SplitHostPort(t.hello)
		if err != nil {
			return err
		}
		t.lenient = append(t.lenient, "--egress-allow", "127.0.0.0/8", "--egress-allow-http", "--egress-ports", port)
	}
	return nil
}

func (t *target) stop() error {
	var err error
	for _, p := range t.nodes {
		err = errors.Join(err, p.stop())
	}
	t.nodes = nil
	return err
}

// address spreads clients over the servers.
func (t *target) address(client int) string { return t.nodes[client%len(t.nodes)].address }

// usage is what the servers have used of the machine.
type usage struct {
	cpu    time.Duration
	memory int64 // bytes resident at most, of the largest
	own    int64 // bytes resident now without mapped files, of the largest
}

func used(processes []*process) (u usage) {
	for _, p := range processes {
		u.cpu += p.cpu()
		u.memory, u.own = max(u.memory, p.peak()), max(u.own, p.own())
	}
	return u
}
