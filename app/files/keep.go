package files

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

var _ usecase.Keeper = (*Files)(nil)

// Extend implements usecase.Keeper.
func (f *Files) Extend(ctx context.Context, a domain.Actor, id uuid.UUID, by time.Duration) (*domain.File, error) {
	if by < 0 {
		return nil, domain.FieldErrorf("hours", "A file is kept longer, not shorter. Expire it instead.")
	}
	if by > domain.MaxExtendHours*time.Hour {
		return nil, domain.FieldErrorf("hours", "A file is kept at most %d hours longer at once, and this would be %d.", domain.MaxExtendHours, by/time.Hour)
	}
	return f.setExpiry(ctx, a, id, "file.extended", func(file *domain.File, now time.Time) (*time.Time, error) {
		switch {
		case file.ExpiresAt == nil:
			return nil, domain.Errorf(domain.Conflict, "This file never expires, so there is nothing to extend.")
		case by == 0:
			return nil, nil
		}
		from := *file.ExpiresAt
		if from.Before(now) {
			from = now
		}
		at := from.Add(by)
		return &at, nil
	})
}

// Expire implements usecase.Keeper.
func (f *Files) Expire(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.File, error) {
	file, err := f.setExpiry(ctx, a, id, "file.expired", func(_ *domain.File, now time.Time) (*time.Time, error) { return &now, nil })
	if err != nil {
		return nil, err
	}
	held, err := f.DB.Reads().Files.Held(ctx, id)
	if err != nil || held {
		return file, err
	}
	now, from := f.Clock.Now(), file.Status
	e, err := file.Delete(now)
	if err != nil {
		return nil, err
	}
	err = f.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		if err := s.Files.Move(ctx, file, from); err != nil {
			return err
		}
		return app.Append(ctx, s, f.IDs, e)
	})
	if err != nil {
		return nil, err
	}
	if err := Purge(ctx, f.DB, f.Blobs, file, f.Clock); err != nil {
		f.Log.Error("purge failed, the cleanup tries again", "file_id", id, "error", err)
	}
	return file, nil
}

// setExpiry moves the expiry of a file that has bytes, with its audit entry.
func (f *Files) setExpiry(ctx context.Context, a domain.Actor, id uuid.UUID, action string, to func(*domain.File, time.Time) (*time.Time, error)) (*domain.File, error) {
	if err := a.RequireTo(domain.MayDelete); err != nil {
		return nil, err
	}
	now := f.Clock.Now()
	var file *domain.File
	err := f.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		var err error
		if file, err = s.Files.Find(ctx, id); err != nil {
			return err
		}
		switch {
		case !a.Sees(file.UploadedBy):
			return noFile()
		case file.Status == domain.FileUploading:
			return domain.Errorf(domain.Conflict, "This file is still on its way in. Try again in a moment.")
		case !file.HasBytes():
			return domain.Errorf(domain.Conflict, "This file has no bytes any more, so nothing of it can expire.")
		}
		before := file.ExpiresAt
		if file.ExpiresAt, err = to(file, now); err != nil {
			return err
		}
		if err := s.Files.SetExpiry(ctx, id, before, file.ExpiresAt, now); err != nil {
			return err
		}
		file.UpdatedAt = now
		return s.Audit.Append(ctx, domain.NewAuditEntry(f.IDs.New(), a, action, "file", id,
			map[string]string{"expires": momentWords(before) + " → " + momentWords(file.ExpiresAt)}, now))
	})
	if err != nil {
		return nil, err
	}
	return file, nil
}

// momentWords is a moment in an audit entry.
func momentWords(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
