package sessions

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// MaxOpen is how many unfinished sessions one user may have.
const MaxOpen = 1000

// plenty is from how many on the count is taken alone, so that MaxOpen is
// exact. Below it creations do not wait for each other's commit: MaxOpen could
// be passed only by as many as lie between, all in flight at once.
const plenty = MaxOpen / 2

// afterwards is for what must be done although the request is over.
const afterwards = 30 * time.Second

// Sessions implements usecase.Sessions.
type Sessions struct {
	DB      ports.Transactor
	Blobs   ports.Blobs
	Staging ports.Staging // of the same storage
	Sniffer ports.TypeSniffer
	Clock   ports.Clock
	IDs     ports.IDs
	Log     *slog.Logger
	Limits  domain.UploadPolicy
	TTL     time.Duration // an idle session expires after it

	locks    locks
	chains   chains
	reserved reservations
	commits  groupCommit
	pace     time.Duration // instead of lifeEvery, in tests
}

var (
	_ usecase.Sessions = (*Sessions)(nil)
	_ usecase.Repair   = (*Sessions)(nil)
)

// Find implements usecase.Sessions. Who may only upload sees it too, to resume.
func (s *Sessions) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.SessionDetail, error) {
	row, err := s.find(ctx, a, id)
	if err != nil {
		return nil, err
	}
	reads := s.DB.Reads()
	d := &usecase.SessionDetail{Session: row, Hashed: hashed(row)}
	if row.FileID != nil {
		if d.File, err = reads.Files.Find(ctx, *row.FileID); err != nil {
			return nil, err
		}
	}
	if row.Mode == domain.ModeParts {
		d.Parts, err = reads.Sessions.ListParts(ctx, id)
	}
	return d, err
}

// List implements usecase.Sessions.
func (s *Sessions) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (page ports.Page[*usecase.SessionDetail], err error) {
	if err := mayLook(a); err != nil {
		return page, err
	}
	q.Owner = a.OwnerFilter()
	reads := s.DB.Reads()
	rows, err := reads.Sessions.List(ctx, q)
	if err != nil {
		return page, err
	}
	var ids []uuid.UUID
	for _, row := range rows.Items {
		if row.FileID != nil {
			ids = append(ids, *row.FileID)
		}
	}
	files, err := reads.Files.FindAll(ctx, ids)
	if err != nil {
		return page, err
	}
	page = ports.Page[*usecase.SessionDetail]{Newer: rows.Newer, Older: rows.Older, Total: rows.Total, Capped: rows.Capped}
	for _, row := range rows.Items {
		d := &usecase.SessionDetail{Session: row, Hashed: hashed(row)}
		if row.FileID != nil {
			d.File = files[*row.FileID]
		}
		page.Items = append(page.Items, d)
	}
	return page, nil
}

func (s *Sessions) find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.UploadSession, error) {
	if err := mayLook(a); err != nil {
		return nil, err
	}
	row, err := s.DB.Reads().Sessions.Find(ctx, id)
	return seen(a, row, err)
}

func mayLook(a domain.Actor) error {
	if a.Require(domain.ScopeUpload) == nil {
		return nil
	}
	return a.Require(domain.ScopeRead)
}

// lock is find inside a transaction that changes the session.
func lock(ctx context.Context, st ports.Stores, a domain.Actor, id uuid.UUID) (*domain.UploadSession, error) {
	row, err := st.Sessions.Lock(ctx, id)
	return seen(a, row, err)
}

func seen(a domain.Actor, row *domain.UploadSession, err error) (*domain.UploadSession, error) {
	if err != nil {
		return nil, err
	}
	if !a.Sees(row.UserID) {
		return nil, domain.Errorf(domain.NotFound, "There is no such upload. It may belong to somebody else.")
	}
	return row, nil
}

// DeclareSize implements usecase.Sessions. An upload that is whole by it is
// completed.
func (s *Sessions) DeclareSize(ctx context.Context, a domain.Actor, id uuid.UUID, total int64) (*domain.UploadSession, error) {
	if err := a.RequireTo(domain.MayUpload); err != nil {
		return nil, err
	}
	if total < 0 {
		return nil, domain.FieldErrorf("size", "A file has 0 bytes or more, not %d.", total)
	}
	if err := s.Limits.CheckSize(total); err != nil {
		return nil, err
	}
	var row *domain.UploadSession
	err := s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		var err error
		if row, err = lock(ctx, st, a, id); err != nil {
			return err
		}
		now, before := s.Clock.Now(), row.TotalSize
		if err := row.CheckOpen(now); err != nil {
			return err
		}
		if err := declare(row, &total, now); err != nil {
			return err
		}
		if err := s.completeIfWhole(row, now); err != nil {
			return err
		}
		if err := st.Sessions.Save(ctx, row, domain.SessionInit, domain.SessionInProgress); err != nil || before != nil {
			return err
		}
		return promise(ctx, st, a, row)
	})
	if err != nil || row.Status != domain.SessionCompleting {
		return row, err
	}
	return s.completed(ctx, row, nil)
}

// declare sets a size that was deferred, and what follows from it; nil changes
// nothing.
func declare(row *domain.UploadSession, total *int64, now time.Time) error {
	if total == nil {
		return nil
	}
	if err := row.DeclareSize(*total, now); err != nil {
		return err
	}
	if row.Mode == domain.ModeUndecided {
		row.ChunkSize = domain.ChunkSizeFor(*total)
	}
	return nil
}

// completeIfWhole moves a session in order whose last byte is durable to
// completing; a partial stays, until it is joined.
func (s *Sessions) completeIfWhole(row *domain.UploadSession, now time.Time) error {
	if row.Kind != domain.SessionWhole || row.Mode != domain.ModeSequential || !row.IsWhole() {
		return nil
	}
	return row.BeginCompletion(nil, now)
}
