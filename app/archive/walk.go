package archive

import (
	"context"
	"time"

	"doorito/domain"
	"doorito/ports"
)

const (
	// rowsAtOnce is how many rows are read at once.
	rowsAtOnce = 1000
	// pageTimeout bounds the read of one page of rows.
	pageTimeout = 30 * time.Second
)

// page is some rows; none after the last.
type page struct {
	files []ports.FileContent
	err   error
}

// walk reads the rows of a batch, the oldest first.
type walk struct {
	plan   *Plan
	after  *ports.Cursor
	found  int       // of plan.ids
	coming chan page // gets the page that is on its way; nil before the first
}

// rows reads the next page of what there is.
func (w *walk) rows(ctx context.Context) ([]ports.FileContent, error) {
	ctx, cancel := context.WithTimeout(ctx, pageTimeout)
	defer cancel()
	p := w.plan
	files, err := p.files.Contents(ctx, p.batch, p.owner, w.after, rowsAtOnce)
	if n := len(files); n > 0 {
		w.after = &ports.Cursor{At: files[n-1].CreatedAt, ID: files[n-1].ID}
	}
	return files, err
}

// planned reads the next files of the plan. What came into the batch since is
// passed over.
func (w *walk) planned(ctx context.Context) ([]ports.FileContent, error) {
	for ids := w.plan.ids; w.found < len(ids); {
		files, err := w.rows(ctx)
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, domain.Errorf(domain.Expired, "File %s is gone.", ids[w.found])
		}
		kept := files[:0]
		for _, f := range files {
			if w.found < len(ids) && f.ID == ids[w.found] {
				kept = append(kept, f)
				w.found++
			}
		}
		if len(kept) > 0 {
			return kept, nil
		}
	}
	return nil, nil
}

// ahead begins to read the next files of the plan.
func (w *walk) ahead(ctx context.Context) {
	w.coming = make(chan page, 1)
	go func() {
		files, err := w.planned(ctx)
		w.coming <- page{files, err}
	}()
}

// next returns some files of the plan, none after the last, and begins to read
// those that follow. Without wait it is false when they are still on their way.
func (w *walk) next(ctx context.Context, wait bool) (files []ports.FileContent, here bool, err error) {
	if w.coming == nil {
		w.ahead(ctx)
	}
	var got page
	if wait {
		got = <-w.coming
	} else {
		select {
		case got = <-w.coming:
		default:
			return nil, false, nil
		}
	}
	if got.err == nil && len(got.files) > 0 {
		w.ahead(ctx)
	} else {
		w.coming <- got // the end stays the end
	}
	return got.files, true, got.err
}
