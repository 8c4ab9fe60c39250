package s3

import (
	"context"
	"slices"
)

// Mark sends a part that is full. When all that was written is in parts, the
// next Checkpoint waits for those, and Write goes on meanwhile.
func (w *stageWriter) Mark(ctx context.Context) (beside bool, err error) {
	w.busy()
	defer w.buf.Unlock()
	if err := w.shipWhole(ctx); err != nil || w.cur != nil {
		return false, err
	}
	w.marked = w.sentParts()
	return len(w.marked) > 0, nil
}

// shipWhole sends w.cur if no byte will be added to it. w.buf is held.
func (w *stageWriter) shipWhole(ctx context.Context) error {
	if w.cur != nil && w.upload != "" && (w.cur.full() || w.end+w.cur.n == w.total) {
		return w.ship(ctx)
	}
	return nil
}

func (w *stageWriter) sentParts() []*sentPart {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent)
}

// Checkpoint waits for the parts on their way and keeps what does not fill a
// part in a tail; see ports.StageWriter.
func (w *stageWriter) Checkpoint(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := w.failed(); err != nil {
		return nil, err
	}
	if parts := w.marked; len(parts) > 0 {
		w.marked = nil
		return w.checkpoint(ctx, parts, nil)
	}
	w.busy()
	defer w.buf.Unlock()
	if err := w.shipWhole(ctx); err != nil {
		return nil, err
	}
	stage, err := w.checkpoint(ctx, w.sentParts(), w.cur)
	if err == nil {
		w.rest()
	}
	return stage, err
}

// Hold is a Checkpoint here: Finish reads what the storage has.
func (w *stageWriter) Hold(ctx context.Context) ([]byte, error) { return w.Checkpoint(ctx) }

// checkpoint makes the note of these parts, which were sent since the last
// one, and of cur behind them, nil for none.
func (w *stageWriter) checkpoint(ctx context.Context, parts []*sentPart, cur *part) ([]byte, error) {
	if err := w.settle(ctx, parts); err != nil {
		return nil, err
	}
	next, err := w.describe(ctx, parts, cur)
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
	w.note = next
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = w.sent[len(parts):]
	return stage, nil
}

// settle waits until the parts are there.
func (w *stageWriter) settle(ctx context.Context, parts []*sentPart) error {
	for _, p := range parts {
		select {
		case <-p.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return w.failed()
}

// describe returns the note of the parts, which are there, and of cur.
func (w *stageWriter) describe(ctx context.Context, parts []*sentPart, cur *part) (stageNote, error) {
	next := w.note
	next.Drop, next.Tails = nil, slices.Clone(w.note.Tails)
	for _, p := range parts {
		next.Upload = p.upload
		next.addPart(p.size, p.tag)
	}
	if cur == nil {
		return next, nil
	}
	fresh := next.End + cur.n - next.offset()
	if fresh == 0 {
		return next, nil
	}
	next.dropTails(next.mergeAt(fresh))
	from := next.offset()
	t, err := w.blobs.putTail(ctx, w.key, cur, from-next.End, from)
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
