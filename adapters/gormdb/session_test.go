package gormdb_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/libtnb/sqlite"

	"doorito/domain"
	"doorito/ports"
)

// Deleting a user keeps the session, without its user; deleting a file takes
// its sessions and their parts along. The port can do neither.
func TestSessionsOfDeletedUsersAndFiles(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, url string) {
		db, ctx, now := open(t, url), context.Background(), stopped{}.Now()
		u, err := domain.NewUser(uuid.New(), "ada@example.com", "Ada", domain.RoleStaff, now)
		must(t, err)
		f := domain.NewFile(uuid.New(), "f", &u.ID, nil, now)
		session := newSession(t, &u.ID, now)
		session.FileID, session.IdempotencyKey = &f.ID, "k"
		other := newSession(t, &u.ID, now)
		other.IdempotencyKey = "k2"
		must(t, db.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			must(t, s.Users.Insert(ctx, u))
			must(t, s.Files.Insert(ctx, f))
			for _, up := range []*domain.UploadSession{session, other} {
				_, _, err := s.Sessions.Insert(ctx, up)
				must(t, err)
				_, _, err = s.Sessions.PutPart(ctx, &domain.UploadPart{ID: uuid.New(), SessionID: up.ID, Number: 1, Size: 1, CreatedAt: now, UpdatedAt: now}, nil)
				must(t, err)
			}
			return nil
		}))
		execute(t, url, "DELETE FROM users")
		got, err := db.Reads().Sessions.Find(ctx, session.ID)
		must(t, err)
		if got.UserID != nil || got.FileID == nil {
			t.Errorf("user %v and file %v after the user went", got.UserID, got.FileID)
		}
		// A writer that read the session before goes on all the same.
		session.Status = domain.SessionInProgress
		must(t, db.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			return s.Sessions.Save(ctx, session, domain.SessionInit)
		}))
		execute(t, url, "DELETE FROM upload_files")
		if _, err := db.Reads().Sessions.Find(ctx, session.ID); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("the session outlived its file: %v", err)
		}
		for id, wanted := range map[uuid.UUID]int{session.ID: 0, other.ID: 1} {
			parts, err := db.Reads().Sessions.ListParts(ctx, id)
			must(t, err)
			if len(parts) != wanted {
				t.Errorf("%d parts are left, want %d", len(parts), wanted)
			}
		}
	})
}

// What the portal asks about sessions all the time reads no whole table.
func TestNoSequentialScansOfSessionsOnPostgres(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	const rows, rounds = 20_000, 7
	execute(t, url, `INSERT INTO upload_files (id, original_filename, content_type, size_bytes, sha256, storage_key, link_serial, metadata, status, error_message, created_at, updated_at)
		SELECT gen_random_uuid(), 'f', 't', 1, '', n, 0, '{}', 'stored', '', timestamptz '2026-01-15Z', timestamptz '2026-01-15Z' FROM generate_series(1, 20000) n`)
	execute(t, url, `INSERT INTO upload_sessions (id, file_id, kind, status, mode, chunk_size_bytes, bytes_received, completed_parts, idempotency_key, declared_sha256, storage_key, metadata, epoch, expires_at, error_message, created_at, updated_at)
		SELECT gen_random_uuid(), id, 'whole', CASE WHEN random() < 0.02 THEN 'in_progress' ELSE 'complete' END, 'parts', 1, 1, 1, '', '', '', '{}', 0, created_at + interval '1 day', '', created_at, updated_at FROM upload_files`)
	execute(t, url, `INSERT INTO upload_parts (id, session_id, part_number, offset_bytes, size_bytes, sha256, storage_tag, created_at, updated_at)
		SELECT gen_random_uuid(), id, 1, 0, 1, '', '', created_at, updated_at FROM upload_sessions`)
	execute(t, url, "ANALYZE")
	before := sessionReads(t, url)
	func() {
		db := open(t, url)
		for range rounds {
			everydaySessions(t, db)
		}
		must(t, db.Close())
	}()
	after := sessionReads(t, url)
	// Counting a list without conditions may read up to its cap.
	if read := after - before; read > rounds*(ports.CountCap+1) {
		t.Errorf("sequential scans read %d rows of %d", read, rows)
	}
}

func everydaySessions(t *testing.T, db ports.Transactor) {
	t.Helper()
	ctx, id, now := context.Background(), uuid.New(), stopped{}.Now()
	r := db.Reads().Sessions
	_, err := r.CountOpen(ctx, id)
	must(t, err)
	_, err = r.ListExpired(ctx, now, 100)
	must(t, err)
	_, err = r.ListCompleting(ctx, now, 100)
	must(t, err)
	_, err = r.ListParts(ctx, id)
	must(t, err)
	if _, err = r.FindByFile(ctx, id); !domain.IsCode(err, domain.NotFound) {
		t.Error(err)
	}
	for _, filters := range []map[string][]string{nil, {"status": {"failed"}}, {"owner": {id.String()}}, {"file": {id.String()}}} {
		_, err = r.List(ctx, ports.ListQuery{Filters: filters})
		must(t, err)
	}
	must(t, db.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		up := newSession(t, nil, now)
		_, _, err := s.Sessions.Insert(ctx, up)
		must(t, err)
		up, err = s.Sessions.Take(ctx, up.ID, now)
		must(t, err)
		_, _, err = s.Sessions.PutPart(ctx, &domain.UploadPart{ID: uuid.New(), SessionID: up.ID, Number: 1, Size: 1, CreatedAt: now, UpdatedAt: now}, nil)
		must(t, err)
		must(t, s.Sessions.Save(ctx, up, domain.SessionInit))
		_, err = s.Sessions.DeleteEnded(ctx, now, 10)
		return err
	}))
}

func newSession(t *testing.T, user *uuid.UUID, now time.Time) *domain.UploadSession {
	t.Helper()
	total := int64(10)
	up, err := domain.NewUploadSession(uuid.Must(uuid.NewV7()), domain.SessionWhole, &total, user, time.Hour, now)
	must(t, err)
	return up
}

// execute runs a statement beside the adapter.
func execute(t *testing.T, url, statement string) {
	t.Helper()
	driver, dsn := "pgx", url
	if len(url) > 0 && url[0] == '/' {
		driver, dsn = sqlite.DriverName, url+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)"
	}
	pool, err := sql.Open(driver, dsn)
	must(t, err)
	defer func() { _ = pool.Close() }()
	if _, err := pool.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// sessionReads are the rows of sessions and parts that sequential scans read.
func sessionReads(t *testing.T, url string) int64 {
	t.Helper()
	tableReads(t, url, "seq_tup_read") // waits for the connections that did the work
	pool, err := sql.Open("pgx", url)
	must(t, err)
	defer func() { _ = pool.Close() }()
	var n int64
	must(t, pool.QueryRow("SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('upload_sessions', 'upload_parts')").Scan(&n))
	return n
}
