// Command run is make test: it starts PostgreSQL, Redis, an S3 server and finds
// Chromium, once for all packages, tells go test of them by DOORITO_TEST_*
// variables, and takes everything down again, also when it is interrupted.
//
//	run                                  go test ./...
//	run -run TestRelay ./adapters/gormdb any go test arguments
//
// It exits with go test's code, 130 when interrupted, 1 when a service fails.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"doorito/e2e/services"
)

// goTestTimeout is each package's; the slowest one stays far below it.
const goTestTimeout = "20m"

// unwatched keeps the race detector out of SQLite, which is C made into Go, out
// of what computes passwords' hashes and out of compression: their memory is
// their own, and with it they are half of the tests' time. None of them may use a
// generic type of others, sync.Map for one: the linker could take their copy of it
// for all, and nothing in it would be watched. The pointer checks that come with
// the detector are for code with package unsafe, of which we have none.
var unwatched = []string{
	"-gcflags=all=-d=checkptr=0",
	"-gcflags=modernc.org/sqlite/lib=-race=false",
	"-gcflags=modernc.org/libc/...=-race=false",
	"-gcflags=golang.org/x/crypto/...=-race=false",
	"-gcflags=github.com/klauspost/compress/...=-race=false",
}

// graceAfterInterrupt is what tests get to end by themselves.
const graceAfterInterrupt = 5 * time.Second

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	// make killed at once must not leave us behind: its death is our interrupt.
	runtime.LockOSThread()
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0)
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()

	removeTemp, err := services.TempInMemory()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	stack, err := services.Start(ctx, services.All...)
	if err != nil {
		fmt.Fprintln(os.Stderr, errors.Join(err, removeTemp()))
		return 1
	}
	code := goTest(ctx, stack.Environ(), args)
	if err := errors.Join(stack.Stop(), removeTemp()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func goTest(ctx context.Context, env, args []string) int {
	if len(args) == 0 {
		args = []string{"./e2e", "./..."} // the longest first: nothing waits for it alone
	}
	all := []string{"test", "-timeout", goTestTimeout}
	if raceWorks() {
		all = append(append(all, "-race"), unwatched...)
		env = append(env, "CGO_ENABLED=1")
	}
	cmd := exec.Command("go", append(all, args...)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	// A group of its own, so that an interrupt reaches the test programs too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "start go test:", err)
		return 1
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return exitCode(err)
	case <-ctx.Done():
	}
	fmt.Fprintln(os.Stderr, "interrupted: ending the tests and their services")
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(graceAfterInterrupt):
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // whoever of the group is left
	return 130
}

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode()
	}
	fmt.Fprintln(os.Stderr, "go test:", err)
	return 1
}

// raceWorks: the race detector needs a C compiler and a platform that has it.
func raceWorks() bool {
	out, err := exec.Command("go", "env", "CC").Output()
	if err != nil {
		return false
	}
	compiler, _, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if _, err := exec.LookPath(compiler); err != nil {
		return false
	}
	return runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64"
}
