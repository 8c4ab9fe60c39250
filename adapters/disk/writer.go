package disk

import (
	"cmp"
	"context"
	"os"

	"doorito/domain"
)

// writer is one staged file. It is used by one goroutine at a time.
type writer struct {
	ctx   context.Context // of Create: Write ends with it
	blobs *Blobs
	key   string
	file  *os.File
	out   *outlet
	sync  *syncer // nil until the first syncStep is full
	asked int64   // bytes handed to sync
	err   error   // the first failure; nothing can be committed after it
	ended bool
}

// Write appends p. It fails for good when the disk refused earlier bytes: a
// sync that failed once may have lost them even if the next one succeeds.
func (w *writer) Write(p []byte) (int, error) {
	if w.ended {
		return 0, domain.Errorf(domain.Internal, "The blob has been closed already.")
	}
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	if w.err != nil {
		return 0, w.err
	}
	err := w.out.write(p)
	if err == nil && w.out.at-w.asked >= syncStep {
		err = w.syncBehind()
	}
	if err != nil {
		w.err = storageError(err)
		return 0, w.err
	}
	return len(p), nil
}

// syncBehind lets the syncer work on what was written so far.
func (w *writer) syncBehind() error {
	if w.blobs.lazy {
		w.asked = w.out.at
		return nil
	}
	if w.sync == nil {
		w.sync = startSyncer(w.file)
	}
	w.asked = w.out.at
	return w.sync.ask()
}

// Commit syncs what is left, gives the file its key and syncs the folder.
func (w *writer) Commit(ctx context.Context) error {
	if w.ended {
		return domain.Errorf(domain.Internal, "The blob has been closed already.")
	}
	if w.err == nil {
		w.err = ctx.Err()
	}
	if w.err == nil {
		w.err = w.finish()
	}
	if w.err != nil {
		return w.err
	}
	w.ended = true
	return nil
}

func (w *writer) finish() error {
	err := cmp.Or(w.out.flush()(), w.stopSync())
	if err == nil {
		err = w.blobs.dataSync(w.file)
	}
	if cerr := w.file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return storageError(err)
	}
	err = w.blobs.publish(w.file.Name(), w.key)
	if isMissing(err) {
		return domain.WrapError(domain.Conflict, err, "The upload was removed while it was running. Send the file again.")
	}
	return storageError(err)
}

// Abort removes the staged file, even when ctx has ended.
func (w *writer) Abort(context.Context) error {
	if w.ended {
		return nil
	}
	w.ended = true
	w.out.drop()
	_ = w.stopSync()
	_ = w.file.Close() // nothing of it is kept
	if err := os.Remove(w.file.Name()); err != nil && !isMissing(err) {
		return storageError(err)
	}
	return nil
}

func (w *writer) stopSync() error {
	if w.sync == nil {
		return nil
	}
	s := w.sync
	w.sync = nil
	return s.end()
}
