package archive

import (
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"time"

	"doorito/domain"
)

// readTimeout bounds one read from the storage, and a whole small file.
const readTimeout = time.Minute

var errStalled = errors.New("archive: the storage gave nothing for a minute")

// reader makes the archive. One caller reads it.
type reader struct {
	plan   *Plan
	ctx    context.Context
	cancel context.CancelCauseFunc
	ahead  *ahead
	names  *names
	crcs   []uint32 // of the files that are through

	step   func() error // what comes when out and the file are empty
	out    []byte       // headers that are to be read
	scrap  []byte       // their memory
	at     int64        // bytes made so far
	now    *fetched     // the file that is being read; nil between two
	entry  entry
	src    io.Reader
	closer io.Closer // of a file that is streamed
	left   int64
	watch  *time.Timer // ends ctx when a read takes too long
	err    error
	told   bool
}

var _ io.ReadCloser = (*reader)(nil)

func newReader(ctx context.Context, p *Plan) *reader {
	r := &reader{plan: p, names: newNames(p.seed), crcs: make([]uint32, 0, p.Len())}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	r.ahead = &ahead{ctx: r.ctx, plan: p}
	r.watch = time.AfterFunc(readTimeout, func() { r.cancel(errStalled) })
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

// tell says once why the archive breaks off.
func (r *reader) tell() {
	if r.told {
		return
	}
	r.told = true
	if cause := context.Cause(r.ctx); cause != nil {
		r.err = cause
	}
	args := []any{"error", r.err, "files", len(r.crcs), "of", r.plan.Len()}
	if r.now != nil {
		args = append(args, "file_id", r.now.file.ID)
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

// begin opens the next file behind its local header; after the last comes the
// central directory.
func (r *reader) begin() error {
	f, err := r.ahead.take()
	if errors.Is(err, io.EOF) {
		r.step = newDirectory(r).next
		return nil
	}
	if err != nil {
		return err
	}
	r.now, r.entry = f, entryOf(f.file, r.names)
	if err := r.open(f); err != nil {
		return err
	}
	r.left = f.file.SizeBytes
	r.emit(r.entry.appendLocal(r.scrap))
	r.step = r.end
	return nil
}

func (r *reader) open(f *fetched) error {
	switch {
	case !f.file.HasBytes():
		return domain.Errorf(domain.Expired, "The file is %s by now.", f.file.Status)
	case f.done != nil:
		if err := <-f.done; err != nil {
			return err
		}
		r.src, r.closer = bytes.NewReader(f.buf[:f.file.SizeBytes]), nil
		return nil
	case f.file.SizeBytes == 0:
		return nil
	}
	r.watch.Reset(readTimeout)
	defer r.watch.Stop()
	src, err := r.plan.blobs.Open(r.ctx, f.file.StorageKey, 0, -1)
	if err != nil {
		return err
	}
	r.src, r.closer = src, src
	return nil
}

// bytes reads of the file.
func (r *reader) bytes(p []byte) (int, error) {
	r.watch.Reset(readTimeout)
	n, err := r.src.Read(p[:min(int64(len(p)), r.left)])
	r.watch.Stop()
	r.entry.crc = crc32.Update(r.entry.crc, crc32.IEEETable, p[:n])
	r.left -= int64(n)
	r.at += int64(n)
	if errors.Is(err, io.EOF) {
		if err = nil; r.left > 0 {
			err = shortened(r.now.file, io.ErrUnexpectedEOF)
		}
	}
	return n, err
}

// end closes a file whose bytes are through.
func (r *reader) end() error {
	if r.closer != nil {
		err := errors.Join(atEnd(r.now.file, r.src), r.closer.Close())
		r.closer = nil
		if err != nil {
			return err
		}
	}
	if r.now.buf != nil {
		smallBuffers.Put(r.now.buf)
	}
	r.crcs = append(r.crcs, r.entry.crc)
	r.emit(r.entry.appendDescriptor(r.scrap))
	r.now, r.src = nil, nil
	r.step = r.begin
	return nil
}

// Close ends what is under way.
func (r *reader) Close() error {
	r.told = true // whoever reads has enough
	r.cancel(context.Canceled)
	r.watch.Stop()
	if r.err == nil {
		r.err = context.Canceled
	}
	r.out, r.left = nil, 0
	if r.closer == nil {
		return nil
	}
	c := r.closer
	r.closer = nil
	return c.Close()
}

// directory makes the central directory out of the same rows once more.
type directory struct {
	r      *reader
	names  *names
	begun  int64 // where it begins
	offset int64 // of the next entry's local header
	from   int   // of the plan's ids
}

func newDirectory(r *reader) *directory {
	return &directory{r: r, names: newNames(r.plan.seed), begun: r.at}
}

// next makes the entries of some rows; after the last comes the end.
func (d *directory) next() error {
	plan := d.r.plan
	if d.from == plan.Len() {
		d.r.emit(appendEnd(d.r.scrap, plan.Len(), d.begun, d.r.at-d.begun))
		d.r.step = d.close
		return nil
	}
	rows, next, err := plan.rows(d.r.ctx, d.from)
	if err != nil {
		return err
	}
	made := d.r.scrap
	for i, f := range rows {
		e := entryOf(f, d.names)
		e.crc, e.offset = d.r.crcs[d.from+i], d.offset
		d.offset += e.localSize()
		made = e.appendCentral(made)
	}
	d.from = next
	d.r.emit(made)
	return nil
}

// close is the end, if the archive became what was announced: rows that changed
// meanwhile make another.
func (d *directory) close() error {
	if d.offset != d.begun || d.r.at != d.r.plan.Size {
		return domain.Errorf(domain.Internal, "The archive has %d bytes, not %d as announced.", d.r.at, d.r.plan.Size)
	}
	return io.EOF
}

// shortened is a file that ended early.
func shortened(f *domain.File, err error) error {
	return domain.WrapError(domain.Internal, err, "The storage has fewer than the %d bytes of file %s.", f.SizeBytes, f.ID)
}

// atEnd says when the storage has more of the file than it should.
func atEnd(f *domain.File, src io.Reader) error {
	var one [1]byte
	if n, _ := io.ReadFull(src, one[:]); n > 0 {
		return domain.Errorf(domain.Internal, "The storage has more than the %d bytes of file %s.", f.SizeBytes, f.ID)
	}
	return nil
}
