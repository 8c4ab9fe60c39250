package services_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorito/e2e/services"
)

const envVictim = "DOORITO_TEST_VICTIM"

// TestMain lets this binary play the program that is killed in the test below.
func TestMain(m *testing.M) {
	if os.Getenv(envVictim) == "" {
		os.Exit(m.Run())
	}
	stack, err := services.Start(context.Background(), services.WantPostgres, services.WantRedis, services.WantS3)
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(stack.Postgres.URL, stack.Redis.URL, stack.S3.Endpoint)
	select {}
}

func TestNothingOutlivesAProgramKilledAtOnce(t *testing.T) {
	t.Parallel()
	temp, err := os.MkdirTemp("", "doorito-victim-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	if err := os.Chmod(temp, 0o711); err != nil {
		t.Fatal(err)
	}
	victim := command(t, temp)
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	urls := strings.Fields(line)
	if err != nil || len(urls) != 3 {
		t.Fatalf("the victim said %q, %v", line, err)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait() // always "killed"

	for _, raw := range urls {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, u.Host+" is silent", func() bool {
			conn, err := net.Dial("tcp", u.Host)
			if err == nil {
				_ = conn.Close()
			}
			return err != nil
		})
	}
	eventually(t, "the data folder is gone", func() bool {
		left, _ := filepath.Glob(filepath.Join(temp, "*"))
		return len(left) == 0
	})
}

func TestStopRemovesEverything(t *testing.T) {
	t.Parallel()
	stack, err := services.Start(t.Context(), services.All...)
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Join(stack.Environ(), "\n")
	for _, name := range []string{services.EnvPostgresURL, services.EnvRedisURL, services.EnvS3Endpoint, services.EnvS3Key,
		services.EnvS3Secret, services.EnvS3Bucket, services.EnvChromium} {
		if !strings.Contains(env, name+"=") {
			t.Errorf("%s is not told", name)
		}
	}
	for range 2 {
		if err := stack.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	for _, raw := range []string{stack.Postgres.URL, stack.Redis.URL, stack.S3.Endpoint} {
		refuses(t, raw)
	}
}

func TestWhatIsMissingIsNamedWithItsRemedy(t *testing.T) {
	t.Parallel()
	temp, err := os.MkdirTemp("", "doorito-victim-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	victim := command(t, temp)
	victim.Env = append(victim.Env, "PATH=/nonexistent", "HOME=/nonexistent", "GOBIN=", "GOPATH=")
	victim.Dir = "/"
	out, err := victim.Output()
	if err == nil || !strings.Contains(string(out), "is not installed") || !strings.Contains(string(out), "make test-deps") {
		t.Fatalf("said %q, %v", out, err)
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "*")); len(left) != 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func command(t *testing.T, temp string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), envVictim+"=1", "TMPDIR="+temp)
	return cmd
}

// eventually waits for a condition that follows by itself.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not in 20 s: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
