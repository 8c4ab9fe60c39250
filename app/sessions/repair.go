package sessions

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// CompletingFor is how long a session may be silent in completing before it is
// taken for left behind. With Mend's pace that is within the minute of the
// design's crash table.
const CompletingFor = 45 * time.Second

// atOnce is how many sessions FinishLeft completes side by side, so that a
// large one that is hashed again keeps no other waiting.
const atOnce = 4

// ExpireIdle ends up to limit sessions whose time is over: session and file
// are failed, with the file's event, and the bytes go. It returns how many.
func (s *Sessions) ExpireIdle(ctx context.Context, limit int) (int, error) {
	due, err := s.DB.Reads().Sessions.ListExpired(ctx, s.Clock.Now(), limit)
	if err != nil {
		return 0, err
	}
	return each(ctx, due, func(row *domain.UploadSession) error {
		return s.end(ctx, row.ID, domain.SessionFailed, "The upload stood still for too long and expired. Send the file again.",
			func(row *domain.UploadSession) bool { return isOpen(row) && !row.ExpiresAt.After(s.Clock.Now()) }, nil)
	})
}

// FinishLeft implements usecase.Repair. One that fails for now is logged
// and tried again after CompletingFor; one whose pieces are gone fails for good.
func (s *Sessions) FinishLeft(ctx context.Context, limit int) (int, error) {
	left, err := s.DB.Reads().Sessions.ListCompleting(ctx, s.Clock.Now().Add(-CompletingFor), limit)
	if err != nil {
		return 0, err
	}
	var done atomic.Int64
	var all sync.WaitGroup
	room := make(chan struct{}, atOnce)
	for _, row := range left {
		if s.locks.isHeld(lockKey{row.ID, finishing}) {
			continue // a long one, under way in this process
		}
		room <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		all.Go(func() {
			defer func() { <-room }()
			if s.finishOne(ctx, row) {
				done.Add(1)
			}
		})
	}
	all.Wait()
	return int(done.Load()), ctx.Err()
}

// finishOne tells others first that somebody is at it.
func (s *Sessions) finishOne(ctx context.Context, row *domain.UploadSession) bool {
	row.UpdatedAt = s.Clock.Now()
	if err := s.saveAs(ctx, row, domain.SessionCompleting); domain.IsCode(err, domain.Conflict) {
		return false
	}
	if _, err := s.finish(ctx, row.ID, nil, true); err != nil {
		s.Log.Warn("completion failed again", "session_id", row.ID, "error", err)
		return false
	}
	return true
}

// Discard removes what is staged for a file that has failed; nothing for one
// that came without a session.
func (s *Sessions) Discard(ctx context.Context, file uuid.UUID) error {
	row, err := s.DB.Reads().Sessions.FindByFile(ctx, file)
	if domain.IsCode(err, domain.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.discard(ctx, row)
}

// each passes over what somebody else has ended meanwhile. One that fails
// keeps no other from its turn; the errors come back together.
func each(ctx context.Context, rows []*domain.UploadSession, step func(*domain.UploadSession) error) (int, error) {
	done := 0
	var failed []error
	for _, row := range rows {
		if err := ctx.Err(); err != nil {
			return done, errors.Join(append(failed, err)...)
		}
		switch err := step(row); {
		case err == nil:
			done++
		case !domain.IsCode(err, domain.Conflict):
			failed = append(failed, err)
		}
	}
	return done, errors.Join(failed...)
}
