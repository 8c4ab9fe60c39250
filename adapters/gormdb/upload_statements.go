package gormdb

import (
	"context"
	"strconv"
	"strings"

	"doorito/domain"
	"doorito/ports"
)

// These statements go to the driver as they are: GORM takes as long to make
// one as PostgreSQL to do it.

const (
	fileInsert = `id, batch_id, uploaded_by, original_filename, content_type, size_bytes, sha256, storage_key, link_serial, metadata,
		status, error_message, expires_at, stored_at, processed_at, deleted_at, purged_at, created_at, updated_at`
	sessionInsert = `id, file_id, user_id, kind, status, mode, chunk_size_bytes, total_size_bytes, bytes_received, completed_parts,
		idempotency_key, hash_state, declared_sha256, storage_key, stage, metadata, epoch, expires_at, error_message, created_at, updated_at`
	eventInsert = `id, aggregate_type, aggregate_id, event_type, payload, subject, status, idempotency_key, attempts, max_attempts,
		next_attempt_at, relayed_at, delivered_at, error_message, target_id, created_at, updated_at`
)

// values are those of fileInsert.
func (r fileRow) values() []any {
	return []any{r.ID, r.BatchID, r.UploadedBy, r.OriginalFilename, r.ContentType, r.SizeBytes, r.SHA256, r.StorageKey, r.LinkSerial, r.Metadata,
		r.Status, r.ErrorMessage, r.ExpiresAt, r.StoredAt, r.ProcessedAt, r.DeletedAt, r.PurgedAt, r.CreatedAt, r.UpdatedAt}
}

// into are the fields of fileInsert, and the names of whom and what it belongs to.
func (r *fileRow) into() []any {
	return []any{&r.ID, &r.BatchID, &r.UploadedBy, &r.OriginalFilename, &r.ContentType, &r.SizeBytes, &r.SHA256, &r.StorageKey, &r.LinkSerial, &r.Metadata,
		&r.Status, &r.ErrorMessage, &r.ExpiresAt, &r.StoredAt, &r.ProcessedAt, &r.DeletedAt, &r.PurgedAt, &r.CreatedAt, &r.UpdatedAt, &r.UploaderName, &r.BatchLabel}
}

// values are those of sessionInsert.
func (r sessionRow) values() []any {
	return []any{r.ID, r.FileID, r.UserID, r.Kind, r.Status, r.Mode, r.ChunkSizeBytes, r.TotalSizeBytes, r.BytesReceived, r.CompletedParts,
		r.IdempotencyKey, r.HashState, r.DeclaredSHA256, r.StorageKey, r.Stage, r.Metadata, r.Epoch, r.ExpiresAt, r.ErrorMessage, r.CreatedAt, r.UpdatedAt}
}

// values are those of eventInsert.
func (r eventRow) values() []any {
	return []any{r.ID, r.AggregateType, r.AggregateID, r.EventType, r.Payload, r.Subject, r.Status, r.IdempotencyKey, r.Attempts, r.MaxAttempts,
		r.NextAttemptAt, r.RelayedAt, r.DeliveredAt, r.ErrorMessage, r.TargetID, r.CreatedAt, r.UpdatedAt}
}

// completion are the values of completeUpload before the event's: what of file
// and session changes.
func completion(f *domain.File, s *domain.UploadSession) []any {
	file, row := fromFile(f), fromSession(s)
	return []any{
		row.ID, row.Epoch, row.Status, row.Mode, row.ChunkSizeBytes, row.BytesReceived, row.HashState, row.ExpiresAt, row.UpdatedAt,
		file.ID, file.Status, file.ContentType, file.SizeBytes, file.SHA256, file.ExpiresAt, file.StoredAt, file.UpdatedAt,
	}
}

const completionValues = 17

var (
	fileValues    = strings.Count(fileInsert, ",") + 1
	sessionValues = strings.Count(sessionInsert, ",") + 1
	eventValues   = strings.Count(eventInsert, ",") + 1
)

// findUpload reads a session with its file as Files.Find does.
var findUpload = "SELECT " + of("t", sessionInsert) + ", " + of("f", fileInsert) + `, coalesce(u.name, ''), coalesce(b.label, '')
	FROM upload_sessions t JOIN upload_files f ON f.id = t.file_id LEFT JOIN users u ON u.id = f.uploaded_by LEFT JOIN upload_batches b ON b.id = f.batch_id
	WHERE t.id = $1`

