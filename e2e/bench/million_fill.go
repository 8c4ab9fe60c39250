package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// What the tables hold, over thirty days.
const (
	millionFiles   = 1_000_000
	millionBatches = 40_000
	millionTargets = 20
	owedEach       = 3 // deliveries of each file
	millionPeople  = 50
	millionUploads = 200_000 // sessions, of which those of the last week are kept
	millionAudit   = 300_000
	millionShares  = 50_000
)

// fillMillion makes a month of use: files with names of words and numbers, most
// of them processed, a few of them big, their events, three deliveries of each
// with an attempt; every fifth file came in a session of three parts.
// Indexes are built at the end, which is several times faster.
func fillMillion(ctx context.Context, b *bench, url string) error {
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close(context.WithoutCancel(ctx))
	var have int
	if err := db.QueryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM upload_files LIMIT $1) AS f", millionFiles).Scan(&have); err != nil || have >= millionFiles {
		return err
	}
	b.progress("filling %d files and %d deliveries", millionFiles, millionFiles*owedEach)
	began := time.Now()
	indexes, err := secondaryIndexes(ctx, db)
	if err != nil {
		return err
	}
	steps := []string{"SET synchronous_commit = off", "SET maintenance_work_mem = '512MB'", "SET work_mem = '256MB'", "SET max_parallel_maintenance_workers = 2", "SET session_replication_role = replica"}
	for name := range indexes {
		steps = append(steps, "DROP INDEX "+name)
	}
	steps = append(steps, millionRows...)
	for _, definition := range indexes {
		steps = append(steps, definition)
	}
	for _, q := range append(steps, "VACUUM ANALYZE", "CHECKPOINT") {
		at := time.Now()
		if _, err := db.Exec(ctx, q); err != nil {
			return fmt.Errorf("%.60s: %w", q, err)
		}
		if took := time.Since(at); took > 5*time.Second {
			b.progress("%s: %.60s", took.Round(time.Second), q)
		}
	}
	b.progress("filled in %s", time.Since(began).Round(time.Second))
	return nil
}

// secondaryIndexes are those of the big tables that no constraint needs, by name.
func secondaryIndexes(ctx context.Context, db *pgx.Conn) (map[string]string, error) {
	rows, err := db.Query(ctx, `SELECT i.indexname, i.indexdef FROM pg_indexes i
		WHERE i.schemaname = 'public' AND i.tablename IN ('upload_files', 'outbox_events', 'webhook_deliveries', 'delivery_attempts', 'upload_sessions', 'upload_parts', 'audit_entries')
		AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)`)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for rows.Next() {
		var name, definition string
		if err := rows.Scan(&name, &definition); err != nil {
			return nil, err
		}
		out[name] = definition
	}
	return out, rows.Err()
}

