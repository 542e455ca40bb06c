package e2e_test

import (
	"errors"
	"net"
	"net/url"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestStopUnderLoad stops the server by SIGTERM in a storm of sign-ins: it ends
// with success, and what it acknowledged is there afterwards.
func TestStopUnderLoad(t *testing.T) {
	for _, engine := range engines() {
		t.Run(engine, func(t *testing.T) {
			i := newInstallation(t, engine)
			key := i.initialize()
			p := i.start()
			st := newStorm(t, newSeller(t, p.url, key), "storm")
			st.begin(p.url)
			eventually(t, stormLimit, "the storm rages", func() bool { return st.acknowledged() >= 150 })
			p.stop()
			st.done.Wait()
			p = i.start()
			checkStorm(t, newSeller(t, p.url, key), st)
			i.examine()
			t.Logf("%d acknowledged, %d answers lost", len(st.of(true, "license", "register", "login")),
				len(st.of(false, "license", "register", "login")))
		})
	}
}

// TestSecondSignalEndsAtOnce: the first signal waits for a request that is
// still being sent, the second does not.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	i := newInstallation(t, "sqlite")
	p := i.start()
	at, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	request := "POST /api/1.3/ HTTP/1.1\r\nHost: " + at.Host + "\r\nExpect: 100-continue\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n"
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	// The server asks for the body: the request is in its hands.
	said := make([]byte, 64)
	if n, err := conn.Read(said); err != nil || !strings.Contains(string(said[:n]), "100 Continue") {
		t.Fatalf("the server said %q (%v)", said[:n], err)
	}
	p.signal(syscall.SIGTERM)
	eventually(t, stopLimit, "the server accepts nothing new", func() bool {
		c, err := net.Dial("tcp", at.Host)
		if err == nil {
			_ = c.Close() // it was only a question
		}
		return err != nil
	})
	select {
	case <-p.exited:
		t.Fatal("the first signal cut a request off")
	default:
	}
	p.signal(syscall.SIGTERM)
	<-p.exited
	var exit *exec.ExitError
	if !errors.As(p.exitErr, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("after the second signal: %v", p.exitErr)
	}
	i.examine()
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil {
		p.t.Fatal(err)
	}
}
