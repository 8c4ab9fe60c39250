package archive

import (
	"context"
	"io"
	"sync"

	"doorito/domain"
)

const (
	// smallFile is up to where a file is read whole before its turn.
	smallFile = 256 << 10
	// aheadFiles is how many files are looked at before their turn. Small ones
	// are read side by side: one after the other they would each cost a round
	// trip to the storage.
	aheadFiles = 8
	// rowsAtOnce is how many rows are read at once.
	rowsAtOnce = 500
)

var smallBuffers = sync.Pool{New: func() any { return new([smallFile]byte) }}

// fetched is a file whose turn comes soon.
type fetched struct {
	file *domain.File
	buf  *[smallFile]byte // nil for a file that is streamed
	done chan error       // gets one answer when buf has all its bytes
}

// ahead hands out the files of a plan in order.
type ahead struct {
	ctx   context.Context
	plan  *Plan
	next  int // of plan.ids: the first whose row is not read
	rows  []*domain.File
	queue []*fetched
}

// take returns the next file; io.EOF after the last.
func (a *ahead) take() (*fetched, error) {
	for len(a.queue) < aheadFiles {
		if len(a.rows) == 0 {
			if a.next == len(a.plan.ids) {
				break
			}
			if len(a.queue) > 0 {
				break // what is here goes out before the next rows are waited for
			}
			if err := a.read(); err != nil {
				return nil, err
			}
		}
		a.queue = append(a.queue, a.fetch(a.rows[0]))
		a.rows = a.rows[1:]
	}
	if len(a.queue) == 0 {
		return nil, io.EOF
	}
	f := a.queue[0]
	a.queue = a.queue[1:]
	return f, nil
}

// read reads the next rows of the plan.
func (a *ahead) read() (err error) {
	a.rows, a.next, err = a.plan.rows(a.ctx, a.next)
	return err
}

// rows returns the files of the plan from one on, and where the next ones are.
func (p *Plan) rows(ctx context.Context, from int) ([]*domain.File, int, error) {
	ctx, cancel := context.WithTimeout(ctx, pageTimeout)
	defer cancel()
	ids := p.ids[from:min(from+rowsAtOnce, len(p.ids))]
	found, err := p.files.FindAll(ctx, ids)
	if err != nil {
		return nil, from, err
	}
	out := make([]*domain.File, len(ids))
	for i, id := range ids {
		if out[i] = found[id]; out[i] == nil {
			return nil, from, domain.Errorf(domain.Expired, "File %s is gone.", id)
		}
	}
	return out, from + len(ids), nil
}

// fetch begins to read a small file.
func (a *ahead) fetch(file *domain.File) *fetched {
	f := &fetched{file: file}
	if file.SizeBytes > smallFile || file.SizeBytes == 0 || !file.HasBytes() {
		return f
	}
	f.buf, f.done = smallBuffers.Get().(*[smallFile]byte), make(chan error, 1)
	go func() { f.done <- a.load(f) }()
	return f
}

func (a *ahead) load(f *fetched) error {
	ctx, cancel := context.WithTimeout(a.ctx, readTimeout)
	defer cancel()
	src, err := a.plan.blobs.Open(ctx, f.file.StorageKey, 0, -1)
	if err != nil {
		return err
	}
	defer src.Close()
	if _, err := io.ReadFull(src, f.buf[:f.file.SizeBytes]); err != nil {
		return shortened(f.file, err)
	}
	return atEnd(f.file, src)
}
