package worker_test

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"doorito/adapters/worker"
	"doorito/e2e/services"
	"doorito/ports"
)

// BenchmarkBell measures from Ring to the listener, as two processes have it:
//
//	go test -bench Bell -benchtime 2000x ./adapters/worker
func BenchmarkBell(b *testing.B) {
	b.Run("redis", func(b *testing.B) {
		r, err := worker.ParseRedis(services.Redis(b).URL)
		if err != nil {
			b.Fatal(err)
		}
		measure(b, worker.NewRedisBell(r, clock, quiet), worker.NewRedisBell(r, clock, quiet))
	})
	b.Run("embedded", func(b *testing.B) {
		bell := worker.NewLocalBell()
		measure(b, bell, bell)
	})
}

func measure(b *testing.B, ring, listen ports.Bell) {
	ear := listen.Listen(b.Context())
	took := make([]time.Duration, 0, b.N)
	if err := ring.Ring(b.Context()); err != nil {
		b.Fatal(err)
	}
	<-ear
	for quietNow := false; !quietNow; {
		select {
		case <-ear:
		case <-time.After(100 * time.Millisecond):
			quietNow = true
		}
	}
	for b.Loop() {
		start := time.Now()
		if err := ring.Ring(b.Context()); err != nil {
			b.Fatal(err)
		}
		<-ear
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1e3, "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100])/1e3, "p99-µs")
}

// BenchmarkIdle measures what a process with nothing to do takes of a core: a
// queue server, a listener and, embedded, Redis itself.
func BenchmarkIdle(b *testing.B) {
	b.Run("redis", func(b *testing.B) {
		r, err := worker.ParseRedis(services.Redis(b).URL)
		if err != nil {
			b.Fatal(err)
		}
		idle(b, r, worker.NewRedisBell(r, clock, quiet))
	})
	b.Run("embedded", func(b *testing.B) {
		e, err := worker.StartEmbedded()
		if err != nil {
			b.Fatal(err)
		}
		defer e.Close()
		idle(b, e.Redis(), worker.NewLocalBell())
	})
}

func idle(b *testing.B, r *worker.Redis, bell ports.Bell) {
	bell.Listen(b.Context())
	stop := serve(b, r, nil, quiet, time.Second)
	for b.Loop() {
		const span = 5 * time.Second
		before := cpu(b)
		time.Sleep(span)
		b.ReportMetric(100*float64(cpu(b)-before)/float64(span), "%core")
	}
	if err := stop(); err != nil {
		b.Fatal(err)
	}
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
