package sessions_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/app/sessions"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// gate holds the first transaction until it is opened, and may end the one after
// it in its own way.
type gate struct {
	ports.Transactor
	began atomic.Int64
	open  chan struct{}
	next  func(commit func() error) error // nil: like any other
}

func (g *gate) InTx(ctx context.Context, fn func(context.Context, ports.Stores) error) error {
	commit := func() error { return g.Transactor.InTx(ctx, fn) }
	n := g.began.Add(1)
	if n == 1 {
		<-g.open
	}
	if n == 2 && g.next != nil {
		return g.next(commit)
	}
	return commit()
}

// sent is an upload that was asked for, and the answer.
type sent struct {
	done    chan struct{}
	data    []byte
	session *domain.UploadSession
	err     error
}

// crowd sends uploads while a gate holds those before them.
type crowd struct {
	*bench
	process *sessions.Sessions
	gate    *gate
	all     sync.WaitGroup
}

// holding has the commit of one upload under way.
func (b *bench) holding(batch *uuid.UUID) *crowd {
	b.t.Helper()
	c := &crowd{bench: b, process: b.dies(&dying{}), gate: &gate{Transactor: b.DB, open: make(chan struct{})}}
	_, _, err := c.process.Create(b.t.Context(), b.staff, c.small(0, nil)) // reserves keys
	b.must(err)
	c.process.DB = c.gate
	c.process.SetLinePatience(time.Hour)
	c.send(c.small(1, batch))
	b.eventually("the first is being committed", func() bool { return c.gate.began.Load() == 1 })
	return c
}

func (c *crowd) small(n int, batch *uuid.UUID) usecase.SessionInput {
	data := bytesOf(1000 + n)
	first, in := atOnce(data), sized(len(data))
	in.Name, in.BatchID, in.First = fmt.Sprint(n, ".bin"), batch, &first
	return in
}

func (c *crowd) send(in usecase.SessionInput) *sent {
	out := &sent{done: make(chan struct{}), data: bytesOf(int(*in.Size))}
	c.all.Go(func() {
		defer close(out.done)
		defer func() {
			if p := recover(); p != nil {
				out.err = fmt.Errorf("panic: %v", p)
			}
		}()
		out.session, _, out.err = c.process.Create(c.t.Context(), c.staff, in)
	})
	return out
}

// behind sends n more, and returns when all wait.
func (c *crowd) behind(n int, batch *uuid.UUID, change func(i int, in *usecase.SessionInput)) []*sent {
	c.t.Helper()
	var in uuid.UUID
	if batch != nil {
		in = *batch
	}
	out := make([]*sent, n)
	for i := range out {
		one := c.small(10+i, batch)
		if change != nil {
			change(i, &one)
		}
		out[i] = c.send(one)
		c.eventually("it waits", func() bool { return c.process.InLine(c.staff.UserID, in) == i+1 })
	}
	return out
}

func (c *crowd) release() {
	close(c.gate.open)
	c.all.Wait()
}

func (c *crowd) wantStored(all []*sent) {
	c.t.Helper()
	for _, one := range all {
		c.must(one.err)
		c.stored(one.session.ID, one.data)
	}
}

func TestSmallUploadsThatComeDuringACommitShareTheNext(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		batch, _, err := b.Uploads.CreateBatch(t.Context(), b.staff, "of many", "")
		b.must(err)
		for _, in := range []*uuid.UUID{nil, &batch.ID} {
			c := b.holding(in)
			all := c.behind(sessions.GroupSize+2, in, nil)
			c.release()
			c.wantStored(all)
			if n := c.gate.began.Load(); n != 3 {
				t.Errorf("%d transactions for %d uploads", n, 1+len(all))
			}
		}
	})
}

// Those of a batch hold up no others, nor does a user, nor those who have a quota.
func TestALineHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		batch, _, err := b.Uploads.CreateBatch(t.Context(), b.staff, "of many", "")
		b.must(err)
		c := b.holding(&batch.ID)
		all := c.behind(1, &batch.ID, nil)
		through := func(n int) {
			t.Helper()
			s, _, err := c.process.Create(t.Context(), c.staff, c.small(n, nil))
			b.must(err)
			b.stored(s.ID, bytesOf(1000+n))
		}
		through(100)
		c.release()
		c.wantStored(all)

		c = b.holding(nil)
		all = c.behind(1, nil, nil)
		b.allow(domain.Allowance{Quota: 1 << 20})
		through(101)
		b.staff = b.MustUser(t, "other@example.com", domain.RoleStaff)
		through(102)
		c.release()
		c.wantStored(all)
	})
}

