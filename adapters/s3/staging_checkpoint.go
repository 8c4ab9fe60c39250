package s3

import (
	"cmp"
	"context"
	"slices"

	"doorito/ports"
)

// longStride is what may be written after a checkpoint at most until the next.
const longStride = 32 << 20

// Due implements ports.StageWriter. Between two parts a checkpoint needs no
// tail, and waits only for parts that are on their way anyway.
func (w *stageWriter) Due() ports.Urgency {
	w.buf.Lock()
	defer w.buf.Unlock()
	at, even := w.end, true
	if w.cur != nil {
		at, even = at+w.cur.n, w.cur.full()
	}
	switch {
	case at-w.asked >= longStride:
		return ports.Overdue
	case at > w.asked && even && w.upload != "":
		return ports.Due
	}
	return ports.NotDue
}

// Checkpoint waits for the parts on their way and keeps what does not fill a
// part in a tail; see ports.StageWriter. A tail ends at a byte, so the writer
// does not go on meanwhile; without one it does.
func (w *stageWriter) Checkpoint(ctx context.Context) func() ([]byte, error) {
	w.busy()
	defer w.buf.Unlock()
	next, sent, err := w.cut(ctx)
	if err == nil && w.cur == nil {
		return func() ([]byte, error) { return w.keep(ctx, next, sent, nil) }
	}
	var stage []byte
	if err == nil {
		stage, err = w.keep(ctx, next, sent, w.cur)
	}
	if err == nil {
		w.rest()
	}
	return func() ([]byte, error) { return stage, err }
}

// cut sends a part that will not grow any more. It returns what the next note
// begins with, and the parts that are to be in it.
func (w *stageWriter) cut(ctx context.Context) (next stageNote, sent []*sentPart, err error) {
	if err := cmp.Or(ctx.Err(), w.failed()); err != nil {
		return next, nil, err
	}
	next, _ = w.known()
	if w.cur != nil && w.upload != "" && (w.cur.full() || w.end+w.cur.n == next.Total) {
		if err := w.ship(ctx); err != nil {
			return next, nil, err
		}
	}
	if w.asked = w.end; w.cur != nil {
		w.asked += w.cur.n
	}
	next.Upload, next.Drop, next.Tails = w.upload, nil, slices.Clone(next.Tails)
	w.mu.Lock()
	defer w.mu.Unlock()
	return next, slices.Clone(w.sent), nil
}

// keep notes these parts in next, once they have arrived, and what lies in one
// that may grow (nil for none). It makes next the last note and returns it as
// bytes.
func (w *stageWriter) keep(ctx context.Context, next stageNote, sent []*sentPart, rest *part) ([]byte, error) {
	for _, p := range sent {
		select {
		case <-p.done:
			next.addPart(p.size, p.tag)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	err := w.failed()
	if err == nil && rest != nil {
		err = w.addTail(ctx, &next, rest)
	}
	if err != nil {
		return nil, err
	}
	stage, err := next.bytes()
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil { // halted meanwhile
		return nil, w.err
	}
	w.drop(w.note.Drop)
	w.note, w.sent = next, w.sent[len(sent):]
	return stage, nil
}

// addTail notes what of a part is in no tail yet.
func (w *stageWriter) addTail(ctx context.Context, next *stageNote, p *part) error {
	fresh := next.End + p.n - next.offset()
	if fresh == 0 {
		return nil
	}
	next.dropTails(next.mergeAt(fresh))
	from := next.offset()
	t, err := w.blobs.putTail(ctx, w.key, p, from-next.End, from)
	next.Tails = append(next.Tails, t)
	return err
}

// drop removes tails that only older notes name; w.mu is held. One that stays
// for an error goes with Finish or Discard.
func (w *stageWriter) drop(names []string) {
	if len(names) == 0 {
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
