package upkeep

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

const (
	// checkPage is how many files are compared at once, and all that is held.
	checkPage = 500
	// checkAtOnce is how many of them the storage is asked for side by side.
	checkAtOnce = 8
	// fewMissing is how many files may miss their bytes however few there are.
	fewMissing = 10
)

var _ usecase.StorageCheck = (*Upkeep)(nil)

// CheckStorage implements usecase.StorageCheck.
func (u *Upkeep) CheckStorage(ctx context.Context, a domain.Actor, repair bool) (*domain.StorageReport, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	r, err := u.compare(ctx, a, false)
	if err != nil || !repair || r.Total() == 0 {
		return r, err
	}
	if n := r.Faults[domain.FaultMissing].Count; n > fewMissing && 2*n > r.Files {
		return r, domain.Errorf(domain.Conflict, "%d of %d files miss their bytes, so this looks like the wrong storage, and nothing was marked. Check the settings of the storage.", n, r.Files)
	}
	return u.compare(ctx, a, true)
}

// compare looks at everything once, with or without repairing it.
func (u *Upkeep) compare(ctx context.Context, a domain.Actor, repair bool) (*domain.StorageReport, error) {
	r := &domain.StorageReport{StartedAt: u.Clock.Now()}
	if err := u.compareFiles(ctx, a, r, repair); err != nil {
		return r, err
	}
	if err := u.compareHoldings(ctx, r, repair); err != nil {
		return r, err
	}
	r.EndedAt = u.Clock.Now()
	return r, nil
}

// compareFiles looks for the bytes of every file that has some, by id.
func (u *Upkeep) compareFiles(ctx context.Context, a domain.Actor, r *domain.StorageReport, repair bool) error {
	for after := uuid.Nil; ; {
		page, err := u.DB.Reads().Files.ListKept(ctx, after, checkPage)
		if err != nil || len(page) == 0 {
			return err
		}
		sizes, err := u.sizes(ctx, page)
		if err != nil {
			return err
		}
		for i, f := range page {
			r.Files++
			if err := u.compareFile(ctx, a, r, f, sizes[i], repair); err != nil {
				return err
			}
		}
		after = page[len(page)-1].ID
	}
}

// sizes asks the storage for each file; -1 is none.
func (u *Upkeep) sizes(ctx context.Context, page []*domain.File) ([]int64, error) {
	sizes, failed := make([]int64, len(page)), make([]error, checkAtOnce)
	var all sync.WaitGroup
	for n := range checkAtOnce {
		all.Go(func() {
			for i := n; i < len(page) && failed[n] == nil; i += checkAtOnce {
				sizes[i], failed[n] = u.sizeOf(ctx, page[i].StorageKey)
			}
		})
	}
	all.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return sizes, nil
}

func (u *Upkeep) sizeOf(ctx context.Context, key string) (int64, error) {
	info, err := u.Blobs.Stat(ctx, key)
	if domain.IsCode(err, domain.NotFound) {
		return -1, nil
	}
	return info.Size, err
}

func (u *Upkeep) compareFile(ctx context.Context, a domain.Actor, r *domain.StorageReport, f *domain.File, size int64, repair bool) error {
	if size == f.SizeBytes {
		return nil
	}
	// It may have been deleted since the page was read.
	now, err := u.DB.Reads().Files.Find(ctx, f.ID)
	if err != nil || !now.HasBytes() {
		return unlessGone(err)
	}
	if size, err = u.sizeOf(ctx, f.StorageKey); err != nil || size == now.SizeBytes {
		return err
	}
	example := domain.StorageExample{Key: f.StorageKey, FileID: f.ID, Note: now.OriginalFilename}
	if size >= 0 {
		example.Note = fmt.Sprintf("%s: %d bytes, not %d", now.OriginalFilename, size, now.SizeBytes)
		r.Note(domain.FaultSize, example)
		return nil
	}
	r.Note(domain.FaultMissing, example)
	if !repair {
		return nil
	}
	err = u.markMissing(ctx, a, now)
	if err == nil {
		r.Repaired++
	}
	return unlessConflict(err)
}

func unlessGone(err error) error {
	if domain.IsCode(err, domain.NotFound) {
		return nil
	}
	return err
}

// unlessConflict passes over a file that somebody moved meanwhile; the next
// check looks at it again.
func unlessConflict(err error) error {
	if domain.IsCode(err, domain.Conflict) {
		return nil
	}
	return err
}

// missingWords are the reason on the file's page and in its event.
const missingWords = "Its bytes are missing from the storage. Send the file again."

// markMissing says that the bytes are gone: a stored file is failed by it, with
// the event; others keep their state.
func (u *Upkeep) markMissing(ctx context.Context, a domain.Actor, f *domain.File) error {
	return u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		now := u.Clock.Now()
		changes := map[string]string{"bytes": domain.FormatBytes(f.SizeBytes) + " → missing"}
		if f.Status == domain.FileStored {
			failed := *f
			e, err := failed.Fail(missingWords, now)
			if err != nil {
				return err
			}
			if err := s.Files.Move(ctx, &failed, domain.FileStored); err != nil {
				return err
			}
			if err := app.Append(ctx, s, u.IDs, e); err != nil {
				return err
			}
			changes["status"] = string(f.Status) + " → " + string(failed.Status)
		}
		if err := s.Files.MarkPurged(ctx, f.ID, now); err != nil {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), a, "file.missing", "file", f.ID, changes, now))
	})
}

// compareHoldings looks for a row of everything in the storage.
func (u *Upkeep) compareHoldings(ctx context.Context, r *domain.StorageReport, repair bool) error {
	since, err := u.began(ctx)
	if err != nil {
		return err
	}
	before := u.Clock.Now().Add(-orphaned)
	return u.Inventory.Holdings(ctx, domain.StoragePrefix, func(page []ports.Holding) error {
		r.Things += len(page)
		orphans, err := u.orphans(ctx, older(page, since, before))
		if err != nil {
			return err
		}
		for _, o := range orphans {
			kind := domain.FaultPieces
			if o.Blob {
				kind = domain.FaultOrphan
			}
			r.Note(kind, domain.StorageExample{Key: o.Key, Note: "since " + o.Changed.Format("2006-01-02 15:04 UTC")})
			if !repair {
				continue
			}
			if err := u.removeOrphan(ctx, o.Key, o.kept); err != nil {
				return err
			}
			r.Repaired++
			u.Log.Warn("removed from the storage what no row names", "key", o.Key, "blob", o.Blob, "changed", o.Changed)
		}
		return ctx.Err()
	})
}

// checkStorage is the schedule's: it repairs nothing, and names what it found
// in the log.
func (u *Upkeep) checkStorage(ctx context.Context) (string, error) {
	r, err := u.CheckStorage(ctx, domain.System(), false)
	if err != nil {
		return "", err
	}
	for _, kind := range domain.StorageFaults {
		for _, e := range r.Faults[kind].First {
			u.Log.Error("storage and database differ", "fault", kind, "key", e.Key, "file_id", e.FileID)
		}
	}
	return reportWords(r), nil
}

func reportWords(r *domain.StorageReport) string {
	words := fmt.Sprintf("compared %d files and %d things in the storage: ", r.Files, r.Things)
	if r.Total() == 0 {
		return words + "all is well"
	}
	var found []string
	for _, kind := range domain.StorageFaults {
		if n := r.Faults[kind].Count; n > 0 {
			found = append(found, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(kind), "_", " ")))
		}
	}
	return words + strings.Join(found, ", ") + `; "doorito storage check" names them`
}
