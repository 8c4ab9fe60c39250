package portstest

import (
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// contentsOfABatch has two files of one moment, which come by their ids, files
// without bytes between the others, and one of somebody else.
func contentsOfABatch(s *store) {
	ann, ben := s.user(), s.user()
	b, other := s.batch(&ann.ID, noon), s.batch(&ann.ID, noon)
	n := 0
	add := func(change func(f *domain.File)) *domain.File {
		n++
		return s.file(func(f *domain.File) {
			f.BatchID, f.UploadedBy, f.Status, f.SizeBytes = &b.ID, &ann.ID, domain.FileStored, int64(n)
			f.CreatedAt = noon.Add(time.Duration(n/2) * time.Microsecond)
			f.StoredAt = ptr(f.CreatedAt.Add(time.Hour))
			change(f)
		})
	}
	kept := []*domain.File{
		add(func(f *domain.File) { f.OriginalFilename = "Überweisung '1'.pdf" }),
		add(func(f *domain.File) { f.Metadata = map[string]string{"path": `scans/"May"`, "note": "x"} }),
	}
	add(func(f *domain.File) { f.Status, f.StoredAt = domain.FileUploading, nil })
	add(func(f *domain.File) { f.Status, f.StoredAt = domain.FileFailed, nil })
	add(func(f *domain.File) { f.Status = domain.FileDeleted })
	add(func(f *domain.File) { f.PurgedAt = ptr(noon) })
	add(func(f *domain.File) { f.BatchID = &other.ID })
	kept = append(kept,
		add(func(f *domain.File) { f.Status = domain.FileProcessed }),
		add(func(f *domain.File) { f.Status = domain.FileFailed }),
		add(func(f *domain.File) { f.UploadedBy = &ben.ID }))

	whole := func(owner *uuid.UUID, limit int) (out []ports.FileContent) {
		var after *ports.Cursor
		for {
			page, err := s.db.Reads().Files.Contents(s.ctx, b.ID, owner, after, limit)
			s.ok(err)
			if len(page) == 0 {
				return out
			}
			out = append(out, page...)
			last := page[len(page)-1]
			after = &ports.Cursor{At: last.CreatedAt, ID: last.ID}
		}
	}
	var all, hers []ports.FileContent
	for _, f := range kept {
		c := ports.FileContent{
			ID: f.ID, Name: f.OriginalFilename, Folder: f.Metadata["path"], SizeBytes: f.SizeBytes,
			StorageKey: f.StorageKey, StoredAt: *f.StoredAt, CreatedAt: f.CreatedAt,
		}
		if all = append(all, c); *f.UploadedBy == ann.ID {
			hers = append(hers, c)
		}
		want(s, "has bytes", f.HasBytes(), true)
	}
	for limit := 1; limit <= len(all); limit++ {
		want(s, "all", whole(nil, limit), all)
		want(s, "hers", whole(&ann.ID, limit), hers)
	}
}
