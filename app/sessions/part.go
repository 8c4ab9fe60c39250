package sessions

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"

	"doorito/app/stream"
	"doorito/app/stream/digest"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// PutPart implements usecase.Sessions.
func (s *Sessions) PutPart(ctx context.Context, a domain.Actor, id uuid.UUID, in usecase.PartInput) (*domain.UploadPart, error) {
	if err := a.RequireTo(domain.MayUpload); err != nil {
		return nil, err
	}
	row, err := s.find(ctx, a, id)
	if err != nil {
		return nil, err
	}
	p, err := s.expect(row, in)
	if err != nil {
		return nil, err
	}
	if row, err = s.openParts(ctx, row); err != nil {
		return nil, err
	}
	turn, err := s.locks.newest(ctx, lockKey{id, in.Number})
	if err != nil {
		return nil, err
	}
	defer turn.leave()
	if got, err := s.DB.Reads().Sessions.FindPart(ctx, id, in.Number); err == nil {
		return compare(got, in)
	} else if !domain.IsCode(err, domain.NotFound) {
		return nil, err
	}
	saved := prefixState(row.HashState)
	hashes := s.chains.join(saved, id, row.BytesReceived > saved.length())
	defer hashes.leave()
	hash := &partHash{ctx: ctx, part: p, chunk: row.ChunkSize, sum: digest.New(), chain: hashes}
	link, err := s.writePart(ctx, a, row, in, hash, turn)
	if err != nil {
		if domain.IsCode(err, domain.UnsupportedType) {
			s.refuse(ctx, id, err)
			return nil, err
		}
		return nil, s.because(ctx, id, err)
	}
	// Another request with this number may have begun to write over it.
	var got *domain.UploadPart
	err = turn.ifStillOurs(ctx, func() error {
		var err error
		got, err = s.record(ctx, p, hashes, link)
		return err
	})
	if err == nil {
		s.hashAhead(ctx, id, hashes)
	}
	return got, err
}

// expect makes the part as the session wants it.
func (s *Sessions) expect(row *domain.UploadSession, in usecase.PartInput) (*domain.UploadPart, error) {
	now := s.Clock.Now()
	if err := row.CheckOpen(now); err != nil {
		return nil, err
	}
	if row.Kind != domain.SessionWhole || row.Mode == domain.ModeSequential {
		return nil, domain.Errorf(domain.Conflict, "This upload is written in sequential mode and takes no parts. Go on at its offset, or start a new one.")
	}
	offset, want, err := row.PartRange(in.Number)
	if err != nil {
		return nil, err
	}
	if in.Place != nil {
		if err := row.CheckPlace(in.Number, *in.Place); err != nil {
			return nil, err
		}
	}
	if in.Size >= 0 && in.Size != want {
		return nil, wrongSize(in.Number, want)
	}
	return &domain.UploadPart{ID: s.IDs.New(), SessionID: row.ID, Number: in.Number, Offset: offset, Size: want, CreatedAt: now, UpdatedAt: now}, nil
}

func wrongSize(number int, want int64) error {
	return domain.FieldErrorf("size", "Part %d has %d bytes. Send exactly these.", number, want)
}

// openParts makes sure that mode and stage are decided and committed before
// the first byte of a part.
func (s *Sessions) openParts(ctx context.Context, row *domain.UploadSession) (*domain.UploadSession, error) {
	if row.Mode == domain.ModeParts && row.Stage != nil {
		return row, nil
	}
	unlock, err := s.locks.lock(ctx, lockKey{row.ID, opening})
	if err != nil {
		return nil, err
	}
	defer unlock()
	if row, err = s.DB.Reads().Sessions.Find(ctx, row.ID); err != nil || row.Stage != nil && row.Mode == domain.ModeParts {
		return row, err
	}
	if err := row.Use(domain.ModeParts); err != nil { // somebody began in order meanwhile
		return nil, err
	}
	stage, err := s.Staging.Begin(ctx, row.StorageKey, size(row))
	if err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		var err error
		if row, err = st.Sessions.Lock(ctx, row.ID); err != nil {
			return err
		}
		if err := row.CheckOpen(s.Clock.Now()); err != nil {
			return err
		}
		if err := row.Use(domain.ModeParts); err != nil {
			return err
		}
		if row.Stage == nil {
			row.Stage = stage
		}
		return st.Sessions.Save(ctx, row, domain.SessionInit, domain.SessionInProgress)
	})
	// Where another process was first, our stage is unused, and goes when the
	// file's bytes go: discarding it now could hit the other.
	return row, err
}

