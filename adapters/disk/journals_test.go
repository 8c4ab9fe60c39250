package disk_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"doorito/adapters/disk"
	"doorito/domain"
	"doorito/ports"
)

// A record is forgotten only when its blob is on the disk.
func TestJournalsAreEmptiedAfterASync(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := journaled(t, root, 10<<12)
	saved := map[string]bool{}
	disk.OnSave(b, func(journal *os.File, sync func() error) error {
		keys := records(t, journal.Name())
		for _, key := range keys {
			if info, err := os.Stat(filepath.Join(root, key)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %v", key, err)
			}
		}
		err := sync()
		for _, key := range keys {
			saved[key] = true
		}
		return err
	})
	for i := range 40 {
		mustPut(t, b, i, i+1)
		if n := disk.JournalsReady(b); n != 2 {
			t.Fatalf("%d journals are ready", n)
		}
		inJournal := map[string]bool{}
		for _, key := range records(t, journalFiles(t, root)...) {
			inJournal[key] = true
		}
		for k := range i + 1 {
			if !saved[keyOf(k)] && !inJournal[keyOf(k)] {
				t.Fatalf("after %d, number %d is neither synced nor in a journal", i, k)
			}
		}
	}
	if len(saved) < 20 {
		t.Errorf("only %d were synced", len(saved))
	}
	disk.TurnJournals(b)
	disk.JournalsReady(b)
	disk.TurnJournals(b)
	disk.JournalsReady(b)
	if keys := records(t, journalFiles(t, root)...); len(keys) != 0 || len(saved) != 40 {
		t.Errorf("in journals %v, synced %d", keys, len(saved))
	}
}

func TestJournalsAreEmptiedWhenTheyAreOld(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := mustNew(t, root)
	disk.StartJournals(b, 1<<20, time.Millisecond)
	synced := make(chan int, 100)
	disk.OnSave(b, func(journal *os.File, sync func() error) error {
		synced <- len(records(t, journal.Name()))
		return sync()
	})
	mustPut(t, b, 0, 1)
	if n := <-synced; n != 1 {
		t.Errorf("%d records", n)
	}
	mustClose(t, b)
}

// A disk that takes no more: whatever is read of the blobs, they are written anew,
// until that works.
func TestBlobsThatCannotBeSyncedAreWrittenAnew(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := mustNew(t, root)
	disk.StartJournals(b, 1<<20, 20*time.Millisecond)
	var fails atomic.Int64
	disk.OnSave(b, func(_ *os.File, sync func() error) error {
		if fails.Add(-1) >= 0 {
			return errors.New("no space")
		}
		return sync()
	})
	mustPut(t, b, 0, 3)
	var before []os.FileInfo
	for i := range 2 {
		info, err := os.Stat(filepath.Join(root, keyOf(i)))
		must(t, err)
		before = append(before, info)
	}
	must(t, b.Delete(t.Context(), keyOf(2)))
	fails.Store(5)
	disk.TurnJournals(b)
	if n := disk.JournalsReady(b); n != 2 || fails.Load() >= 0 {
		t.Errorf("%d journals, %d failures to come", n, fails.Load())
	}
	for i, info := range before {
		mustHave(t, b, keyOf(i), bytesOf(i))
		if now, err := os.Stat(filepath.Join(root, keyOf(i))); err != nil || os.SameFile(info, now) {
			t.Errorf("number %d was not written anew: %v", i, err)
		}
	}
	if _, err := b.Stat(t.Context(), keyOf(2)); !domain.IsCode(err, domain.NotFound) {
		t.Error("what was removed is there again", err)
	}
	mustClose(t, b)
}

// An error of the disk is told but once: after it, a sync that goes well says
// nothing of blobs that could not be written anew.
func TestASyncThatGoesWellAfterOneThatFailedProvesNothing(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	staging, away := filepath.Join(root, ".staging"), filepath.Join(root, "away")
	b := mustNew(t, root)
	disk.StartJournals(b, 1<<20, 20*time.Millisecond)
	syncs := 0
	disk.OnSave(b, func(_ *os.File, sync func() error) error {
		switch syncs++; syncs {
		case 1:
			must(t, os.Rename(staging, away)) // nothing can be written anew
			return errors.New("bad block")
		case 2:
			must(t, os.Rename(away, staging))
		}
		return sync()
	})
	mustPut(t, b, 0, 1)
	before, err := os.Stat(filepath.Join(root, keyOf(0)))
	must(t, err)
	disk.TurnJournals(b)
	if n := disk.JournalsReady(b); n != 2 {
		t.Errorf("%d journals", n)
	}
	if now, err := os.Stat(filepath.Join(root, keyOf(0))); err != nil || os.SameFile(before, now) {
		t.Error("it was not written anew", err)
	}
	mustClose(t, b)
}

// What could not be synced until the end waits for the next start.
func TestBlobsThatCannotBeSyncedStayInTheJournal(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := journaled(t, root, 1<<20)
	disk.OnSave(b, func(*os.File, func() error) error { return errors.New("no space") })
	mustPut(t, b, 0, 3)
	disk.TurnJournals(b)
	mustPut(t, b, 3, 5)
	if err := b.Close(); !domain.IsCode(err, domain.Unavailable) {
		t.Error(err)
	}
	if keys := records(t, journalFiles(t, root)...); len(keys) != 5 {
		t.Errorf("records of %v", keys)
	}
	for _, i := range []int{1, 4} { // the machine stops
		must(t, os.Remove(filepath.Join(root, keyOf(i))))
	}
	full := func(*os.File, func() error) error { return errors.New("no space yet") }
	for _, hook := range []func(*os.File, func() error) error{full, nil} {
		again := mustNew(t, root, disk.SavingWith(hook))
		if left := journalFiles(t, root); len(left) > 0 == (hook == nil) {
			t.Errorf("left are %v", left)
		}
		for i := range 5 {
			mustHave(t, again, keyOf(i), bytesOf(i))
		}
	}
}

