package egress

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/latchkey-dev/latchkey/internal/egress/egresstest"
)

func codeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Message != "" {
		return e.Code
	}
	return Code("not an error of this package: " + err.Error())
}

// resolver is one whose names the test makes up.
func resolver(t *testing.T, z egresstest.Zone) *net.Resolver {
	t.Helper()
	return egresstest.Resolver(t, z)
}

// record notes every address that the dialer was allowed to connect to.
type record struct {
	mu       sync.Mutex
	accepted []string
	judged   int
}

func (r *record) watch(c *Client) {
	judge := c.dialer.ControlContext
	c.dialer.ControlContext = func(ctx context.Context, network, address string, raw syscall.RawConn) error {
		err := judge(ctx, network, address, raw)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.judged++
		if err == nil {
			r.accepted = append(r.accepted, address)
		}
		return err
	}
}

func newClient(t *testing.T, cfg Config) *Client {
	t.Helper()
	cfg.Now = time.Now
	c := New(cfg)
	t.Cleanup(func() { _ = c.Close() })
	return c
}
