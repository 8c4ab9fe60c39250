package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	growthEvents    = 5_000 // drained
	growthDelivered = 125_000
	growthPending   = 12_500
)

// tableGrowth drains the same backlog on empty tables and on full ones, while
// another transaction is open, so that nothing that was deleted can be cleaned
// up. One round: to fill the tables takes a minute or two.
func tableGrowth(ctx context.Context, b *bench, t *table) error {
	empty, err := growthOnce(ctx, b, false)
	if err != nil {
		return err
	}
	full, err := growthOnce(ctx, b, true)
	if err != nil {
		return err
	}
	b.progress("deliveries/s: empty %.0f, full %.0f", empty, full)
	t.add("drained beside full tables and a long transaction", full, "deliveries/s").
		against("empty tables", empty, full/empty).wantRatioAtLeast(0.8)
	t.note("%d events to %d endpoints; full: %d deliveries delivered with their attempts, %d waiting for a retry, and a transaction held open from before.",
		growthEvents, drainEndpoints, growthDelivered*drainEndpoints, growthPending*drainEndpoints)
	return nil
}

func growthOnce(ctx context.Context, b *bench, full bool) (float64, error) {
	s, err := setStage(ctx, b)
	if err != nil {
		return 0, err
	}
	defer s.clear()
	c := newCounter(growthEvents * drainEndpoints)
	if err := s.endpoints(ctx, drainEndpoints, c.count); err != nil {
		return 0, err
	}
	if full {
		if err := s.fill(ctx); err != nil {
			return 0, fmt.Errorf("fill the tables: %w", err)
		}
	}
	if err := s.events(ctx, growthEvents); err != nil {
		return 0, err
	}
	if full {
		long, err := pgx.Connect(ctx, s.stack.Postgres.URL)
		if err != nil {
			return 0, err
		}
		defer long.Close(context.WithoutCancel(ctx))
		// The snapshot of a first statement keeps everything from then on.
		if _, err := long.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM webhook_endpoints"); err != nil {
			return 0, err
		}
	}
	_, recorded, err := s.drain(ctx, c)
	return recorded, err
}

// fill makes a history: events that are delivered to all endpoints, with their
// attempts, and events that all endpoints have refused once.
func (s *stage) fill(ctx context.Context) error {
	s.b.progress("filling the tables")
	began := time.Now()
	for _, q := range []string{
		fmt.Sprintf(`CREATE TEMP TABLE past AS SELECT n, gen_random_uuid() AS id, now() - (%[1]d - n) * interval '1 ms' AS at, n > %[2]d AS waits FROM generate_series(1, %[1]d) n`,
			growthDelivered+growthPending, growthDelivered),
		`INSERT INTO outbox_events (id, aggregate_type, aggregate_id, event_type, payload, subject, status, idempotency_key, attempts, max_attempts, relayed_at, delivered_at, error_message, created_at, updated_at)
			SELECT p.id, 'file', p.id, 'file.stored', e.payload, 'f', CASE WHEN waits THEN 'pending' ELSE 'delivered' END, p.id, 1, 0, at, CASE WHEN waits THEN NULL ELSE at END, '', at, at FROM past p, bench_event e`,
		`INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, subject, status, attempts, attempts_made, next_attempt_at, last_attempt_at, last_status_code, last_error_class, last_error, delivered_at, created_at, updated_at)
			SELECT gen_random_uuid(), p.id, e.id, 'file.stored', 'f', CASE WHEN waits THEN 'pending' ELSE 'delivered' END, 1, 1,
				CASE WHEN waits THEN now() + interval '1 hour' ELSE at END, at, 204, '', '', CASE WHEN waits THEN NULL ELSE at END, at, at FROM past p, webhook_endpoints e`,
		`INSERT INTO delivery_attempts (id, delivery_id, endpoint_id, number, started_at, dns_us, connect_us, tls_us, first_byte_us, total_us, url, status_code, request_headers, response_headers, response_body, truncated, error_class, error_text)
			SELECT gen_random_uuid(), d.id, d.endpoint_id, 1, d.created_at, 0, 0, 0, 0, 1000, 'http://127.0.0.1/', 204, '{}', '{}', '', FALSE, '', '' FROM webhook_deliveries d`,
		"VACUUM ANALYZE", "CHECKPOINT",
	} {
		if _, err := s.db.Exec(ctx, q); err != nil {
			return err
		}
	}
	s.b.progress("filled in %s", time.Since(began).Round(time.Second))
	return nil
}
