package e2e_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// noises are things that are nearly HTTP.
func noises() []string {
	const body = "type=init&name=garbage&ownerid=0123456789"
	length := fmt.Sprintf("Content-Length: %d\r\n", len(body))
	post := "POST /api/1.3/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	return []string{
		"",
		"GET / HTTP/1.1\r\n\r\n",
		"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
		"GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /healthz\r\n\r\n",
		"GET http://other.example/healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
		"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /healthz HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
		"GET /healthz HTTP/1.1\r\nHost: x\r\n folded: 1\r\n\r\n",
		"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 70_000) + "\r\n\r\n",
		"GET /" + strings.Repeat("a/", 20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /api/v1/apps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \x00\x01\r\n\r\n",
		"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
		"GET /healthz HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAAA\r\n\r\n",
		"GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: nothing\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		post + length + "\r\n" + body,
		post + length + length + "\r\n" + body,
		post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + body,
		post + "Content-Length: -1\r\n\r\n" + body,
		post + "Content-Length: 99999999999999999999\r\n\r\n" + body,
		post + "Content-Length: 4000\r\n\r\n" + body,
		post + length + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + body,
		post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + body,
		post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + body,
		post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
		post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		post + "Expect: 100-continue\r\nContent-Length: 400000000\r\n\r\n",
		post + "Content-Encoding: gzip\r\n" + length + "\r\n" + body,
	}
}

// makeNoise sends bytes that are no proper requests and counts the answers by
// their first words.
func makeNoise(t *testing.T, server string) map[string]int {
	t.Helper()
	address := strings.TrimPrefix(server, "http://")
	var mu sync.Mutex
	answers := map[string]int{}
	var wg sync.WaitGroup
	for worker := range noiseWorkers {
		wg.Go(func() {
			random := newScribbler(1000 + worker)
			templates := noises()
			for n := range noiseRequests / noiseWorkers {
				noise := []byte(templates[(worker+n)%len(templates)])
				for range random.IntN(4) {
					noise = random.spoil(noise)
				}
				answer, err := shout(address, noise)
				if err != nil {
					t.Errorf("%.200q: %v", noise, err)
				}
				first, _, _ := strings.Cut(answer, "\r\n")
				if strings.HasPrefix(first, "HTTP/1.1 500") {
					t.Errorf("%.200q: %.500s", noise, answer)
				}
				mu.Lock()
				answers[first]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return answers
}

// shout sends bytes, hangs up and returns what was said to them. The server
// may hang up itself; it must not keep the connection.
func shout(address string, noise []byte) (string, error) {
	c, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return "", err
	}
	if _, err := c.Write(noise); err == nil {
		_ = c.(*net.TCPConn).CloseWrite() // the server may have hung up already
	}
	said, err := io.ReadAll(c)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return "", err
	}
	return string(said), nil
}
