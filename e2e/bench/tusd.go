package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"doorito/e2e/services"
)

// tusdVersion is the reference server of the tus project that uploads are
// compared with: files on disk, no database, no hash, nothing synced.
const tusdVersion = "v2.9.1"

// tusd is a running one.
type tusd struct {
	url string
	pid int
	dir string // its files are in dir/files
	cmd *exec.Cmd
}

// buildTusd builds it in a module of its own under .cache, once.
func (b *bench) buildTusd(ctx context.Context) (string, error) {
	root, err := services.RepoRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, ".cache", "tusd-"+tusdVersion)
	bin := filepath.Join(dir, "tusd")
	if _, err := os.Stat(bin); err == nil {
		return bin, nil
	}
	b.progress("building tusd %s, once", tusdVersion)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	mod := "module scratch\n\ngo 1.24\n\nrequire github.com/tus/tusd/v2 " + tusdVersion + "\n"
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644); err != nil {
		return "", err
	}
	c := exec.CommandContext(ctx, "go", "build", "-mod=mod", "-o", bin, "github.com/tus/tusd/v2/cmd/tusd")
	c.Dir, c.Stdout, c.Stderr = dir, b.out, b.out
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	return bin, c.Run()
}

// startTusd starts one with its defaults; the caller kills it.
func (b *bench) startTusd(ctx context.Context) (*tusd, error) {
	bin, err := b.buildTusd(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := b.folder("tusd")
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	host, port, _ := net.SplitHostPort(l.Addr().String())
	if err := l.Close(); err != nil {
		return nil, err
	}
	t := &tusd{url: "http://" + host + ":" + port, dir: dir}
	t.cmd = exec.Command(bin, "-host", host, "-port", port, "-upload-dir", filepath.Join(dir, "files"))
	t.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := startLocked(t.cmd); err != nil {
		return nil, err
	}
	t.pid = t.cmd.Process.Pid
	if err := t.wait(ctx); err != nil {
		t.kill()
		return nil, err
	}
	return t, nil
}

// startLocked forks from a thread that stays, since Pdeathsig follows it.
func startLocked(c *exec.Cmd) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine's
		started <- c.Start()
		select {}
	}()
	return <-started
}

func (t *tusd) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodOptions, t.url+"/files/", nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			return res.Body.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("tusd does not answer: %w", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (t *tusd) kill() {
	_ = t.cmd.Process.Kill()
	_ = t.cmd.Wait() // killed is how it ends
}
