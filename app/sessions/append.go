package sessions

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/google/uuid"

	"doorito/app/stream"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// every is how long bytes wait for a checkpoint at most, while none is being made.
const every = time.Second

// Append implements usecase.Sessions. After a body that broke off the session
// comes back beside the error.
func (s *Sessions) Append(ctx context.Context, a domain.Actor, id uuid.UUID, in usecase.AppendInput) (*domain.UploadSession, error) {
	if err := a.RequireTo(domain.MayUpload); err != nil {
		return nil, err
	}
	if w := takeWhole(&in); w != nil {
		if row, err := s.appendWhole(ctx, a, id, w); row != nil || err != nil {
			return row, err
		}
	}
	// What is under way when the request ends may still be written and saved.
	lasting, cancel := linger(ctx, afterwards)
	defer cancel()
	row, w, err := s.open(ctx, lasting, a, id, in)
	if err != nil {
		return nil, err
	}
	if w == nil {
		return s.completed(ctx, row, nil)
	}
	defer w.Close()
	res, err := s.write(ctx, a, w, row, in)
	var broken *stream.Broken
	switch off := errors.As(err, &broken); {
	case row.Status == domain.SessionCompleting && (err == nil || off):
		return s.completed(ctx, row, knownHead(row, res.Head))
	case err == nil:
		return row, nil
	case off:
		return row, brokenOff(broken.Err, row)
	case domain.IsCode(err, domain.UnsupportedType):
		s.refuse(ctx, id, err)
		return nil, err
	}
	return nil, s.because(ctx, id, err)
}

// open takes the session over and opens the storage at its offset. No writer
// means that all bytes are here.
func (s *Sessions) open(ctx, lasting context.Context, a domain.Actor, id uuid.UUID, in usecase.AppendInput) (*domain.UploadSession, ports.StageWriter, error) {
	unlock, err := s.locks.lock(ctx, lockKey{id, opening})
	if err != nil {
		return nil, nil, err
	}
	defer unlock()
	row, err := s.take(ctx, a, id, in)
	if err != nil || row.Status != domain.SessionInProgress {
		return row, nil, err
	}
	if row.Stage == nil {
		if row.Stage, err = s.Staging.Begin(ctx, row.StorageKey, size(row)); err != nil {
			return nil, nil, err
		}
	}
	w, err := s.Staging.Append(lasting, row.StorageKey, row.Stage, row.BytesReceived)
	return row, w, err
}

// take raises the epoch, if the request fits to where the session is.
func (s *Sessions) take(ctx context.Context, a domain.Actor, id uuid.UUID, in usecase.AppendInput) (*domain.UploadSession, error) {
	var row *domain.UploadSession
	err := s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		var err error
		if row, err = lock(ctx, st, a, id); err != nil {
			return err
		}
		now := s.Clock.Now()
		if row.Kind == domain.SessionFinal {
			return domain.Errorf(domain.Forbidden, "A final upload takes no bytes of its own. Join partial ones.")
		}
		done := row.Status == domain.SessionCompleting || row.Status == domain.SessionComplete
		if done && in.Size == 0 && in.Offset == row.BytesReceived {
			return nil // the answer to the last byte was lost
		}
		if err := row.CheckOpen(now); err != nil {
			return err
		}
		if err := s.fits(row, in); err != nil {
			return err
		}
		if row, err = st.Sessions.Take(ctx, id, now); err != nil {
			return err
		}
		if err := declare(row, in.Total, now); err != nil {
			return err
		}
		if err := row.Use(domain.ModeSequential); err != nil {
			return err
		}
		row.ExpiresAt = now.Add(s.TTL)
		if err := st.Sessions.Save(ctx, row, domain.SessionInit, domain.SessionInProgress); err != nil || in.Total == nil {
			return err
		}
		return promise(ctx, st, a, row)
	})
	return row, err
}

// fits compares a request with where the session is, before anybody is
// interrupted for it.
func (s *Sessions) fits(row *domain.UploadSession, in usecase.AppendInput) error {
	if row.Mode == domain.ModeParts {
		return row.Use(domain.ModeSequential)
	}
	if in.Offset != row.BytesReceived {
		return domain.Errorf(domain.Conflict, "The upload is at byte %d, not at %d. Go on from there.", row.BytesReceived, in.Offset)
	}
	if in.Total != nil {
		if err := s.Limits.CheckSize(*in.Total); err != nil {
			return err
		}
		next := *row
		if err := declare(&next, in.Total, row.UpdatedAt); err != nil {
			return err
		}
		row = &next
	}
	if in.Size < 0 {
		return nil
	}
	if row.TotalSize != nil && in.Size > *row.TotalSize-in.Offset {
		return tooMuch(row)
	}
	return s.Limits.CheckSize(in.Offset + in.Size)
}

