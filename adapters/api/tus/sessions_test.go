package tus_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/system"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

const ttl = 24 * time.Hour

var _ usecase.Sessions = (*sessions)(nil)

// sessions stands in for the use case: bytes in memory, the same promises.
type sessions struct {
	clock ports.Clock
	mu    sync.Mutex
	all   map[uuid.UUID]*kept
}

type kept struct {
	domain.UploadSession
	in    usecase.SessionInput
	bytes []byte
	file  *domain.File
	parts []*domain.UploadPart
}

func newSessions(clock ports.Clock) *sessions {
	return &sessions{clock: clock, all: map[uuid.UUID]*kept{}}
}

func (s *sessions) Create(_ context.Context, a domain.Actor, in usecase.SessionInput) (*domain.UploadSession, bool, error) {
	if err := a.Require(domain.ScopeUpload); err != nil {
		return nil, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.all {
		if in.IdempotencyKey != "" && k.IdempotencyKey == in.IdempotencyKey {
			return k.copy(), false, nil
		}
	}
	k, err := s.add(a, in)
	if err != nil {
		return nil, false, err
	}
	return k.copy(), true, nil
}

func (s *sessions) CreateAll(ctx context.Context, a domain.Actor, in []usecase.SessionInput) []usecase.Creation {
	out := make([]usecase.Creation, len(in))
	for i := range in {
		out[i].Session, out[i].Created, out[i].Err = s.Create(ctx, a, in[i])
	}
	return out
}

func (s *sessions) add(a domain.Actor, in usecase.SessionInput) (*kept, error) {
	now := s.clock.Now()
	made, err := domain.NewUploadSession(system.IDs{}.New(), in.Kind, in.Size, &a.UserID, ttl, now)
	if err != nil {
		return nil, err
	}
	made.IdempotencyKey, made.Metadata = in.IdempotencyKey, in.Declared
	k := &kept{UploadSession: *made, in: in}
	if in.Kind != domain.SessionPartial {
		name, err := domain.CleanFilename(in.Name)
		if err != nil {
			return nil, err
		}
		k.file = domain.NewFile(system.IDs{}.New(), name, &a.UserID, in.BatchID, now)
		k.file.Metadata = in.Metadata
	}
	s.all[k.ID] = k
	return k, nil
}

func (k *kept) copy() *domain.UploadSession {
	c := k.UploadSession
	return &c
}

func (s *sessions) Join(_ context.Context, a domain.Actor, in usecase.SessionInput, partials []uuid.UUID) (*domain.UploadSession, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []byte
	for _, id := range partials {
		k, err := s.seen(a, id)
		if err != nil {
			return nil, err
		}
		if k.Kind != domain.SessionPartial || !k.IsWhole() {
			return nil, domain.Errorf(domain.Conflict, "One of these is not a whole partial upload.")
		}
		all = append(all, k.bytes...)
	}
	size := int64(len(all))
	in.Size = &size
	k, err := s.add(a, in)
	if err != nil {
		return nil, err
	}
	k.bytes, k.BytesReceived = all, size
	return k.copy(), s.settle(k)
}

func (s *sessions) seen(a domain.Actor, id uuid.UUID) (*kept, error) {
	k := s.all[id]
	if k == nil || !a.Sees(k.UserID) {
		return nil, domain.Errorf(domain.NotFound, "There is no such upload.")
	}
	return k, nil
}

func (s *sessions) Find(_ context.Context, a domain.Actor, id uuid.UUID) (*usecase.SessionDetail, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.seen(a, id)
	if err != nil {
		return nil, err
	}
	return &usecase.SessionDetail{Session: k.copy(), File: k.file, Parts: k.parts}, nil
}

func (s *sessions) List(context.Context, domain.Actor, ports.ListQuery) (ports.Page[*usecase.SessionDetail], error) {
	return ports.Page[*usecase.SessionDetail]{}, nil
}

func (s *sessions) DeclareSize(_ context.Context, a domain.Actor, id uuid.UUID, total int64) (*domain.UploadSession, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.seen(a, id)
	if err == nil {
		err = k.DeclareSize(total, s.clock.Now())
	}
	if err != nil {
		return nil, err
	}
	return k.copy(), nil
}

// open begins a write: who wrote before can write no more.
func (s *sessions) open(a domain.Actor, id uuid.UUID, in usecase.AppendInput) (*kept, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.seen(a, id)
	if err == nil {
		err = k.CheckOpen(s.clock.Now())
	}
	if err == nil && in.Offset != k.BytesReceived {
		err = domain.Errorf(domain.Conflict, "The upload is at %d bytes, not at %d.", k.BytesReceived, in.Offset)
	}
	if err == nil && k.TotalSize != nil && in.Offset+in.Size > *k.TotalSize {
		err = domain.Errorf(domain.TooLarge, "That is more than the upload has.")
	}
	if err == nil {
		err = k.Use(domain.ModeSequential)
	}
	if err != nil {
		return nil, 0, err
	}
	k.Epoch++
	return k, k.Epoch, nil
}

func (s *sessions) Append(_ context.Context, a domain.Actor, id uuid.UUID, in usecase.AppendInput) (*domain.UploadSession, error) {
	k, epoch, err := s.open(a, id, in)
	if err != nil {
		return nil, err
	}
	if in.Checksum != nil {
		return s.appendWhole(k, epoch, in)
	}
	buf := make([]byte, 1<<10)
	for {
		n, rerr := in.Body.Read(buf)
		if err := s.put(k, epoch, buf[:n]); err != nil {
			return nil, err
		}
		if rerr != nil {
			return s.close(k, rerr)
		}
	}
}

// appendWhole is Append with a checksum.
func (s *sessions) appendWhole(k *kept, epoch int64, in usecase.AppendInput) (*domain.UploadSession, error) {
	all, err := io.ReadAll(in.Body)
	in.Checksum.Write(all)
	if err == nil && !bytes.Equal(in.Checksum.Sum(nil), in.Sum()) {
		return nil, domain.FieldErrorf("checksum", "The checksum does not match.")
	}
	if err == nil {
		if err := s.put(k, epoch, all); err != nil {
			return nil, err
		}
		err = io.EOF
	}
	return s.close(k, err)
}

func (s *sessions) put(k *kept, epoch int64, piece []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.Epoch != epoch {
		return domain.Errorf(domain.Conflict, "Another request writes this upload now.")
	}
	if k.TotalSize != nil && int64(len(k.bytes)+len(piece)) > *k.TotalSize {
		return domain.Errorf(domain.TooLarge, "That is more than the upload has.")
	}
	k.bytes = append(k.bytes, piece...)
	k.BytesReceived = int64(len(k.bytes))
	k.ExpiresAt = s.clock.Now().Add(ttl)
	return nil
}

func (s *sessions) close(k *kept, ended error) (*domain.UploadSession, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var known *domain.Error
	switch {
	case ended != io.EOF && errors.As(ended, &known):
		return k.copy(), known
	case ended != io.EOF:
		e := domain.WrapError(domain.Invalid, ended, "The connection broke. Go on from the offset.")
		e.Field = "body"
		return k.copy(), e
	case k.IsWhole():
		err := s.settle(k)
		return k.copy(), err
	}
	return k.copy(), nil
}

// settle stores the file; a partial stays as it is.
func (s *sessions) settle(k *kept) error {
	if k.Kind == domain.SessionPartial {
		return nil
	}
	k.Status = domain.SessionComplete
	_, err := k.file.Store(k.BytesReceived, "", "text/plain", time.Hour, s.clock.Now())
	return err
}

func (s *sessions) PutPart(context.Context, domain.Actor, uuid.UUID, usecase.PartInput) (*domain.UploadPart, error) {
	return nil, domain.Errorf(domain.Conflict, "No parts here.")
}

func (s *sessions) Complete(context.Context, domain.Actor, uuid.UUID, string) (*domain.File, error) {
	return nil, domain.Errorf(domain.Conflict, "Complete by its last byte.")
}

func (s *sessions) Abort(_ context.Context, a domain.Actor, id uuid.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.seen(a, id)
	if err != nil {
		return err
	}
	return k.End(domain.SessionAborted, "Terminated.", s.clock.Now())
}

// Delete is that of usecase.Files.
func (s *sessions) Delete(_ context.Context, _ domain.Actor, ids []uuid.UUID) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, k := range s.all {
		if k.file != nil && slices.Contains(ids, k.file.ID) {
			k.file.Status = domain.FileDeleted
			n++
		}
	}
	return n, nil
}

// at returns the upload at a path.
func (s *sessions) at(path string) kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.all[uuid.MustParse(path[len("/files/"):])]
}

// change alters the upload at a path.
func (s *sessions) change(path string, f func(*kept)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.all[uuid.MustParse(path[len("/files/"):])])
}
