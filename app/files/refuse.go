package files

import (
	"context"
	"errors"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
)

// refuse ends a file that did not make it. If this fails too, the cleanup does
// the same later.
func (u *Uploads) refuse(ctx context.Context, f *domain.File, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	err := FailUpload(ctx, u.DB, u.Blobs, u.IDs, u.Clock, f, reason(cause))
	if domain.IsCode(err, domain.Conflict) {
		err = u.clearLate(ctx, f)
	}
	if err != nil {
		u.Log.Error("refused upload not cleared away", "file_id", f.ID, "error", err)
		return
	}
	if err := u.settleAfter(ctx, f.BatchID); err != nil {
		u.Log.Error("batch not settled", "file_id", f.ID, "error", err)
	}
}

// clearLate removes what an upload wrote after others had ended and purged it.
func (u *Uploads) clearLate(ctx context.Context, f *domain.File) error {
	row, err := u.DB.Reads().Files.Find(ctx, f.ID)
	if err != nil || row.StoredAt != nil || row.PurgedAt == nil {
		return err
	}
	return u.Blobs.Delete(ctx, f.StorageKey)
}

// FailUpload moves an uploading file to failed, by compare-and-set, and then
// purges what there is of its bytes.
func FailUpload(ctx context.Context, db ports.Transactor, blobs ports.Blobs, ids ports.IDs, clock ports.Clock, f *domain.File, why string) error {
	e, err := f.Fail(why, clock.Now())
	if err != nil {
		return err
	}
	err = db.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		if err := s.Files.Move(ctx, f, domain.FileUploading); err != nil {
			return err
		}
		return app.Append(ctx, s, ids, e)
	})
	if err != nil {
		return err
	}
	return Purge(ctx, db, blobs, f, clock)
}

// reason is what the file's page says; foreign errors stay in the log.
func reason(err error) string {
	var e *domain.Error
	if errors.As(err, &e) && e.Code != domain.Internal {
		return e.Message
	}
	return "Something failed on our side while the file came in. Send it again."
}

// brokenOff says how far the body came when the connection ended early.
func brokenOff(err error, got, declared int64) error {
	var e *domain.Error
	if errors.As(err, &e) {
		return err
	}
	if declared >= 0 {
		return &domain.Error{Code: domain.Invalid, Field: "body", Message: "The connection broke after " + domain.FormatBytes(got) + " of " + domain.FormatBytes(declared) + ". Send the file again."}
	}
	return &domain.Error{Code: domain.Invalid, Field: "body", Message: "The connection broke after " + domain.FormatBytes(got) + ". Send the file again."}
}
