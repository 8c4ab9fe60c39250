package sessions_test

import (
	"context"
	"testing"
	"time"

	"doorito/domain"
)

// check compares storage and database and wants so many faults of each kind.
func (b *bench) check(repair bool, want map[domain.StorageFault]int, repaired int) *domain.StorageReport {
	b.t.Helper()
	r, err := b.Upkeep.CheckStorage(context.Background(), domain.System(), repair)
	b.must(err)
	for _, kind := range domain.StorageFaults {
		if got := r.Faults[kind]; got.Count != want[kind] || len(got.First) != want[kind] {
			b.t.Fatalf("%s: %d, not %d: %v", kind, got.Count, want[kind], got.First)
		}
	}
	if r.Repaired != repaired {
		b.t.Fatalf("%d were repaired, not %d", r.Repaired, repaired)
	}
	return r
}

// Each way in which storage and database can differ, on every storage: the check
// tells them, changes nothing by itself, and mends what can be mended.
func TestStorageAndDatabaseAreComparedBothWays(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		b.Clock.Set(time.Now().Add(-time.Second))
		b.schedule()
		b.Clock.Advance(time.Second)
		well := b.MustUpload(t, b.staff, "well.txt", "hello", nil)
		lost := b.MustUpload(t, b.staff, "lost.txt", "hello", nil)
		taken := b.MustUpload(t, b.staff, "taken.txt", "hello", nil)
		cut := b.MustUpload(t, b.staff, "cut.txt", "hello, whole", nil)
		if _, err := b.Files.Process(t.Context(), b.staff, taken.ID); err != nil {
			t.Fatal(err)
		}
		for _, f := range []*domain.File{lost, taken, cut} {
			b.must(b.Blobs.Delete(t.Context(), f.StorageKey))
		}
		b.blob(cut.StorageKey) // five bytes
		orphan, pieces := domain.StorageKey(b.IDs.New(), b.Clock.Now()), domain.StorageKey(b.IDs.New(), b.Clock.Now())
		b.blob(orphan)
		_, err := b.Blobs.Begin(t.Context(), pieces, 20*mib)
		b.must(err)
		open := b.create(sized(10))
		if _, err := b.breaks(open.ID, 0, []byte("hello"), 10); err == nil {
			t.Fatal("it did not break off")
		}

		faults := map[domain.StorageFault]int{domain.FaultMissing: 2, domain.FaultSize: 1}
		b.check(false, faults, 0)
		b.Clock.Advance(23 * time.Hour)
		b.check(false, faults, 0)
		b.Clock.Advance(2 * time.Hour)
		faults[domain.FaultOrphan], faults[domain.FaultPieces] = 1, 1
		if r := b.check(false, faults, 0); r.Files != 4 || r.Left() != 5 {
			t.Errorf("%d files, %d left", r.Files, r.Left())
		}
		if n := len(b.left(orphan)) + len(b.left(pieces)); n != 2 || b.at(lost).Status != domain.FileStored {
			t.Fatal("a check changed something")
		}

		b.check(true, faults, 4)
		if n := len(b.left(orphan)) + len(b.left(pieces)); n != 0 {
			t.Errorf("%d are left of what no row names", n)
		}
		if f := b.at(lost); f.Status != domain.FileFailed || f.HasBytes() || f.PurgedAt == nil || f.ErrorMessage == "" {
			t.Errorf("%+v", f)
		}
		if f := b.at(taken); f.Status != domain.FileProcessed || f.HasBytes() {
			t.Errorf("%+v", f)
		}
		told := 0
		for _, e := range b.events(lost.ID) {
			if e == "file.failed" {
				told++
			}
		}
		if told != 1 {
			t.Errorf("told %d times: %v", told, b.events(lost.ID))
		}
		if f := b.at(well); !f.HasBytes() || b.at(cut).Status != domain.FileStored {
			t.Errorf("%+v", f)
		}
		b.check(true, map[domain.StorageFault]int{domain.FaultSize: 1}, 0)
		if got := b.sweep(domain.TaskStorageCheck); got != "compared 2 files and 3 things in the storage: 1 wrong size; \"doorito storage check\" names them" {
			t.Errorf("the schedule says %q", got)
		}
		if _, err := b.Upkeep.CheckStorage(t.Context(), b.staff, false); !domain.IsCode(err, domain.Forbidden) {
			t.Errorf("staff: %v", err)
		}
	})
}

// A portal that looks at another storage than its files are in must not fail
// them all.
func TestARepairOfTheWrongStorageIsRefused(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		var files []*domain.File
		for range 12 {
			f := b.MustUpload(t, b.staff, "a.txt", "hello", nil)
			b.must(b.Blobs.Delete(t.Context(), f.StorageKey))
			files = append(files, f)
		}
		r, err := b.Upkeep.CheckStorage(t.Context(), domain.System(), true)
		b.want(err, domain.Conflict, "")
		if r == nil || r.Faults[domain.FaultMissing].Count != 12 || b.at(files[0]).Status != domain.FileStored {
			t.Errorf("%+v", r)
		}
	})
}

// at is the file as it is now.
func (b *bench) at(f *domain.File) *domain.File {
	b.t.Helper()
	now, err := b.DB.Reads().Files.Find(context.Background(), f.ID)
	b.must(err)
	return now
}
