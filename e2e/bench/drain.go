package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"doorito/domain"
)

const (
	drainEvents    = 20_000
	drainEndpoints = 8
	drainRounds    = 3
	drainWithin    = 3 * time.Minute
)

// drain lets events pile up while no worker runs, then starts one.
func drain(ctx context.Context, b *bench, t *table) error {
	var sent, recorded, loop []float64
	for range drainRounds {
		d, err := drainOnce(ctx, b)
		if err != nil {
			return err
		}
		b.progress("deliveries/s: sent %.0f, recorded %.0f, loop %.0f", d.sent, d.recorded, d.loop)
		sent, recorded, loop = append(sent, d.sent), append(recorded, d.recorded), append(loop, d.loop)
	}
	const limit = "loop of signed POSTs"
	t.add("first request → last request", median(sent), "deliveries/s").against(limit, median(loop), ratios(sent, loop))
	t.add("worker started → all results recorded", median(recorded), "deliveries/s").against(limit, median(loop), ratios(recorded, loop)).wantAtLeast(5000)
	t.add("the same, beside the loop", median(recorded), "deliveries/s").against(limit, median(loop), ratios(recorded, loop)).wantRatioAtLeast(0.15)
	t.note("medians of %d rounds in turns; one worker with its defaults, PostgreSQL with fsync, %s. The loop has no database: %d POSTs at once, signed in both ways.",
		drainRounds, cpus(), drainEndpoints*domain.DefaultMaxInFlight)
	return nil
}

// drained is one round, in deliveries a second.
type drained struct{ sent, recorded, loop float64 }

func drainOnce(ctx context.Context, b *bench) (d drained, err error) {
	s, err := setStage(ctx, b)
	if err != nil {
		return d, err
	}
	defer s.clear()
	c := newCounter(drainEvents * drainEndpoints)
	if err := s.endpoints(ctx, drainEndpoints, c.count); err != nil {
		return d, err
	}
	if err := s.events(ctx, drainEvents); err != nil {
		return d, err
	}
	if d.sent, d.recorded, err = s.drain(ctx, c); err != nil {
		return d, err
	}
	d.loop, err = postLoop(ctx, s.targets, c.sample.body)
	return d, err
}

// drain starts a worker and returns the deliveries a second by the receivers
// and by the database, where each has its attempt at the end.
func (s *stage) drain(ctx context.Context, c *counter) (sent, recorded float64, err error) {
	began := time.Now()
	worker, err := s.worker(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer worker.Kill()
	if err := c.wait(ctx); err != nil {
		return 0, 0, err
	}
	if err := s.until(ctx, startWithin, "SELECT NOT EXISTS (SELECT FROM webhook_deliveries WHERE status = 'pending' AND next_attempt_at <= now())"); err != nil {
		return 0, 0, err
	}
	recorded = float64(c.want) / time.Since(began).Seconds()
	sent = float64(c.want) / c.last.Sub(c.first).Seconds()
	var attempts int
	if err := s.db.QueryRow(ctx, "SELECT count(*) FROM delivery_attempts WHERE started_at >= $1", began).Scan(&attempts); err != nil {
		return 0, 0, err
	}
	if attempts < c.want {
		return 0, 0, fmt.Errorf("%d deliveries have %d attempts", c.want, attempts)
	}
	return sent, recorded, nil
}

// counter counts the deliveries that came, each once.
type counter struct {
	mu          sync.Mutex
	seen        map[string]bool
	want        int
	first, last time.Time
	sample      arrival
	all         chan struct{}
}

func newCounter(want int) *counter {
	return &counter{want: want, all: make(chan struct{}), seen: make(map[string]bool, want)}
}

func (c *counter) count(a arrival) {
	id := a.header.Get("X-Webhook-Delivery")
	c.mu.Lock()
	defer c.mu.Unlock()
	if id == "" || c.seen[id] {
		return // the bare loop, or a second time
	}
	if c.seen[id] = true; len(c.seen) == 1 {
		c.first, c.sample = a.at, a
	}
	if len(c.seen) == c.want {
		c.last = a.at
		close(c.all)
	}
}

func (c *counter) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, drainWithin)
	defer cancel()
	select {
	case <-c.all:
		return nil
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		return fmt.Errorf("%d of %d deliveries came: %w", len(c.seen), c.want, ctx.Err())
	}
}

// postLoop signs and posts as many bodies as the portal had to, with as many
// at once as it allows itself, and returns requests a second.
func postLoop(ctx context.Context, targets []receiverOf, body []byte) (float64, error) {
	const id = "01900000-0000-7000-8000-000000000000"
	n, atOnce := drainEvents*len(targets), len(targets)*domain.DefaultMaxInFlight
	transport := &http.Transport{MaxIdleConnsPerHost: atOnce}
	defer transport.CloseIdleConnections()
	c := &http.Client{Transport: transport}
	took, err := sideBySide(ctx, n, atOnce, func(i int) error {
		to, now := targets[i%len(targets)], time.Now()
		sig, err := domain.SignStandard(to.secret, id, now, body)
		if err != nil {
			return err
		}
		h := http.Header{"Content-Type": {"application/json"}, "Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(now.Unix(), 10)},
			"Webhook-Signature": {sig}, "X-Webhook-Signature": {domain.SignHex(to.secret, body)}, "X-Webhook-Event": {string(domain.EventFileStored)}}
		return post(ctx, c, to.url, h, body)
	})
	return float64(n) / took.Seconds(), err
}
