package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/iotest"
)

func TestPartSizesHoldAnyFileInTenThousandParts(t *testing.T) {
	t.Parallel()
	const base, tebibyte = DefaultPartSize, 1 << 40
	for _, declared := range []int64{1, base, base * maxParts, base*maxParts + 1, 5 * tebibyte} {
		size := partSize(base, declared, 0, 0)
		if size < base || size*maxParts < declared {
			t.Errorf("%d bytes in parts of %d", declared, size)
		}
		if declared <= base*maxParts && size != base {
			t.Errorf("%d bytes in parts of %d, although %d would do", declared, size, base)
		}
	}
	var unknown int64
	for n := range maxParts {
		unknown += partSize(base, -1, unknown, n)
	}
	if unknown < 5*tebibyte {
		t.Errorf("a file of unknown size ends at %d bytes", unknown)
	}
	if got := partSize(base, 100, 200, 2000); got != 4*base {
		t.Errorf("a file longer than declared goes on in parts of %d", got)
	}
}

func TestPartReaderReadsAgainAndStopsWhenClosed(t *testing.T) {
	t.Parallel()
	budget := NewBudget(DefaultBudget)
	p, err := newPart(t.Context(), budget, DefaultPartSize, -1)
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("0123456789a"), 100_000)
	if n := p.add(want, budget); n != len(want) {
		t.Fatal(n)
	}
	r := &partReader{part: p}
	for range 2 {
		if err := iotest.TestReader(r, want); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
	}
	r.close()
	p.free(budget)
	if _, err := r.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Fatal(err)
	}
	if budget.Used() != 0 {
		t.Fatal(budget.Used())
	}
}

func TestSmallDeclaredFilesAreChargedLittle(t *testing.T) {
	t.Parallel()
	budget := NewBudget(DefaultBudget)
	p, err := newPart(t.Context(), budget, DefaultPartSize, 10_000)
	if err != nil || budget.Used() != pageSize {
		t.Fatal(err, budget.Used())
	}
	p.add(make([]byte, 3*pageSize), budget) // it was a lie
	if budget.Used() != 3*pageSize {
		t.Fatal(budget.Used())
	}
	p.free(budget)
	if budget.Used() != 0 {
		t.Fatal(budget.Used())
	}
}

func TestBudgetServesInOrderAndForgetsWhoLeft(t *testing.T) {
	t.Parallel()
	b := NewBudget(10 * pageSize)
	if n, err := b.acquire(t.Context(), 100*pageSize); n != 10*pageSize || err != nil {
		t.Fatal(n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() { _, err := b.acquire(ctx, 10*pageSize); left <- err }()
	waitQueue(b, 1)
	got := make(chan int64)
	go func() { n, _ := b.acquire(t.Context(), 2*pageSize); got <- n }()
	waitQueue(b, 2)
	b.release(5 * pageSize) // enough for the second, but the first is first
	select {
	case <-got:
		t.Fatal("a small claim overtook a large one")
	default:
	}
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if n := <-got; n != 2*pageSize || b.Used() != 7*pageSize {
		t.Fatal(n, b.Used())
	}
}

func TestBudgetLeavesRoomForWhatUploadsHoldBesideTheirParts(t *testing.T) {
	t.Parallel()
	b, beside := NewBudget(8*pageSize), int64(0)
	b.Beside = func() int64 { return beside }
	for _, c := range []struct{ beside, more int64 }{{0, 4}, {1, 3}, {2, 2}, {100, 2}} {
		beside = c.beside * pageSize
		if b.used = 4 * pageSize; !b.fits(c.more*pageSize) || b.fits((c.more+1)*pageSize) {
			t.Errorf("with %d pages beside them parts of 4 do not leave %d", c.beside, c.more)
		}
		if b.used = 0; !b.fits(8 * pageSize) {
			t.Errorf("with %d pages beside it the first part waits", c.beside)
		}
	}
}

// waitQueue waits until n claims are in line.
func waitQueue(b *Budget, n int) {
	for {
		b.mu.Lock()
		there := b.queue.Len()
		b.mu.Unlock()
		if there == n {
			return
		}
		runtime.Gosched()
	}
}
