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

// freePorts is a port that is free together with the one 10000 above it, on which
// a node of a cluster listens too.
func freePorts(t *testing.T) string {
	t.Helper()
	for {
		n, err := services.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		bus, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(n+10_000)))
		if err == nil {
			_ = bus.Close()
			return strconv.Itoa(n)
		}
	}
}

// startRedis runs redis-server with these arguments on a free port until it is
// killed or the test ends.
func startRedis(t *testing.T, args ...string) (port string, kill func()) {
	t.Helper()
	port = freePorts(t)
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
	return known(t, mustParse(t, "redis-cluster://127.0.0.1:"+port))
}

// known is r when it has found its servers: what a test asks of it has a second.
func known(t *testing.T, r *worker.Redis) *worker.Redis {
	t.Helper()
	tasks := closing(t, worker.NewTasks(r, clock))
	waitFor(t, "the servers to be found", func() bool { return tasks.Ping(t.Context()) == nil })
	return r
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
	return known(t, mustParse(t, "redis-sentinel://127.0.0.1:"+watchMaster(t, host, port)+"/doorito/0"))
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
