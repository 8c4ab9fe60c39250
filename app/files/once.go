package files

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

var _ usecase.UploadsOnce = (*Uploads)(nil)

// claimKey takes the client's key for a file that is about to be inserted.
type claimKey func(ctx context.Context, s ports.Stores, f *domain.File) error

// silent is when an upload under a key is taken for dead by a request that
// brings the same file again.
const silent = 3 * signOfLife

// earlier tells that a key is taken by a file.
type earlier struct{ file *domain.File }

func (earlier) Error() string { return "files: the idempotency key was used before" }

// UploadOnce implements usecase.UploadsOnce. The record of the key is committed
// with the file's row, so the file's state says what became of the request.
func (u *Uploads) UploadOnce(ctx context.Context, a domain.Actor, in usecase.UploadInput, key string) (*domain.File, bool, error) {
	if err := domain.CheckIdempotencyKey(key); err != nil {
		return nil, false, err
	}
	if key == "" || a.UserID == uuid.Nil {
		f, err := u.Upload(ctx, a, in)
		return f, false, err
	}
	asked, err := fingerprint(in)
	if err != nil {
		return nil, false, err
	}
	claim := u.claim(a, key, asked, in.Size)
	f, err := u.upload(ctx, a, in, claim)
	var first earlier
	if !errors.As(err, &first) {
		return f, false, err
	}
	if first.file.Status != domain.FileUploading {
		return first.file, true, nil
	}
	if u.Clock.Now().Sub(first.file.UpdatedAt) < silent {
		return nil, false, domain.Errorf(domain.Conflict, "The first request with this Idempotency-Key is still on its way in. Wait for it, or try again in a moment.")
	}
	// Its client or process died. Ended by compare-and-set, it can store nothing
	// any more, should it live after all.
	err = FailUpload(ctx, u.DB, u.Blobs, u.IDs, u.Clock, first.file, "The upload broke off and was sent again.")
	if err != nil {
		return nil, false, err
	}
	f, err = u.upload(ctx, a, in, claim)
	if errors.As(err, &first) {
		return nil, false, domain.Errorf(domain.Conflict, "Another request with this Idempotency-Key was first. Try again in a moment.")
	}
	return f, false, err
}

// claim inserts the key's record, or takes it over from an upload that failed.
// It returns earlier for a file that is there or on its way.
func (u *Uploads) claim(a domain.Actor, key, asked string, size int64) claimKey {
	return func(ctx context.Context, s ports.Stores, f *domain.File) error {
		r := &domain.IdempotencyRecord{OwnerID: a.UserID, Operation: "file", Key: key, Fingerprint: asked, ResourceID: f.ID, CreatedAt: f.CreatedAt}
		got, created, err := s.Idempotency.Insert(ctx, r)
		if err != nil || created {
			return err
		}
		if !got.Alive(f.CreatedAt) {
			return s.Idempotency.Replace(ctx, r, got.ResourceID)
		}
		file, err := s.Files.Find(ctx, got.ResourceID)
		switch {
		case domain.IsCode(err, domain.NotFound):
			return s.Idempotency.Replace(ctx, r, got.ResourceID)
		case err != nil:
			return err
		case file.Status == domain.FileFailed && file.StoredAt == nil:
			return s.Idempotency.Replace(ctx, r, got.ResourceID)
		case got.Fingerprint != asked || file.StoredAt != nil && size >= 0 && size != file.SizeBytes:
			return domain.KeyReused()
		}
		return earlier{file}
	}
}

// fingerprint is of what was asked for but the body, whose length is compared
// with the stored file's.
func fingerprint(in usecase.UploadInput) (string, error) {
	return app.Fingerprint(struct {
		Name     string
		Batch    *uuid.UUID
		Metadata map[string]string
	}{in.Name, in.BatchID, in.Metadata})
}

// ForgetKeys removes records of keys that do not count any more.
func ForgetKeys(ctx context.Context, s ports.Stores, now time.Time, limit int) (int, error) {
	return s.Idempotency.DeleteBefore(ctx, now.Add(-domain.IdempotencyTTL), limit)
}
