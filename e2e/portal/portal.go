package portal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The first admin of every portal started here.
const (
	AdminEmail    = "admin@example.com"
	AdminPassword = "correct horse battery"
)

// SecretKey of portals started with a database of their own.
const SecretKey = "a test key that is long enough to be taken 123456"

// Options say what to start.
type Options struct {
	Bin  string   // path of doorito
	Dir  string   // DATA_DIR and working folder; must exist
	Role string   // serve, web, worker or scheduler; empty means serve
	Env  []string // NAME=value on top of the defaults
}

// Portal is one running process.
type Portal struct {
	URL  string // empty for worker and scheduler
	PID  int
	opt  Options
	cmd  *exec.Cmd
	log  *tail
	gone chan struct{}
}

// Start runs the program and returns when it listens (or, without a web role,
// when it says that it is ready).
func Start(ctx context.Context, o Options) (*Portal, error) {
	if o.Role == "" {
		o.Role = "serve"
	}
	p := &Portal{opt: o, log: &tail{}, gone: make(chan struct{})}
	p.cmd = exec.Command(o.Bin, o.Role)
	p.cmd.Dir, p.cmd.Env = o.Dir, environment(o)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	started := make(chan error, 1)
	ready := make(chan string, 1)
	go p.run(out, started, ready)
	if err := <-started; err != nil {
		return nil, err
	}
	select {
	case p.URL = <-ready:
		return p, nil
	case <-p.gone:
		return nil, fmt.Errorf("doorito %s ended before it was ready: %s", o.Role, p.log)
	case <-ctx.Done():
		p.Kill()
		return nil, fmt.Errorf("doorito %s is not ready: %w: %s", o.Role, ctx.Err(), p.log)
	}
}

// run forks on a locked thread, since Pdeathsig follows the forking thread.
func (p *Portal) run(out io.Reader, started chan<- error, ready chan<- string) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := p.cmd.Start(); err != nil {
		started <- err
		return
	}
	p.PID = p.cmd.Process.Pid
	started <- nil
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			ready <- url
		} else if lines.Text() == "ready" {
			ready <- ""
		}
	}
	_ = p.cmd.Wait() // a killed portal is an ordinary end here
	close(p.gone)
}

func environment(o Options) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + o.Dir, "DATA_DIR=" + o.Dir, "LISTEN_ADDR=127.0.0.1:0", "LOG_FORMAT=json",
		"ADMIN_EMAIL=" + AdminEmail, "ADMIN_PASSWORD=" + AdminPassword, "SECRET_KEY=" + SecretKey,
		"WEBHOOK_ALLOWED_NETWORKS=127.0.0.0/8,::1/128",
	}
	return append(env, o.Env...)
}

// Stop asks the process to end and waits for it.
func (p *Portal) Stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	return p.Wait()
}

// Wait waits until the process ended by itself.
func (p *Portal) Wait() error {
	select {
	case <-p.gone:
	case <-time.After(60 * time.Second):
		p.Kill()
		return errors.New("doorito did not stop within a minute")
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("doorito ended with code %d: %s", code, p.log)
	}
	return nil
}

// Kill ends the process at once, as kill -9 does.
func (p *Portal) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.gone
}

// Signal sends a signal, such as SIGSTOP.
func (p *Portal) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// Restart starts the program again in the same folder and on the same address.
func (p *Portal) Restart(ctx context.Context) (*Portal, error) {
	o := p.opt
	if p.URL != "" {
		o.Env = append(append([]string{}, o.Env...), "LISTEN_ADDR="+strings.TrimPrefix(p.URL, "http://"))
	}
	return Start(ctx, o)
}

// Log is what the process wrote to standard error, its last part.
func (p *Portal) Log() string { return p.log.String() }

// CLI runs a command of the program against the same settings and returns its
// standard output.
func (p *Portal) CLI(ctx context.Context, args ...string) (string, error) {
	var out, errs bytes.Buffer
	c := exec.CommandContext(ctx, p.opt.Bin, args...)
	c.Dir, c.Env = p.opt.Dir, environment(p.opt)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return out.String(), fmt.Errorf("doorito %s: %w: %s", strings.Join(args, " "), err, errs.String())
	}
	return strings.TrimSpace(out.String()), nil
}

// tail keeps the last part of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailSize = 64 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if len(t.buf) > tailSize {
		t.buf = append(t.buf[:0], t.buf[len(t.buf)-tailSize:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}
