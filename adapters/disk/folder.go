package disk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"doorito/domain"
)

// longestName leaves room in a file's name (255 bytes) for what follows the key.
const longestName = 200

// stagedPrefix is what the names of all staged files of a key begin with: the
// key, so that what a dead process left can be told; a hash where that is too
// long for a file's name.
func stagedPrefix(key string) string {
	name := strings.ReplaceAll(url.PathEscape(key), "~", "%7E")
	if len(name) > longestName {
		sum := sha256.Sum256([]byte(key))
		name = "%" + hex.EncodeToString(sum[:])
	}
	return name + "~"
}

// stagedKey is the key of a staged file; not known where its name is a hash.
func stagedKey(name string) (key string, known bool) {
	escaped, _, staged := strings.Cut(name, "~")
	key, err := url.PathUnescape(escaped)
	return key, staged && err == nil && stagedPrefix(key) == escaped+"~" && domain.CheckStorageKey(key) == nil
}

// publish gives the staged file its key and makes that durable.
func (b *Blobs) publish(staged, key string) error {
	final := b.path(key)
	dir := filepath.Dir(final)
	if err := b.makeDurable(dir); err != nil {
		return err
	}
	err := os.Rename(staged, final)
	if errors.Is(err, fs.ErrNotExist) {
		// The folder was removed since we made it, or Delete took the staged
		// file away: only the first can be helped.
		b.durable.Clear()
		if err := b.makeDurable(dir); err != nil {
			return err
		}
		err = os.Rename(staged, final)
	}
	if err != nil {
		return err
	}
	if err := b.syncDir(dir); err != nil {
		_ = os.Remove(final) // what may not survive a power cut is not shown
		return err
	}
	return nil
}

// makeDurable makes dir and its parents up to the root, and syncs each
// parent's list once in the life of the process: the folder may have been made
// by a process that died before its own sync.
func (b *Blobs) makeDurable(dir string) error {
	if _, known := b.durable.Load(dir); known {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for d := dir; d != b.root; d = filepath.Dir(d) {
		if err := b.syncDir(filepath.Dir(d)); err != nil {
			return err
		}
	}
	b.durable.Store(dir, true)
	return nil
}

// syncDir makes the names in a folder durable.
func (b *Blobs) syncDir(dir string) error {
	if b.lazy {
		return nil
	}
	return syncFolder(dir)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// isMissing tells whether there is nothing under a path, also because a parent
// is a file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// readError is storageError where a missing file means that there is no blob.
func readError(err error) error {
	if isMissing(err) {
		return domain.WrapError(domain.NotFound, err, "There is no such file in the storage.")
	}
	return storageError(err)
}

// storageError turns what the file system says into a domain error.
func storageError(err error) error {
	switch {
	case err == nil:
		return nil
	case isMissing(err):
		return domain.WrapError(domain.Unavailable, err, "The storage folder is gone. Ask an admin to check the disk, then try again.")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return domain.WrapError(domain.Unavailable, err, "The storage is full. Ask an admin to free space, then send the file again.")
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return domain.WrapError(domain.Unavailable, err, "The storage folder cannot be written. Ask an admin to check its permissions.")
	}
	return domain.WrapError(domain.Unavailable, err, "The storage does not work right now. Try again in a minute.")
}
