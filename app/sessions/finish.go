package sessions

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// assembling bounds a completion, which goes on when the request ended.
const assembling = 30 * time.Minute

// How often, and how far apart, the storage is asked again for what another
// process may be changing at this moment.
const (
	tries        = 8
	betweenTries = 250 * time.Millisecond
)

// finish takes a session from completing to complete. head is the file's
// beginning when it is known. What the rules refuse ends the session; after
// any other error it stays completing, and the same may be done again. left
// says that nobody else has been at it for CompletingFor.
func (s *Sessions) finish(ctx context.Context, id uuid.UUID, head []byte, left bool) (*domain.File, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), assembling)
	defer cancel()
	unlock, err := s.locks.lock(ctx, lockKey{id, finishing})
	if err != nil {
		return nil, err
	}
	defer unlock()
	for try := 1; ; try++ {
		file, again, err := s.finishOnce(ctx, id, head, left && try == tries)
		if !again {
			return file, err
		}
		if try == tries {
			return nil, notYet(err)
		}
		select { // another process may be at the same
		case <-time.After(betweenTries):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// mayPass tells errors that a storage may answer while another process
// assembles the same: the pieces are gone already, the blob is not seen yet, or
// somebody holds them.
func mayPass(err error) bool {
	code := domain.CodeOf(err)
	return code == domain.Expired || code == domain.NotFound || code == domain.Conflict
}

// notYet is err as the client is told: as long as the upload has not ended,
// what the storage does not find is no answer but a reason to ask again.
func notYet(err error) error {
	if !domain.IsCode(err, domain.Conflict) {
		return domain.WrapError(domain.Unavailable, err, "All bytes are here, but the storage does not show the file yet. It is looked at again within a minute.")
	}
	return err
}

// finishOnce is one try; again says that another may do better. With last,
// pieces that are gone end the session.
func (s *Sessions) finishOnce(ctx context.Context, id uuid.UUID, head []byte, last bool) (file *domain.File, again bool, err error) {
	reads := s.DB.Reads()
	row, err := reads.Sessions.Find(ctx, id)
	if err != nil {
		return nil, false, err
	}
	if row.Status != domain.SessionCompleting && row.Status != domain.SessionComplete {
		return nil, false, row.CheckOpen(s.Clock.Now())
	}
	file, err = reads.Files.Find(ctx, *row.FileID)
	if err != nil || row.Status == domain.SessionComplete || file.StoredAt != nil { // somebody else was first, before or between the two
		return file, false, err
	}
	sum, contentType, err := s.assemble(ctx, row, file, head)
	if isFinal(err, row, last, s.Clock.Now()) {
		s.refuse(ctx, id, err)
		return nil, false, err
	}
	if err != nil {
		return nil, mayPass(err), err
	}
	file, err = s.commit(ctx, row, file, sum, contentType)
	return file, false, err
}

// isFinal tells errors that doing it again cannot mend. That the pieces are
// gone (Expired) is believed at last, by a sweep, when nobody else was at it.
// A storage that finds the pieces changed (Conflict) may be right only for now,
// but not for ever.
func isFinal(err error, row *domain.UploadSession, last bool, now time.Time) bool {
	switch domain.CodeOf(err) {
	case domain.UnsupportedType, domain.Invalid:
		return true
	case domain.Expired:
		return last
	case domain.Conflict:
		return !row.ExpiresAt.After(now)
	}
	return false
}
