package worker_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"doorito/adapters/worker"
	"doorito/e2e/services"
)

// startRedis runs redis-server with these arguments on a free port until the
// test ends.
func startRedis(t *testing.T, args ...string) (port string) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := free.Addr().(*net.TCPAddr).Port
	_ = free.Close()
	if n > 55000 {
		// A cluster node listens on its port + 10000 too.
		n -= 20000
	}
	port = strconv.Itoa(n)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "redis-server", append(args, "--port", port, "--bind", "127.0.0.1")...)
	cmd.Dir = t.TempDir()
	// The kernel ends it with this process, whatever ends that; the signal comes
	// when the thread that forked dies, hence the lock.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	ended := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		ended <- cmd.Run()
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	c := closing(t, redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port}))
	waitFor(t, "redis-server", func() bool { return c.Ping(t.Context()).Err() == nil })
	return port
}

func cluster(t *testing.T) *worker.Redis {
	t.Helper()
	port := startRedis(t, "--cluster-enabled", "yes", "--save", "")
	c := closing(t, redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port}))
	if err := c.Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the cluster", func() bool { return c.Set(t.Context(), "ready", "1", time.Second).Err() == nil })
	return mustParse(t, "redis-cluster://127.0.0.1:"+port)
}

func sentinel(t *testing.T) *worker.Redis {
	t.Helper()
	master, err := redis.ParseURL(services.Redis(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(master.Addr)
	if err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(t.TempDir(), "sentinel.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "sentinel monitor doorito %s %s 1\n", host, port), 0o600); err != nil {
		t.Fatal(err)
	}
	return mustParse(t, "redis-sentinel://127.0.0.1:"+startRedis(t, conf, "--sentinel")+"/doorito/0")
}