// write streams the body; row follows its checkpoints.
func (s *Sessions) write(ctx context.Context, a domain.Actor, w ports.StageWriter, row *domain.UploadSession, in usecase.AppendInput) (stream.Resumed, error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	name := ""
	if row.FileID != nil && row.BytesReceived == 0 {
		file, err := s.DB.Reads().Files.Find(ctx, *row.FileID)
		if err != nil {
			return stream.Resumed{}, err
		}
		name = file.OriginalFilename
	}
	if in.Saved != nil {
		in.Saved = s.sparingly(in.Saved, in.Offset+in.Size)
	}
	opt := stream.Resumption{
		Offset: row.BytesReceived, State: row.HashState, Size: in.Size, Limit: s.Limits.MaxSize,
		Also: in.Checksum, OnlyAtEnd: in.Checksum != nil, Tick: tick.C,
		Save: func(ctx context.Context, c stream.Checkpoint) error { return s.save(ctx, a, row, c, in) },
	}
	if row.TotalSize != nil {
		opt.Limit = *row.TotalSize
	}
	if name != "" {
		policy, err := s.policy(ctx, a, row)
		if err != nil {
			return stream.Resumed{}, err
		}
		opt.Head = func(head []byte) error { return s.checkHead(policy, row, name, head) }
	}
	if in.Checksum != nil {
		opt.Verify = func() error { return verify(in) }
	}
	res, err := stream.Resume(ctx, w, in.Body, opt)
	if errors.Is(err, stream.ErrTooMuch) {
		err = tooMuch(row)
		if row.TotalSize == nil {
			err = s.Limits.CheckSize(s.Limits.MaxSize + 1)
		}
	}
	return res, err
}

// sparingly calls told once a second at most, and at the end: clients bound what
// they take of interim answers.
func (s *Sessions) sparingly(told func(offset int64), end int64) func(offset int64) {
	var last time.Time
	return func(offset int64) {
		if now := s.Clock.Now(); offset == end || now.Sub(last) >= every {
			last = now
			told(offset)
		}
	}
}

// save writes a checkpoint down; the one that makes the upload whole begins
// its completion, unless that is held back. Conflict when somebody else has
// taken over or ended it.
func (s *Sessions) save(ctx context.Context, a domain.Actor, row *domain.UploadSession, c stream.Checkpoint, in usecase.AppendInput) error {
	now := s.Clock.Now()
	next := *row
	next.Advance(c.Offset, c.State, c.Stage, s.TTL, now)
	if !in.Hold {
		if err := s.completeIfWhole(&next, now); err != nil {
			return err
		}
	}
	if err := s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		if err := st.Sessions.Save(ctx, &next, domain.SessionInProgress); err != nil || next.TotalSize != nil {
			return err
		}
		return promise(ctx, st, a, &next) // what declares no size was promised nothing before
	}); err != nil {
		return err
	}
	*row = next
	if in.Saved != nil {
		in.Saved(c.Offset)
	}
	return nil
}

// because says what became of a session whose writer was stopped.
func (s *Sessions) because(ctx context.Context, id uuid.UUID, err error) error {
	if !domain.IsCode(err, domain.Conflict) {
		return err
	}
	row, rerr := s.DB.Reads().Sessions.Find(context.WithoutCancel(ctx), id)
	if rerr != nil {
		return err
	}
	switch row.Status {
	case domain.SessionComplete, domain.SessionAborted, domain.SessionFailed:
		s.discardLate(ctx, row)
	}
	if ended := row.CheckOpen(s.Clock.Now()); ended != nil {
		return ended
	}
	return err
}

// discardLate removes the stage that a request began after another process had
// finished or ended the upload.
func (s *Sessions) discardLate(ctx context.Context, row *domain.UploadSession) {
	if err := s.Staging.Discard(context.WithoutCancel(ctx), row.StorageKey, row.Stage); err != nil {
		s.Log.Error("pieces of a finished upload not removed", "session_id", row.ID, "error", err)
	}
}

func verify(in usecase.AppendInput) error {
	if subtle.ConstantTimeCompare(in.Checksum.Sum(nil), in.Sum()) == 1 {
		return nil
	}
	return domain.FieldErrorf("checksum", "The bytes do not match their checksum and were dropped. Send them again.")
}

func tooMuch(row *domain.UploadSession) error {
	return &domain.Error{Code: domain.TooLarge, Field: "size", Message: "These are more bytes than the " + domain.FormatBytes(size(row)) + " that were declared. Send as many as declared, or start a new upload."}
}

// size is the declared one, -1 while it is deferred.
func size(row *domain.UploadSession) int64 {
	if row.TotalSize == nil {
		return -1
	}
	return *row.TotalSize
}

// brokenOff says how far the upload came; what the body itself has to say
// comes back as it is.
func brokenOff(err error, row *domain.UploadSession) error {
	var e *domain.Error
	if errors.As(err, &e) {
		return err
	}
	return &domain.Error{Code: domain.Invalid, Field: "body", Message: "The connection broke; " + domain.FormatBytes(row.BytesReceived) + " are safely here. Go on from there."}
}

// linger is ctx that ends a while after it.
func linger(ctx context.Context, while time.Duration) (context.Context, context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(while, cancel)
		context.AfterFunc(lasting, func() { t.Stop() })
	})
	return lasting, func() { stop(); cancel() }
}
