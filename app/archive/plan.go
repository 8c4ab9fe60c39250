package archive

import (
	"context"
	"hash/maphash"
	"io"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// pageTimeout bounds the read of one page of rows.
const pageTimeout = 30 * time.Second

// Files is where the rows are read.
type Files interface {
	List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.File], error)
	FindAll(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.File, error)
}

// Plan is an archive that can be read: what is in it, and how long it is.
type Plan struct {
	Size  int64 // bytes of the archive
	Bytes int64 // of its files

	files Files
	blobs ports.Blobs
	log   *slog.Logger
	ids   []uuid.UUID
	seed  maphash.Seed
}

// NewPlan settles which files the archive has: those that the query finds and
// that have bytes, oldest first.
func NewPlan(ctx context.Context, files Files, blobs ports.Blobs, log *slog.Logger, q ports.ListQuery) (*Plan, error) {
	p := &Plan{files: files, blobs: blobs, log: log, seed: maphash.MakeSeed()}
	q.Oldest, q.Limit = true, ports.MaxPageSize
	names := newNames(p.seed)
	var central int64
	for {
		page, err := p.page(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, f := range page.Items {
			q.After = &ports.Cursor{At: f.CreatedAt, ID: f.ID}
			if !f.HasBytes() {
				continue
			}
			e := entryOf(f, names)
			e.offset = p.Size
			p.ids = append(p.ids, f.ID)
			p.Size += e.localSize()
			p.Bytes += f.SizeBytes
			central += e.centralSize()
		}
		if !page.Older || len(page.Items) == 0 {
			break
		}
	}
	p.Size += central + endSize(len(p.ids), p.Size, central)
	return p, nil
}

func (p *Plan) page(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.File], error) {
	ctx, cancel := context.WithTimeout(ctx, pageTimeout)
	defer cancel()
	return p.files.List(ctx, q)
}

// Len is how many files it has.
func (p *Plan) Len() int { return len(p.ids) }

// Open makes the archive while it is read. ctx bounds all of it; whoever reads
// closes it, which ends what is under way.
func (p *Plan) Open(ctx context.Context) io.ReadCloser { return newReader(ctx, p) }

func entryOf(f *domain.File, names *names) entry {
	e := entry{name: names.take(f.Metadata["path"], f.OriginalFilename), size: f.SizeBytes, at: f.CreatedAt}
	if f.StoredAt != nil {
		e.at = *f.StoredAt
	}
	return e
}
