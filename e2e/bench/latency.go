package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"doorito/e2e/portal"
	"doorito/e2e/services"
)

const (
	latencyEvents = 300
	latencyWarm   = 20 // not counted
	latencyEvery  = 100 * time.Millisecond
	latencyWithin = 30 * time.Second // for the last events to come
)

// eventLatency hands in a small file every 100 ms and looks when its webhook
// is at the receiver.
func eventLatency(ctx context.Context, b *bench, t *table) error {
	if err := latencyOnPostgres(ctx, b, t); err != nil {
		return fmt.Errorf("PostgreSQL + Redis: %w", err)
	}
	if err := latencyEmbedded(ctx, b, t); err != nil {
		return fmt.Errorf("embedded: %w", err)
	}
	t.note("%d events each. A commit cannot be seen from outside, so it is fenced in: stored_at (in the webhook's body) is taken just before the", latencyEvents)
	t.note("transaction begins, so stored_at → request contains the whole commit and is never too small; the 201 comes after the commit, so")
	t.note("201 → request is never too large (below zero: the webhook was faster than the answer). The targets are held against the first.")
	t.note("The floor is one process that commits a row (embedded: appends to a file and syncs it) and posts it: one commit, where the portal has two.")
	return nil
}

func latencyOnPostgres(ctx context.Context, b *bench, t *table) error {
	stack, err := b.services(ctx, services.WantPostgres, services.WantRedis)
	if err != nil {
		return err
	}
	defer stack.Stop()
	dir, err := b.folder("latency")
	if err != nil {
		return err
	}
	env := []string{"DATABASE_URL=" + stack.Postgres.URL, "REDIS_URL=" + stack.Redis.URL}
	web, err := b.start(ctx, dir, "web", env...)
	if err != nil {
		return err
	}
	defer web.Kill()
	worker, err := b.start(ctx, dir, "worker", env...)
	if err != nil {
		return err
	}
	defer worker.Kill()
	conn, err := pgx.Connect(ctx, stack.Postgres.URL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "CREATE TABLE bench_floor (id bigserial PRIMARY KEY, payload text NOT NULL)"); err != nil {
		return err
	}
	return measureLatency(ctx, b, t, "PostgreSQL + Redis", web, func() error {
		_, err := conn.Exec(ctx, "INSERT INTO bench_floor (payload) VALUES ($1)", floorBody)
		return err
	})
}

func latencyEmbedded(ctx context.Context, b *bench, t *table) error {
	dir, err := b.folder("latency")
	if err != nil {
		return err
	}
	p, err := b.start(ctx, dir, "serve")
	if err != nil {
		return err
	}
	defer p.Kill()
	f, err := os.Create(filepath.Join(dir, "bench-floor"))
	if err != nil {
		return err
	}
	defer f.Close()
	return measureLatency(ctx, b, t, "embedded", p, func() error {
		if _, err := f.WriteString(floorBody); err != nil {
			return err
		}
		return f.Sync()
	})
}

func measureLatency(ctx context.Context, b *bench, t *table, on string, p *portal.Portal, commit func() error) error {
	arrived := make(chan arrival, latencyEvents+latencyWarm)
	receiver := receive(func(a arrival) { arrived <- a })
	defer receiver.Close()
	if _, err := p.CLI(ctx, "endpoint", "create", "--url", receiver.URL, "--events", "file.stored"); err != nil {
		return err
	}
	s, err := paced(ctx, p, arrived)
	if err != nil {
		return err
	}
	floor, err := postFloor(ctx, commit)
	if err != nil {
		return err
	}
	b.progress("%s: p50 %.2f, p99 %.2f, floor %.2f ms", on, median(s.commit), percentile(s.commit, 99), median(floor))
	const limit = "commit and POST"
	t.add(on+", stored_at → request, p50", median(s.commit), "ms").against(limit, median(floor), 0).wantAtMost(5)
	t.add(on+", stored_at → request, p99", percentile(s.commit, 99), "ms").against(limit, percentile(floor, 99), 0).wantAtMost(30)
	t.add(on+", stored_at → request, slowest", percentile(s.commit, 100), "ms")
	t.add(on+", 201 → request, p50", median(s.answer), "ms")
	t.add(on+", upload began → request, p50", median(s.whole), "ms")
	t.add(on+", upload began → request, p99", percentile(s.whole, 99), "ms")
	return nil
}

// spans are milliseconds up to the request at the receiver, by event: since
// just before the commit, since the client had its answer, since it began.
type spans struct{ commit, answer, whole []float64 }

type put struct {
	id           string
	began, ended time.Time
	err          error
}

// paced hands in at a steady rate, whether earlier uploads are done or not.
func paced(ctx context.Context, p *portal.Portal, arrived <-chan arrival) (spans, error) {
	c, err := client(ctx, p)
	if err != nil {
		return spans{}, err
	}
	defer c.HTTP.CloseIdleConnections()
	content := make([]byte, 10_000)
	puts := make(chan put, latencyEvents+latencyWarm)
	tick := time.NewTicker(latencyEvery)
	defer tick.Stop()
	for i := range cap(puts) {
		select {
		case <-ctx.Done():
			return spans{}, ctx.Err()
		case <-tick.C:
		}
		go func() {
			began := time.Now()
			f, err := c.TryUpload(fmt.Sprintf("event-%d.bin", i), bytes.NewReader(content))
			puts <- put{f.ID, began, time.Now(), err}
		}()
	}
	return match(ctx, puts, arrived)
}

// match waits for every upload and its webhook; the first of an event counts.
func match(ctx context.Context, puts <-chan put, arrived <-chan arrival) (s spans, err error) {
	ctx, cancel := context.WithTimeout(ctx, latencyWithin)
	defer cancel()
	var order []put
	first := map[string]arrival{}
	for len(order) < cap(puts) || len(first) < cap(puts) {
		select {
		case <-ctx.Done():
			return s, fmt.Errorf("%d of %d webhooks came: %w", len(first), cap(puts), ctx.Err())
		case u := <-puts:
			if u.err != nil {
				return s, u.err
			}
			order = append(order, u)
		case a := <-arrived:
			w, err := a.stored()
			if err != nil {
				return s, err
			}
			if _, twice := first[w.Data.FileID]; !twice {
				first[w.Data.FileID] = a
			}
		}
	}
	for _, u := range order[latencyWarm:] {
		a, ok := first[u.id]
		if !ok {
			return s, fmt.Errorf("no webhook for file %s", u.id)
		}
		w, err := a.stored()
		if err != nil {
			return s, err
		}
		s.commit = append(s.commit, millis(a.at.Sub(w.Timestamp)))
		s.answer = append(s.answer, millis(a.at.Sub(u.ended)))
		s.whole = append(s.whole, millis(a.at.Sub(u.began)))
	}
	return s, nil
}
