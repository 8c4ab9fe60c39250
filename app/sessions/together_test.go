package sessions_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// parcel is n small uploads whose bytes come along, under keys of their own.
func parcel(n int) (in []usecase.SessionInput, data [][]byte) {
	for i := range n {
		bytes := bytesOf(1000 + i)
		first, one := atOnce(bytes), sized(len(bytes))
		one.Name, one.IdempotencyKey, one.First = fmt.Sprint(i, ".bin"), fmt.Sprint("key ", i), &first
		in, data = append(in, one), append(data, bytes)
	}
	return in, data
}

// counting counts transactions, and may lose the answer to one.
type counting struct {
	ports.Transactor
	n    atomic.Int64
	lose int64 // the number of the one whose answer is lost
}

func (c *counting) InTx(ctx context.Context, fn func(context.Context, ports.Stores) error) error {
	n := c.n.Add(1)
	err := c.Transactor.InTx(ctx, fn)
	if err == nil && n == c.lose {
		return errDied
	}
	return err
}

func TestSmallUploadsTogetherShareOneCommit(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		process := b.dies(&dying{})
		db := &counting{Transactor: b.DB}
		process.DB = db
		batch, _, err := b.Uploads.CreateBatch(t.Context(), b.staff, "of many", "")
		b.must(err)
		in, data := parcel(20)
		for i := range in {
			in[i].BatchID, in[i].SHA256 = &batch.ID, sha(data[i])
		}
		for i, made := range process.CreateAll(t.Context(), b.staff, in) {
			if made.Err != nil || !made.Created {
				t.Fatal(made)
			}
			b.stored(made.Session.ID, data[i])
		}
		if n := db.n.Load(); n != 2 { // keys are reserved for many at once
			t.Errorf("%d transactions", n)
		}
		batch, err = b.Uploads.FinaliseBatch(t.Context(), b.staff, batch.ID)
		if err != nil || batch.Status != domain.BatchComplete || batch.Counts.Stored != len(in) {
			t.Errorf("the batch is %+v, %v", batch, err)
		}
	})
}

// What is refused has no effect on the others, and leaves no bytes.
func TestSmallUploadsTogetherAreRefusedOneByOne(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		sealed, _, err := b.Uploads.CreateBatch(t.Context(), b.staff, "closed", "")
		b.must(err)
		_, err = b.Uploads.FinaliseBatch(t.Context(), b.staff, sealed.ID)
		b.must(err)
		in, data := parcel(5)
		in[1].BatchID = &sealed.ID
		in[2].Name = ""
		in[4].IdempotencyKey = in[0].IdempotencyKey
		made := b.Sessions.CreateAll(t.Context(), b.staff, in)
		b.want(made[1].Err, domain.Conflict, "")
		if made[2].Err == nil {
			t.Error("it needs no name")
		}
		b.want(made[4].Err, domain.Conflict, "Idempotency-Key")
		for _, i := range []int{0, 3} {
			b.must(made[i].Err)
			b.stored(made[i].Session.ID, data[i])
		}
		if held := b.left(domain.StoragePrefix); len(held) != 2 {
			t.Errorf("the storage holds %v", held)
		}
		// Room for three more at most.
		b.allow(domain.Allowance{Quota: 2003 + 3100})
		in, data = parcel(9)
		for i, made := range b.Sessions.CreateAll(t.Context(), b.staff, in[4:]) {
			if i < 3 {
				b.must(made.Err)
				b.stored(made.Session.ID, data[4+i])
			} else if !domain.IsCode(made.Err, domain.Quota) {
				t.Errorf("%d: %v", i, made.Err)
			}
		}
	})
}

// The answer to the commit is lost, or the same comes at once in two processes:
// each file is there once.
func TestCrashSmallUploadsTogetherAreStoredOnce(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		process := b.dies(&dying{})
		process.DB = &counting{Transactor: b.DB, lose: 2}
		in, data := parcel(6)
		var first []usecase.Creation
		for i, made := range process.CreateAll(t.Context(), b.staff, in) {
			b.must(made.Err)
			b.stored(made.Session.ID, data[i])
			first = append(first, made)
		}
		other := b.Another(t)
		var all sync.WaitGroup
		for _, process := range []usecase.Together{b.Sessions, other.Sessions} {
			all.Go(func() {
				again, _ := parcel(12)
				for i, made := range process.CreateAll(t.Context(), b.staff, again) {
					if made.Err != nil || i < len(first) && (made.Created || made.Session.ID != first[i].Session.ID) {
						t.Errorf("%d: %+v", i, made)
					}
				}
			})
		}
		all.Wait()
		if held := b.left(domain.StoragePrefix); len(held) != 12 {
			t.Errorf("the storage holds %d: %v", len(held), held)
		}
	})
}
