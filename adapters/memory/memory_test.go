package memory_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"doorito/adapters/memory"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/portstest"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func TestBlobs(t *testing.T) {
	t.Parallel()
	portstest.Blobs(t, func(*testing.T) ports.Blobs { return memory.NewBlobs(memory.NewClock(start)) })
}

func TestBell(t *testing.T) {
	t.Parallel()
	portstest.Bell(t, func(*testing.T) (ring, listen ports.Bell) {
		b := memory.NewBell()
		return b, b
	})
}

func TestTasks(t *testing.T) {
	t.Parallel()
	portstest.Tasks(t, func(*testing.T) portstest.TaskQueue {
		q := memory.NewTasks()
		return portstest.TaskQueue{Tasks: q, Waiting: func(*testing.T) []domain.Task { return q.Waiting() }}
	})
}

func TestBlobsFailOnDemandAndCountWhatIsUnfinished(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := memory.NewBlobs(memory.NewClock(start))
	w, err := b.Create(ctx, "a", -1)
	if err != nil || b.Unfinished() != 1 {
		t.Fatal(err, b.Unfinished())
	}
	broken := errors.New("broken")
	b.FailWith(broken)
	if _, err := w.Write([]byte("x")); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if err := b.Ping(ctx); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if err := w.Abort(ctx); err != nil || b.Unfinished() != 0 || len(b.Keys()) != 0 {
		t.Fatal(err, b.Unfinished(), b.Keys())
	}
}

func TestIDsAreVersion7AndInOrder(t *testing.T) {
	t.Parallel()
	c := memory.NewClock(start)
	ids := memory.NewIDs(c)
	last := ids.New()
	if last.String() != memory.NewIDs(c).New().String() {
		t.Fatal("two runs make different ids")
	}
	for i := range 600 {
		c.Advance(time.Duration(i%2) * time.Millisecond)
		id := ids.New()
		if id.Version() != 7 || id.Variant() != 1 || bytes.Compare(id[:], last[:]) <= 0 {
			t.Fatalf("%s after %s", id, last)
		}
		last = id
	}
}

func TestBellWakesListenersUntilTheirEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	b := memory.NewBell()
	ear := b.Listen(ctx)
	for range 3 {
		if err := b.Ring(ctx); err != nil {
			t.Fatal(err)
		}
	}
	<-ear
	select {
	case <-ear:
		t.Fatal("rings did not fold")
	default:
	}
	cancel()
	if err := b.Ring(context.Background()); err != nil || b.Rings() != 4 {
		t.Fatal(err, b.Rings())
	}
}

func TestTasksQueueEachTaskOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	q := memory.NewTasks()
	for _, task := range []domain.Task{domain.TaskRelay, domain.TaskDelivery, domain.TaskRelay} {
		if err := q.Enqueue(ctx, task); err != nil {
			t.Fatal(err)
		}
	}
	if got := q.Take(); !slices.Equal(got, []domain.Task{domain.TaskRelay, domain.TaskDelivery}) {
		t.Fatal(got)
	}
	if len(q.Take()) != 0 {
		t.Fatal("Take leaves tasks behind")
	}
}
