package files

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

var _ usecase.BatchLabels = (*Uploads)(nil)

// CreateBatch implements usecase.Uploads.
func (u *Uploads) CreateBatch(ctx context.Context, a domain.Actor, label, idempotencyKey string) (*domain.Batch, bool, error) {
	if err := a.RequireTo(domain.MayUpload); err != nil {
		return nil, false, err
	}
	if err := domain.CheckIdempotencyKey(idempotencyKey); err != nil {
		return nil, false, err
	}
	b, err := domain.NewBatch(u.IDs.New(), label, idempotencyKey, owner(a), u.Clock.Now())
	if err != nil {
		return nil, false, err
	}
	asked, created := b, false
	err = u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		var err error
		if b, created, err = s.Batches.Insert(ctx, asked); err != nil || created {
			return err
		}
		if b.Label != asked.Label {
			return domain.KeyReused()
		}
		b.Counts, err = s.Batches.Counts(ctx, b.ID)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	return b, created, nil
}

// FinaliseBatch implements usecase.Uploads.
func (u *Uploads) FinaliseBatch(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Batch, error) {
	if err := a.RequireTo(domain.MayUpload); err != nil {
		return nil, err
	}
	b, err := u.DB.Reads().Batches.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	if !a.Sees(b.CreatedBy) {
		return nil, noBatch()
	}
	return settleBatch(ctx, u.DB, u.IDs, id, true, u.Clock.Now(), &a)
}

// RenameBatch implements usecase.BatchLabels.
func (u *Uploads) RenameBatch(ctx context.Context, a domain.Actor, id uuid.UUID, label string, seen time.Time) (*domain.Batch, error) {
	if err := a.RequireTo(domain.MayUpload); err != nil {
		return nil, err
	}
	var out *domain.Batch
	err := u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		b, err := s.Batches.Lock(ctx, id)
		if err != nil {
			return err
		}
		if !a.Sees(b.CreatedBy) {
			return noBatch()
		}
		out = b
		if !seen.IsZero() && !b.UpdatedAt.Equal(seen) {
			return domain.Errorf(domain.Conflict, "This batch changed since you opened it. Reload the page and type again.")
		}
		before, now := b.Label, u.Clock.Now()
		if changed, err := b.Rename(label, now); err != nil || !changed {
			return err
		}
		if err := s.Batches.Save(ctx, b); err != nil {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), a, "batch.renamed", "batch", id, map[string]string{"label": before + " → " + b.Label}, now))
	})
	return out, err
}

func noBatch() error {
	return domain.Errorf(domain.NotFound, "There is no such batch. It may belong to somebody else.")
}

func (u *Uploads) settleAfter(ctx context.Context, id *uuid.UUID) error {
	return SettleAfter(ctx, u.DB, u.IDs, id, u.Clock.Now())
}

// SettleAfter ends a sealed batch whose last file just finished; nil is no
// batch.
func SettleAfter(ctx context.Context, db ports.Transactor, ids ports.IDs, id *uuid.UUID, now time.Time) error {
	if id == nil {
		return nil
	}
	b, err := db.Reads().Batches.Find(ctx, *id)
	if err != nil || b.SealedAt == nil {
		return err
	}
	_, err = SettleBatch(ctx, db, ids, *id, false, now)
	return err
}

// SettleBatch seals the batch when asked to and ends it once nothing is
// uploading, with `batch.completed` in the same transaction.
func SettleBatch(ctx context.Context, db ports.Transactor, ids ports.IDs, id uuid.UUID, seal bool, now time.Time) (*domain.Batch, error) {
	return settleBatch(ctx, db, ids, id, seal, now, nil)
}

// settleBatch is SettleBatch; by is who seals it, for the audit log, nil when
// the portal does by itself.
func settleBatch(ctx context.Context, db ports.Transactor, ids ports.IDs, id uuid.UUID, seal bool, now time.Time, by *domain.Actor) (*domain.Batch, error) {
	var out *domain.Batch
	err := db.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		b, err := s.Batches.Lock(ctx, id)
		if err != nil {
			return err
		}
		before, sealed := b.Status, seal && b.SealedAt == nil
		if seal {
			b.Seal(now)
		}
		counts, err := s.Batches.Counts(ctx, id)
		if err != nil {
			return err
		}
		e := b.Settle(counts, now)
		b.Counts, out = counts, b
		if err := s.Batches.Save(ctx, b); err != nil {
			return err
		}
		if sealed && by != nil {
			told := domain.NewAuditEntry(ids.New(), *by, "batch.finalised", "batch", id, map[string]string{"status": string(before) + " → " + string(b.Status)}, now)
			if err := s.Audit.Append(ctx, told); err != nil {
				return err
			}
		}
		return app.Append(ctx, s, ids, e)
	})
	return out, err
}

// Batches implements usecase.Batches.
type Batches struct {
	DB ports.Transactor
}

var _ usecase.Batches = (*Batches)(nil)

// Find implements usecase.Batches.
func (b *Batches) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Batch, error) {
	batch, err := b.seen(ctx, a, id)
	if err != nil {
		return nil, err
	}
	batch.Counts, err = b.DB.Reads().Batches.Counts(ctx, id)
	return batch, err
}

// seen is the batch without its counts, for an actor who may see it.
func (b *Batches) seen(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Batch, error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return nil, err
	}
	batch, err := b.DB.Reads().Batches.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	if !a.Sees(batch.CreatedBy) {
		return nil, noBatch()
	}
	return batch, nil
}

// List implements usecase.Batches.
func (b *Batches) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Batch], error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return ports.Page[*domain.Batch]{}, err
	}
	q.Owner = a.OwnerFilter()
	return b.DB.Reads().Batches.List(ctx, q)
}
