package archive

import (
	"context"
	"io"
	"sync"
	"time"

	"doorito/ports"
)

// aheadPieces is how many pieces are begun before their turn. They are made side
// by side: one file after the other, each would cost a round trip to the storage.
const aheadPieces = 8

// ahead hands out the pieces of an archive in order.
type ahead struct {
	ctx     context.Context
	stalled func() // ends ctx
	plan    *Plan
	walk    *walk
	names   *names
	files   []ports.FileContent // whose pieces are not begun
	entries []entry
	queue   []*piece
	unmade  chan *piece // to be made; has room for the whole queue
	makers  int
	making  sync.WaitGroup
	closed  bool
}

func newAhead(ctx context.Context, stalled func(), p *Plan) *ahead {
	return &ahead{ctx: ctx, stalled: stalled, plan: p, walk: &walk{plan: p}, names: newNames(p.seed), unmade: make(chan *piece, aheadPieces)}
}

// take returns the next piece; io.EOF after the last.
func (a *ahead) take() (*piece, error) {
	for len(a.queue) < aheadPieces {
		if len(a.files) == 0 {
			idle := len(a.queue) == 0 // what is here goes out before more is waited for
			here, err := a.more(idle)
			if err != nil && idle {
				return nil, err
			}
			if !here || err != nil || len(a.files) == 0 {
				break
			}
		}
		a.queue = append(a.queue, a.begin())
	}
	if len(a.queue) == 0 {
		return nil, io.EOF
	}
	p := a.queue[0]
	a.queue = a.queue[1:]
	return p, nil
}

// more takes the next files of the plan.
func (a *ahead) more(wait bool) (here bool, err error) {
	files, here, err := a.walk.next(a.ctx, wait)
	a.files, a.entries = files, make([]entry, len(files))
	for i, f := range files {
		a.entries[i] = entryOf(f, a.names)
	}
	return here, err
}

// begin begins to make the next piece.
func (a *ahead) begin() *piece {
	p := cut(a.files, a.entries)
	a.files, a.entries = a.files[len(p.files):], a.entries[len(p.files):]
	if p.buf == nil {
		return p
	}
	if a.makers < aheadPieces { // as many as there are in the queue: none waits
		a.makers++
		a.making.Go(a.makePieces)
	}
	a.unmade <- p
	return p
}

// makePieces makes one after the other: a goroutine for each would grow its
// stack anew.
func (a *ahead) makePieces() {
	watch := time.AfterFunc(readTimeout, a.stalled)
	watch.Stop()
	for p := range a.unmade {
		p.done <- p.make(a.ctx, a.plan.blobs, watch)
	}
}

// close ends the making and waits for what is under way; ctx has ended.
func (a *ahead) close() {
	if !a.closed {
		a.closed = true
		close(a.unmade)
	}
	a.making.Wait()
}
