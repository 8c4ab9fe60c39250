package disk

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"doorito/ports"
)

var _ ports.Inventory = (*Blobs)(nil)

// inventoryPage is how many files are told of at once.
const inventoryPage = 1000

// Holdings implements ports.Inventory. Staged files of keys whose names do not
// fit into one are not among them.
func (b *Blobs) Holdings(ctx context.Context, prefix string, visit func([]ports.Holding) error) error {
	var page []ports.Holding
	err := filepath.WalkDir(b.root, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone since its folder was read
		}
		if err == nil {
			err = ctx.Err()
		}
		if e != nil && e.IsDir() && e.Name() == journalDir {
			return fs.SkipDir
		}
		if err != nil || e.IsDir() {
			return err
		}
		h, ours := b.holding(path)
		info, err := e.Info()
		if err != nil || !ours || !strings.HasPrefix(h.Key, prefix) {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		h.Changed = info.ModTime().UTC()
		if page = append(page, h); len(page) < inventoryPage {
			return nil
		}
		full := page
		page = nil
		return visit(full)
	})
	var foreign *fs.PathError
	if errors.As(err, &foreign) {
		return storageError(err)
	}
	if err != nil || len(page) == 0 {
		return err
	}
	return visit(page)
}

// holding tells whose file it is.
func (b *Blobs) holding(path string) (ports.Holding, bool) {
	name, err := filepath.Rel(b.root, path)
	if err != nil {
		return ports.Holding{}, false
	}
	name = filepath.ToSlash(name)
	if staged, ok := strings.CutPrefix(name, stagingDir+"/"); ok {
		key, known := stagedKey(staged)
		return ports.Holding{Key: key}, known
	}
	return ports.Holding{Key: name, Blob: true}, true
}