// millionRows fill one table after the other. Ids are of version 7, as those of
// the portal: they begin with the time.
var millionRows = []string{
	`CREATE FUNCTION pg_temp.id7(at timestamptz) RETURNS uuid LANGUAGE sql AS
		$$ SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid $$`,
	`CREATE TEMP TABLE words AS SELECT ARRAY['invoice','packing','customs','camera','manifest','survey','report','waybill','permit','receipt','contract','drawing','photo','sensor','weight','route','harbour','depot','crane','pallet','reefer','tanker','gate','yard','berth','export','import','quarter','annual','daily','weekly','draft','final','signed','scan','copy','backup','archive','label','list','plan','map','log','audit','budget','offer','order','claim','notice','letter'] AS w,
		ARRAY['pdf','xml','csv','jpg','zip','tiff','json','xlsx'] AS e, ARRAY['application/pdf','application/xml','text/csv','image/jpeg','application/zip','image/tiff','application/json','application/octet-stream'] AS t`,
	fmt.Sprintf(`INSERT INTO users (id, email, name, password_hash, role, active, created_at, updated_at)
		SELECT pg_temp.id7(now() - interval '40 days'), 'person' || n || '@example.com', 'Person ' || n, '', 'staff', true, now() - interval '40 days', now() - interval '40 days' FROM generate_series(1, %d) n`, millionPeople),
	fmt.Sprintf(`INSERT INTO webhook_endpoints (id, name, url, event_types, active, disabled_reason, headers, timeout_us, max_in_flight, rate_limit, last_success_at, created_at, updated_at)
		SELECT pg_temp.id7(now() - interval '35 days'), 'Receiver ' || n, 'https://receiver' || n || '.example/hook', '[]', true, '', '{}', 20000000, 10, 0, now(), now() - interval '35 days', now() - interval '35 days' FROM generate_series(1, %d) n`, millionTargets),
	`CREATE TEMP TABLE people AS SELECT id, row_number() OVER () - 1 AS n FROM users WHERE email LIKE 'person%'`,
	`CREATE TEMP TABLE targets AS SELECT id, row_number() OVER () - 1 AS n FROM webhook_endpoints`,
	fmt.Sprintf(`CREATE TEMP TABLE batches AS SELECT n, at, pg_temp.id7(at) AS id FROM (SELECT n, now() - interval '30 days' + n * interval '30 days' / %[1]d - interval '2 hours' AS at FROM generate_series(0, %[1]d - 1) n) AS x`, millionBatches),
	fmt.Sprintf(`INSERT INTO upload_batches (id, created_by, label, status, sealed_at, idempotency_key, files_count, uploading_count, stored_count, failed_count, bytes_count, created_at, updated_at)
		SELECT b.id, p.id, initcap(w[1 + b.n %% 50]) || ' ' || w[1 + b.n / 50 %% 50] || ', week ' || b.n, 'complete', b.at, '', %d, 0, %[1]d, 0, 1000000, b.at, b.at FROM batches b JOIN people p ON p.n = b.n %% %[2]d CROSS JOIN words`, millionFiles/millionBatches, millionPeople),
	fmt.Sprintf(`CREATE TEMP TABLE made AS SELECT x.*, pg_temp.id7(x.at) AS id, pg_temp.id7(x.at) AS event, md5(x.n::text) || md5((x.n + 7)::text) AS sha,
			w[1 + x.n * 7 %% 50] || '-' || w[1 + x.n / 50 %% 50] || '-' || x.n || '.' || e[1 + x.n %% 8] AS name, t[1 + x.n %% 8] AS type,
			CASE WHEN x.n %% 100 < 70 THEN 'processed' WHEN x.n %% 100 < 86 THEN 'stored' WHEN x.n %% 100 < 96 THEN 'deleted' ELSE 'failed' END AS status
		FROM (SELECT n, now() - interval '30 days' + n * (interval '30 days' - interval '5 minutes') / %[1]d AS at FROM generate_series(0, %[1]d - 1) n) AS x CROSS JOIN words`, millionFiles),
	fmt.Sprintf(`INSERT INTO upload_files (id, batch_id, uploaded_by, original_filename, content_type, size_bytes, sha256, storage_key, link_serial, metadata, status, error_message, expires_at, stored_at, processed_at, deleted_at, purged_at, created_at, updated_at)
		SELECT m.id, b.id, p.id, m.name, m.type, CASE WHEN m.n %% 9973 = 5 THEN 2000000000 ELSE 1000 + m.n * 37 %% 900000 END, m.sha, 'uploads/' || m.id, 0, '{}', m.status, CASE WHEN m.status = 'failed' THEN 'The type did not match the name.' ELSE '' END,
			CASE WHEN m.status IN ('stored', 'processed') THEN now() + interval '3 days' + m.n * interval '1 second' END, CASE WHEN m.status <> 'failed' THEN m.at END,
			CASE WHEN m.status = 'processed' THEN m.at END, CASE WHEN m.status = 'deleted' THEN m.at END, CASE WHEN m.status IN ('deleted', 'failed') THEN m.at END, m.at, m.at
		FROM made m LEFT JOIN batches b ON b.n = m.n / %d AND m.n %% 3 > 0 JOIN people p ON p.n = m.n / %[1]d %% %[2]d ORDER BY m.n`, millionFiles/millionBatches, millionPeople),
	`INSERT INTO outbox_events (id, aggregate_type, aggregate_id, event_type, payload, subject, status, idempotency_key, attempts, max_attempts, relayed_at, delivered_at, error_message, created_at, updated_at)
		SELECT m.event, 'file', m.id, 'file.stored', '{}', m.name, CASE WHEN m.n % 100 = 50 THEN 'failed' ELSE 'delivered' END, 'file.stored:' || m.id, 3, 30, m.at, m.at, '', m.at, m.at FROM made m ORDER BY m.n`,
	// Of a hundred deliveries one is given up, of a thousand one waits for a day to come.
	fmt.Sprintf(`CREATE TEMP TABLE owed AS SELECT pg_temp.id7(m.at) AS id, m.event, m.name, m.at, m.n, e.id AS endpoint,
			CASE WHEN m.n %% 100 = 50 AND k = 0 THEN 'failed' WHEN m.n %% 333 = 9 AND k = 1 AND m.n > %d THEN 'pending' ELSE 'delivered' END AS status
		FROM made m CROSS JOIN generate_series(0, %d) k JOIN targets e ON e.n = (m.n + k * 5) %% %d`, millionFiles/2, owedEach-1, millionTargets),
	`INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, subject, status, attempts, attempts_made, next_attempt_at, last_attempt_at, last_status_code, last_error_class, last_error, delivered_at, created_at, updated_at)
		SELECT o.id, o.event, o.endpoint, 'file.stored', o.name, o.status, 1, 1, now() + interval '30 days', o.at, CASE o.status WHEN 'delivered' THEN 204 ELSE 503 END, CASE o.status WHEN 'delivered' THEN '' ELSE 'status' END, '',
			CASE o.status WHEN 'delivered' THEN o.at END, o.at, o.at FROM owed o ORDER BY o.n`,
	`INSERT INTO delivery_attempts (id, delivery_id, endpoint_id, number, started_at, dns_us, connect_us, tls_us, first_byte_us, total_us, url, status_code, request_headers, response_headers, response_body, truncated, error_class, error_text)
		SELECT o.id, o.id, o.endpoint, 1, o.at, 0, 0, 0, 0, 5000 + o.n * 31 % 90000, 'https://receiver.example/hook', CASE o.status WHEN 'delivered' THEN 204 ELSE 503 END, '{}', '{}', '', false, CASE o.status WHEN 'delivered' THEN '' ELSE 'status' END,
			CASE o.status WHEN 'delivered' THEN '' ELSE '503 Service Unavailable' END FROM owed o ORDER BY o.n`,
	fmt.Sprintf(`INSERT INTO upload_sessions (id, file_id, user_id, kind, status, mode, chunk_size_bytes, total_size_bytes, bytes_received, completed_parts, idempotency_key, declared_sha256, storage_key, metadata, epoch, expires_at, error_message, created_at, updated_at)
		SELECT m.id, m.id, p.id, 'whole', CASE WHEN m.status = 'failed' THEN 'failed' WHEN m.n %% 1000 = 7 THEN 'aborted' ELSE 'complete' END, 'parts', 8388608, 20000000, 20000000, 3, '', '', 'uploads/' || m.id, '{}', 1, m.at + interval '1 day', '', m.at, m.at
		FROM made m JOIN people p ON p.n = m.n / %d %% %d WHERE m.n %% %d = 2 ORDER BY m.n`, millionFiles/millionBatches, millionPeople, millionFiles/millionUploads),
	`INSERT INTO upload_parts (id, session_id, part_number, offset_bytes, size_bytes, sha256, storage_tag, created_at, updated_at)
		SELECT pg_temp.id7(s.created_at), s.id, k, (k - 1) * 8388608, 8388608, md5(s.id::text), 'tag', s.created_at, s.created_at FROM upload_sessions s CROSS JOIN generate_series(1, 3) k`,
	fmt.Sprintf(`INSERT INTO audit_entries (id, actor_id, actor_name, action, object_type, object_id, changes, ip, at)
		SELECT pg_temp.id7(m.at), CASE WHEN m.n %% 6 > 0 THEN p.id END, p.name, (ARRAY['file.deleted', 'file.extended', 'user.signed_in', 'share.made', 'file.processed'])[1 + m.n %% 5], (ARRAY['file', 'file', 'user', 'share', 'file'])[1 + m.n %% 5], m.id, '{}', '127.0.0.1', m.at
		FROM made m JOIN (SELECT q.id, q.n, u.name FROM people q JOIN users u USING (id)) p ON p.n = m.n %% %d WHERE m.n %% 10 < %d ORDER BY m.n`, millionPeople, 10*millionAudit/millionFiles),
	fmt.Sprintf(`INSERT INTO share_links (id, hash, prefix, created_by, file_id, password_hash, max_downloads, downloads, created_at, updated_at)
		SELECT m.id, m.id::text, substr(m.id::text, 1, 8), p.id, m.id, '', 0, 0, m.at, m.at FROM made m JOIN people p ON p.n = m.n / %d %% %d WHERE m.n %% %d = 0 ORDER BY m.n`, millionFiles/millionBatches, millionPeople, millionFiles/millionShares),
	`SET session_replication_role = DEFAULT`,
}
