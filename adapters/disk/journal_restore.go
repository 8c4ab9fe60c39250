package disk

import (
	"bytes"
	"io"
	"os"
	"path/filepath"

	"doorito/domain"
)

// openJournals takes over what processes that are gone left in their journals.
// As long as the machine did not stop, the kernel has their blobs: a sync is all
// they need. Else those are made again that did not get to the disk.
func (b *Blobs) openJournals() error {
	dir := filepath.Join(b.root, journalDir)
	left, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	for _, e := range left {
		if err := b.takeOver(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (b *Blobs) takeOver(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if os.IsNotExist(err) {
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
	if err := os.Remove(path); !os.IsNotExist(err) { // another may have been as fast
		return err
	}
	return nil
}

// restore makes durable all blobs that a journal has records of. missing says
// that those which are not there may have been lost, and not removed, if the
// machine was started since.
func (b *Blobs) restore(f *os.File, missing bool) error {
	raw, err := io.ReadAll(io.NewSectionReader(f, 0, journalSize))
	if err != nil {
		return err
	}
	boot, _ := readJournal(raw, func(string, []byte) error { return nil })
	missing = missing && (boot == "" || boot != b.journals.boot)
	if _, err := readJournal(raw, func(key string, data []byte) error { return b.restoreOne(key, data, missing) }); err != nil {
		return err
	}
	return b.journals.save(f)
}

// restoreOne writes a blob again that was lost. One with other bytes has taken
// its place since, and stays.
func (b *Blobs) restoreOne(key string, data []byte, missing bool) error {
	if domain.CheckStorageKey(key) != nil {
		return nil
	}
	got, err := os.ReadFile(b.path(key))
	if isMissing(err) && !missing || err == nil && !lost(got, data) {
		return nil
	}
	staged, err := os.CreateTemp(filepath.Join(b.root, stagingDir), stagedPrefix(key)+"*")
	if err != nil {
		return err
	}
	defer os.Remove(staged.Name()) // nothing once it has its key
	defer staged.Close()
	if _, err := staged.Write(data); err != nil {
		return err
	}
	if err := dataSync(staged); err != nil {
		return err
	}
	return b.publish(staged.Name(), key)
}

// lost tells whether got is what a file system may leave of data when the
// machine stops: another length, or zeros where nothing was written.
func lost(got, data []byte) bool {
	if len(got) != len(data) {
		return true
	}
	if bytes.Equal(got, data) {
		return false
	}
	for i, c := range got {
		if c != 0 && c != data[i] {
			return false
		}
	}
	return true
}
