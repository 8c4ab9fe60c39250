package portal

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"doorito/e2e/services"
)

var building struct {
	once sync.Once
	path string
	err  error
	log  []byte
}

// Build makes the program once for this process and returns its path.
func Build(tb testing.TB) string {
	tb.Helper()
	building.once.Do(func() {
		root, err := services.RepoRoot()
		if err != nil {
			building.err = err
			return
		}
		building.path = filepath.Join(root, ".cache", "bin", "doorito-e2e")
		// As make build does, so that what is compiled already is taken again.
		c := exec.Command("go", "build", "-trimpath", "-o", building.path, ".")
		c.Dir, c.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		building.log, building.err = c.CombinedOutput()
	})
	if building.err != nil {
		tb.Fatalf("build doorito: %v\n%s", building.err, building.log)
	}
	return building.path
}

// MustStart starts a portal that ends with the test.
func MustStart(tb testing.TB, o Options) *Portal {
	tb.Helper()
	if o.Bin == "" {
		o.Bin = Build(tb)
	}
	if o.Dir == "" {
		o.Dir = tb.TempDir()
	}
	if !slices.ContainsFunc(o.Env, func(e string) bool { return strings.HasPrefix(e, "LISTEN_ADDR=") }) {
		// Not one that the kernel gives away, or another may have it at a restart.
		port, err := services.FreePort()
		if err != nil {
			tb.Fatal(err)
		}
		o.Env = append([]string{fmt.Sprintf("LISTEN_ADDR=127.0.0.1:%d", port)}, o.Env...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p, err := Start(ctx, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { p.Kill(); logOnFailure(tb, p) })
	return p
}

// MustRestart starts p again after Stop or Kill.
func (p *Portal) MustRestart(tb testing.TB) *Portal {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	again, err := p.Restart(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { again.Kill(); logOnFailure(tb, again) })
	return again
}

func logOnFailure(tb testing.TB, p *Portal) {
	if tb.Failed() {
		tb.Logf("log of doorito %s:\n%s", p.opt.Role, p.Log())
	}
}

// MustCLI runs a command and returns its standard output.
func (p *Portal) MustCLI(tb testing.TB, args ...string) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := p.CLI(ctx, args...)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// Token makes an API token of the admin.
func (p *Portal) Token(tb testing.TB, scopes string) string {
	tb.Helper()
	return p.MustCLI(tb, "token", "create", "--user", AdminEmail, "--name", "test", "--scopes", scopes)
}
