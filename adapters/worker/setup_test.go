package worker_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"doorito/adapters/system"
	"doorito/adapters/worker"
	"doorito/domain"
	"doorito/e2e/services"
)

var clock = system.Clock{}

// quiet drops what the tested code logs.
var quiet = slog.New(slog.DiscardHandler)

// place is a Redis to test on.
type place struct {
	name string
	open func(*testing.T) *worker.Redis
}

var places = []place{{"redis", realRedis}, {"embedded", embedded}, {"cluster", cluster}, {"sentinel", sentinel}}

func realRedis(t *testing.T) *worker.Redis {
	t.Helper()
	return mustParse(t, services.Redis(t).URL)
}

func embedded(t *testing.T) *worker.Redis {
	t.Helper()
	e, err := worker.StartEmbedded()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e.Redis()
}

func mustParse(t *testing.T, url string) *worker.Redis {
	t.Helper()
	r, err := worker.ParseRedis(url)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// closing closes with the test.
func closing[C interface{ Close() error }](t *testing.T, c C) C {
	t.Helper()
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func inspect(t *testing.T, r *worker.Redis) *asynq.Inspector {
	t.Helper()
	return closing(t, asynq.NewInspector(r))
}

// waitFor waits for a condition.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// work is a usecase.Work that a test scripts.
type work func(ctx context.Context, task domain.Task) (string, error)

func (w work) Do(ctx context.Context, task domain.Task) (string, error) { return w(ctx, task) }

// serve runs a server until the returned function is called, which returns its error.
func serve(t testing.TB, r *worker.Redis, w work, log *slog.Logger, drain time.Duration) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- worker.NewServer(r, w, clock, log, drain).Run(ctx) }()
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() {
			cancel()
			err = <-ended
		})
		return err
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

// lines keeps what is logged.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
