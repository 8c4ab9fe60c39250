package gormdb

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Uploads keeps file and session together. PostgreSQL does each of its writes
// in one statement (upload_statements.go); SQLite, which is no round trip away,
// in several.
type Uploads struct{ conn }

var _ ports.Uploads = (*Uploads)(nil)

// Find implements ports.Uploads.
func (u *Uploads) Find(ctx context.Context, session uuid.UUID) (*domain.UploadSession, *domain.File, error) {
	var row sessionRow
	var file fileRow
	err := quickRow(u.reading(ctx), "upload", findUpload, []any{session}, append(row.into(), file.into()...)...)
	if domain.IsCode(err, domain.NotFound) { // or it has no file
		alone, err := (&Sessions{u.conn}).Find(ctx, session)
		return alone, nil, err
	}
	if err != nil {
		return nil, nil, err
	}
	return toSession(row), toFile(file), nil
}

// Open implements ports.Uploads.
func (u *Uploads) Open(ctx context.Context, f *domain.File, s *domain.UploadSession, most int) error {
	if u.d.isPostgres() && f.BatchID == nil && s.UserID != nil {
		return u.write(ctx, openUpload, append(append(fromFile(f).values(), fromSession(s).values()...), most))
	}
	if err := u.insert(ctx, f, s); err != nil || s.UserID == nil {
		return err
	}
	n, err := (&Sessions{u.conn}).CountOpen(ctx, *s.UserID)
	if err == nil && n > most {
		err = ports.ErrMoreOpen
	}
	return err
}

func (u *Uploads) insert(ctx context.Context, f *domain.File, s *domain.UploadSession) error {
	if err := (&Files{u.conn}).Insert(ctx, f); err != nil {
		return err
	}
	_, created, err := (&Sessions{u.conn}).Insert(ctx, s)
	if err == nil && !created {
		err = changed()
	}
	return err
}

// Store implements ports.Uploads. Two transactions take what both want in the
// same order: the failed files of a batch by their names, then keys.
func (u *Uploads) Store(ctx context.Context, all ...ports.Upload) error {
	if !u.d.isPostgres() {
		for _, one := range all {
			if err := u.insert(ctx, one.File, one.Session); err != nil {
				return err
			}
			if _, err := (&Outbox{u.conn}).Append(ctx, one.Event); err != nil {
				return err
			}
		}
		return nil
	}
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b ports.Upload) int { return cmp.Compare(a.File.OriginalFilename, b.File.OriginalFilename) })
	for _, one := range all {
		if err := (&Files{u.conn}).supersede(ctx, one.File); err != nil {
			return err
		}
	}
	slices.SortStableFunc(all, func(a, b ports.Upload) int { return cmp.Compare(a.Session.IdempotencyKey, b.Session.IdempotencyKey) })
	for some := range slices.Chunk(all, storeAtOnce) {
		if err := u.append(ctx, storeUploads[len(some)], storing(some)); err != nil {
			return err
		}
	}
	return nil
}

// Complete implements ports.Uploads.
func (u *Uploads) Complete(ctx context.Context, f *domain.File, s *domain.UploadSession, e *domain.Event) error {
	if u.d.isPostgres() {
		return u.append(ctx, completeUpload, append(completion(f, s), fromEvent(e).values()...))
	}
	if err := (&Sessions{u.conn}).Save(ctx, s, domain.SessionInit); err != nil {
		return err
	}
	if err := (&Files{u.conn}).Move(ctx, f, domain.FileUploading); err != nil {
		return err
	}
	_, err := (&Outbox{u.conn}).Append(ctx, e)
	return err
}

// used counts an open upload with the more of what it has and what it declared.
const used = `SELECT CAST(
	(SELECT coalesce(sum(size_bytes), 0) FROM upload_files WHERE uploaded_by = ? AND stored_at IS NOT NULL AND purged_at IS NULL) +
	(SELECT coalesce(sum(CASE WHEN total_size_bytes > bytes_received THEN total_size_bytes ELSE bytes_received END), 0)
		FROM upload_sessions WHERE user_id = ? AND status IN ('init', 'in_progress', 'completing'))
	AS bigint)`

// Used implements ports.Uploads.
func (u *Uploads) Used(ctx context.Context, user uuid.UUID) (int64, error) {
	var n int64
	err := u.reading(ctx).Raw(used, user, user).Scan(&n).Error
	return n, translate(err, "upload")
}

// UsedAlone implements ports.Uploads.
func (u *Uploads) UsedAlone(ctx context.Context, user uuid.UUID) (int64, error) {
	tx, err := u.writing(ctx)
	if err != nil {
		return 0, err
	}
	if err := u.d.lineUpFor(tx, user); err != nil {
		return 0, translate(err, "upload")
	}
	return u.Used(ctx, user)
}
