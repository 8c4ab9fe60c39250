package archive

import (
	"context"
	"errors"
	"hash/crc32"
	"io"
	"time"

	"doorito/domain"
)

const (
	// readTimeout bounds one read from the storage, and a whole small file.
	readTimeout = time.Minute
	// keptSize is up to where a central directory is kept as it comes about. A
	// bigger one is made of the rows once more.
	keptSize = 1 << 20
	// lentSize is what is worth a write to the connection.
	lentSize = 64 << 10
)

var errStalled = errors.New("archive: the storage gave nothing for a minute")

// reader makes the archive. One caller reads it.
type reader struct {
	plan   *Plan
	ctx    context.Context
	cancel context.CancelCauseFunc
	ahead  *ahead
	files  int      // that are through
	begun  int64    // where the next one's local header is; after the last, the directory
	kept   []byte   // the central directory so far; nil when it is too big
	crcs   []uint32 // of the files that are through, for a directory that is not kept

	step  func() error  // what comes when out and the file are empty
	out   []byte        // what is to be read
	scrap []byte        // memory for headers
	at    int64         // bytes made so far
	now   *piece        // that is being read; nil between two
	src   io.ReadCloser // of a file that is streamed
	left  int64
	watch *time.Timer // ends ctx when a read takes too long
	err   error
	told  bool
}

var _ io.ReadCloser = (*reader)(nil)

func newReader(ctx context.Context, p *Plan) *reader {
	r := &reader{plan: p}
	if p.central <= keptSize {
		r.kept = make([]byte, 0, p.central)
	} else {
		r.crcs = make([]uint32, 0, p.Len())
	}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	stalled := func() { r.cancel(errStalled) }
	r.ahead = newAhead(r.ctx, stalled, p)
	r.watch = time.AfterFunc(readTimeout, stalled)
	r.watch.Stop()
	r.step = r.begin
	return r
}

// Read fills p, with many small files at once if they fit.
func (r *reader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && r.err == nil {
		var m int
		m, r.err = r.some(p[n:])
		n += m
	}
	if n > 0 {
		return n, nil
	}
	if r.err != nil && !errors.Is(r.err, io.EOF) {
		r.tell()
	}
	return 0, r.err
}

// Lend returns bytes that are there already, good until the next call, for a
// sender that has no use for a copy of its own. There are none when Read is the
// better way to go on.
func (r *reader) Lend() []byte {
	for len(r.out) == 0 && r.left == 0 && r.err == nil {
		_, r.err = r.some(nil)
	}
	if len(r.out) < lentSize {
		return nil
	}
	lent := r.out
	r.out = nil
	return lent
}

// tell says once why the archive breaks off.
func (r *reader) tell() {
	if r.told {
		return
	}
	r.told = true
	if cause := context.Cause(r.ctx); cause != nil {
		r.err = cause
	}
	args := []any{"error", r.err, "files", r.files, "of", r.plan.Len()}
	if r.now != nil {
		args = append(args, "file_id", r.now.files[r.now.at].ID)
	}
	r.plan.log.Error("archive cut off", args...)
	r.cancel(r.err)
}

// some reads what is there: of the headers, else of the file; else it goes on.
func (r *reader) some(p []byte) (int, error) {
	switch {
	case len(r.out) > 0:
		n := copy(p, r.out)
		r.out = r.out[n:]
		return n, nil
	case r.left > 0:
		return r.bytes(p)
	case r.ctx.Err() != nil:
		return 0, r.ctx.Err()
	}
	return 0, r.step()
}

// emit queues headers.
func (r *reader) emit(made []byte) {
	r.scrap, r.out = made[:0], made
	r.at += int64(len(made))
}

// begin takes the next piece; after the last comes the central directory.
func (r *reader) begin() error {
	p, err := r.ahead.take()
	if errors.Is(err, io.EOF) {
		r.ahead.names = nil
		if r.kept == nil {
			r.step = newDirectory(r).next
			return nil
		}
		r.emit(r.kept)
		r.step = r.finish
		return nil
	}
	if err != nil {
		return err
	}
	r.now = p
	if p.buf == nil {
		return r.open(p)
	}
	if err := <-p.done; err != nil {
		return err
	}
	for i := range p.entries {
		r.note(&p.entries[i])
	}
	r.out = p.made
	r.at += int64(len(p.made))
	r.step = r.through
	return nil
}

// open opens a file that is streamed, behind its local header.
func (r *reader) open(p *piece) error {
	r.watch.Reset(readTimeout)
	defer r.watch.Stop()
	src, err := r.plan.blobs.Open(r.ctx, p.files[0].StorageKey, 0, -1)
	if err != nil {
		return err
	}
	r.src, r.left = src, p.entries[0].size
	r.emit(p.entries[0].appendLocal(r.scrap))
	r.step = r.end
	return nil
}

// bytes reads of the file.
func (r *reader) bytes(p []byte) (int, error) {
	r.watch.Reset(readTimeout)
	n, err := r.src.Read(p[:min(int64(len(p)), r.left)])
	r.watch.Stop()
	e := &r.now.entries[0]
	e.crc = crc32.Update(e.crc, crc32.IEEETable, p[:n])
	r.left -= int64(n)
	r.at += int64(n)
	if errors.Is(err, io.EOF) {
		if err = nil; r.left > 0 {
			err = shortened(&r.now.files[0], io.ErrUnexpectedEOF)
		}
	}
	return n, err
}

// end closes a file whose bytes are through.
func (r *reader) end() error {
	r.watch.Reset(readTimeout)
	defer r.watch.Stop()
	err := errors.Join(atEnd(&r.now.files[0], r.src), r.src.Close())
	r.src = nil
	if err != nil {
		return err
	}
	e := &r.now.entries[0]
	r.note(e)
	r.emit(e.appendDescriptor(r.scrap))
	r.step = r.through
	return nil
}

// note takes down what the central directory says of a file.
func (r *reader) note(e *entry) {
	e.offset = r.begun
	r.begun += e.localSize()
	r.files++
	if r.kept != nil {
		r.kept = e.appendCentral(r.kept)
	} else {
		r.crcs = append(r.crcs, e.crc)
	}
}

// finish ends the central directory.
func (r *reader) finish() error {
	r.emit(appendEnd(r.scrap, r.files, r.begun, r.at-r.begun))
	r.step = r.check
	return nil
}

// check is the end, if the archive became what was announced: rows that changed
// meanwhile make another.
func (r *reader) check() error {
	if r.files != r.plan.Len() || r.at != r.plan.Size {
		return domain.Errorf(domain.Internal, "The archive has %d files and %d bytes, not %d and %d as announced.", r.files, r.at, r.plan.Len(), r.plan.Size)
	}
	return io.EOF
}

// through lets go of a piece.
func (r *reader) through() error {
	r.now.release()
	r.now = nil
	r.step = r.begin
	return nil
}

// Close ends what is under way, and waits for it.
func (r *reader) Close() error {
	r.told = true // whoever reads has enough
	r.cancel(context.Canceled)
	r.watch.Stop()
	if r.err == nil {
		r.err = context.Canceled
	}
	r.out, r.left = nil, 0
	r.ahead.close()
	if r.src == nil {
		return nil
	}
	src := r.src
	r.src = nil
	return src.Close()
}
