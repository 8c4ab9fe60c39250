package disk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"doorito/adapters/disk"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/portstest"
)

const aWhile = time.Hour // longer than a test

// journaled is a storage whose small blobs go to journals from the first on.
func journaled(t testing.TB, root, boot string, size int64) *disk.Blobs {
	t.Helper()
	b := mustNew(t, root, disk.WithBoot(boot))
	disk.StartJournals(b, size, aWhile)
	if n := disk.JournalsReady(b); n != 2 {
		t.Fatalf("%d journals", n)
	}
	return b
}

func TestBlobsWithJournals(t *testing.T) {
	t.Parallel()
	portstest.Blobs(t, func(t *testing.T) ports.Blobs {
		b := journaled(t, t.TempDir(), "one", 1<<20)
		t.Cleanup(func() { mustClose(t, b) })
		return b
	})
}

func mustClose(t testing.TB, b *disk.Blobs) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func keyOf(i int) string { return fmt.Sprintf("uploads/2026/11/%04d", i) }

// bytesOf are those of the blob with this number; they have zeros among them.
func bytesOf(i int) []byte { return append(portstest.Bytes(1000+7*i), 0, 0, byte(i)) }

func mustPut(t testing.TB, b *disk.Blobs, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := b.Put(context.Background(), keyOf(i), bytesOf(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func mustHave(t testing.TB, b *disk.Blobs, key string, want []byte) {
	t.Helper()
	r, err := b.Open(context.Background(), key, 0, -1)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s has %d other bytes, %v", key, len(got), err)
	}
}

// journalFiles are those in a root.
func journalFiles(t testing.TB, root string) (all []string) {
	t.Helper()
	for _, name := range inFolder(t, filepath.Join(root, ".journal")) {
		all = append(all, filepath.Join(root, ".journal", name))
	}
	return all
}

func inFolder(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// records are the keys in journals.
func records(t testing.TB, paths ...string) (keys []string) {
	t.Helper()
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = disk.ReadJournal(raw, func(key string, _ []byte) error {
			keys = append(keys, key)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// When the machine stops before the files of blobs are on the disk, the next
// start makes them again, and nothing else.
func TestAStopOfTheMachineLosesNoSmallBlob(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	path := func(i int) string { return filepath.Join(root, keyOf(i)) }
	b := journaled(t, root, "one", 1<<20)
	mustPut(t, b, 0, 8)
	zeros := make([]byte, len(bytesOf(3)))
	part := append(bytes.Clone(bytesOf(4)[:500]), make([]byte, len(bytesOf(4))-500)...)
	other := portstest.Bytes(len(bytesOf(5)) + 1)[1:]
	disk.AbandonJournals(b)
	must(t, os.Remove(path(1)))
	must(t, os.Truncate(path(2), 0))
	must(t, os.WriteFile(path(3), zeros, 0o600))
	must(t, os.WriteFile(path(4), part, 0o600))
	must(t, os.WriteFile(path(5), other, 0o600)) // stored again, another way

	again := mustNew(t, root, disk.WithBoot("two"))
	for i := range 8 {
		want := bytesOf(i)
		if i == 5 {
			want = other
		}
		mustHave(t, again, keyOf(i), want)
	}
	if left := journalFiles(t, root); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
	if left := inFolder(t, filepath.Join(root, ".staging")); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}

// The end of a process loses nothing that the kernel has: what was removed
// stays so.
func TestTheEndOfAProcessBringsNothingBack(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := journaled(t, root, "one", 1<<20)
	mustPut(t, b, 0, 3)
	must(t, b.Delete(t.Context(), keyOf(1)))
	disk.AbandonJournals(b)
	must(t, os.Truncate(filepath.Join(root, keyOf(2)), 10)) // the disk was full, say

	again := mustNew(t, root, disk.WithBoot("one"))
	mustHave(t, again, keyOf(0), bytesOf(0))
	mustHave(t, again, keyOf(2), bytesOf(2))
	if _, err := again.Stat(t.Context(), keyOf(1)); !domain.IsCode(err, domain.NotFound) {
		t.Error("it is there again", err)
	}
	if left := journalFiles(t, root); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}

func TestTheJournalsOfALivingProcessAreItsOwn(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := journaled(t, root, "one", 1<<20)
	mustPut(t, b, 0, 3)
	other := mustNew(t, root, disk.WithBoot("two"))
	if left := journalFiles(t, root); len(left) != 2 || len(records(t, left...)) != 3 {
		t.Errorf("journals %v", left)
	}
	mustHave(t, other, keyOf(1), bytesOf(1))
	mustClose(t, b)
	if left := journalFiles(t, root); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
	mustPut(t, b, 3, 4) // one by one now
	mustHave(t, b, keyOf(3), bytesOf(3))
}

// A record is forgotten only when its blob is on the disk.
func TestJournalsAreEmptiedAfterASync(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := journaled(t, root, "one", 10<<12)
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

// A disk that takes no more: the blobs are written anew; when that fails too,
// their records stay for the next start.
func TestBlobsThatCannotBeSyncedStayInTheJournal(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := journaled(t, root, "one", 1<<20)
	failing := errors.New("no space")
	var mu sync.Mutex
	fails, victim := 1, 1
	disk.OnSave(b, func(_ *os.File, sync func() error) error {
		mu.Lock()
		defer mu.Unlock()
		if fails--; fails >= 0 {
			must(t, os.Truncate(filepath.Join(root, keyOf(victim)), 3))
			return failing
		}
		return sync()
	})
	mustPut(t, b, 0, 3)
	disk.TurnJournals(b)
	if n := disk.JournalsReady(b); n != 2 {
		t.Errorf("%d journals", n)
	}
	mustHave(t, b, keyOf(1), bytesOf(1))

	mu.Lock()
	fails, victim = 2, 3
	mu.Unlock()
	mustPut(t, b, 3, 5)
	disk.TurnJournals(b)
	if n := disk.JournalsReady(b); n != 1 {
		t.Errorf("%d journals", n)
	}
	mustPut(t, b, 5, 6)
	if keys := records(t, journalFiles(t, root)...); len(keys) != 3 {
		t.Errorf("records of %v", keys)
	}
	disk.AbandonJournals(b)
	again := mustNew(t, root, disk.WithBoot("two"))
	for i := range 6 {
		mustHave(t, again, keyOf(i), bytesOf(i))
	}
}

// Without a journal that can be written, blobs are synced one by one.
func TestAJournalThatBreaksIsPutAside(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := journaled(t, root, "one", 1<<20)
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

// What was being added when the power went does not spoil what was there.
func TestARecordThatIsNotWholeEndsTheJournal(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func(raw []byte) []byte{
		"cut off":          func(raw []byte) []byte { return raw[:4096+2*4096+50] },
		"a bit":            func(raw []byte) []byte { raw[4096+2*4096+100] ^= 1; return raw },
		"its length":       func(raw []byte) []byte { raw[4096+2*4096+7] = 0xff; return raw },
		"an earlier turn":  func(raw []byte) []byte { raw[4096+2*4096+8]--; return raw },
		"all of the third": func(raw []byte) []byte { clear(raw[3*4096 : 4*4096]); return raw },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			b := journaled(t, root, "one", 1<<20)
			mustPut(t, b, 0, 4)
			disk.AbandonJournals(b)
			for _, path := range journalFiles(t, root) {
				if len(records(t, path)) == 0 {
					continue
				}
				raw, err := os.ReadFile(path)
				must(t, err)
				must(t, os.WriteFile(path, spoil(raw), 0o600))
			}
			for i := range 4 {
				must(t, os.Remove(filepath.Join(root, keyOf(i))))
			}
			again := mustNew(t, root, disk.WithBoot("two"))
			for i := range 2 {
				mustHave(t, again, keyOf(i), bytesOf(i))
			}
			if _, err := again.Stat(t.Context(), keyOf(2)); !domain.IsCode(err, domain.NotFound) {
				t.Error("it was made of a record that is not whole", err)
			}
		})
	}
}

func FuzzJournal(f *testing.F) {
	root := f.TempDir()
	b := journaled(f, root, "boot", 64<<10)
	mustPut(f, b, 0, 3)
	disk.AbandonJournals(b)
	for _, path := range journalFiles(f, root) {
		raw, err := os.ReadFile(path)
		must(f, err)
		f.Add(raw)
		f.Add(raw[:5000])
	}
	f.Add([]byte(nil))
	head := make([]byte, 4096)
	for _, path := range journalFiles(f, root) {
		raw, err := os.ReadFile(path)
		must(f, err)
		copy(head, raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		read := func(file []byte) (keys, contents []string) {
			_, err := disk.ReadJournal(file, func(key string, data []byte) error {
				keys, contents = append(keys, key), append(contents, string(data))
				return nil
			})
			must(t, err)
			return keys, contents
		}
		read(raw)
		read(append(bytes.Clone(head), raw...))
		// What was added comes back, and what follows does not count.
		key := string(raw[:min(len(raw), 100)])
		keys, contents := read(append(disk.AppendRecord(bytes.Clone(head), 1, key, raw), 1, 2, 3))
		if len(keys) != 1 || keys[0] != key || contents[0] != string(raw) {
			t.Errorf("%q came back as %q", key, keys)
		}
	})
}
