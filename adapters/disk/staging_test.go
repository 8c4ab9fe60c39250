package disk_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"doorito/adapters/disk"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/portstest"
)

// A folder has no least part; see portstest.MiB.
func init() { portstest.MiB = 256 << 10 }

func TestStaging(t *testing.T) {
	t.Parallel()
	staging(t)
}

func TestStagingWithoutSync(t *testing.T) {
	t.Parallel()
	staging(t, disk.WithoutSync())
}

func staging(t *testing.T, how ...disk.Option) {
	portstest.Staging(t, func(t *testing.T) portstest.Stage {
		root := t.TempDir()
		return portstest.Stage{
			ReadsBack: true,
			Open:      func() portstest.StagedBlobs { return mustNew(t, root, how...) },
			Left:      func() []string { return files(t, root) },
		}
	})
}

// Another process took over; the one before it is alive and writes on.
func TestWhatAnEarlierProcessWritesReachesNobody(t *testing.T) {
	t.Parallel()
	root, key, data := t.TempDir(), "a/taken", portstest.Bytes(6<<20)
	first, second := mustNew(t, root), mustNew(t, root)
	note, err := first.Begin(t.Context(), key, int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	old := mustAppend(t, first, key, note, 0)
	mustWrite(t, old, data[:2<<20])
	now := mustAppend(t, second, key, note, 2<<20)
	mustWrite(t, now, data[2<<20:])
	wrong := bytes.Repeat([]byte{0xee}, 8<<20)
	mustWrite(t, old, wrong)
	if _, err := old.Checkpoint(t.Context())(); err != nil {
		t.Fatal(err)
	}
	if err := mustNew(t, root).Finish(t.Context(), key, note, int64(len(data)), nil); err != nil {
		t.Fatal(err)
	}
	_, _ = old.Write(wrong)
	_, _ = now.Write(wrong)
	got, err := os.ReadFile(filepath.Join(root, key))
	if err != nil || !bytes.Equal(got, data) {
		t.Fatalf("%d bytes differ from the %d written: %v", len(got), len(data), err)
	}
	for _, w := range []ports.StageWriter{old, now} {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if left := files(t, root); len(left) != 1 {
		t.Fatal(left)
	}
}

func TestFullDiskEndsTheStageWriterForGood(t *testing.T) {
	t.Parallel()
	b := mustNew(t, t.TempDir())
	note, err := b.Begin(t.Context(), "a/full", -1)
	if err != nil {
		t.Fatal(err)
	}
	w := mustAppend(t, b, "a/full", note, 0)
	mustWrite(t, w, []byte("fits"))
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	disk.SwapStage(w, full)
	if _, err := w.Write([]byte("x")); !domain.IsCode(err, domain.Unavailable) {
		t.Fatalf("Write: %v", err)
	}
	if _, err := w.Checkpoint(t.Context())(); !domain.IsCode(err, domain.Unavailable) {
		t.Fatalf("Checkpoint: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, mustAppend(t, b, "a/full", note, 4), []byte("again"))
}

func mustAppend(t *testing.T, b *disk.Blobs, key string, note []byte, offset int64) ports.StageWriter {
	t.Helper()
	w, err := b.Append(t.Context(), key, note, offset)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func mustWrite(t *testing.T, w io.Writer, data []byte) {
	t.Helper()
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
}
