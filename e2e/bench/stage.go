package main

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"doorito/e2e/portal"
	"doorito/e2e/services"
)

// stage is a portal over PostgreSQL with fsync and Redis, without a worker, and
// receivers in this process.
type stage struct {
	b       *bench
	stack   *services.Stack
	dir     string
	env     []string
	web     *portal.Portal
	db      *pgx.Conn
	targets []receiverOf
	servers []*httptest.Server
}

// receiverOf is an endpoint's receiver and its secret.
type receiverOf struct{ url, secret string }

// setStage uploads one file, whose event later ones are copies of, and settles
// it: no endpoint exists yet.
func setStage(ctx context.Context, b *bench) (s *stage, err error) {
	s = &stage{b: b}
	defer func() {
		if err != nil {
			s.clear()
		}
	}()
	if s.stack, err = b.services(ctx, services.WantPostgres, services.WantRedis); err != nil {
		return s, err
	}
	if s.dir, err = b.folder("stage"); err != nil {
		return s, err
	}
	s.env = []string{"DATABASE_URL=" + s.stack.Postgres.URL, "REDIS_URL=" + s.stack.Redis.URL}
	if s.web, err = b.start(ctx, s.dir, "web", s.env...); err != nil {
		return s, err
	}
	if s.db, err = pgx.Connect(ctx, s.stack.Postgres.URL); err != nil {
		return s, err
	}
	if _, err = handIn(ctx, s.web, 1, make([]byte, 100)); err != nil {
		return s, err
	}
	_, err = s.db.Exec(ctx, `CREATE TABLE bench_event AS SELECT * FROM outbox_events;
		CREATE TABLE bench_file AS SELECT * FROM upload_files;
		UPDATE outbox_events SET status = 'delivered', relayed_at = now(), delivered_at = now()`)
	if err != nil {
		return s, err
	}
	return s, s.settle(ctx)
}

// walSegments is how many files of 16 MB PostgreSQL has for its log.
const walSegments = 24

// settle brings a PostgreSQL that was made a moment ago to where one is that runs
// for a day. It writes its log into files of the last checkpoint; a new one makes
// each when it gets there, and all commits wait for 16 MB of zeros and their sync.
// What initdb wrote is on disk; it would get there after half a minute, all at once.
func (s *stage) settle(ctx context.Context) error {
	for range walSegments {
		if _, err := s.db.Exec(ctx, "SELECT pg_logical_emit_message(true, 'bench', 'segment')"); err != nil {
			return err
		}
		if _, err := s.db.Exec(ctx, "SELECT pg_switch_wal()"); err != nil {
			return err
		}
	}
	_, err := s.db.Exec(ctx, "CHECKPOINT")
	syscall.Sync()
	return err
}

func (s *stage) clear() {
	for _, r := range s.servers {
		r.Close()
	}
	if s.db != nil {
		_ = s.db.Close(context.Background())
	}
	if s.web != nil {
		s.web.Kill()
	}
	if s.stack != nil {
		s.stack.Stop()
	}
}

// worker starts one with its defaults; the caller kills it.
func (s *stage) worker(ctx context.Context) (*portal.Portal, error) {
	return s.b.start(ctx, s.dir, "worker", s.env...)
}

// endpoint makes an endpoint for a receiver.
func (s *stage) endpoint(ctx context.Context, r *httptest.Server) error {
	s.servers = append(s.servers, r)
	out, err := s.web.CLI(ctx, "endpoint", "create", "--url", r.URL, "--events", "file.stored")
	if err != nil {
		return err
	}
	var made struct{ Secret string }
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		return err
	}
	s.targets = append(s.targets, receiverOf{r.URL, made.Secret})
	return nil
}

func (s *stage) endpoints(ctx context.Context, n int, on func(arrival)) error {
	for range n {
		if err := s.endpoint(ctx, receive(on)); err != nil {
			return err
		}
	}
	return nil
}

const (
	copyFiles = `INSERT INTO upload_files SELECT (jsonb_populate_record(f, jsonb_build_object('id', i.file, 'storage_key', 'bench/' || i.file))).*
		FROM bench_file f, unnest($1::uuid[]) AS i(file)`
	copyEvents = `INSERT INTO outbox_events SELECT (jsonb_populate_record(e, jsonb_build_object('id', i.event, 'aggregate_id', i.file,
			'idempotency_key', 'file.stored:' || i.file, 'created_at', i.at, 'updated_at', i.at,
			'payload', '\x' || encode(convert_to(replace(replace(convert_from(e.payload, 'UTF8'), e.id::text, i.event::text), e.aggregate_id::text, i.file::text), 'UTF8'), 'hex')))).*
		FROM bench_event e, unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS i(file, event, at)`
)

// events commits n events, each with a file of its own, in one transaction. It
// rings no bell.
func (s *stage) events(ctx context.Context, n int) error {
	files, events, at := make([]uuid.UUID, n), make([]uuid.UUID, n), make([]time.Time, n)
	for i := range n {
		files[i], events[i], at[i] = uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()), time.Now()
	}
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, copyFiles, files); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, copyEvents, files, events, at)
		return err
	})
}

// until waits for a condition in the database.
func (s *stage) until(ctx context.Context, within time.Duration, query string) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		var done bool
		if err := s.db.QueryRow(ctx, query).Scan(&done); err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}
