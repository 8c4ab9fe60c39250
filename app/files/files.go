package files

import (
	"context"
	"io"
	"log/slog"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Files implements usecase.Files.
type Files struct {
	DB      ports.Transactor
	Blobs   ports.Blobs
	Keys    *domain.Keyring
	Clock   ports.Clock
	IDs     ports.IDs
	Log     *slog.Logger
	BaseURL string // without a slash at its end
}

var _ usecase.Files = (*Files)(nil)

// Link implements usecase.Files.
func (f *Files) Link(a domain.Actor, file *domain.File) string {
	if !a.May(domain.MayDownload) {
		return ""
	}
	return DownloadLink(f.BaseURL, f.Keys, file.ID, file.LinkSerial)
}

// DownloadLink is the one form of a download link.
func DownloadLink(base string, keys *domain.Keyring, file uuid.UUID, serial int) string {
	return base + "/d/" + keys.SignLink(file, serial)
}

// Find implements usecase.Files.
func (f *Files) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.File, error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return nil, err
	}
	file, err := f.DB.Reads().Files.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	if !a.Sees(file.UploadedBy) {
		return nil, noFile()
	}
	return file, nil
}

// List implements usecase.Files.
func (f *Files) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.File], error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return ports.Page[*domain.File]{}, err
	}
	q.Owner = a.OwnerFilter()
	return f.DB.Reads().Files.List(ctx, q)
}

// Detail implements usecase.Files. Deliveries are for admins alone.
func (f *Files) Detail(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.FileDetail, error) {
	file, err := f.Find(ctx, a, id)
	if err != nil {
		return nil, err
	}
	reads := f.DB.Reads()
	d := &usecase.FileDetail{File: file, Link: f.Link(a, file)}
	if file.BatchID != nil {
		if d.Batch, err = reads.Batches.Find(ctx, *file.BatchID); err != nil {
			return nil, err
		}
	}
	events, err := reads.Outbox.List(ctx, ports.ListQuery{Filters: map[string][]string{"aggregate": {id.String()}}})
	if err != nil {
		return nil, err
	}
	d.Events = events.Items
	if d.History, err = reads.Audit.ListOf(ctx, "file", id, 100); err != nil {
		return nil, err
	}
	if d.Held, err = reads.Files.Held(ctx, id); err != nil {
		return nil, err
	}
	d.Held = d.Held && file.ExpiresAt != nil && file.ExpiresAt.Before(f.Clock.Now())
	if !a.IsAdmin() || len(d.Events) == 0 {
		return d, nil
	}
	ids := make([]string, len(d.Events))
	for i, e := range d.Events {
		ids[i] = e.ID.String()
	}
	ds, err := reads.Deliveries.List(ctx, ports.ListQuery{Filters: map[string][]string{"event": ids}})
	d.Deliveries = ds.Items
	return d, err
}

// Download implements usecase.Files.
func (f *Files) Download(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.Download, error) {
	if err := a.RequireTo(domain.MayDownload); err != nil {
		return nil, err
	}
	file, err := f.Find(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return f.open(ctx, file)
}

// ByLink implements usecase.Files.
func (f *Files) ByLink(ctx context.Context, token string) (*usecase.Download, error) {
	id, serial, err := f.Keys.ParseLink(token)
	if err != nil {
		return nil, err
	}
	file, err := f.DB.Reads().Files.Find(ctx, id)
	if domain.IsCode(err, domain.NotFound) || (err == nil && file.LinkSerial != serial) {
		return nil, domain.Errorf(domain.NotFound, "There is nothing behind this door. The file may have expired and been purged, or the link was revoked.")
	}
	if err != nil {
		return nil, err
	}
	return f.open(ctx, file)
}

func (f *Files) open(ctx context.Context, file *domain.File) (*usecase.Download, error) {
	if !file.HasBytes() {
		if file.Status == domain.FileUploading {
			return nil, domain.Errorf(domain.Conflict, "This file is still on its way in. Try again in a moment.")
		}
		return nil, domain.Errorf(domain.Expired, "There is nothing behind this door any more: the file is %s and its bytes are purged.", file.Status)
	}
	d := &usecase.Download{File: file, Open: func(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
		return f.Blobs.Open(ctx, file.StorageKey, offset, length)
	}}
	if p, ok := f.Blobs.(ports.Presigner); ok {
		url, err := p.PresignGet(ctx, file.StorageKey, file.OriginalFilename)
		if err != nil {
			return nil, err
		}
		d.URL = url
	}
	return d, nil
}

// Delete implements usecase.Files. Files that may not be deleted in their
// state are left as they are; the error names the first of them if none went.
func (f *Files) Delete(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error) {
	if err := a.RequireTo(domain.MayDelete); err != nil {
		return 0, err
	}
	deleted := 0
	var first error
	for _, id := range ids {
		err := f.deleteOne(ctx, a, id)
		switch {
		case err == nil:
			deleted++
		case domain.IsCode(err, domain.Conflict) || domain.IsCode(err, domain.NotFound):
			if first == nil {
				first = err
			}
		default:
			return deleted, err
		}
	}
	if deleted == 0 {
		return 0, first
	}
	return deleted, nil
}

func (f *Files) deleteOne(ctx context.Context, a domain.Actor, id uuid.UUID) error {
	now := f.Clock.Now()
	var file *domain.File
	err := f.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		var err error
		if file, err = s.Files.Find(ctx, id); err != nil {
			return err
		}
		if !a.Sees(file.UploadedBy) {
			return noFile()
		}
		from := file.Status
		e, err := file.Delete(now)
		if err != nil {
			return err
		}
		if err := s.Files.Move(ctx, file, from); err != nil {
			return err
		}
		if err := app.Append(ctx, s, f.IDs, e); err != nil {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(f.IDs.New(), a, "file.deleted", "file", id, map[string]string{"name": file.OriginalFilename}, now))
	})
	if err != nil {
		return err
	}
	if err := Purge(ctx, f.DB, f.Blobs, file, f.Clock); err != nil {
		f.Log.Error("purge failed, the cleanup tries again", "file_id", id, "error", err)
	}
	return nil
}

// Purge removes the bytes of a deleted file and then sets purged_at.
func Purge(ctx context.Context, db ports.Transactor, blobs ports.Blobs, file *domain.File, clock ports.Clock) error {
	if err := blobs.Delete(ctx, file.StorageKey); err != nil {
		return err
	}
	return db.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		return s.Files.MarkPurged(ctx, file.ID, clock.Now())
	})
}
