package services

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	readyWithin = 30 * time.Second
	stopWithin  = 10 * time.Second
	pollEvery   = 5 * time.Millisecond
)

// process is one running service. It ends with this program, however that ends.
type process struct {
	name    string
	cmd     *exec.Cmd
	logPath string
	ended   chan struct{}
}

// spec says how a service is started.
type spec struct {
	name    string
	path    string
	args    []string
	env     []string
	logPath string
	// onDeath is sent by the kernel when this program dies.
	onDeath syscall.Signal
	user    *syscall.Credential
}

// start forks from a thread that stays locked until the service has ended, since
// the kernel sends Pdeathsig when the forking thread, not the program, dies.
func start(s spec) (*process, error) {
	log, err := os.OpenFile(s.logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%s: open log: %w", s.name, err)
	}
	cmd := exec.Command(s.path, s.args...)
	cmd.Env = append(os.Environ(), s.env...)
	cmd.Dir = "/"
	// A file, never our own stdout: go test waits for everyone who holds that.
	cmd.Stdout, cmd.Stderr = log, log
	// Its own group: Ctrl-C reaches the tests first, the services after them.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: s.onDeath, Credential: s.user}

	p := &process{name: s.name, cmd: cmd, logPath: s.logPath, ended: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer log.Close()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		// A killed service is an ordinary end here; readiness reports real failures.
		_ = cmd.Wait()
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s (%s): %w", s.name, s.path, err)
	}
	return p, nil
}

// errEnded marks a service that exited before it was ready, most often because
// another program took its port in between.
var errEnded = errors.New("ended before it was ready")

// waitReady polls ping until it succeeds, the service ends, or time runs out.
func (p *process) waitReady(ping func() error) error {
	deadline := time.NewTimer(readyWithin)
	defer deadline.Stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		err := ping()
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s %w; its last words:\n%s", p.name, errEnded, p.logTail())
		case <-deadline.C:
			return fmt.Errorf("%s does not answer after %s (%w); its last words:\n%s", p.name, readyWithin, err, p.logTail())
		case <-tick.C:
		}
	}
}

// stop asks with sig, kills after stopWithin, and returns when the process is gone.
func (p *process) stop(sig syscall.Signal) {
	_ = p.cmd.Process.Signal(sig)
	select {
	case <-p.ended:
		return
	case <-time.After(stopWithin):
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.ended
}

func (p *process) logTail() string {
	f, err := os.Open(p.logPath)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	const tail = 4 << 10
	if info, err := f.Stat(); err == nil && info.Size() > tail {
		_, _ = f.Seek(-tail, io.SeekEnd)
	}
	text, _ := io.ReadAll(f)
	return strings.TrimSpace(string(text))
}
