package files

import (
	"context"
	"log/slog"
	"strings"

	"github.com/google/uuid"

	"doorito/app/archive"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Archives implements usecase.Archives.
type Archives struct {
	DB    ports.Transactor
	Blobs ports.Blobs
	Log   *slog.Logger
}

var _ usecase.Archives = (*Archives)(nil)

// OfBatch implements usecase.Archives.
func (s *Archives) OfBatch(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.Archive, error) {
	if err := a.RequireTo(domain.MayDownload); err != nil {
		return nil, err
	}
	b, err := (&Batches{DB: s.DB}).seen(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, a.OwnerFilter(), b)
}

// open plans the archive of those files of a batch that the owner has, nil for
// all.
func (s *Archives) open(ctx context.Context, owner *uuid.UUID, b *domain.Batch) (*usecase.Archive, error) {
	log := s.Log.With("batch_id", b.ID)
	p, err := archive.NewPlan(ctx, s.DB.Reads().Files, s.Blobs, log, b.ID, owner)
	if err != nil {
		return nil, err
	}
	if p.Len() == 0 {
		return nil, domain.Errorf(domain.Conflict, "None of this batch's files has bytes to download: they are still on their way in, failed or gone.")
	}
	return &usecase.Archive{Name: archiveName(b), Size: p.Size, Files: p.Len(), Bytes: p.Bytes, Open: p.Open}, nil
}

// archiveName is the batch's label as a file name.
func archiveName(b *domain.Batch) string {
	label := strings.NewReplacer("/", "-", `\`, "-", ":", "-").Replace(b.Label)
	if r := []rune(label); len(r) > 60 {
		label = string(r[:60])
	}
	name, err := domain.CleanFilename(label + ".zip")
	if err != nil || strings.TrimSpace(label) == "" {
		return "batch-" + b.ID.String()[28:] + ".zip"
	}
	return name
}
