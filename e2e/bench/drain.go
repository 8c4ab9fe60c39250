package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"doorito/domain"
	"doorito/e2e/portal"
	"doorito/e2e/services"
)

const (
	drainEvents    = 5000
	drainEndpoints = 4
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
	t.add("worker started → all results recorded", median(recorded), "deliveries/s").against(limit, median(loop), ratios(recorded, loop))
	t.note("medians of %d rounds in turns; one worker with its defaults, PostgreSQL with fsync. The loop has no database: %d POSTs at once, signed in both ways.",
		drainRounds, drainEndpoints*domain.DefaultMaxInFlight)
	return nil
}

// drained is one round, in deliveries a second.
type drained struct{ sent, recorded, loop float64 }

func drainOnce(ctx context.Context, b *bench) (d drained, err error) {
	stack, err := b.services(ctx, services.WantPostgres, services.WantRedis)
	if err != nil {
		return d, err
	}
	defer stack.Stop()
	dir, err := b.folder("drain")
	if err != nil {
		return d, err
	}
	env := []string{"DATABASE_URL=" + stack.Postgres.URL, "REDIS_URL=" + stack.Redis.URL}
	web, err := b.start(ctx, dir, "web", env...)
	if err != nil {
		return d, err
	}
	defer web.Kill()
	c := &counter{want: drainEvents * drainEndpoints, all: make(chan struct{}), seen: map[string]bool{}}
	targets, stop, err := openEndpoints(ctx, web, c.count)
	if err != nil {
		return d, err
	}
	defer stop()
	if _, err := handIn(ctx, web, drainEvents, make([]byte, 100)); err != nil {
		return d, err
	}
	began := time.Now()
	worker, err := b.start(ctx, dir, "worker", env...)
	if err != nil {
		return d, err
	}
	defer worker.Kill()
	if err := c.wait(ctx); err != nil {
		return d, err
	}
	if err := recorded(ctx, stack.Postgres.URL); err != nil {
		return d, err
	}
	d.recorded = float64(c.want) / time.Since(began).Seconds()
	d.sent = float64(c.want) / c.last.Sub(c.first).Seconds()
	worker.Kill()
	d.loop, err = postLoop(ctx, targets, c.sample.body)
	return d, err
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

// recorded returns when no delivery is pending any more.
func recorded(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for {
		var pending bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM webhook_deliveries WHERE status = 'pending')").Scan(&pending); err != nil || !pending {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// receiverOf is a target of the bare loop: an endpoint's receiver and its secret.
type receiverOf struct{ url, secret string }

func openEndpoints(ctx context.Context, p *portal.Portal, on func(arrival)) (targets []receiverOf, stop func(), err error) {
	var stops []func()
	stop = func() {
		for _, s := range stops {
			s()
		}
	}
	for range drainEndpoints {
		r := receive(on)
		stops = append(stops, r.Close)
		out, err := p.CLI(ctx, "endpoint", "create", "--url", r.URL, "--events", "file.stored")
		var made struct{ Secret string }
		if err == nil {
			err = json.Unmarshal([]byte(out), &made)
		}
		if err != nil {
			stop()
			return nil, nil, err
		}
		targets = append(targets, receiverOf{r.URL, made.Secret})
	}
	return targets, stop, nil
}

// postLoop signs and posts as many bodies as the portal had to, with as many
// at once as it allows itself, and returns requests a second.
func postLoop(ctx context.Context, targets []receiverOf, body []byte) (float64, error) {
	const id = "01900000-0000-7000-8000-000000000000"
	const n, atOnce = drainEvents * drainEndpoints, drainEndpoints * domain.DefaultMaxInFlight
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
	return n / took.Seconds(), err
}
