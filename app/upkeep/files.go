package upkeep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"doorito/app"
	"doorito/app/files"
	"doorito/domain"
	"doorito/ports"
)

// batchIdle is when a batch that nobody finalised is sealed.
const batchIdle = 24 * time.Hour

// cleanFiles ends dead uploads, expires what is due and purges what is deleted.
func (u *Upkeep) cleanFiles(ctx context.Context) (string, error) {
	dead, derr := u.failDead(ctx)
	expired, eerr := u.expire(ctx)
	purged, perr := u.purge(ctx)
	return fmt.Sprintf("ended %d dead uploads, expired %d files, purged %d", dead, expired, purged), errors.Join(derr, eerr, perr)
}

// failDead ends uploads whose process or client died without a word.
func (u *Upkeep) failDead(ctx context.Context) (int, error) {
	return each(func() ([]*domain.File, error) {
		return u.DB.Reads().Files.ListStale(ctx, u.Clock.Now().Add(-files.StaleAfter), batch)
	}, func(f *domain.File) error {
		return files.FailUpload(ctx, u.DB, u.Blobs, u.IDs, u.Clock, f, "The upload broke off and nobody came back for it. Send the file again.")
	})
}

// expire decides in the database first; purge removes the bytes after.
func (u *Upkeep) expire(ctx context.Context) (int, error) {
	return each(func() ([]*domain.File, error) {
		return u.DB.Reads().Files.ListExpired(ctx, u.Clock.Now(), hold, batch)
	}, func(f *domain.File) error {
		now := u.Clock.Now()
		from := f.Status
		e, err := f.Delete(now)
		if err != nil {
			return err
		}
		return u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			if err := s.Files.Move(ctx, f, from); err != nil {
				return err
			}
			if err := app.Append(ctx, s, u.IDs, e); err != nil {
				return err
			}
			return s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), domain.System(), "file.expired", "file", f.ID, nil, now))
		})
	})
}

func (u *Upkeep) purge(ctx context.Context) (int, error) {
	return each(func() ([]*domain.File, error) {
		return u.DB.Reads().Files.ListUnpurged(ctx, batch)
	}, func(f *domain.File) error {
		if u.Sessions != nil && f.StoredAt == nil {
			if err := u.Sessions.Discard(ctx, f.ID); err != nil {
				return err
			}
		}
		return files.Purge(ctx, u.DB, u.Blobs, f, u.Clock)
	})
}

// announceExpiring looks ahead by the notice plus its own interval, so that no
// file slips between two runs.
func (u *Upkeep) announceExpiring(ctx context.Context) (string, error) {
	n, err := each(func() ([]*domain.File, error) {
		now := u.Clock.Now()
		return u.DB.Reads().Files.ListExpiring(ctx, now, now.Add(u.ExpiryNotice+u.NoticeInterval), batch)
	}, func(f *domain.File) error {
		return u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			return app.Append(ctx, s, u.IDs, f.Expiring(u.Clock.Now()))
		})
	})
	return fmt.Sprintf("announced %d expiring files", n), err
}

// settleBatches ends sealed batches whose last file finished unseen, and seals
// those left open for a day.
func (u *Upkeep) settleBatches(ctx context.Context) (int, error) {
	now := u.Clock.Now()
	ids, err := u.DB.Reads().Batches.ListOpen(ctx, now.Add(-batchIdle), batch)
	if err != nil {
		return 0, err
	}
	for i, id := range ids {
		if _, err := files.SettleBatch(ctx, u.DB, u.IDs, id, true, now); err != nil {
			return i, err
		}
	}
	return len(ids), nil
}

// each lists and works until a list is short or no step succeeds any more. A
// row that somebody else moved meanwhile is a conflict and is passed over; one
// that fails keeps no other from its turn.
func each(list func() ([]*domain.File, error), step func(*domain.File) error) (int, error) {
	total := 0
	for {
		fs, err := list()
		if err != nil {
			return total, err
		}
		done := 0
		var failed []error
		for _, f := range fs {
			switch err := step(f); {
			case err == nil:
				done++
			case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
				return total + done, err
			case !domain.IsCode(err, domain.Conflict):
				failed = append(failed, err)
			}
		}
		total += done
		if len(fs) < batch || done == 0 {
			return total, errors.Join(failed...)
		}
	}
}
