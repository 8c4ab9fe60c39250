package archive

import (
	"context"
	"hash/crc32"
	"io"
	"sync"
	"time"

	"doorito/domain"
	"doorito/ports"
)

const (
	// pieceSize is how much small files are read whole for, with their headers.
	pieceSize = 256 << 10
	// pieceFiles bounds how many wait for each other.
	pieceFiles = 16
)

var pieceBuffers = sync.Pool{New: func() any { return new([pieceSize]byte) }}

// piece is the next part of an archive: some small files with all that is around
// them, or one file that is streamed.
type piece struct {
	files   []ports.FileContent
	entries []entry
	at      int              // the file that is being read
	buf     *[pieceSize]byte // nil when the file is streamed
	made    []byte           // of buf
	done    chan error       // gets one answer when everything is made
}

// cut takes the first of these files as a piece, and those that fit in with it.
func cut(files []ports.FileContent, entries []entry) *piece {
	n, size := 1, entries[0].localSize()
	if size > pieceSize {
		return &piece{files: files[:1], entries: entries[:1]}
	}
	for n < len(files) && n < pieceFiles && size+entries[n].localSize() <= pieceSize {
		size += entries[n].localSize()
		n++
	}
	return &piece{
		files: files[:n], entries: entries[:n],
		buf: pieceBuffers.Get().(*[pieceSize]byte), done: make(chan error, 1),
	}
}

// make reads the files and puts what is around them there. The watch runs while
// it reads, for each file anew.
func (p *piece) make(ctx context.Context, blobs ports.Blobs, watch *time.Timer) error {
	defer watch.Stop()
	b := p.buf[:0]
	for p.at = range p.files {
		e := &p.entries[p.at]
		b = e.appendLocal(b)
		begin := len(b)
		b = b[:begin+int(e.size)]
		watch.Reset(readTimeout)
		if err := readWhole(ctx, blobs, &p.files[p.at], b[begin:]); err != nil {
			return err
		}
		e.crc = crc32.ChecksumIEEE(b[begin:])
		b = e.appendDescriptor(b)
	}
	p.made = b
	return nil
}

// release gives the memory back.
func (p *piece) release() {
	if p.buf != nil {
		pieceBuffers.Put(p.buf)
		p.buf, p.made = nil, nil
	}
}

func readWhole(ctx context.Context, blobs ports.Blobs, f *ports.FileContent, into []byte) error {
	if len(into) == 0 {
		return nil
	}
	src, err := blobs.Open(ctx, f.StorageKey, 0, -1)
	if err != nil {
		return err
	}
	defer src.Close()
	if _, err := io.ReadFull(src, into); err != nil {
		return shortened(f, err)
	}
	return atEnd(f, src)
}

// shortened is a file that ended early.
func shortened(f *ports.FileContent, err error) error {
	return domain.WrapError(domain.Internal, err, "The storage has fewer than the %d bytes of file %s.", f.SizeBytes, f.ID)
}

// atEnd says when the storage has more of the file than it should.
func atEnd(f *ports.FileContent, src io.Reader) error {
	var one [1]byte
	if n, _ := io.ReadFull(src, one[:]); n > 0 {
		return domain.Errorf(domain.Internal, "The storage has more than the %d bytes of file %s.", f.SizeBytes, f.ID)
	}
	return nil
}
