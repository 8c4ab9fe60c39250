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
// storages that can read back what is not finished, and for sessions of which
// some part did not lead. One request of a session does it while the others
// send; what fails here is done by completion.
func (s *Sessions) hashAhead(ctx context.Context, id uuid.UUID, hashes *chain) {
	storage, can := s.Staging.(ports.StageReader)
	if !can {
		return
	}
	lead := hashes.tryLead()
	if lead == nil {
		return
	}
	var to prefixState
	defer func() { hashes.pass(lead, to) }()
	to, err := s.hashParts(ctx, storage, id)
	if err == nil && to != nil {
		err = s.followLinks(ctx, id, hashes, to, nil)
	}
	if err != nil && ctx.Err() == nil {
		s.Log.Warn("parts not hashed ahead", "session_id", id, "error", err)
	}
}

// hashParts returns to where the hash has come; nil when there was nothing new.
func (s *Sessions) hashParts(ctx context.Context, storage ports.StageReader, id uuid.UUID) (prefixState, error) {
	row, err := s.DB.Reads().Sessions.Find(ctx, id)
	if err != nil || row.CheckOpen(s.Clock.Now()) != nil {
		return nil, err
	}
	sum, err := readPrefix(row.HashState)
	if err != nil {
		return nil, err
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
			return nil, err
		}
		sum.length += p.Size
	}
	if sum.length == from {
		return nil, nil
	}
	state, err := sum.state()
	if err != nil {
		return nil, err
	}
	saved, err := s.keepPrefix(ctx, id, from, state)
	if !saved {
		return nil, err
	}
	return state, nil
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
func (s *Sessions) keepPrefix(ctx context.Context, id uuid.UUID, from int64, state prefixState) (saved bool, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		saved = false
		row, err := st.Sessions.Lock(ctx, id)
		if err != nil || row.CheckOpen(s.Clock.Now()) != nil {
			return err
		}
		if prefixState(row.HashState).length() != from {
			return nil
		}
		row.HashState, saved = state, true
		return st.Sessions.Save(ctx, row, domain.SessionInit, domain.SessionInProgress)
	})
	return saved && err == nil, err
}
