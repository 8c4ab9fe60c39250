package disk

import (
	"cmp"
	"context"

	"doorito/domain"
)

// stageWriter appends to a staging file. It is used by one goroutine at a
// time; another writer may end its fence at any moment.
type stageWriter struct {
	ctx   context.Context // of Append: Write ends with it
	blobs *Blobs
	path  string
	fence *fence
	out   *outlet
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

// strides: with syncing a checkpoint costs two syncs and a row, and what a power
// cut takes is no more than two strides; without, only the row, and less often.
const (
	stride     = 8 << 20
	lazyStride = 32 << 20
)

// Stride implements ports.StageWriter.
func (w *stageWriter) Stride() int64 {
	if w.blobs.lazy {
		return lazyStride
	}
	return stride
}

// Checkpoint syncs the file while the writer goes on; its name was synced by
// Begin.
func (w *stageWriter) Checkpoint(ctx context.Context) func() ([]byte, error) {
	flushed := w.out.flush()
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
