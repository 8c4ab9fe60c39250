package disk_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"doorito/adapters/disk"
	"doorito/domain"
	"doorito/e2e/services"
	"doorito/ports/portstest"
)

// Whatever the sizes of writes, and wherever checkpoints and requests end, the
// file has the bytes in order.
func TestBlocksAndWhatLiesBetweenThem(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	root, key, data := onDisk(t), "a/blocks", portstest.Bytes(12*disk.BlockSize+12345)
	b := mustNew(t, root)
	note, err := b.Begin(t.Context(), key, int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	w, at := mustAppend(t, b, key, note, 0), 0
	for at < len(data) {
		n := min(1+dice.IntN(3*disk.BlockSize/2), len(data)-at)
		mustWrite(t, w, data[at:at+n])
		at += n
		if dice.IntN(4) > 0 && at < len(data) {
			continue
		}
		if note, err = w.Checkpoint(t.Context())(); err != nil {
			t.Fatal(err)
		}
		if dice.IntN(2) == 0 {
			mustWrite(t, w, data[:dice.IntN(2*disk.BlockSize)]) // no checkpoint: it does not count
			_ = w.Close()
			w = mustAppend(t, b, key, note, int64(at))
		}
	}
	if err := b.Finish(t.Context(), key, note, int64(len(data)), nil); err != nil {
		t.Fatal(err)
	}
	sameFile(t, filepath.Join(root, key), data)
}

// All three ways in write blocks; the page cache has no more of them than what
// is written through it. Side by side with others no block might be left.
func TestLongFilesPassThePageCache(t *testing.T) {
	root, data := onDisk(t), portstest.Bytes(5*disk.BlockSize+4711)
	b := mustNew(t, root)
	ways := map[string]func(key string) error{
		"created": func(key string) error {
			w, err := b.Create(t.Context(), key, int64(len(data)))
			if err != nil {
				return err
			}
			if _, err := io.Copy(w, bytes.NewReader(data)); err != nil {
				return err
			}
			return w.Commit(t.Context())
		},
		"appended": func(key string) error {
			note, err := b.Begin(t.Context(), key, -1)
			if err != nil {
				return err
			}
			w := mustAppend(t, b, key, note, 0)
			mustWrite(t, w, data)
			if note, err = w.Checkpoint(t.Context())(); err != nil {
				return err
			}
			return b.Finish(t.Context(), key, note, int64(len(data)), nil)
		},
		"in a part": func(key string) error {
			note, err := b.Begin(t.Context(), key, -1)
			if err != nil {
				return err
			}
			if _, err := b.WritePart(t.Context(), key, note, 1, 0, int64(len(data)), bytes.NewReader(data)); err != nil {
				return err
			}
			return b.Finish(t.Context(), key, note, int64(len(data)), nil)
		},
	}
	for name, write := range ways {
		if err := write("a/" + name); err != nil {
			t.Fatal(name, err)
		}
		path := filepath.Join(root, "a", name)
		// The first block of what is appended may have been a small file's.
		if n := cached(t, path); n > disk.BlockSize+4711+os.Getpagesize() {
			t.Errorf("%s: %d of %d bytes are in the page cache", name, n, len(data))
		}
		sameFile(t, path, data)
	}
}

// What is not synced waits for no disk that is slower than what comes; what is
// synced would wait for it later.
func TestASlowDiskHasThePageCacheUsedWhereNothingIsSynced(t *testing.T) {
	data := portstest.Bytes(3 * disk.TryBlocks * disk.BlockSize)
	for _, c := range []struct {
		name   string
		how    []disk.Option
		aBlock time.Duration // the disk takes for one
		passed int           // blocks that pass the page cache
	}{
		{"nothing is synced, a slow disk", []disk.Option{disk.WithoutSync()}, time.Second, disk.TryBlocks},
		{"nothing is synced, a fast disk", []disk.Option{disk.WithoutSync()}, 0, 3 * disk.TryBlocks},
		{"synced, a slow disk", nil, time.Second, 3 * disk.TryBlocks},
	} {
		root := onDisk(t)
		synctest.Test(t, func(t *testing.T) {
			w, err := mustNew(t, root, c.how...).Create(t.Context(), "a/file", int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			disk.SlowDown(w, func() { time.Sleep(c.aBlock) })
			mustWrite(t, w, data)
			if err := w.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
		path := filepath.Join(root, "a", "file")
		if n := len(data) - cached(t, path); n != c.passed*disk.BlockSize {
			t.Errorf("%s: %d bytes passed the page cache, want %d blocks", c.name, n, c.passed)
		}
		sameFile(t, path, data)
	}
}

// A checkpoint waits for the blocks before it, and the writer for nothing.
func TestACheckpointDoesNotStopTheWriter(t *testing.T) {
	root, data := onDisk(t), portstest.Bytes(4*disk.BlockSize)
	synctest.Test(t, func(t *testing.T) {
		b := mustNew(t, root)
		note, err := b.Begin(t.Context(), "a/file", int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		w := mustAppend(t, b, "a/file", note, 0)
		mustWrite(t, w, data[:disk.BlockSize]) // through the page cache
		began := time.Now()
		disk.SlowDown(w, func() { time.Sleep(time.Second) })
		mustWrite(t, w, data[disk.BlockSize:2*disk.BlockSize]) // a second for the way past the cache
		written := w.Checkpoint(t.Context())
		mustWrite(t, w, data[2*disk.BlockSize:3*disk.BlockSize])
		if took := time.Since(began); took != time.Second {
			t.Errorf("the writer waited %s", took)
		}
		if _, err := written(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("the checkpoint was there after %s", took)
		}
		if note, err = w.Checkpoint(t.Context())(); err != nil {
			t.Fatal(err)
		}
		mustWrite(t, w, data[3*disk.BlockSize:])
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := b.Finish(t.Context(), "a/file", note, 3*disk.BlockSize, nil); err != nil {
			t.Fatal(err)
		}
	})
	sameFile(t, filepath.Join(root, "a", "file"), data[:3*disk.BlockSize])
}

func TestWithoutABlockThePageCacheDoes(t *testing.T) {
	defer disk.TakeBlocks()()
	root, data := t.TempDir(), portstest.Bytes(3*disk.BlockSize+1)
	w, err := mustNew(t, root).Create(t.Context(), "a/cached", int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	sameFile(t, filepath.Join(root, "a", "cached"), data)
}

// A block that could not be written ends the writer for good, and no block is
// lost.
func TestABlockThatFailsIsHeardOf(t *testing.T) {
	before := disk.BlocksInUse()
	root := onDisk(t)
	b := mustNew(t, root)
	note, err := b.Begin(t.Context(), "a/fails", -1)
	if err != nil {
		t.Fatal(err)
	}
	w := mustAppend(t, b, "a/fails", note, 0)
	mustWrite(t, w, portstest.Bytes(disk.BlockSize))
	cannotWrite, err := os.Open(filepath.Join(root, ".staging"))
	if err != nil {
		t.Fatal(err)
	}
	disk.SwapStage(w, cannotWrite)
	for range 5 * disk.BlockSize >> 16 {
		if _, err = w.Write(portstest.Bytes(1 << 16)); err != nil {
			break
		}
	}
	if _, cerr := w.Checkpoint(t.Context())(); !domain.IsCode(err, domain.Unavailable) || !domain.IsCode(cerr, domain.Unavailable) {
		t.Errorf("Write: %v; Checkpoint: %v", err, cerr)
	}
	if _, err := w.Write(portstest.Bytes(disk.BlockSize)); err == nil {
		t.Error("it writes on")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if n := disk.BlocksInUse(); n != before {
		t.Errorf("%d blocks are in use, %d before", n, before)
	}
}

func sameFile(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes differ from the %d written: %v", len(got), len(want), err)
	}
}

// onDisk is a folder whose files are not in memory alone, as those of TMPDIR may
// be.
func onDisk(t *testing.T) string {
	t.Helper()
	dir, remove, err := services.TempOnDisk()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := remove(); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// cached counts the bytes of a file in the page cache (mincore(2)).
func cached(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	m, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Munmap(m) }()
	page := os.Getpagesize()
	resident, n := make([]byte, (len(m)+page-1)/page), 0
	if _, _, e := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&m[0])), uintptr(len(m)), uintptr(unsafe.Pointer(&resident[0]))); e != 0 {
		t.Fatal(e)
	}
	for _, r := range resident {
		n += page * int(r&1)
	}
	return n
}
