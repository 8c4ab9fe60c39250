package services

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
)

// workdir is a temporary folder that goes with Stop, or soon after this program
// dies, whichever comes first.
type workdir struct {
	path  string
	pipe  io.Closer
	sweep *exec.Cmd
}

// live keeps every workdir reachable until it is removed: were one collected as
// garbage, its pipe would be closed with it and the sweeper would start early.
var live sync.Map

// sweepScript waits for end of file on stdin, which is our death or our Close,
// then removes the folder; a server that is still ending may write for a moment
// longer, hence the bounded repetition.
const sweepScript = `cat >/dev/null
n=0
while [ $n -lt 100 ]; do
	rm -rf -- "$0" 2>/dev/null && exit 0
	n=$((n+1)); sleep 0.1
done`

func newWorkdir() (*workdir, error) {
	path, err := os.MkdirTemp(tempRoot(), "doorito-services-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the services: %w", err)
	}
	// Service users must reach their own folder below; nobody may list this one.
	if err := os.Chmod(path, 0o711); err != nil {
		return nil, fmt.Errorf("open the services folder: %w", err)
	}
	sweep := exec.Command("/bin/sh", "-c", sweepScript, path)
	sweep.Dir = "/"
	sweep.Env = []string{"PATH=/usr/bin:/bin"}
	sweep.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := sweep.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("pipe to the sweeper: %w", err)
	}
	if err := sweep.Start(); err != nil {
		return nil, fmt.Errorf("start the sweeper: %w", err)
	}
	dir := &workdir{path: path, pipe: pipe, sweep: sweep}
	live.Store(dir, nil)
	return dir, nil
}

// remove returns when the folder is gone.
func (w *workdir) remove() error {
	live.Delete(w)
	_ = w.pipe.Close()
	_ = w.sweep.Wait() // what it could not remove, the next line tries and reports
	return os.RemoveAll(w.path)
}

func (w *workdir) join(name string) string { return filepath.Join(w.path, name) }

// tempRoot is TMPDIR unless another user could not get through it: PostgreSQL
// refuses to run as root, and the user it runs as must reach its data.
func tempRoot() string {
	root := os.TempDir()
	if os.Geteuid() != 0 {
		return root
	}
	for dir := filepath.Clean(root); dir != "/" && dir != "."; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm()&0o001 == 0 {
			return "/tmp"
		}
	}
	return root
}
