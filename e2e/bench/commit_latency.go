package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// bell is the channel that a commit with events is told on.
const bell = "doorito:bell:0"

// pace is so many events a second, for a while.
type pace struct {
	perSecond, events int
	p50, p99          float64 // targets in ms; 0 for none
}

var paces = []pace{{10, 150, 3, 8}, {100, 1000, 3, 8}, {500, 3000, 0, 25}}

// commitLatency commits events as the portal does, and rings. Times are taken
// right before the commit is sent, when it is done, and when the request has
// arrived.
func commitLatency(ctx context.Context, b *bench, t *table) error {
	s, err := setStage(ctx, b)
	if err != nil {
		return err
	}
	defer s.clear()
	arrived := make(chan arrival, 10_000)
	if err := s.endpoints(ctx, 1, func(a arrival) { arrived <- a }); err != nil {
		return err
	}
	worker, err := s.worker(ctx)
	if err != nil {
		return err
	}
	defer worker.Kill()
	floor, err := postFloor(ctx, func() error {
		_, err := s.db.Exec(ctx, "INSERT INTO bench_event SELECT * FROM bench_event LIMIT 1")
		return err
	})
	if err != nil {
		return err
	}
	if _, err := s.db.Exec(ctx, "DELETE FROM bench_event WHERE ctid <> (SELECT min(ctid) FROM bench_event)"); err != nil {
		return err
	}
	e, err := s.emitter(ctx)
	if err != nil {
		return err
	}
	defer e.close()
	for _, p := range paces {
		ways, err := e.run(ctx, p, 1, arrived)
		if err != nil {
			return fmt.Errorf("%d a second: %w", p.perSecond, err)
		}
		commits := tookOf(ways, func(w way) float64 { return w.commit })
		b.progress("%d/s: the commits alone p50 %.2f, p99 %.2f, slowest %.2f ms", p.perSecond, median(commits), percentile(commits, 99), percentile(commits, 100))
		p.add(t, "from the commit", tookOf(ways, func(w way) float64 { return w.took - w.commit }), floor)
		p.add(t, "the commit included", tookOf(ways, func(w way) float64 { return w.took }), floor)
	}
	t.note("from when PostgreSQL has answered the commit, and from right before it is sent, to the request at the receiver; the same targets for both. One worker, PostgreSQL with fsync, %s.", cpus())
	return nil
}

func (p pace) add(t *table, from string, took, floor []float64) {
	first := t.add(fmt.Sprintf("%d a second, p50, %s", p.perSecond, from), median(took), "ms").against("commit and POST", median(floor), 0)
	if p.p50 > 0 {
		first.wantAtMost(p.p50)
	}
	t.add(fmt.Sprintf("%d a second, p99, %s", p.perSecond, from), percentile(took, 99), "ms").against("commit and POST", percentile(floor, 99), 0).wantAtMost(p.p99)
}

// emitter commits events and rings.
type emitter struct {
	db                   *pgxpool.Pool
	redis                *redis.Client
	event, file, payload string // of the event that is copied
}

func (s *stage) emitter(ctx context.Context) (*emitter, error) {
	e := &emitter{}
	err := s.db.QueryRow(ctx, "SELECT id::text, aggregate_id::text, convert_from(payload, 'UTF8') FROM bench_event LIMIT 1").Scan(&e.event, &e.file, &e.payload)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.ParseConfig(s.stack.Postgres.URL + "&pool_max_conns=16&pool_min_conns=16")
	if err != nil {
		return nil, err
	}
	// A portal that runs has planned its statements long ago.
	pool.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		tx, err := c.Begin(ctx)
		if err != nil {
			return err
		}
		id := uuid.Must(uuid.NewV7())
		_, err = tx.Exec(ctx, insertEvent, id, id, []byte(e.payload), id.String(), time.Now())
		return errors.Join(err, tx.Rollback(ctx))
	}
	if e.db, err = pgxpool.NewWithConfig(ctx, pool); err != nil {
		return nil, err
	}
	o, err := redis.ParseURL(s.stack.Redis.URL)
	if err != nil {
		return nil, err
	}
	e.redis = redis.NewClient(o)
	return e, nil
}

func (e *emitter) close() {
	e.db.Close()
	_ = e.redis.Close()
}

const insertEvent = `INSERT INTO outbox_events (id, aggregate_type, aggregate_id, event_type, payload, subject, status, idempotency_key, attempts, max_attempts, error_message, created_at, updated_at)
	VALUES ($1, 'file', $2, 'file.stored', $3, 'bench.bin', 'pending', $4, 0, 0, '', $5, $5)`

// emit commits one event and rings.
func (e *emitter) emit(ctx context.Context) emitted {
	id, file := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	payload := strings.ReplaceAll(strings.ReplaceAll(e.payload, e.event, id.String()), e.file, file.String())
	began := time.Now()
	if _, err := e.db.Exec(ctx, insertEvent, id, file, []byte(payload), "file.stored:"+file.String(), began); err != nil {
		return emitted{err: err}
	}
	committed := time.Since(began)
	return emitted{id.String(), began, committed, e.redis.Publish(ctx, bell, "").Err()}
}

// emitted is one event on its way in.
type emitted struct {
	id        string
	began     time.Time
	committed time.Duration // since then
	err       error
}

// start emits at a steady pace, whether earlier commits are done or not.
func (e *emitter) start(ctx context.Context, p pace) <-chan emitted {
	all := make(chan emitted, p.events)
	go func() {
		tick := time.NewTicker(time.Second / time.Duration(p.perSecond))
		defer tick.Stop()
		for range p.events {
			<-tick.C
			go func() { all <- e.emit(ctx) }()
		}
	}()
	return all
}

// way of one webhook, in milliseconds.
type way struct {
	took   float64 // from right before the commit to the request
	commit float64 // of that, the commit
}

func tookOf(ways []way, of func(way) float64) []float64 {
	all := make([]float64, len(ways))
	for i, w := range ways {
		all[i] = of(w)
	}
	return all
}

// run emits and returns the ways of the webhooks, of which every event has so
// many; the first events do not count.
func (e *emitter) run(ctx context.Context, p pace, webhooks int, arrived <-chan arrival) ([]way, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(p.events/p.perSecond)*time.Second+latencyWithin)
	defer cancel()
	all := e.start(ctx, p)
	var order []emitted
	var came []arrival
	for len(order) < p.events || len(came) < p.events*webhooks {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d webhooks came: %w", len(came), p.events*webhooks, ctx.Err())
		case s := <-all:
			if s.err != nil {
				return nil, s.err
			}
			order = append(order, s)
		case a := <-arrived:
			came = append(came, a)
		}
	}
	counts := map[string]emitted{}
	for _, s := range order[latencyWarm:] {
		counts[s.id] = s
	}
	var ways []way
	for _, a := range came {
		if s, ok := counts[a.eventID]; ok {
			ways = append(ways, way{took: millis(a.at.Sub(s.began)), commit: millis(s.committed)})
		}
	}
	return ways, nil
}
