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

// startRedis runs redis-server with these arguments on a free port until it is
// killed or the test ends.
func startRedis(t *testing.T, args ...string) (port string, kill func()) {
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
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread()
		_ = cmd.Run() // killed in the end
	}()
	kill = func() {
		cancel()
		<-ended
	}
	t.Cleanup(kill)
	c := closing(t, redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port}))
	waitFor(t, "redis-server", func() bool { return c.Ping(t.Context()).Err() == nil })
	return port, kill
}

func cluster(t *testing.T) *worker.Redis {
	t.Helper()
	port, _ := startRedis(t, "--cluster-enabled", "yes", "--save", "")
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
	return mustParse(t, "redis-sentinel://127.0.0.1:"+watchMaster(t, host, port)+"/doorito/0")
}

// watchMaster starts a Sentinel that takes a silent master for dead after 300 ms.
func watchMaster(t *testing.T, host, port string) (sentinelPort string) {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Sprintf("sentinel monitor doorito %s %s 1\nsentinel down-after-milliseconds doorito 300\nsentinel failover-timeout doorito 2000\n", host, port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinelPort, _ = startRedis(t, conf, "--sentinel")
	return sentinelPort
}
