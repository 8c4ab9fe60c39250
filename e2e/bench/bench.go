package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"doorito/e2e/portal"
	"doorito/e2e/services"
)

// startWithin bounds the start of a portal or of services.
const startWithin = time.Minute

// bench is what all cases share.
type bench struct {
	bin    string
	dir    string // removed at the end
	rounds int
	only   string    // part of the path of pages to ask for
	out    io.Writer // what is going on
}

func newBench(ctx context.Context, bin string, rounds int, progress io.Writer) (*bench, error) {
	root, err := services.RepoRoot()
	if err != nil {
		return nil, err
	}
	b := &bench{bin: bin, rounds: rounds, out: progress}
	if err := b.findProgram(ctx, root); err != nil {
		return nil, err
	}
	parent := os.Getenv("TMPDIR")
	if parent == "" {
		parent = filepath.Join(root, ".cache", "bench")
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, err
	}
	if b.dir, err = os.MkdirTemp(parent, "run-"); err != nil {
		return nil, err
	}
	// PostgreSQL runs as another user and must get through to its own folder.
	if err := os.Chmod(b.dir, 0o711); err != nil {
		return nil, err
	}
	if inMemory(b.dir) {
		b.progress("%s is in memory (tmpfs): a sync costs nothing there. Set TMPDIR to a folder on a disk.", b.dir)
	}
	return b, os.Setenv("TMPDIR", b.dir) // for the services
}

func (b *bench) remove() {
	if err := os.RemoveAll(b.dir); err != nil {
		b.progress("left behind: %v", err)
	}
}

func (b *bench) progress(format string, args ...any) {
	fmt.Fprintf(b.out, "bench: "+format+"\n", args...)
}

// findProgram builds bin/doorito when it is not there.
func (b *bench) findProgram(ctx context.Context, root string) error {
	if b.bin != "" {
		var err error
		b.bin, err = filepath.Abs(b.bin)
		return err
	}
	b.bin = filepath.Join(root, "bin", "doorito")
	if _, err := os.Stat(b.bin); err == nil {
		return nil
	}
	b.progress("building %s", b.bin)
	c := exec.CommandContext(ctx, "go", "build", "-o", b.bin, ".")
	c.Dir, c.Stdout, c.Stderr = root, b.out, b.out
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	return c.Run()
}

func inMemory(dir string) bool {
	const tmpfs = 0x01021994 // TMPFS_MAGIC of statfs(2)
	var fs syscall.Statfs_t
	return syscall.Statfs(dir, &fs) == nil && int64(fs.Type) == tmpfs
}

// folder makes a folder below the run's own.
func (b *bench) folder(stem string) (string, error) { return os.MkdirTemp(b.dir, stem+"-") }

// start starts a role in dir; the caller kills it.
func (b *bench) start(ctx context.Context, dir, role string, env ...string) (*portal.Portal, error) {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	return portal.Start(ctx, portal.Options{Bin: b.bin, Dir: dir, Role: role, Env: env})
}

// services starts private ones with real syncing; the caller stops them.
func (b *bench) services(ctx context.Context, want ...services.Want) (*services.Stack, error) {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	return services.Start(ctx, append(want, services.FsyncOn)...)
}

// token makes a token of the admin for uploads.
func token(ctx context.Context, p *portal.Portal) (string, error) {
	return p.CLI(ctx, "token", "create", "--user", portal.AdminEmail, "--name", "bench", "--scopes", "upload,read")
}

// forgetFiles removes what uploads left under dir, and lets the disk come to
// rest before the next measurement. It returns how many bytes there were.
func forgetFiles(dir string) (int64, error) {
	var n int64
	err := filepath.WalkDir(filepath.Join(dir, "files"), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		n += info.Size()
		return os.Remove(path)
	})
	syscall.Sync()
	return n, err
}
