package disk_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"doorito/adapters/disk"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/portstest"
)

func TestBlobs(t *testing.T) {
	t.Parallel()
	portstest.Blobs(t, func(t *testing.T) ports.Blobs { return mustNew(t, t.TempDir()) })
}

// Without syncing all promises hold but that of a power cut.
func TestBlobsWithoutSync(t *testing.T) {
	t.Parallel()
	portstest.Blobs(t, func(t *testing.T) ports.Blobs { return mustNew(t, t.TempDir(), disk.WithoutSync()) })
}

func mustNew(t testing.TB, root string, how ...disk.Option) *disk.Blobs {
	t.Helper()
	b, err := disk.New(root, how...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// files returns the relative paths of all files under root, and fails when one
// can be read by others.
func files(t *testing.T, root string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if !d.IsDir() {
			rel, _ := filepath.Rel(root, path)
			out = append(out, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFilesLieUnderTheirKeysForTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "made", "by", "New")
	b := mustNew(t, root)
	portstest.MustStore(t, b, "uploads/2026/01/id", []byte("x"), 1, 1)
	if got := files(t, root); !slices.Equal(got, []string{"uploads/2026/01/id"}) {
		t.Fatal(got)
	}
}

func TestAbortAndDeleteLeaveNoFile(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := mustNew(t, root)
	aborted, left := create(t, b, "a/aborted"), create(t, b, "a/left")
	if n := len(files(t, root)); n != 2 {
		t.Fatalf("%d files while two are written", n)
	}
	if err := aborted.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}
	// As after a crash: another process deletes what this one left.
	if err := mustNew(t, root).Delete(t.Context(), "a/left"); err != nil {
		t.Fatal(err)
	}
	if got := files(t, root); len(got) != 0 {
		t.Fatal(got)
	}
	if err := left.Commit(t.Context()); !domain.IsCode(err, domain.Conflict) {
		t.Fatalf("Commit of what was deleted: %v", err)
	}
	if err := left.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.Ping(t.Context()); err != nil || len(files(t, root)) != 0 {
		t.Fatal(err, files(t, root))
	}
}

func create(t *testing.T, b *disk.Blobs, key string) ports.BlobWriter {
	t.Helper()
	w, err := b.Create(t.Context(), key, -1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 40<<20)); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestFolderRemovedUnderneathIsMadeAgain(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := mustNew(t, root)
	portstest.MustStore(t, b, "uploads/2026/01/one", []byte("x"), 1, 1)
	if err := os.RemoveAll(filepath.Join(root, "uploads")); err != nil {
		t.Fatal(err)
	}
	portstest.MustStore(t, b, "uploads/2026/01/two", []byte("x"), 1, 1)
}

func TestStorageThatCannotBeWrittenIsUnavailable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.New(filepath.Join(file, "below")); err == nil {
		t.Fatal("New works below a file")
	}
	b := mustNew(t, filepath.Join(dir, "gone"))
	if err := os.RemoveAll(filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	if err := b.Ping(t.Context()); !domain.IsCode(err, domain.Unavailable) {
		t.Fatalf("Ping without a folder: %v", err)
	}
	if _, err := b.Create(t.Context(), "a", 1); !domain.IsCode(err, domain.Unavailable) {
		t.Fatalf("Create without a folder: %v", err)
	}
}

// /dev/full answers every write with ENOSPC.
func TestFullDiskIsUnavailableAndNothingIsCommitted(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := mustNew(t, root)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	w, err := b.Create(t.Context(), "a/full", -1)
	if err != nil {
		t.Fatal(err)
	}
	disk.SwapFile(w, full)
	if _, err := w.Write([]byte("x")); !domain.IsCode(err, domain.Unavailable) {
		t.Fatalf("Write: %v", err)
	}
	if err := w.Commit(t.Context()); !domain.IsCode(err, domain.Unavailable) {
		t.Fatalf("Commit: %v", err)
	}
	if _, err := b.Stat(t.Context(), "a/full"); !domain.IsCode(err, domain.NotFound) {
		t.Fatalf("Stat: %v", err)
	}
}
