package disk

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"

	"doorito/domain"
)

// adoptJournals makes durable what processes that are gone had in their journals.
// What it cannot do is left for the next time: a storage that is full or cannot
// be written may still be read. A start waits for another's.
func (b *Blobs) adoptJournals(start bool) {
	unlock, err := lockFolder(b.journals.dir, start)
	if err != nil {
		if start && !os.IsNotExist(err) && !errors.Is(err, errors.ErrUnsupported) {
			b.log.Error("the journals of small files cannot be looked at", "error", err)
		}
		return
	}
	defer unlock()
	left, err := os.ReadDir(b.journals.dir)
	for _, e := range left {
		if e.Type().IsRegular() {
			err = errors.Join(err, b.adoptJournal(filepath.Join(b.journals.dir, e.Name())))
		}
	}
	if err != nil {
		b.log.Error("small files in a journal could not be written again; it is kept, and tried again later", "error", err)
	}
}

func (b *Blobs) adoptJournal(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if os.IsNotExist(err) { // its process has ended well meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if !lockAlone(f) || !isStill(f, path) {
		return nil // its process lives, or has ended well
	}
	if err := b.restore(f, true); err != nil {
		return err
	}
	return errors.Join(os.Remove(path), syncFolder(b.journals.dir))
}

// mend makes durable the blobs of a journal of this process that a sync could
// not. What is missing was removed.
func (b *Blobs) mend(journal *os.File) error {
	err := b.restore(journal, false)
	if err != nil {
		b.log.Error("small files could not be synced; they are kept in a journal, and tried again", "error", err)
	}
	return err
}

// restore writes anew the blobs that a journal has records of: what can be read of
// them may be in memory only, and an error of the disk is told but once. missing
// says that those which are not there may have been lost.
func (b *Blobs) restore(journal *os.File, missing bool) error {
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
			errs = append(errs, b.restoreOne(r, journal, missing))
		}
	}
	return errors.Join(append(errs, b.journals.save(journal))...)
}

// restoreOne leaves alone what has taken the blob's place since: another file with
// other bytes, unless it is empty, as a file system leaves what it had not
// written.
func (b *Blobs) restoreOne(r record, journal *os.File, missing bool) error {
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
	is := identify(f)
	ours := is.inode == r.file.inode && is.born == r.file.born
	if !ours {
		got, err := io.ReadAll(io.LimitReader(f, int64(len(r.data))+1))
		if err != nil {
			return err
		}
		if len(got) > 0 && !bytes.Equal(got, r.data) {
			return nil
		}
	}
	return b.rewrite(r, journal)
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
