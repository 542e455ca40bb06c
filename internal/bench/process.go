package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a running server.
type process struct {
	cmd     *exec.Cmd
	address string // host:port
	ended   chan error
}

const (
	startLimit = 2 * time.Minute // migrations and checks of a large database
	stopLimit  = 30 * time.Second
)

var listensOn = regexp.MustCompile(`listens on http://(\S+)`)

// startProcess starts a program that prints where it listens and returns when
// it has. What it logs goes to a file, as in production.
func startProcess(logFile, program string, args ...string) (*process, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p := &process{cmd: exec.Command(program, args...), ended: make(chan error, 1)}
	p.cmd.Env, p.cmd.SysProcAttr, p.cmd.Stderr = environment(), processAttributes(), log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if match := listensOn.FindStringSubmatch(lines.Text()); match != nil {
				found <- match[1]
				break
			}
		}
		_, _ = io.Copy(io.Discard, out) // until it ends
		p.ended <- p.cmd.Wait()
	}()
	select {
	case p.address = <-found:
		return p, nil
	case err := <-p.ended:
		return nil, fmt.Errorf("%s ended before it listened: %w%s", program, err, tail(logFile))
	case <-time.After(startLimit):
		_ = p.cmd.Process.Kill()
		return nil, fmt.Errorf("%s does not listen after %v%s", program, startLimit, tail(logFile))
	}
}

// stop ends the server, gently at first.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-p.ended:
		return err
	case <-time.After(stopLimit):
		_ = p.cmd.Process.Kill()
		return errors.Join(errors.New("the server did not stop"), <-p.ended)
	}
}

func tail(file string) string {
	text, err := os.ReadFile(file)
	if err != nil || len(text) == 0 {
		return ""
	}
	return "\n" + string(text[max(0, len(text)-2000):])
}

// environment is the caller's without settings for the server.
func environment() []string {
	var env []string
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "LATCHKEY_") {
			env = append(env, setting)
		}
	}
	return env
}

// command runs a program to its end and returns what it printed.
func command(ctx context.Context, input, program string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	var stderr bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stderr = environment(), strings.NewReader(input), &stderr
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("%s %s: %w\n%s", program, args[0], err, stderr.Bytes())
	}
	return out, nil
}

// clockTick is the unit of processor times in /proc: 1/100 s on every Linux.
const clockTick = 10 * time.Millisecond

// cpu is the processor time that the process has used; 0 where there is no /proc.
func (p *process) cpu() time.Duration {
	text, err := os.ReadFile(p.proc("stat"))
	if err != nil {
		return 0
	}
	// The name in parentheses may hold anything; the fields after it are fixed.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	var ticks int64
	for _, field := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick
}

// forgetPeak makes peak start anew.
func (p *process) forgetPeak() { _ = os.WriteFile(p.proc("clear_refs"), []byte("5"), 0) }

// peak is the most memory in bytes that the process had resident since
// forgetPeak; 0 where there is no /proc.
func (p *process) peak() int64 { return p.status("VmHWM:") }

// own is the memory in bytes that it has resident now, without the files that
// it maps, such as SQLite's.
func (p *process) own() int64 { return p.status("RssAnon:") }

func (p *process) status(field string) int64 {
	text, err := os.ReadFile(p.proc("status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, field); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}

func (p *process) proc(file string) string {
	return "/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/" + file
}
