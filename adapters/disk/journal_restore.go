package disk

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"doorito/domain"
)

// adoptJournals makes durable what processes that are gone had in their journals.
// What it cannot do is left for the next time: a storage that is full or cannot
// be written may still be read. A start waits for another's.
func (b *Blobs) adoptJournals(start bool) {
	unlock, err := lockFolder(b.journals.dir, start)
	if err != nil {
		if !os.IsNotExist(err) && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, errBusy) {
			b.log.Error("the journals of small files cannot be looked at", "error", err)
		}
		return
	}
	defer unlock()
	left, err := os.ReadDir(b.journals.dir)
	for _, e := range left {
		if e.Type().IsRegular() {
			err = errors.Join(err, b.adoptJournal(filepath.Join(b.journals.dir, e.Name()), start))
		}
	}
	if err != nil {
		b.log.Error("small files in a journal could not be written again; it is kept, and tried again later", "error", err)
	}
}

// adoptJournal takes what is missing for lost, unless a journal whose process may
// live lies there for long.
func (b *Blobs) adoptJournal(path string, start bool) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if os.IsNotExist(err) { // its process has ended well meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if !lockAlone(f) {
		return nil // its process lives
	}
	failed := strings.HasSuffix(path, journalFailed)
	if err := b.restore(f, start || !failed, failed); err != nil {
		return err
	}
	return errors.Join(os.Remove(path), syncFolder(b.journals.dir))
}

// restore makes durable the blobs that a journal has records of. missing says
// that those which are not there may have been lost; else they were removed. anew
// says that what is read of them proves nothing.
func (b *Blobs) restore(journal *os.File, missing, anew bool) error {
	raw, err := io.ReadAll(io.NewSectionReader(journal, 0, journalSize))
	if err != nil {
		return err
	}
	last := map[string]record{}
	for _, r := range readJournal(raw) {
		last[r.key] = r
	}
	var errs []error
	for _, r := range last {
		if domain.CheckStorageKey(r.key) == nil {
			errs = append(errs, b.restoreOne(r, journal, missing, anew))
		}
	}
	return errors.Join(append(errs, b.journals.save(journal))...)
}

// restoreOne writes a blob again, unless it is right, and synced by itself: that
// tells of an error which a sync of all has told somebody else. Another file under
// the key has taken its place since, unless that is empty, as a file system leaves
// what it had not written.
func (b *Blobs) restoreOne(r record, journal *os.File, missing, anew bool) error {
	f, err := os.Open(b.path(r.key))
	if isMissing(err) {
		if !missing {
			return nil
		}
		return b.rewrite(r, journal)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	is := identify(f)
	switch ours := is.inode == r.file.inode && is.born == r.file.born; {
	case ours && (anew || !isRight(f, r.data)), info.Size() == 0 && len(r.data) > 0:
		return b.rewrite(r, journal)
	}
	return dataSync(f)
}

// isRight tells whether a file has these bytes, and has them on the disk.
func isRight(f *os.File, data []byte) bool {
	got, err := io.ReadAll(io.LimitReader(f, int64(len(data))+1))
	return err == nil && bytes.Equal(got, data) && dataSync(f) == nil
}

func (b *Blobs) rewrite(r record, journal *os.File) error {
	staged, err := os.CreateTemp(filepath.Join(b.root, stagingDir), stagedPrefix(r.key)+"*")
	if err != nil {
		return err
	}
	defer os.Remove(staged.Name()) // nothing once it has its key
	defer staged.Close()
	if _, err := staged.Write(r.data); err != nil {
		return err
	}
	if err := errors.Join(sameOwner(staged, journal), dataSync(staged)); err != nil {
		return err
	}
	dir := filepath.Dir(b.path(r.key))
	if err := b.makeDurable(dir); err != nil {
		return err
	}
	if err := os.Rename(staged.Name(), b.path(r.key)); err != nil {
		if _, gone := os.Lstat(staged.Name()); os.IsNotExist(gone) {
			return nil // by Delete of its key
		}
		b.durable.Clear() // its folder may be gone
		return err
	}
	return syncFolder(dir)
}
