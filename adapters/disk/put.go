package disk

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"doorito/domain"
)

// Put makes a blob under its name at once; see ports.Blobs. What no journal takes
// is synced by itself: the file first, which commits its name too on most file
// systems, so that the folder's own sync has nothing left to wait for.
func (b *Blobs) Put(ctx context.Context, key string, data []byte) error {
	if err := domain.CheckStorageKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	path := b.path(key)
	err := b.putNew(path, key, data)
	if errors.Is(err, fs.ErrNotExist) { // the folder was removed since we made it
		b.durable.Clear()
		err = b.putNew(path, key, data)
	}
	if errors.Is(err, fs.ErrExist) {
		return domain.WrapError(domain.Conflict, err, "The storage has a file under this key already.")
	}
	return storageError(err)
}

func (b *Blobs) putNew(path, key string, data []byte) error {
	dir := filepath.Dir(path)
	if err := b.makeDurable(dir); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	safe := err == nil && b.journals.put(key, f, data)
	if err == nil && !safe {
		err = b.dataSync(f)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil && !safe {
		err = b.syncDir(dir)
	}
	return err // what is there stays: it may be another's by now
}
