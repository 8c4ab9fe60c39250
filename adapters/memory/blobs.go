package memory

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"sync"

	"doorito/domain"
	"doorito/ports"
)

var _ ports.Blobs = (*Blobs)(nil)

// Blobs keeps file contents in a map.
type Blobs struct {
	clock  ports.Clock
	mu     sync.Mutex
	blobs  map[string]blob
	open   map[*blobWriter]bool
	stages map[string]*stage
	fault  error
}

type blob struct {
	data []byte
	info ports.BlobInfo
}

// NewBlobs makes an empty storage; clock gives blobs their times.
func NewBlobs(clock ports.Clock) *Blobs {
	return &Blobs{clock: clock, blobs: map[string]blob{}, open: map[*blobWriter]bool{}, stages: map[string]*stage{}}
}

// FailWith makes every later call, Write and Commit return err until it is
// called with nil. Abort still works.
func (b *Blobs) FailWith(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = err
}

// Keys returns the keys of all blobs in order.
func (b *Blobs) Keys() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.blobs))
}

// Unfinished returns how many writers were neither committed nor aborted, nor
// removed by Delete.
func (b *Blobs) Unfinished() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.open)
}

// check is what every call begins with; b.mu is held.
func (b *Blobs) check(ctx context.Context, key string) error {
	if err := domain.CheckStorageKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.fault
}

// Create opens a writer into memory; see ports.Blobs.
func (b *Blobs) Create(ctx context.Context, key string, _ int64) (ports.BlobWriter, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, key); err != nil {
		return nil, err
	}
	w := &blobWriter{ctx: ctx, blobs: b, key: key}
	b.open[w] = true
	return w, nil
}

// Open reads a blob or a range of it; see ports.Blobs.
func (b *Blobs) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if offset < 0 || length < -1 {
		return nil, domain.FieldErrorf("range", "A range begins at 0 or later and has a length of 0 or more.")
	}
	found, err := b.find(ctx, key)
	if err != nil {
		return nil, err
	}
	size := found.info.Size
	if offset > size {
		return nil, domain.FieldErrorf("range", "The file has %d bytes; a range cannot begin at %d.", size, offset)
	}
	if length < 0 || length > size-offset {
		length = size - offset
	}
	return io.NopCloser(bytes.NewReader(found.data[offset : offset+length])), nil
}

// Stat returns size and time of a blob; see ports.Blobs.
func (b *Blobs) Stat(ctx context.Context, key string) (ports.BlobInfo, error) {
	found, err := b.find(ctx, key)
	return found.info, err
}

func (b *Blobs) find(ctx context.Context, key string) (blob, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, key); err != nil {
		return blob{}, err
	}
	found, ok := b.blobs[key]
	if !ok {
		return blob{}, domain.Errorf(domain.NotFound, "There is no such file in the storage.")
	}
	return found, nil
}

// Delete removes a blob and makes writers of its key fail; see ports.Blobs.
func (b *Blobs) Delete(ctx context.Context, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, key); err != nil {
		return err
	}
	delete(b.blobs, key)
	delete(b.stages, key)
	maps.DeleteFunc(b.open, func(w *blobWriter, _ bool) bool { return w.key == key })
	return nil
}

// Ping returns what FailWith set.
func (b *Blobs) Ping(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.fault
}

// blobWriter collects one blob.
type blobWriter struct {
	ctx   context.Context
	blobs *Blobs
	key   string
	data  []byte
}

func (w *blobWriter) Write(p []byte) (int, error) {
	w.blobs.mu.Lock()
	defer w.blobs.mu.Unlock()
	if err := w.usable(w.ctx); err != nil {
		return 0, err
	}
	w.data = append(w.data, p...)
	return len(p), nil
}

func (w *blobWriter) Commit(ctx context.Context) error {
	w.blobs.mu.Lock()
	defer w.blobs.mu.Unlock()
	if err := w.usable(ctx); err != nil {
		return err
	}
	w.blobs.put(w.key, w.data)
	delete(w.blobs.open, w)
	return nil
}

// usable tells whether w may go on; the storage's mu is held.
func (w *blobWriter) usable(ctx context.Context) error {
	if err := w.blobs.check(ctx, w.key); err != nil {
		return err
	}
	if !w.blobs.open[w] {
		return domain.Errorf(domain.Conflict, "The upload was ended or removed while it was running. Send the file again.")
	}
	return nil
}

func (w *blobWriter) Abort(context.Context) error {
	w.blobs.mu.Lock()
	defer w.blobs.mu.Unlock()
	delete(w.blobs.open, w)
	return nil
}

// Put makes a blob unless there is one; see ports.Blobs.
func (b *Blobs) Put(ctx context.Context, key string, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, key); err != nil {
		return err
	}
	if _, there := b.blobs[key]; there {
		return domain.Errorf(domain.Conflict, "The storage has a file under this key already.")
	}
	b.put(key, bytes.Clone(data))
	return nil
}
