package sessions

import (
	"context"
	"io"

	"github.com/google/uuid"

	"doorito/app/stream"
	"doorito/domain"
	"doorito/ports"
)

// aheadParts is how many parts one request hashes ahead at most, so that its
// answer does not wait for long.
const aheadParts = 4

// hashAhead goes on with the hash of the file over parts that came out of order
// and follow on it now, so that completion has little left to read. It is for
// storages that can read back what is not finished. One request of a session
// does it while the others send; what fails here is done by completion.
func (s *Sessions) hashAhead(ctx context.Context, id uuid.UUID) {
	storage, can := s.Staging.(ports.StageReader)
	if !can {
		return
	}
	unlock, ours := s.locks.try(lockKey{id, hashing})
	if !ours {
		return
	}
	defer unlock()
	if err := s.hashParts(ctx, storage, id); err != nil && ctx.Err() == nil {
		s.Log.Warn("parts not hashed ahead", "session_id", id, "error", err)
	}
}

func (s *Sessions) hashParts(ctx context.Context, storage ports.StageReader, id uuid.UUID) error {
	row, err := s.DB.Reads().Sessions.Find(ctx, id)
	if err != nil || row.CheckOpen(s.Clock.Now()) != nil {
		return err
	}
	sum, err := readPrefix(row.HashState)
	if err != nil {
		return err
	}
	from := sum.length
	for sum.length < *row.TotalSize && sum.length-from < aheadParts*row.ChunkSize {
		p, err := s.DB.Reads().Sessions.FindPart(ctx, id, int(sum.length/row.ChunkSize)+1)
		if domain.IsCode(err, domain.NotFound) {
			break
		}
		if err == nil {
			err = hashPart(ctx, storage, row, p, sum)
		}
		if err != nil {
			return err
		}
		sum.length += p.Size
	}
	if sum.length == from {
		return nil
	}
	return s.keepPrefix(ctx, id, from, sum)
}

func hashPart(ctx context.Context, storage ports.StageReader, row *domain.UploadSession, p *domain.UploadPart, sum prefix) error {
	r, err := storage.ReadStage(ctx, row.StorageKey, row.Stage, p.Offset, p.Size)
	if err != nil {
		return err
	}
	defer r.Close()
	n, err := io.CopyBuffer(sum.hash, r, make([]byte, stream.BufferSize))
	if err == nil && n < p.Size {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// keepPrefix saves the hash, unless another process was faster or the session
// is not open any more.
func (s *Sessions) keepPrefix(ctx context.Context, id uuid.UUID, from int64, sum prefix) error {
	state, err := sum.bytes()
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		row, err := st.Sessions.Lock(ctx, id)
		if err != nil || row.CheckOpen(s.Clock.Now()) != nil {
			return err
		}
		if now, err := readPrefix(row.HashState); err != nil || now.length != from {
			return err
		}
		row.HashState = state
		return st.Sessions.Save(ctx, row, domain.SessionInit, domain.SessionInProgress)
	})
}
