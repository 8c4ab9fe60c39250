package disk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"doorito/domain"
	"doorito/ports"
)

var (
	_ ports.Staging     = (*Blobs)(nil)
	_ ports.StageReader = (*Blobs)(nil)
)

const (
	// stageName ends the name of a key's staging file; random names, which
	// Create uses, are digits.
	stageName = "stage"
	// stageNote is all there is to note: the file follows from the key, and
	// what is in it from the session's offset and parts.
	stageNote = `{"storage":"disk"}`
)

func (b *Blobs) stagePath(key string) string {
	return filepath.Join(b.root, stagingDir, stagedPrefix(key)+stageName)
}

// turnsPath is where the writers of a key's parts take turns.
func (b *Blobs) turnsPath(key string) string {
	return filepath.Join(b.root, stagingDir, stagedPrefix(key)+"turns")
}

func (b *Blobs) checkStage(ctx context.Context, key string) error {
	if err := domain.CheckStorageKey(key); err != nil {
		return err
	}
	return ctx.Err()
}

// Begin makes the staging file and syncs its name, so that later checkpoints
// have only bytes to sync. See ports.Staging.
func (b *Blobs) Begin(ctx context.Context, key string, _ int64) ([]byte, error) {
	if err := b.checkStage(ctx, key); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(b.stagePath(key), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, storageError(err)
	}
	if err := f.Close(); err != nil {
		return nil, storageError(err)
	}
	if err := b.syncDir(filepath.Join(b.root, stagingDir)); err != nil {
		return nil, storageError(err)
	}
	return []byte(stageNote), nil
}

// Append opens the staging file at offset; see ports.Staging.
func (b *Blobs) Append(ctx context.Context, key string, _ []byte, offset int64) (ports.StageWriter, error) {
	if err := b.checkStage(ctx, key); err != nil {
		return nil, err
	}
	path := b.stagePath(key)
	defer b.stages.claiming(path)()
	b.stages.stop(path, takenOver())
	f, err := b.claim(ctx, key, offset)
	if err != nil {
		return nil, err
	}
	gate := &fence{file: f}
	b.stages.enter(path, appending, gate)
	return &stageWriter{ctx: ctx, blobs: b, path: path, fence: gate, out: b.newOutlet(offset, false, gate.beside), asked: offset}, nil
}

// WritePart writes a part in its place and syncs it; see ports.Staging. On
// disk a part needs no tag.
func (b *Blobs) WritePart(ctx context.Context, key string, _ []byte, number int, offset, size int64, r io.Reader) (string, error) {
	if err := b.checkStage(ctx, key); err != nil {
		return "", err
	}
	// Entering ends an earlier writer of this part, so it waits for a first byte:
	// of two at once, the one whose body the caller has ended gives way here.
	var head [2]byte
	if _, err := io.ReadFull(r, head[:1]); err == io.EOF {
		return "", io.ErrUnexpectedEOF
	} else if err != nil {
		return "", err
	}
	path := b.stagePath(key)
	f, err := b.share(path)
	if err != nil {
		return "", err
	}
	turn, err := takeTurn(b.turnsPath(key), number)
	if err != nil {
		f.Close()
		return "", err
	}
	gate := &fence{file: f, turn: turn}
	b.stages.enter(path, number, gate)
	defer func() {
		b.stages.leave(path, number, gate)
		gate.end(nil)
	}()
	// A newer one may have come and gone before we entered: the next byte, or the
	// end, tells, before anything is written over its part.
	n, err := r.Read(head[1:])
	if err != nil && err != io.EOF {
		return "", err
	}
	if err := b.copyPart(ctx, gate, offset, size, io.MultiReader(bytes.NewReader(head[:1+n]), r)); err != nil {
		return "", err
	}
	return "", gate.do(b.dataSync)
}

// copyPart puts exactly size bytes of r at offset.
func (b *Blobs) copyPart(ctx context.Context, gate *fence, offset, size int64, r io.Reader) error {
	out := b.newOutlet(offset, size >= blockSize, gate.do)
	defer out.drop()
	_, err := io.Copy(&partWriter{ctx, out, size}, r)
	switch err {
	case errWhole:
		return out.flush()()
	case nil:
		return io.ErrUnexpectedEOF
	default:
		return err
	}
}

// errWhole ends the copying of a part that has all its bytes.
var errWhole = errors.New("disk: the part is whole")

// partWriter writes until it has all bytes or ctx ends. The source may have
// more, and may know how to write without another copy (io.WriterTo).
type partWriter struct {
	ctx  context.Context
	out  *outlet
	left int64
}

func (w *partWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	p = p[:min(int64(len(p)), w.left)]
	if err := w.out.write(p); err != nil {
		return 0, err
	}
	if w.left -= int64(len(p)); w.left == 0 {
		return len(p), errWhole
	}
	return len(p), nil
}

// ReadStage opens a piece of the staging file; see ports.StageReader.
func (b *Blobs) ReadStage(ctx context.Context, key string, _ []byte, offset, n int64) (io.ReadCloser, error) {
	if err := b.checkStage(ctx, key); err != nil {
		return nil, err
	}
	f, err := openStage(b.stagePath(key), os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.Size() < offset+n {
		f.Close()
		return nil, stageGone()
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		f.Close()
		return nil, storageError(err)
	}
	return &section{LimitedReader: io.LimitedReader{R: f, N: n}, file: f}, nil
}

// Discard removes the staging file, and what a Join that died left of its own;
// see ports.Staging.
func (b *Blobs) Discard(ctx context.Context, key string, _ []byte) error {
	if err := b.checkStage(ctx, key); err != nil {
		return err
	}
	path := b.stagePath(key)
	defer b.stages.claiming(path)()
	b.stages.stop(path, stageRemoved())
	return b.removeStaged(stagedPrefix(key))
}
