package upkeep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// orphaned is how old something without a row is before it is removed.
const orphaned = 24 * time.Hour

// sweepStorage removes what the storage keeps under our keys and no row
// names: blobs, and pieces of uploads that are over. A process that died
// between the storage's answer and its own commit leaves such.
//
// What is older than this database is left alone: a portal that was started
// with an empty database over a full storage must not empty that too.
func (u *Upkeep) sweepStorage(ctx context.Context) (string, error) {
	since, err := u.began(ctx)
	if err != nil {
		return "", err
	}
	before := u.Clock.Now().Add(-orphaned)
	seen, removed := 0, 0
	var failed []error
	err = u.Inventory.Holdings(ctx, domain.StoragePrefix, func(page []ports.Holding) error {
		seen += len(page)
		n, err := u.removeOrphans(ctx, older(page, since, before))
		removed += n
		if err != nil {
			failed = append(failed, err)
		}
		return ctx.Err()
	})
	failed = append(failed, err, u.forgetReserved(ctx))
	return fmt.Sprintf("looked at %d things in the storage, removed %d that no row names", seen, removed), errors.Join(failed...)
}

// forgetReserved drops reservations of keys whose blobs have a row by now, or
// were orphans to the sweep.
func (u *Upkeep) forgetReserved(ctx context.Context) error {
	return u.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		_, err := st.StorageKeys.DeleteReserved(ctx, u.Clock.Now().Add(-2*orphaned))
		return err
	})
}

// began is when this database was set up: its first schedule was made then.
func (u *Upkeep) began(ctx context.Context) (time.Time, error) {
	all, err := u.DB.Reads().Schedules.List(ctx, ports.ListQuery{Limit: ports.MaxPageSize})
	if err != nil {
		return time.Time{}, err
	}
	first := u.Clock.Now()
	for _, s := range all.Items {
		if s.CreatedAt.Before(first) {
			first = s.CreatedAt
		}
	}
	return first, nil
}

// older are those between the two moments that may be ours.
func older(page []ports.Holding, since, before time.Time) []ports.Holding {
	var old []ports.Holding
	for _, h := range page {
		if h.Changed.Before(before) && h.Changed.After(since) && domain.IsStorageKey(h.Key) {
			old = append(old, h)
		}
	}
	return old
}

// orphan is something that no row names; kept says that beside these pieces
// there is a blob that one does.
type orphan struct {
	ports.Holding
	kept bool
}

// orphans are those that no row names.
func (u *Upkeep) orphans(ctx context.Context, held []ports.Holding) ([]orphan, error) {
	keys := make([]string, len(held))
	for i, h := range held {
		keys[i] = h.Key
	}
	uses, err := u.DB.Reads().StorageKeys.Uses(ctx, keys)
	if err != nil {
		return nil, err
	}
	var out []orphan
	for _, h := range held {
		if use := uses[h.Key]; !use.Open && !(use.Kept && h.Blob) {
			out = append(out, orphan{h, use.Kept})
		}
	}
	return out, nil
}

func (u *Upkeep) removeOrphans(ctx context.Context, held []ports.Holding) (int, error) {
	orphans, err := u.orphans(ctx, held)
	if err != nil {
		return 0, err
	}
	removed := 0
	var failed []error
	for _, h := range orphans {
		if err := u.removeOrphan(ctx, h.Key, h.kept); err != nil {
			failed = append(failed, err)
			continue
		}
		removed++
		u.Log.Warn("removed from the storage what no row names", "key", h.Key, "blob", h.Blob, "changed", h.Changed)
	}
	return removed, errors.Join(failed...)
}

// removeOrphan removes the pieces under a key, and the blob unless it is kept.
func (u *Upkeep) removeOrphan(ctx context.Context, key string, kept bool) error {
	if err := u.Staging.Discard(ctx, key, nil); err != nil || kept {
		return err
	}
	return u.Blobs.Delete(ctx, key)
}
