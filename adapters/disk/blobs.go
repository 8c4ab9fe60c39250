package disk

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"doorito/domain"
	"doorito/ports"
)

var _ ports.Blobs = (*Blobs)(nil)

const stagingDir = ".staging"

// Blobs keeps file contents in a folder.
type Blobs struct {
	root    string
	lazy    bool     // nothing is synced
	direct  bool     // long files are written past the page cache
	durable sync.Map // folders whose own entries are known to be synced
	stages  stages

	journals *journals
	log      *slog.Logger
}

// Option changes how New's storage works.
type Option func(*Blobs)

// WithoutSync leaves it to the kernel when bytes and names reach the disk, some
// seconds later as a rule. What was reported durable survives the end of the
// process all the same, but not a power cut or a crash of the machine.
func WithoutSync() Option { return func(b *Blobs) { b.lazy = true } }

// WithLog logs what concerns no single call.
func WithLog(log *slog.Logger) Option { return func(b *Blobs) { b.log = log } }

// New makes the folder when it is missing. Unavailable when it cannot be made.
func New(root string, how ...Option) (*Blobs, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, storageError(err)
	}
	b := &Blobs{root: root, log: slog.New(slog.DiscardHandler)}
	b.journals = newJournals(b)
	for _, option := range how {
		option(b)
	}
	if b.lazy {
		b.journals.after = 0
	}
	staging := filepath.Join(root, stagingDir)
	if err := os.MkdirAll(staging, 0o700); err != nil {
		return nil, storageError(err)
	}
	b.direct = canDirect(staging)
	if err := b.syncDir(filepath.Dir(root)); err != nil && !os.IsPermission(err) {
		return nil, storageError(err)
	}
	if err := b.syncDir(root); err != nil {
		return nil, storageError(err)
	}
	b.adoptJournals(true)
	return b, nil
}

// Close syncs what is in journals only, and removes them; without it another New
// does so. The storage can still be used.
func (b *Blobs) Close() error { return storageError(b.journals.close()) }

// Create opens a staged file; see ports.Blobs. Several may be open under one
// key: each is whole, and the one committed last stays.
func (b *Blobs) Create(ctx context.Context, key string, size int64) (ports.BlobWriter, error) {
	if err := domain.CheckStorageKey(key); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Join(b.root, stagingDir), stagedPrefix(key)+"*")
	if err != nil {
		return nil, storageError(err)
	}
	w := &writer{ctx: ctx, blobs: b, key: key, file: f}
	w.out = b.newOutlet(0, size >= blockSize, func(op func(*os.File) error) error { return op(w.file) })
	return w, nil
}

// Open reads a blob or a range of it; see ports.Blobs. Reading to the end
// returns the *os.File itself, which can be sent without copying.
func (b *Blobs) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if offset < 0 || length < -1 {
		return nil, domain.FieldErrorf("range", "A range begins at 0 or later and has a length of 0 or more.")
	}
	f, size, err := b.open(ctx, key)
	if err != nil {
		return nil, err
	}
	if offset > size {
		f.Close()
		return nil, domain.FieldErrorf("range", "The file has %d bytes; a range cannot begin at %d.", size, offset)
	}
	if offset > 0 {
		if _, err := f.Seek(offset, io.SeekStart); err != nil {
			f.Close()
			return nil, storageError(err)
		}
	}
	if length < 0 || offset+length >= size {
		return f, nil
	}
	return &section{LimitedReader: io.LimitedReader{R: f, N: length}, file: f}, nil
}

// section is a range that ends before its file does.
type section struct {
	io.LimitedReader
	file *os.File
}

func (s *section) Close() error { return s.file.Close() }

func (b *Blobs) open(ctx context.Context, key string) (*os.File, int64, error) {
	if err := domain.CheckStorageKey(key); err != nil {
		return nil, 0, err
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	f, err := os.Open(b.path(key))
	if err != nil {
		return nil, 0, readError(err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = os.ErrNotExist
	}
	if err != nil {
		f.Close()
		return nil, 0, readError(err)
	}
	return f, info.Size(), nil
}

// Stat returns size and time of a blob; see ports.Blobs.
func (b *Blobs) Stat(ctx context.Context, key string) (ports.BlobInfo, error) {
	if err := domain.CheckStorageKey(key); err != nil {
		return ports.BlobInfo{}, err
	}
	if err := ctx.Err(); err != nil {
		return ports.BlobInfo{}, err
	}
	info, err := os.Stat(b.path(key))
	if err == nil && !info.Mode().IsRegular() {
		err = os.ErrNotExist
	}
	if err != nil {
		return ports.BlobInfo{}, readError(err)
	}
	return ports.BlobInfo{Size: info.Size(), ModTime: info.ModTime().UTC()}, nil
}

// Delete removes the blob and what unfinished writers of its key left; a
// writer that is still at work fails at its Commit. See ports.Blobs.
func (b *Blobs) Delete(ctx context.Context, key string) error {
	if err := domain.CheckStorageKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := b.removeStaged(stagedPrefix(key)); err != nil {
		return err
	}
	switch err := os.Remove(b.path(key)); {
	case isMissing(err):
		return nil
	case err != nil:
		return storageError(err)
	}
	if err := b.syncDir(filepath.Dir(b.path(key))); err != nil {
		return storageError(err)
	}
	return nil
}

// removeStaged removes the staged files whose names begin with prefix.
func (b *Blobs) removeStaged(prefix string) error {
	staging := filepath.Join(b.root, stagingDir)
	entries, err := os.ReadDir(staging)
	if err != nil {
		return storageError(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			if err := os.Remove(filepath.Join(staging, e.Name())); err != nil && !os.IsNotExist(err) {
				return storageError(err)
			}
		}
	}
	return nil
}

// Ping writes and removes an empty file.
func (b *Blobs) Ping(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Join(b.root, stagingDir), "ping~*")
	if err != nil {
		return storageError(err)
	}
	defer os.Remove(f.Name())
	if _, err := fmt.Fprint(f, "ping"); err != nil {
		f.Close()
		return storageError(err)
	}
	if err := f.Close(); err != nil {
		return storageError(err)
	}
	return nil
}

func (b *Blobs) path(key string) string {
	return filepath.Join(b.root, filepath.FromSlash(key))
}