// openUpload counts the open sessions as they were before it. The root of a
// negative number undoes it, as pgTooMany: rarely, since pgx then prepares it
// anew, and PostgreSQL logs it.
var openUpload = `WITH file AS (INSERT INTO upload_files (` + fileInsert + `) VALUES (` + marks(1, fileValues) + `)),
	session AS (INSERT INTO upload_sessions (` + sessionInsert + `) VALUES (` + marks(1+fileValues, sessionValues) + `))
	SELECT sqrt(` + marks(1+fileValues+sessionValues, 1) + `::int - 1 - count(*)) FROM upload_sessions
		WHERE user_id = ` + marks(fileValues+3, 1) + ` AND status IN ('init', 'in_progress', 'completing')`

// storeAtOnce is how many uploads one statement stores at most. Several cost
// PostgreSQL little more than one: a statement's beginning is most of its work.
const storeAtOnce = 16

// storeUploads are the statements for one upload, for two and so on.
var storeUploads = func() (all [storeAtOnce + 1]string) {
	for n := 1; n <= storeAtOnce; n++ {
		all[n] = `WITH file AS (INSERT INTO upload_files (` + fileInsert + `) VALUES ` + tuples(1, n, fileValues) + `),
	session AS (INSERT INTO upload_sessions (` + sessionInsert + `) VALUES ` + tuples(1+n*fileValues, n, sessionValues) + `)
	INSERT INTO outbox_events (` + eventInsert + `) VALUES ` + tuples(1+n*(fileValues+sessionValues), n, eventValues)
	}
	return all
}()

// storing are the values of storeUploads.
func storing(all []ports.Upload) []any {
	out := make([]any, 0, len(all)*(fileValues+sessionValues+eventValues))
	for _, one := range all {
		out = append(out, fromFile(one.File).values()...)
	}
	for _, one := range all {
		out = append(out, fromSession(one.Session).values()...)
	}
	for _, one := range all {
		out = append(out, fromEvent(one.Event).values()...)
	}
	return out
}

// tuples are n lists of placeholders, size in each.
func tuples(from, n, size int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = "(" + marks(from+i*size, size) + ")"
	}
	return strings.Join(out, ", ")
}

// completeUpload locks the session before the file, as all others do. IS TRUE
// keeps the planner to the primary keys: an index over the status has an entry
// for all that were uploading since its last vacuum. Where nothing is appended it
// divides by zero, which undoes it, as pgNothing.
var completeUpload = `WITH session AS (
		UPDATE upload_sessions SET status = $3, mode = $4, chunk_size_bytes = $5, bytes_received = $6, hash_state = $7, expires_at = $8, updated_at = $9
		WHERE id = $1 AND (epoch = $2 AND status = 'init' AND mode IN ('', $4)) IS TRUE RETURNING id),
	file AS (
		UPDATE upload_files SET status = $11, content_type = $12, size_bytes = $13, sha256 = $14, expires_at = $15, stored_at = $16, updated_at = $17
		WHERE id = $10 AND (status = 'uploading') IS TRUE AND EXISTS (SELECT FROM session) RETURNING id),
	event AS (INSERT INTO outbox_events (` + eventInsert + `) SELECT ` + marks(1+completionValues, eventValues) + ` WHERE EXISTS (SELECT FROM file) RETURNING id)
	SELECT 1 / count(*) FROM event`

// marks are n placeholders from the one with this number.
func marks(from, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = "$" + strconv.Itoa(from+i)
	}
	return strings.Join(out, ", ")
}

// append is write of a statement that appends an event.
func (u *Uploads) append(ctx context.Context, statement string, args []any) error {
	if err := u.write(ctx, statement, args); err != nil {
		return err
	}
	u.tx.ring = true
	return nil
}

// write runs a statement that goes with the COMMIT, which tells of what went
// wrong.
func (u *Uploads) write(ctx context.Context, statement string, args []any) error {
	tx, err := u.writing(ctx)
	if err != nil {
		return err
	}
	return quickLater(tx, "upload", statement, u.d.bound(args)...)
}