// A process that is told to end at once has no timer touch what it ended.
func TestClosingBeforeJournalsAreOld(t *testing.T) {
	t.Parallel()
	for range 20 {
		b := mustNew(t, t.TempDir())
		disk.StartJournals(b, 64<<10, time.Millisecond)
		mustPut(t, b, 0, 2)
		mustClose(t, b)
		mustPut(t, b, 2, 3)
		mustHave(t, b, keyOf(2), bytesOf(2))
	}
}

// Without a journal that can be written, blobs are synced one by one.
func TestAJournalThatBreaksIsPutAside(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := journaled(t, root, 1<<20)
	disk.BreakJournals(b)
	mustPut(t, b, 0, 3)
	wantNoJournal(t, b)
}

// wantNoJournal wants three blobs to be there, another to be taken without a
// journal, and those that there were to be left.
func wantNoJournal(t *testing.T, b *disk.Blobs) {
	t.Helper()
	if n := disk.JournalsNow(b); n != 0 {
		t.Errorf("%d journals", n)
	}
	mustPut(t, b, 3, 4)
	for i := range 4 {
		mustHave(t, b, keyOf(i), bytesOf(i))
	}
	if err := b.Close(); !domain.IsCode(err, domain.Unavailable) {
		t.Error(err)
	}
}

func TestJournalsAreMadeWhenSmallBlobsAreMany(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := mustNew(t, root)
	disk.TrustFileSystem(b)
	mustPut(t, b, 0, disk.JournalAfter-1)
	if n := disk.JournalsReady(b); n != 0 {
		t.Errorf("%d journals", n)
	}
	mustPut(t, b, disk.JournalAfter-1, disk.JournalAfter)
	if n := disk.JournalsReady(b); n != 2 {
		t.Errorf("%d journals", n)
	}
	for _, name := range files(t, root) { // none can be read by others
		if strings.HasPrefix(name, ".staging") {
			t.Error(name)
		}
	}
	err := b.Holdings(t.Context(), "", func(page []ports.Holding) error {
		for _, h := range page {
			if !strings.HasPrefix(h.Key, "uploads/") {
				t.Errorf("%q is no blob", h.Key)
			}
		}
		return nil
	})
	must(t, err)
	mustClose(t, b)

	lazy := mustNew(t, t.TempDir(), disk.WithoutSync())
	mustPut(t, lazy, 0, 2*disk.JournalAfter)
	if n := disk.JournalsReady(lazy); n != 0 {
		t.Errorf("%d journals without syncing", n)
	}
}

// A blob counts as put when a sync that began after its record has ended, and a
// journal is emptied when nobody waits for it any more.
func TestTheOrderOfWhatJournalsDo(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := mustNew(t, root)
	var armed, saved atomic.Bool
	syncs := make(chan chan struct{})
	disk.OnJournalSync(b, func(_ *os.File, sync func() error) error {
		if armed.Load() {
			end := make(chan struct{})
			syncs <- end
			<-end
		}
		return sync()
	})
	disk.OnSave(b, func(_ *os.File, sync func() error) error {
		saved.Store(true)
		return sync()
	})
	disk.StartJournals(b, 1<<20, aWhile)
	armed.Store(true)
	saved.Store(false)

	done := make(chan int, 2)
	put := func(i int) {
		if err := b.Put(context.Background(), keyOf(i), bytesOf(i)); err != nil {
			t.Error(err)
		}
		done <- i
	}
	go put(0)
	first := <-syncs
	mustHave(t, b, keyOf(0), bytesOf(0))
	go put(1)
	for len(records(t, journalFiles(t, root)...)) < 2 {
		runtime.Gosched()
	}
	disk.TurnJournals(b)
	if len(done) > 0 {
		t.Error("it was put before a sync ended")
	}
	close(first)
	second := <-syncs
	if i := <-done; i != 0 || len(done) > 0 || saved.Load() {
		t.Errorf("number %d was put first, another too: %d, saved: %v", i, len(done), saved.Load())
	}
	close(second)
	if i := <-done; i != 1 {
		t.Errorf("number %d was put", i)
	}
	third := <-syncs
	if !saved.Load() {
		t.Error("the journal was emptied before the blobs were saved")
	}
	armed.Store(false)
	close(third)
	if n := disk.JournalsReady(b); n != 2 {
		t.Errorf("%d journals", n)
	}
}

// Without a sync of its record a blob is synced by itself.
func TestAJournalThatCannotBeSyncedIsPutAside(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := mustNew(t, root)
	var fails atomic.Bool
	disk.OnJournalSync(b, func(_ *os.File, sync func() error) error {
		if fails.Load() {
			return errors.New("no")
		}
		return sync()
	})
	disk.StartJournals(b, 1<<20, aWhile)
	fails.Store(true)
	mustPut(t, b, 0, 3)
	wantNoJournal(t, b)
}
