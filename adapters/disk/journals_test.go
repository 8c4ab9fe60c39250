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

// A disk that takes no more: whatever is read of the blobs, they are written anew;
// when that fails too, their records stay for the next who tries.
func TestBlobsThatCannotBeSyncedStayInTheJournal(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := journaled(t, root, 1<<20)
	fails := 0
	disk.OnSave(b, func(_ *os.File, sync func() error) error {
		if fails > 0 {
			fails--
			return errors.New("no space")
		}
		return sync()
	})
	file := func(i int) os.FileInfo {
		info, err := os.Stat(filepath.Join(root, keyOf(i)))
		must(t, err)
		return info
	}
	turn := func(failing, ready int, written ...int) {
		t.Helper()
		before := map[int]os.FileInfo{}
		for _, i := range written {
			before[i] = file(i)
		}
		fails = failing
		disk.TurnJournals(b)
		if n := disk.JournalsReady(b); n != ready || fails != 0 {
			t.Errorf("%d journals, %d syncs to come", n, fails)
		}
		for i, info := range before {
			if os.SameFile(info, file(i)) {
				t.Errorf("number %d was not written anew", i)
			}
		}
	}
	mustPut(t, b, 0, 3)
	must(t, b.Delete(t.Context(), keyOf(2)))
	turn(1, 2, 0, 1)
	mustPut(t, b, 3, 5)
	turn(3, 1, 3, 4) // of the one who adopts it at once, too
	mustPut(t, b, 5, 6)
	if keys := records(t, journalFiles(t, root)...); len(keys) != 3 {
		t.Errorf("records of %v", keys)
	}
	disk.AbandonJournals(b)
	must(t, os.Remove(filepath.Join(root, keyOf(4))))
	again := mustNew(t, root)
	for _, i := range []int{0, 1, 3, 4, 5} {
		mustHave(t, again, keyOf(i), bytesOf(i))
	}
	if _, err := again.Stat(t.Context(), keyOf(2)); !domain.IsCode(err, domain.NotFound) {
		t.Error("what was removed is there again", err)
	}
	if left := journalFiles(t, root); len(left) != 0 {
		t.Errorf("left are %v", left)
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
	if n := disk.JournalsReady(b); n != 0 {
		t.Errorf("%d journals", n)
	}
	mustPut(t, b, 3, 4)
	for i := range 4 {
		mustHave(t, b, keyOf(i), bytesOf(i))
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
	if n := disk.JournalsReady(b); n != 0 {
		t.Errorf("%d journals", n)
	}
	for i := range 3 {
		mustHave(t, b, keyOf(i), bytesOf(i))
	}
}
