package s3

import (
	"context"
	"errors"
	"io"
	"sync"
)

const (
	pageSize = 256 << 10
	maxParts = 10_000 // S3, "Multipart upload limits"
	growAt   = 1000   // parts of unknown files double in size after so many
	mebibyte = 1 << 20
)

type page [pageSize]byte

var pages = sync.Pool{New: func() any { return new(page) }}

// partSize returns the size of part number n (from 0) of a file: base, unless
// the file is declared so large that its parts must be larger to be at most
// maxParts. Of a file that is longer than declared, or not declared at all,
// parts grow as they get many: ten thousand of them hold 8 TiB.
func partSize(base, declared, written int64, n int) int64 {
	if declared > written {
		least := (declared + maxParts - 1) / maxParts
		return max(base, (least+mebibyte-1)/mebibyte*mebibyte)
	}
	return base << (n / growAt)
}

// part collects the bytes of one request.
type part struct {
	size    int64 // when it is full
	charged int64 // bytes of the budget
	n       int64
	pages   []*page
}

// newPart charges what the part will hold: its size, or what is left of the
// declared file.
func newPart(ctx context.Context, budget *Budget, size, left int64) (*part, error) {
	need := size
	if left > 0 {
		need = min(need, left)
	}
	charged, err := budget.acquire(ctx, (need+pageSize-1)/pageSize*pageSize)
	if err != nil {
		return nil, err
	}
	return &part{size: size, charged: charged}, nil
}

func (p *part) full() bool { return p.n == p.size }

// add takes as much of b as fits and returns how much that was.
func (p *part) add(b []byte, budget *Budget) int {
	b = b[:min(int64(len(b)), p.size-p.n)]
	taken := len(b)
	for len(b) > 0 {
		at := p.n % pageSize
		if at == 0 && p.n/pageSize == int64(len(p.pages)) { // fill may have left an empty one
			p.addPage(budget)
		}
		n := copy(p.pages[len(p.pages)-1][at:], b)
		b = b[n:]
		p.n += int64(n)
	}
	return taken
}

// fill adds what r has until it ends or p is full. It reads straight into the
// pages. The error is that of r, or the end of ctx.
func (p *part) fill(ctx context.Context, r io.Reader, budget *Budget) error {
	for !p.full() {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := p.n % pageSize
		if at == 0 && p.n/pageSize == int64(len(p.pages)) {
			p.addPage(budget)
		}
		n, err := r.Read(p.pages[len(p.pages)-1][at:min(pageSize, at+p.size-p.n)])
		p.n += int64(n)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *part) addPage(budget *Budget) {
	p.pages = append(p.pages, pages.Get().(*page))
	if over := int64(len(p.pages))*pageSize - p.charged; over > 0 && p.charged < budget.size {
		budget.overdraw(over)
		p.charged += over
	}
}

// free gives pages and charge back; reading from p is over.
func (p *part) free(budget *Budget) {
	for _, pg := range p.pages {
		pages.Put(pg)
	}
	p.pages = nil
	budget.release(p.charged)
	p.charged = 0
}

// partReader reads a part, again from the start for each try. A connection
// that broke may still be reading when the request has ended: after close it
// gets an error instead of somebody else's bytes.
type partReader struct {
	mu   sync.Mutex
	part *part // nil after close
	from int64 // where the body begins in the part
	at   int64
}

var errClosed = errors.New("s3: the part's request is over")

func (r *partReader) Read(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.part == nil {
		return 0, errClosed
	}
	at := r.from + r.at
	if at >= r.part.n {
		return 0, io.EOF
	}
	end := min((at/pageSize+1)*pageSize, r.part.n)
	from := at % pageSize
	n := copy(b, r.part.pages[at/pageSize][from:from+end-at])
	r.at += int64(n)
	return n, nil
}

func (r *partReader) Seek(offset int64, whence int) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.part == nil {
		return 0, errClosed
	}
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.part.n - r.from
	}
	if offset < 0 {
		return 0, errors.New("s3: seek before the start of a part")
	}
	r.at = offset
	return offset, nil
}

func (r *partReader) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.part = nil
}
