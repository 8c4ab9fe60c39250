package disk

import (
	"context"
	"os"

	"doorito/domain"
)

// writebackStep is how many new bytes the kernel is asked to begin writing:
// a checkpoint then waits for little more than the last of them.
const writebackStep = 1 << 20

// stageWriter appends to a staging file. It is used by one goroutine at a
// time; another writer may end its fence at any moment.
type stageWriter struct {
	ctx    context.Context // of Append: Write ends with it
	blobs  *Blobs
	path   string
	fence  *fence
	offset int64
	asked  int64 // the kernel writes up to here
}

func (w *stageWriter) Write(p []byte) (n int, err error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	err = w.fence.do(func(f *os.File) error {
		n, err = f.WriteAt(p, w.offset)
		w.offset += int64(n)
		if fresh := w.offset - w.asked; err == nil && fresh >= writebackStep {
			w.blobs.startWriteback(f, w.asked, fresh)
			w.asked = w.offset
		}
		return err
	})
	return n, err
}

// Checkpoint syncs the file while the writer goes on; its name was synced by
// Begin.
func (w *stageWriter) Checkpoint(ctx context.Context) func() ([]byte, error) {
	return func() ([]byte, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := w.fence.beside(w.blobs.dataSync); err != nil {
			return nil, err
		}
		return []byte(stageNote), nil
	}
}

func (w *stageWriter) Close() error {
	w.blobs.stages.leave(w.path, appending, w.fence)
	w.fence.end(domain.Errorf(domain.Internal, "The writer has been closed already."))
	return nil
}
