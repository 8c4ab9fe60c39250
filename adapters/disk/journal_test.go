package disk_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorito/adapters/disk"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/portstest"
)

const aWhile = time.Hour // longer than a test

// journaled is a storage whose small blobs go to journals from the first on.
func journaled(t testing.TB, root string, size int64) *disk.Blobs {
	t.Helper()
	b := mustNew(t, root)
	disk.StartJournals(b, size, aWhile)
	if n := disk.JournalsReady(b); n != 2 {
		t.Fatalf("%d journals", n)
	}
	return b
}

func TestBlobsWithJournals(t *testing.T) {
	t.Parallel()
	portstest.Blobs(t, func(t *testing.T) ports.Blobs {
		b := journaled(t, t.TempDir(), 1<<20)
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
		if name != "lost+found" {
			all = append(all, filepath.Join(root, ".journal", name))
		}
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
		must(t, err)
		keys = append(keys, disk.JournalKeys(raw)...)
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
	b := journaled(t, root, 1<<20)
	mustPut(t, b, 0, 10)
	replaced := func(i int, data []byte) {
		w, err := b.Create(t.Context(), keyOf(i), int64(len(data)))
		must(t, err)
		_, err = w.Write(data)
		must(t, err)
		must(t, w.Commit(t.Context()))
	}
	replaced(9, []byte("in between"))
	replaced(9, []byte("in the end"))
	want := map[int][]byte{9: []byte("in the end"), 5: []byte("other"), 6: make([]byte, len(bytesOf(6))), 8: []byte("put again")}
	replaced(5, want[5])
	replaced(6, want[6])
	must(t, b.Delete(t.Context(), keyOf(8)))
	must(t, b.Put(t.Context(), keyOf(8), want[8]))
	disk.AbandonJournals(b)

	must(t, os.Remove(path(1)))
	must(t, os.Truncate(path(2), 0))
	must(t, os.WriteFile(path(3), make([]byte, len(bytesOf(3))), 0o600))
	must(t, os.WriteFile(path(4), []byte("what the blocks had before"), 0o600))
	must(t, os.Remove(path(7))) // the folder was copied to another disk
	must(t, os.WriteFile(path(7), nil, 0o600))
	must(t, os.Remove(path(8)))

	again := mustNew(t, root)
	for i := range 10 {
		data, ok := want[i]
		if !ok {
			data = bytesOf(i)
		}
		mustHave(t, again, keyOf(i), data)
	}
	if left := append(journalFiles(t, root), inFolder(t, filepath.Join(root, ".staging"))...); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}

// Who sends bytes that look like records of a journal writes no other's file.
func TestRecordsCannotBeForged(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := journaled(t, root, 1<<20)
	must(t, b.Put(t.Context(), keyOf(0), []byte("right")))
	forge := func() []byte {
		for _, path := range journalFiles(t, root) {
			raw, err := os.ReadFile(path)
			must(t, err)
			if len(disk.JournalKeys(raw)) > 0 {
				// The pages of a long record but its first are all the sender's.
				data := make([]byte, 4096-34-len(keyOf(1)))
				for range 20 {
					data = append(data, disk.AppendRecord(raw[:4096:4096], disk.TurnOf(raw)+1, keyOf(0), []byte("forged"))[4096:]...)
				}
				return data
			}
		}
		t.Fatal("no journal has records")
		return nil
	}
	must(t, b.Put(t.Context(), keyOf(1), forge()))
	for range 2 {
		disk.TurnJournals(b)
		disk.JournalsReady(b)
	}
	must(t, b.Put(t.Context(), keyOf(2), make([]byte, 5000))) // up to where the forged ones begin
	disk.AbandonJournals(b)
	if keys := records(t, journalFiles(t, root)...); len(keys) != 1 {
		t.Errorf("records of %v", keys)
	}
	mustHave(t, mustNew(t, root), keyOf(0), []byte("right"))
}

// A storage that cannot be written can be read; what was left waits.
func TestJournalsThatCannotBeAdoptedStay(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := journaled(t, root, 1<<20)
	mustPut(t, b, 0, 2)
	disk.AbandonJournals(b)
	must(t, os.RemoveAll(filepath.Join(root, "uploads")))
	must(t, os.WriteFile(filepath.Join(root, "uploads"), nil, 0o600)) // in the way
	must(t, os.Mkdir(filepath.Join(root, ".journal", "lost+found"), 0o700))
	var log bytes.Buffer
	mustNew(t, root, disk.WithLog(slog.New(slog.NewTextHandler(&log, nil))))
	if !strings.Contains(log.String(), "small files") {
		t.Errorf("the log says %q", log.String())
	}
	must(t, os.Remove(filepath.Join(root, "uploads")))
	must(t, os.MkdirAll(filepath.Dir(filepath.Join(root, keyOf(0))), 0o700))
	must(t, os.Symlink("0000", filepath.Join(root, keyOf(0)))) // leads nowhere else
	mustNew(t, root)
	if keys := records(t, journalFiles(t, root)...); len(keys) != 2 {
		t.Errorf("records of %v", keys)
	}
	must(t, os.Remove(filepath.Join(root, keyOf(0))))
	again := mustNew(t, root)
	mustHave(t, again, keyOf(0), bytesOf(0))
	mustHave(t, again, keyOf(1), bytesOf(1))
}

func TestTheJournalsOfALivingProcessAreItsOwn(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := journaled(t, root, 1<<20)
	mustPut(t, b, 0, 3)
	other := mustNew(t, root)
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
			b := journaled(t, root, 1<<20)
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
			again := mustNew(t, root)
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
	b := journaled(f, root, 64<<10)
	mustPut(f, b, 0, 3)
	disk.AbandonJournals(b)
	var empty []byte
	for _, path := range journalFiles(f, root) {
		raw, err := os.ReadFile(path)
		must(f, err)
		f.Add(raw)
		f.Add(raw[:5000])
		long := bytes.Clone(raw)
		copy(long[4096+4:], "\xe0\xff\xff\xff")
		f.Add(long)
		empty = raw[:4096:4096]
	}
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, raw []byte) {
		disk.JournalKeys(raw)
		disk.JournalKeys(append(bytes.Clone(empty), raw...))
		// What was added comes back, and what follows does not count.
		key := string(raw[:min(len(raw), 100)])
		file := append(disk.AppendRecord(bytes.Clone(empty), disk.TurnOf(empty), key, raw), 1, 2, 3)
		keys, contents := disk.JournalKeys(file), disk.JournalData(file)
		if len(keys) != 1 || keys[0] != key || !bytes.Equal(contents[0], raw) {
			t.Errorf("%q came back as %q", key, keys)
		}
	})
}
