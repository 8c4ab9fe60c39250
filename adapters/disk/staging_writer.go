package disk

import (
	"cmp"
	"context"

	"doorito/domain"
	"doorito/ports"
)

// stageWriter appends to a staging file. It is used by one goroutine at a
// time; another writer may end its fence at any moment.
type stageWriter struct {
	ctx   context.Context // of Append: Write ends with it
	blobs *Blobs
	path  string
	fence *fence
	out   *outlet
	asked int64 // where the last checkpoint was asked for
}

func (w *stageWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	if err := w.out.write(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// With syncing, what a power cut takes is no more than two strides. Without, a
// checkpoint is only a row: then it holds nobody up that is faster than the
// database, until so much has come that it would be missed.
const (
	stride     = 8 << 20
	longStride = 32 << 20
)

// Due implements ports.StageWriter.
func (w *stageWriter) Due() ports.Urgency {
	switch n := w.out.at - w.asked; {
	case n >= longStride, n >= stride && !w.blobs.lazy:
		return ports.Overdue
	case n >= stride && w.out.even():
		return ports.Due
	}
	return ports.NotDue
}

// Checkpoint syncs the file while the writer goes on; its name was synced by
// Begin.
func (w *stageWriter) Checkpoint(ctx context.Context) func() ([]byte, error) {
	flushed := w.out.flush()
	w.asked = w.out.at
	return func() ([]byte, error) {
		if err := cmp.Or(flushed(), ctx.Err()); err != nil {
			return nil, err
		}
		if err := w.fence.beside(w.blobs.dataSync); err != nil {
			return nil, err
		}
		return []byte(stageNote), nil
	}
}

func (w *stageWriter) Close() error {
	w.out.drop()
	w.blobs.stages.leave(w.path, appending, w.fence)
	w.fence.end(domain.Errorf(domain.Internal, "The writer has been closed already."))
	return nil
}
