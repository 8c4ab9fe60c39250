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
// be written may still be read.
func (b *Blobs) adoptJournals() {
	unlock, err := lockFolder(b.journals.dir)
	if err != nil {
		if !os.IsNotExist(err) && !errors.Is(err, errors.ErrUnsupported) {
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
		b.log.Error("small files of a process that was killed may be missing; the next start tries again", "error", err)
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
	if !lockAlone(f) {
		return nil // its process lives
	}
	if err := b.restore(f, true); err != nil {
		return err
	}
	if err := os.Remove(path); !os.IsNotExist(err) {
		return err
	}
	return nil
}

// restore makes durable the blobs that a journal has records of. missing says
// that those which are not there may have been lost; else they were removed.
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
		if domain.CheckStorageKey(r.key) == nil && b.isLost(r, missing) {
			errs = append(errs, b.rewrite(r, journal))
		}
	}
	return errors.Join(append(errs, b.journals.save(journal))...)
}

// isLost tells whether a blob has to be written again. What is there and right is
// synced by itself: that tells of an error which a sync of all has told somebody
// else. Another file under the key has taken the blob's place since, unless it is
// empty, as a file system leaves what it had not written.
func (b *Blobs) isLost(r record, missing bool) bool {
	f, err := os.Open(b.path(r.key))
	if err != nil {
		return missing && isMissing(err)
	}
	defer f.Close()
	got, err := io.ReadAll(f)
	if err == nil && bytes.Equal(got, r.data) {
		return dataSync(f) != nil
	}
	return inodeOf(f) == r.inode || err == nil && len(got) == 0
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
	err = b.publish(staged.Name(), r.key)
	if _, gone := os.Lstat(staged.Name()); err != nil && os.IsNotExist(gone) {
		return nil // the blob was removed meanwhile
	}
	return err
}
