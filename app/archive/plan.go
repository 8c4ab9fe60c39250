package archive

import (
	"context"
	"hash/maphash"
	"io"
	"log/slog"

	"github.com/google/uuid"

	"doorito/ports"
)

// Files is where the rows are read.
type Files interface {
	Contents(ctx context.Context, batch uuid.UUID, owner *uuid.UUID, after *ports.Cursor, limit int) ([]ports.FileContent, error)
}

// Plan is an archive that can be read: what is in it, and how long it is.
type Plan struct {
	Size  int64 // bytes of the archive
	Bytes int64 // of its files

	files Files
	blobs ports.Blobs
	log   *slog.Logger
	batch uuid.UUID
	owner *uuid.UUID
	ids   []uuid.UUID
	seed  maphash.Seed

	central int64 // bytes of its central directory
}

// NewPlan settles which files the archive has: those of the batch (that the
// owner has, nil for all) that have bytes now, the oldest first.
func NewPlan(ctx context.Context, files Files, blobs ports.Blobs, log *slog.Logger, batch uuid.UUID, owner *uuid.UUID) (*Plan, error) {
	p := &Plan{files: files, blobs: blobs, log: log, batch: batch, owner: owner, seed: maphash.MakeSeed()}
	w, names := &walk{plan: p}, newNames(p.seed)
	for {
		rows, err := w.rows(ctx)
		if err != nil {
			return nil, err
		}
		for _, f := range rows {
			e := entryOf(f, names)
			e.offset = p.Size
			p.ids = append(p.ids, f.ID)
			p.Size += e.localSize()
			p.Bytes += f.SizeBytes
			p.central += e.centralSize()
		}
		if len(rows) < rowsAtOnce {
			break
		}
	}
	p.Size += p.central + endSize(len(p.ids), p.Size, p.central)
	return p, nil
}

// Len is how many files it has.
func (p *Plan) Len() int { return len(p.ids) }

// Open makes the archive while it is read. ctx bounds all of it; whoever reads
// closes it, which ends what is under way.
func (p *Plan) Open(ctx context.Context) io.ReadCloser { return newReader(ctx, p) }

func entryOf(f ports.FileContent, names *names) entry {
	return entry{name: names.take(f.Folder, f.Name), size: f.SizeBytes, at: f.StoredAt}
}
