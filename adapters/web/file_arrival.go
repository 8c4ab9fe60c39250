package web

import (
	"context"
	"fmt"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Arrival is how far a file is that comes in by pieces: first its bytes, then,
// when its parts came out of order, their hash.
type Arrival struct {
	Title, Text string
	Value, Max  int64 // Max 0 while the size is not known
	State       string
}

// arrival is nil for a file that comes in one request, or is here.
func (s *site) arrival(ctx context.Context, a domain.Actor, f *domain.File) (*Arrival, int64, error) {
	if f.Status != domain.FileUploading {
		return nil, f.SizeBytes, nil
	}
	page, err := s.Sessions.List(ctx, a, ports.ListQuery{Filters: map[string][]string{"file": {f.ID.String()}}, Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return nil, f.SizeBytes, err
	}
	d := page.Items[0]
	if d.Session.TotalSize == nil {
		return newArrival(d), d.Session.BytesReceived, nil
	}
	return newArrival(d), *d.Session.TotalSize, nil
}

func newArrival(d *usecase.SessionDetail) *Arrival {
	row := d.Session
	if row.TotalSize == nil {
		return &Arrival{Title: "Coming in", State: "uploading", Text: domain.FormatBytes(row.BytesReceived) + " so far"}
	}
	total := *row.TotalSize
	here, title, what, state := row.BytesReceived, "Coming in", "here", "uploading"
	if row.Status == domain.SessionCompleting && d.Hashed < total {
		here, title, what, state = d.Hashed, "All bytes are here", "hashed", "pending"
	}
	return &Arrival{Title: title, State: state, Value: here, Max: total, Text: fmt.Sprintf("%s of %s %s", domain.FormatBytes(here), domain.FormatBytes(total), what)}
}
