package web

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

// arriving are the open uploads of those files that still come in, by file.
func (s *site) arriving(ctx context.Context, a domain.Actor, files []*domain.File) (map[uuid.UUID]*domain.UploadSession, error) {
	var ids []string
	for _, f := range files {
		if f.Status == domain.FileUploading {
			ids = append(ids, f.ID.String())
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	page, err := s.Sessions.List(ctx, a, ports.ListQuery{Filters: map[string][]string{"file": ids}, Limit: ports.MaxPageSize})
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]*domain.UploadSession, len(page.Items))
	for _, d := range page.Items {
		if d.Session.FileID != nil {
			out[*d.Session.FileID] = d.Session
		}
	}
	return out, nil
}

// batchFiles is the files list whose "What happened" says of a file that comes
// in by pieces how much of it is here. One that comes in one request has no
// upload session: it says when it began.
func (s *site) batchFiles(arriving map[uuid.UUID]*domain.UploadSession) *list.Resource[*domain.File] {
	r := s.filesList()
	for i, c := range r.Columns {
		if c.Key != "outcome" {
			continue
		}
		r.Columns[i].Cell = func(f *domain.File, e list.Env) list.Cell {
			row := arriving[f.ID]
			if row == nil || row.TotalSize == nil || *row.TotalSize == 0 || f.Status != domain.FileUploading {
				return c.Cell(f, e)
			}
			return list.Arriving(int(row.BytesReceived*100 / *row.TotalSize), fmt.Sprintf("%s of %s", domain.FormatBytes(row.BytesReceived), domain.FormatBytes(*row.TotalSize)))
		}
	}
	return r
}
