package services

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

func newWorkdir() (*workdir, error) { return newWorkdirIn(tempRoot()) }

func newWorkdirIn(root string) (*workdir, error) {
	path, err := os.MkdirTemp(root, "doorito-")
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

// memoryRoot is where Linux keeps files in memory, and memoryNeeded the bytes
// that must be free there and in memory: several times what all tests use at once.
const (
	memoryRoot   = "/dev/shm"
	memoryNeeded = 8 << 30
	tmpfsMagic   = 0x01021994 // statfs(2)
)

// TempInMemory points TMPDIR of this program and of those it starts to a folder
// in memory, which goes with the returned function or with this program. A test
// with a database of its own makes hundreds of files, and making one takes 0.02
// ms there but up to 2 ms on a virtual disk. Where memory is short, or programs
// may not run there, it does nothing.
func TempInMemory() (remove func() error, err error) {
	var fs syscall.Statfs_t
	if syscall.Statfs(memoryRoot, &fs) != nil || fs.Type != tmpfsMagic || fs.Flags&syscall.MS_NOEXEC != 0 || fs.Bavail*uint64(fs.Bsize) < memoryNeeded ||
		memoryAvailable() < memoryNeeded {
		return func() error { return nil }, nil
	}
	dir, err := newWorkdirIn(memoryRoot)
	if err != nil {
		return nil, err
	}
	return dir.remove, os.Setenv("TMPDIR", dir.path)
}

// TempOnDisk is a folder on a disk, wherever TMPDIR is; it goes with the returned
// function or with this program. /var/tmp outlives a reboot (FHS 3.0, 5.15).
func TempOnDisk() (path string, remove func() error, err error) {
	dir, err := newWorkdirIn("/var/tmp")
	if err != nil {
		return "", nil, err
	}
	return dir.path, dir.remove, nil
}

// memoryAvailable in bytes, by /proc/meminfo; 0 where that is unknown.
func memoryAvailable() uint64 {
	data, _ := os.ReadFile("/proc/meminfo")
	_, rest, _ := strings.Cut(string(data), "MemAvailable:")
	var kib uint64
	_, _ = fmt.Sscan(rest, &kib)
	return kib << 10
}

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
