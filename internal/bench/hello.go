package bench

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// helloKey signs the floor's answers; it protects nothing.
func helloKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
}

// helloBody is 300 bytes of JSON.
func helloBody() []byte {
	const frame = `{"success":true,"message":""}`
	return []byte(`{"success":true,"message":"` + string(bytes.Repeat([]byte("h"), 300-len(frame))) + `"}`)
}

// serveHello is the floor: a bare net/http server in a process of its own that
// reads nothing, looks nothing up, and signs each answer as version 1.3 does.
// Nothing that answers signed requests through net/http is faster.
func serveHello(ctx context.Context, out io.Writer) error {
	key, body := helloKey(), helloBody()
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		signature := ed25519.Sign(key, append([]byte(stamp), body...))
		h := w.Header()
		h["Content-Type"] = []string{"application/json; charset=utf-8"}
		h["x-signature-ed25519"] = []string{hex.EncodeToString(signature)}
		h["x-signature-timestamp"] = []string{stamp}
		_, _ = w.Write(body) // the client has gone if this fails
	})}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	if _, err := fmt.Fprintf(out, "hello listens on http://%s\n", l.Addr()); err != nil {
		return err
	}
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
