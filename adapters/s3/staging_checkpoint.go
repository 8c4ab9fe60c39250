package s3

import (
	"context"
	"slices"
)

// stride is four parts of the smallest size: a checkpoint waits for those on their
// way, and with fewer they would go one after the other.
const stride = 32 << 20

// Stride implements ports.StageWriter.
func (w *stageWriter) Stride() int64 { return stride }

// Checkpoint waits for the parts on their way and keeps what does not fill a
// part in a tail; see ports.StageWriter. A tail ends at a byte, so the writer
// does not go on meanwhile.
func (w *stageWriter) Checkpoint(ctx context.Context) func() ([]byte, error) {
	stage, err := w.checkpoint(ctx)
	return func() ([]byte, error) { return stage, err }
}

func (w *stageWriter) checkpoint(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := w.failed(); err != nil {
		return nil, err
	}
	w.busy()
	defer w.buf.Unlock()
	if w.cur != nil && w.upload != "" && (w.cur.full() || w.end+w.cur.n == w.note.Total) {
		if err := w.ship(ctx); err != nil {
			return nil, err
		}
	}
	if err := w.settle(ctx); err != nil {
		return nil, err
	}
	next, err := w.describe(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.failed(); err != nil { // halted meanwhile
		return nil, err
	}
	stage, err := next.bytes()
	if err != nil {
		return nil, err
	}
	w.drop(w.note.Drop)
	w.note, w.sent = next, nil
	w.rest()
	return stage, nil
}

// settle waits until nothing is on its way.
func (w *stageWriter) settle(ctx context.Context) error {
	held := 0
	defer func() {
		for range held {
			<-w.slots
		}
	}()
	for held < inFlight {
		select {
		case w.slots <- struct{}{}:
			held++
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return w.failed()
}

// describe returns the note of all that was written; nothing is on its way.
func (w *stageWriter) describe(ctx context.Context) (stageNote, error) {
	next := w.note
	next.Upload, next.Drop, next.Tails = w.upload, nil, slices.Clone(w.note.Tails)
	for _, p := range w.sent {
		next.addPart(p.size, p.tag)
	}
	if w.cur == nil {
		return next, nil
	}
	fresh := next.End + w.cur.n - next.offset()
	if fresh == 0 {
		return next, nil
	}
	next.dropTails(next.mergeAt(fresh))
	from := next.offset()
	t, err := w.blobs.putTail(ctx, w.key, w.cur, from-next.End, from)
	if err != nil {
		return next, err
	}
	next.Tails = append(next.Tails, t)
	return next, nil
}

// drop removes tails that only older notes name. One that stays for an error
// goes with Finish or Discard.
func (w *stageWriter) drop(names []string) {
	if len(names) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return
	}
	w.sending.Go(func() {
		ctx, stop := context.WithTimeout(context.WithoutCancel(w.life), abortTimeout)
		defer stop()
		for _, name := range names {
			_ = w.blobs.deleteObject(ctx, tailKey(w.key, name))
		}
	})
}
