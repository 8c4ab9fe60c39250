package sessions

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"doorito/app/files"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// maxPartials bounds what one final is made of.
const maxPartials = 1000

// Join implements usecase.Sessions. The partials stay until they expire, so
// they may be joined again. Conflict for one that is not partial or not whole,
// NotFound for one that is not the actor's.
func (s *Sessions) Join(ctx context.Context, a domain.Actor, in usecase.SessionInput, partials []uuid.UUID) (*domain.UploadSession, error) {
	if err := a.RequireTo(domain.MayUpload); err != nil {
		return nil, err
	}
	if n := len(partials); n == 0 || n > maxPartials {
		return nil, domain.FieldErrorf("partials", "A final upload is made of 1 to %d partial ones, not %d.", maxPartials, n)
	}
	in.Kind, in.Size = domain.SessionFinal, nil
	row, file, err := s.draft(a, in)
	if err != nil {
		return nil, err
	}
	// The sources are kept where other sessions keep the storage's note, so
	// that another process can go on.
	if row.Stage, err = json.Marshal(partials); err != nil {
		return nil, err
	}
	err = s.insertOne(ctx, func(ctx context.Context, st ports.Stores, alone bool) error {
		total, held, err := s.hold(ctx, st, a, partials)
		if err != nil {
			return err
		}
		next := *row
		next.TotalSize, next.BytesReceived, next.ChunkSize = &total, total, domain.ChunkSizeFor(total)
		if err := next.Use(domain.ModeSequential); err != nil {
			return err
		}
		if err := next.BeginCompletion(nil, s.Clock.Now()); err != nil {
			return err
		}
		if err := s.insert(ctx, st, a, &next, file, alone); err != nil {
			return err
		}
		// The file takes the room of its partials, although they go on counting
		// until they are deleted or expire.
		return files.CheckQuota(ctx, st, row.UserID, a.Allowance, total, total+held)
	})
	if err != nil {
		return s.again(ctx, row, file, err)
	}
	return s.completed(ctx, row, nil)
}

// hold checks the partials, keeps them for as long again, and adds them up: all
// as often as they are joined, and each once. They are locked in one order for all.
func (s *Sessions) hold(ctx context.Context, st ports.Stores, a domain.Actor, partials []uuid.UUID) (total, held int64, err error) {
	sorted := slices.Clone(partials)
	slices.SortFunc(sorted, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	now := s.Clock.Now()
	sizes := map[uuid.UUID]int64{}
	for _, id := range slices.Compact(sorted) {
		p, err := lock(ctx, st, a, id)
		if err != nil {
			return 0, 0, err
		}
		if p.Kind != domain.SessionPartial {
			return 0, 0, domain.Errorf(domain.Conflict, "Only partial uploads can be joined; one of these is %s.", p.Kind)
		}
		if err := p.CheckOpen(now); err != nil {
			return 0, 0, err
		}
		if !p.IsWhole() {
			return 0, 0, domain.Errorf(domain.Conflict, "One of the partial uploads has only %d bytes yet. Send the rest, then join them.", p.BytesReceived)
		}
		sizes[id] = p.BytesReceived
		held += p.BytesReceived
		p.ExpiresAt = now.Add(s.TTL)
		if err := st.Sessions.Save(ctx, p, domain.SessionInit, domain.SessionInProgress); err != nil {
			return 0, 0, err
		}
	}
	for _, id := range partials {
		if total += sizes[id]; total > s.Limits.MaxSize {
			return 0, 0, s.Limits.CheckSize(total)
		}
	}
	return total, held, nil
}

// sources are the partials of a final that hold something.
func (s *Sessions) sources(ctx context.Context, row *domain.UploadSession) ([]ports.JoinSource, error) {
	var ids []uuid.UUID
	if err := json.Unmarshal(row.Stage, &ids); err != nil {
		return nil, err
	}
	var out []ports.JoinSource
	for _, id := range ids {
		p, err := s.DB.Reads().Sessions.Find(ctx, id)
		if domain.IsCode(err, domain.NotFound) {
			return nil, domain.Errorf(domain.Expired, "The partial uploads are gone. Start a new upload.")
		}
		if err != nil {
			return nil, err
		}
		if p.BytesReceived > 0 {
			out = append(out, ports.JoinSource{Key: p.StorageKey, Stage: p.Stage, Size: p.BytesReceived})
		}
	}
	return out, nil
}
