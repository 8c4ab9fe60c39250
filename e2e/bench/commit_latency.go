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

// commitLatency commits events as the portal does, and rings: the time is
// taken right before the commit is sent, and when the request has arrived.
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
		took, committed, err := e.run(ctx, p, 1, arrived)
		if err != nil {
			return fmt.Errorf("%d a second: %w", p.perSecond, err)
		}
		p50, p99 := median(took), percentile(took, 99)
		b.progress("%d/s: p50 %.2f, p99 %.2f, slowest %.2f ms; the commits alone %.2f, %.2f, %.2f",
			p.perSecond, p50, p99, percentile(took, 100), median(committed), percentile(committed, 99), percentile(committed, 100))
		first := t.add(fmt.Sprintf("%d a second, p50", p.perSecond), p50, "ms").against("commit and POST", median(floor), 0)
		if p.p50 > 0 {
			first.wantAtMost(p.p50)
		}
		t.add(fmt.Sprintf("%d a second, p99", p.perSecond), p99, "ms").against("commit and POST", percentile(floor, 99), 0).wantAtMost(p.p99)
	}
	t.note("from right before the commit is sent to the request at the receiver, so the commit itself is in it; one worker, PostgreSQL with fsync, %s.", cpus())
	return nil
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

// run emits and returns the milliseconds that each of the webhooks took, of
// which every event has so many, and each of the commits; the first events do not
// count.
func (e *emitter) run(ctx context.Context, p pace, each int, arrived <-chan arrival) (took, committed []float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(p.events/p.perSecond)*time.Second+latencyWithin)
	defer cancel()
	all := e.start(ctx, p)
	var order []emitted
	var came []arrival
	for len(order) < p.events || len(came) < p.events*each {
		select {
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("%d of %d webhooks came: %w", len(came), p.events*each, ctx.Err())
		case s := <-all:
			if s.err != nil {
				return nil, nil, s.err
			}
			order = append(order, s)
		case a := <-arrived:
			came = append(came, a)
		}
	}
	began := map[string]time.Time{}
	for _, s := range order[latencyWarm:] {
		began[s.id] = s.began
		committed = append(committed, millis(s.committed))
	}
	for _, a := range came {
		if at, ok := began[a.eventID]; ok {
			took = append(took, millis(a.at.Sub(at)))
		}
	}
	return took, committed, nil
}
