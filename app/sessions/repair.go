package sessions

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// CompletingFor is how long a session may be silent in completing before it is
// taken for left behind.
const CompletingFor = time.Minute

// ExpireIdle ends up to limit sessions whose time is over: session and file
// are failed, with the file's event, and the bytes go. It returns how many.
func (s *Sessions) ExpireIdle(ctx context.Context, limit int) (int, error) {
	due, err := s.DB.Reads().Sessions.ListExpired(ctx, s.Clock.Now(), limit)
	if err != nil {
		return 0, err
	}
	return each(due, func(row *domain.UploadSession) error {
		return s.end(ctx, row.ID, domain.SessionFailed, "The upload stood still for too long and expired. Send the file again.",
			func(row *domain.UploadSession) bool { return isOpen(row) && !row.ExpiresAt.After(s.Clock.Now()) })
	})
}

// FinishLeft completes up to limit sessions that died in completing. One that
// fails for now stays for the next time and is logged; one whose pieces are
// gone fails for good.
func (s *Sessions) FinishLeft(ctx context.Context, limit int) (int, error) {
	left, err := s.DB.Reads().Sessions.ListCompleting(ctx, s.Clock.Now().Add(-CompletingFor), limit)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, row := range left {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if s.locks.isHeld(lockKey{row.ID, finishing}) {
			continue // a long one, under way in this process
		}
		if _, err := s.finish(ctx, row.ID, nil); err != nil {
			s.Log.Warn("completion failed again", "session_id", row.ID, "error", err)
			continue
		}
		done++
	}
	return done, nil
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

// each passes over what somebody else has ended meanwhile.
func each(rows []*domain.UploadSession, step func(*domain.UploadSession) error) (int, error) {
	done := 0
	for _, row := range rows {
		switch err := step(row); {
		case err == nil:
			done++
		case !domain.IsCode(err, domain.Conflict):
			return done, err
		}
	}
	return done, nil
}
