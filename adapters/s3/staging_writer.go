package s3

import (
	"context"
	"fmt"
	"sync"

	"doorito/domain"
)

// stageWriter appends to a stage. It is used by one goroutine at a time;
// another may halt it at any moment. What it sends outlives the context of
// Append, since a broken request's bytes are to be kept too, and ends at Close.
type stageWriter struct {
	blobs  *Blobs
	key    string
	ctx    context.Context // of Append: Write ends with it
	life   context.Context
	cancel context.CancelCauseFunc
	upload string
	end    int64 // of the parts that were sent or are on their way
	slots  chan struct{}
	ended  bool
	asked  int64 // where the last checkpoint was asked for

	buf  sync.Mutex // held in Write, Checkpoint and Close: spill keeps away
	cur  *part      // begins where the last part ends
	idle bool       // all of cur is in tails, and nobody writes

	sending sync.WaitGroup
	mu      sync.Mutex  // guards what follows
	note    stageNote   // of the last checkpoint
	sent    []*sentPart // behind the parts of note
	err     error
}

type sentPart struct {
	size int64
	done chan struct{} // closed when it has arrived, or failed
	tag  string        // once it has arrived
}

func newStageWriter(ctx context.Context, b *Blobs, key string, note stageNote) *stageWriter {
	w := &stageWriter{blobs: b, key: key, ctx: ctx, note: note, upload: note.Upload, end: note.End, asked: note.offset(), slots: make(chan struct{}, inFlight)}
	w.life, w.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	b.open.add(key, w)
	return w
}

// resume begins the next part with what lies in tails.
func (w *stageWriter) resume(ctx context.Context) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	note, _ := w.known()
	err := w.blobs.readTails(ctx, w.key, note.tailNames(), w.cur)
	if got, want := w.cur.n, note.offset()-note.End; err == nil && got != want {
		err = stageGone(fmt.Errorf("s3: tails of %s have %d of %d bytes", w.key, got, want))
	}
	if err != nil {
		w.dropCurrent()
	}
	return err
}

func (w *stageWriter) dropCurrent() {
	if w.cur != nil {
		w.cur.free(w.blobs.budget)
		w.cur = nil
	}
}

// known is the last note, and how many parts were sent after it.
func (w *stageWriter) known() (note stageNote, sent int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.note, len(w.sent)
}

// begin makes w.cur the next part.
func (w *stageWriter) begin(ctx context.Context) error {
	note, sent := w.known()
	size := partSize(note.PartSize, note.Total, w.end, note.Parts+sent)
	cur, err := newPart(ctx, w.blobs.budget, size, note.Total-w.end)
	if err != nil {
		return err
	}
	w.cur = cur
	return nil
}

// Write collects p and sends parts that are full. It waits when the budget is
// used up or enough parts are on their way.
func (w *stageWriter) Write(p []byte) (int, error) {
	w.busy()
	defer w.buf.Unlock()
	taken := 0
	for taken < len(p) {
		if err := w.room(); err != nil {
			return taken, err
		}
		taken += w.cur.add(p[taken:], w.blobs.budget)
	}
	return taken, nil
}

// busy locks out spill.
func (w *stageWriter) busy() {
	w.buf.Lock()
	w.idle = false
	w.blobs.budget.withdraw(w)
}

// rest lets go of w.cur when somebody needs it: all of it is in tails, and
// Write reads them when its turn comes.
func (w *stageWriter) rest() {
	if w.cur == nil {
		return
	}
	w.idle = true
	w.blobs.budget.offer(w)
	if w.blobs.budget.pressed() {
		w.dropCurrent()
	}
}

func (w *stageWriter) spill() {
	if !w.buf.TryLock() {
		return // it is in use, and offered again later
	}
	defer w.buf.Unlock()
	if w.idle {
		w.dropCurrent()
	}
}

// room makes w.cur a part that is not full.
func (w *stageWriter) room() error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if err := w.failed(); err != nil {
		return err
	}
	if w.cur != nil && !w.cur.full() {
		return nil
	}
	if w.cur != nil {
		if err := w.ship(w.ctx); err != nil {
			return err
		}
	}
	if _, sent := w.known(); sent > 0 {
		return w.begin(w.ctx)
	}
	return w.resume(w.ctx) // the note's tails begin this part
}

// ship sends w.cur as the next part in a goroutine of its own.
func (w *stageWriter) ship(ctx context.Context) error {
	if w.upload == "" { // it was declared smaller than it is
		upload, err := w.blobs.beginUpload(ctx, w.key)
		if err != nil {
			return err
		}
		w.upload = upload
	}
	select {
	case w.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.life.Done():
		return w.failed()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil { // from here on halt waits for what is sent
		<-w.slots
		return w.err
	}
	p, sent := w.cur, &sentPart{size: w.cur.n, done: make(chan struct{})}
	w.cur, w.end = nil, w.end+p.n
	w.sent = append(w.sent, sent)
	number := w.note.Parts + len(w.sent)
	w.sending.Go(func() {
		defer close(sent.done)
		defer func() { <-w.slots }()
		defer p.free(w.blobs.budget)
		tag, err := w.blobs.sendPart(w.life, w.key, w.upload, number, p)
		if err != nil {
			w.fail(err)
			return
		}
		sent.tag = tag
	})
	return nil
}

// fail keeps the first error and ends what is being sent.
func (w *stageWriter) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
		w.cancel(err)
	}
}

// failed returns why nothing more can be written.
func (w *stageWriter) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

func (w *stageWriter) halt(why error) {
	w.fail(why)
	w.sending.Wait()
}

// Close ends what is being sent.
func (w *stageWriter) Close() error {
	if w.ended {
		return nil
	}
	w.ended = true
	w.halt(domain.Errorf(domain.Internal, "The writer has been closed already."))
	w.blobs.open.remove(w.key, w)
	w.busy()
	defer w.buf.Unlock()
	w.dropCurrent()
	return nil
}