// writePart streams the body into the storage and notes hash and tag. A part
// that took the file's hash along returns its link.
func (s *Sessions) writePart(ctx context.Context, a domain.Actor, row *domain.UploadSession, in usecase.PartInput, hash *partHash, turn *turn) (passed *link, err error) {
	body, p := turn.while(in.Body), hash.part
	if p.Number == 1 {
		if body, err = s.checkFirst(ctx, a, row, p, body); err != nil {
			return nil, err
		}
	}
	defer func() { passed = hash.end() }()
	var tag string
	err = stream.Feed(ctx, io.LimitReader(body, p.Size), hash, func(r io.Reader) error {
		var err error
		tag, err = s.Staging.WritePart(ctx, row.StorageKey, row.Stage, p.Number, p.Offset, p.Size, entering{gated{r, turn}})
		return err
	})
	if err != nil {
		return nil, partBroke(err, p)
	}
	if n, err := body.Read(make([]byte, 1)); n > 0 {
		return nil, wrongSize(p.Number, p.Size)
	} else if err != nil && err != io.EOF {
		return nil, partBroke(err, p)
	}
	p.Tag, p.SHA256 = tag, hex.EncodeToString(hash.sum.Sum(nil))
	if err := checkPart(in, p.SHA256); err != nil {
		return nil, err
	}
	return nil, nil
}

// checkFirst looks at the file's beginning, and returns the body with it.
func (s *Sessions) checkFirst(ctx context.Context, a domain.Actor, row *domain.UploadSession, p *domain.UploadPart, body io.Reader) (io.Reader, error) {
	whole := bufio.NewReaderSize(body, ports.SniffLength+1)
	head, err := whole.Peek(int(min(ports.SniffLength, p.Size)))
	if err != nil && err != io.EOF {
		return nil, partBroke(err, p)
	}
	file, err := s.DB.Reads().Files.Find(ctx, *row.FileID)
	if err != nil {
		return nil, err
	}
	policy, err := s.policy(ctx, a, row)
	if err != nil {
		return nil, err
	}
	return whole, s.checkHead(policy, row, file.OriginalFilename, head)
}

// checkPart compares with what the client said of the part.
func checkPart(in usecase.PartInput, sum string) error {
	if in.SHA256 == nil || hex.EncodeToString(in.SHA256) == sum {
		return nil
	}
	return domain.NewWrongSum("checksum", sum, hex.EncodeToString(in.SHA256), fmt.Sprintf("Part %d arrived with the SHA-256 %%s, not %%s as declared, so it was dropped. Send it again.", in.Number))
}

// compare reads a part that is here already, without writing.
func compare(got *domain.UploadPart, in usecase.PartInput) (*domain.UploadPart, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(in.Body, got.Size+1))
	if err != nil {
		return nil, partBroke(err, got)
	}
	switch {
	case n < got.Size:
		return nil, partBroke(io.ErrUnexpectedEOF, got)
	case n > got.Size:
		return nil, wrongSize(got.Number, got.Size)
	}
	came := hex.EncodeToString(sum.Sum(nil))
	if err := checkPart(in, came); err != nil {
		return nil, err
	}
	if came != got.SHA256 {
		return nil, otherContent(got.Number)
	}
	return got, nil
}

func otherContent(number int) error {
	return domain.Errorf(domain.Conflict, "Part %d is here already, with other content. Start a new upload if the file has changed.", number)
}

// partBroke is about the body; storage speaks domain.Error.
func partBroke(err error, p *domain.UploadPart) error {
	var e *domain.Error
	if errors.As(err, &e) {
		return err
	}
	return domain.FieldErrorf("body", "The connection broke before the %d bytes of part %d were here. Send the part again.", p.Size, p.Number)
}
