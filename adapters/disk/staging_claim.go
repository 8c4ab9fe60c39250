package disk

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// claimTries bounds how often a staging file may be exchanged under our hands
// while we open it.
const claimTries = 10

// claim opens the staging file of a key for one writer alone, cut to length
// bytes. Expired when it is not there or holds less.
//
// Writers of this process were ended before. A process that died has lost its
// lock. Where another process is alive and still writing, its file is left to
// it, and a copy of what counts takes its place: whatever it writes from then
// on reaches nobody.
func (b *Blobs) claim(ctx context.Context, key string, length int64) (*os.File, error) {
	path := b.stagePath(key)
	for range claimTries {
		f, err := openStage(path, os.O_RDWR)
		if err != nil {
			return nil, err
		}
		if !tryLock(f, false) {
			f, err = b.replace(ctx, f, path, length)
			if err != nil {
				return nil, err
			}
		}
		if !isStill(f, path) {
			f.Close()
			continue
		}
		if err := cut(f, length); err != nil {
			f.Close()
			return nil, err
		}
		return f, nil
	}
	return nil, takenOver()
}

// share opens the staging file next to other writers of parts.
func (b *Blobs) share(path string) (*os.File, error) {
	f, err := openStage(path, os.O_WRONLY)
	if err != nil {
		return nil, err
	}
	if !tryLock(f, true) || !isStill(f, path) {
		f.Close()
		return nil, takenOver()
	}
	return f, nil
}

func openStage(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, flag, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, stageGone()
	}
	if err != nil {
		return nil, storageError(err)
	}
	return f, nil
}

// isStill tells whether f is what the path names: it may have been published,
// removed or replaced before we had its lock.
func isStill(f *os.File, path string) bool {
	ours, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(ours, there)
}

// cut drops what lies beyond length.
func cut(f *os.File, length int64) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return storageError(err)
	case info.Size() < length:
		return stageGone()
	case info.Size() > length:
		return storageError(f.Truncate(length))
	}
	return nil
}

// replace puts a locked copy of the first length bytes of f in its place and
// closes f.
func (b *Blobs) replace(ctx context.Context, f *os.File, path string, length int64) (*os.File, error) {
	defer f.Close()
	staging := filepath.Join(b.root, stagingDir)
	c, err := os.CreateTemp(staging, filepath.Base(path)+"~*")
	if err != nil {
		return nil, storageError(err)
	}
	err = copyRange(ctx, c, f, length, func(int64) error { return nil })
	if err == nil && !tryLock(c, false) {
		err = takenOver()
	}
	if err == nil {
		err = storageError(b.putInPlace(c, path))
	}
	if err != nil {
		_ = os.Remove(c.Name())
		c.Close()
		return nil, err
	}
	return c, nil
}

// putInPlace makes c what the path names, durably.
func (b *Blobs) putInPlace(c *os.File, path string) error {
	if err := b.dataSync(c); err != nil {
		return err
	}
	if err := os.Rename(c.Name(), path); err != nil {
		return err
	}
	return b.syncDir(filepath.Dir(path))
}

// copyStep is how much is copied between two looks at the context.
const copyStep = 16 << 20

// copyRange copies the first n bytes of src to where dst stands, inside the
// kernel where it can (copy_file_range(2)), and tells how far it is. Expired
// when src has fewer.
func copyRange(ctx context.Context, dst, src *os.File, n int64, tell func(copied int64) error) error {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return storageError(err)
	}
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		got, err := io.CopyN(dst, src, min(n, copyStep))
		if err == io.EOF {
			return stageGone()
		}
		if err == nil {
			err = tell(got)
		}
		if err != nil {
			return storageError(err)
		}
		n -= got
	}
	return nil
}