// When the one before it is held up by more than the disk, an upload goes without
// it, and takes along those behind.
func TestAnUploadDoesNotStandInLineForLong(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		c := b.holding(nil)
		c.process.SetLinePatience(time.Millisecond)
		s, _, err := c.process.Create(t.Context(), b.staff, c.small(9, nil))
		b.must(err)
		b.stored(s.ID, bytesOf(1009))

		c.process.SetLinePatience(2 * time.Second)
		all := []*sent{c.send(c.small(8, nil))}
		b.eventually("it waits", func() bool { return c.process.InLine(b.staff.UserID, uuid.Nil) == 1 })
		c.process.SetLinePatience(time.Hour)
		for i := range 3 {
			all = append(all, c.send(c.small(10+i, nil)))
			b.eventually("it waits behind", func() bool { return c.process.InLine(b.staff.UserID, uuid.Nil) == 2+i })
		}
		b.eventually("they are committed", func() bool { return c.process.InLine(b.staff.UserID, uuid.Nil) == 0 })
		for _, one := range all {
			<-one.done
		}
		c.wantStored(all)
		if n := c.gate.began.Load(); n != 3 {
			t.Errorf("%d transactions", n)
		}
		c.release()
	})
}

func TestAQuotaIsKeptByUploadsThatComeAtOnce(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		b.allow(domain.Allowance{Quota: 3500})
		process := b.dies(&dying{})
		var all sync.WaitGroup
		var stored, refused atomic.Int64
		for range 8 {
			all.Go(func() {
				first, in := atOnce(bytesOf(1000)), sized(1000)
				in.First = &first
				switch _, _, err := process.Create(t.Context(), b.staff, in); {
				case err == nil:
					stored.Add(1)
				case domain.IsCode(err, domain.Quota):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if stored.Load() != 3 || refused.Load() != 5 {
			t.Errorf("%d were stored, %d refused", stored.Load(), refused.Load())
		}
	})
}

// What one is refused for is no matter of those that came at the same time.
func TestAnUploadThatIsRefusedSpoilsNoOthers(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		c := b.holding(nil)
		all := c.behind(3, nil, func(i int, in *usecase.SessionInput) { in.IdempotencyKey = fmt.Sprint("k", i%2) })
		c.release()
		c.wantStored(all[1:2])
		one, two := all[0], all[2] // the same key, other bytes
		if one.err != nil {
			one, two = two, one
		}
		c.wantStored([]*sent{one})
		b.want(two.err, domain.Conflict, "Idempotency-Key")

		batch, _, err := b.Uploads.CreateBatch(t.Context(), b.staff, "sealed meanwhile", "")
		b.must(err)
		c = b.holding(&batch.ID)
		all = c.behind(2, &batch.ID, nil)
		_, err = b.Uploads.FinaliseBatch(t.Context(), b.staff, batch.ID)
		b.must(err)
		c.release()
		for _, one := range all {
			b.want(one.err, domain.Conflict, "")
		}
		if held := b.left(domain.StoragePrefix); len(held) != 1+1+2+1 {
			t.Errorf("the storage holds %v", held)
		}
	})
}

// The answer to the commit of several is lost, or the process comes no further:
// each that is there is there once, and who is told of an error may send again.
func TestCrashSmallUploadsThatShareACommitAreStoredOnce(t *testing.T) {
	t.Parallel()
	for what, next := range map[string]func(commit func() error) error{
		"before the commit": func(func() error) error { return errDied },
		"after the commit": func(commit func() error) error {
			if err := commit(); err != nil {
				return err
			}
			return errDied
		},
		"by a panic": func(func() error) error { panic(errDied) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			everywhere(t, func(b *bench) {
				c := b.holding(nil)
				c.gate.next = next
				all := c.behind(4, nil, func(i int, in *usecase.SessionInput) { in.IdempotencyKey = fmt.Sprint("k", i) })
				c.release()
				for i, one := range all {
					if what == "after the commit" {
						b.must(one.err)
					} else if one.err == nil {
						t.Error("it was told to be stored")
					}
					in := c.small(10+i, nil)
					in.IdempotencyKey = fmt.Sprint("k", i)
					s, _, err := b.Sessions.Create(t.Context(), b.staff, in)
					b.must(err)
					b.stored(s.ID, one.data)
				}
			})
		})
	}
}
