package sessions

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// after is the state of a prefix of these bytes.
func after(t *testing.T, text string) prefixState {
	t.Helper()
	p, err := readPrefix(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = p.hash.Write([]byte(text))
	p.length = int64(len(text))
	s, err := p.state()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A link leads on from the bytes it was made of, not from others as long.
func TestLinksLeadOnFromTheirOwnBytesOnly(t *testing.T) {
	t.Parallel()
	var all chains
	c := all.join(nil, uuid.New(), false)
	defer c.leave()
	first, second := link{nil, after(t, "ab")}, link{after(t, "ab"), after(t, "abcd")}
	other := link{nil, after(t, "xy")}
	if from, to := c.recorded(nil, &second); from != nil || to != nil {
		t.Fatalf("a link without its beginning leads from %x to %x", from, to)
	}
	if to, took := c.follow(nil, &other); !took || !to.equal(other.after) {
		t.Fatalf("other bytes lead to %x", to)
	}
	if from, to := c.recorded(other.after, nil); to != nil {
		t.Fatalf("from other bytes a link leads from %x to %x", from, to)
	}
	if to, took := c.follow(nil, &first); !took || !to.equal(second.after) {
		t.Fatalf("the bytes themselves lead to %x", to)
	}
}

// What was recorded too late for the commit before it is found afterwards.
func TestLinkThatWasRecordedTooLateIsFollowed(t *testing.T) {
	t.Parallel()
	var all chains
	c := all.join(nil, uuid.New(), false)
	defer c.leave()
	first, second := link{nil, after(t, "ab")}, link{after(t, "ab"), after(t, "abcd")}
	to, took := c.follow(nil, &first)
	if !took || !to.equal(first.after) {
		t.Fatalf("leads to %x", to)
	}
	if _, to := c.recorded(nil, &second); to != nil {
		t.Fatalf("before the first is saved it leads to %x", to)
	}
	if from, to := c.recorded(to, nil); !from.equal(first.after) || !to.equal(second.after) {
		t.Fatalf("leads from %x to %x", from, to)
	}
}

// chainOf is a chain of parts of ten bytes, whose parts wait as long as told.
func chainOf(t *testing.T, patience time.Duration) *chain {
	t.Helper()
	all := &chains{giveWay: patience}
	id := uuid.New()
	c := all.join(nil, id, false)
	other := all.join(nil, id, false) // nobody is alone
	t.Cleanup(c.leave)
	t.Cleanup(other.leave)
	return c
}

// state is that after some parts of ten bytes.
func state(t *testing.T, parts int) prefixState {
	t.Helper()
	return after(t, strings.Repeat("0123456789", parts))
}

// waits has a part wait, and returns what tells whether it came to lead.
func waits(ctx context.Context, t *testing.T, c *chain, part int) (led func() *place) {
	t.Helper()
	offset, got := int64(part-1)*10, make(chan *place, 1)
	before := c.waitingAt(offset)
	go func() {
		p, _ := c.lead(ctx, offset, 10)
		got <- p
	}()
	for late := time.Now().Add(time.Minute); c.waitingAt(offset) == before; runtime.Gosched() {
		if time.Now().After(late) {
			t.Fatalf("part %d does not wait", part)
		}
	}
	return func() *place { return <-got }
}

func (c *chain) waitingAt(offset int64) *place {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	return c.waiting[offset]
}

// leads wants a part to lead at once.
func leads(t *testing.T, c *chain, part int) *place {
	t.Helper()
	p, _ := c.lead(t.Context(), int64(part-1)*10, 10)
	if p == nil {
		t.Fatalf("part %d does not lead", part)
	}
	return p
}

// comesToLead wants a part that waits to lead in the end.
func comesToLead(t *testing.T, led func() *place, part int) {
	t.Helper()
	if led() == nil {
		t.Fatalf("part %d does not lead", part)
	}
}

func TestWhoWaitedInVainSparesTheOthersUntilTheHashMoves(t *testing.T) {
	t.Parallel()
	c := chainOf(t, time.Millisecond)
	first := leads(t, c, 1)
	if p, _ := c.lead(t.Context(), 10, 10); p != nil {
		t.Fatal("part 2 leads beside part 1")
	}
	c.of.giveWay = time.Hour
	if p, _ := c.lead(t.Context(), 20, 10); p != nil { // returns at once
		t.Fatal("part 3 leads beside part 1")
	}
	c.pass(first, state(t, 1))
	led := waits(t.Context(), t, c, 3)
	second := leads(t, c, 2)
	c.pass(second, state(t, 2))
	comesToLead(t, led, 3)
}

func TestWhoLeavesDoesNotSpareTheOthers(t *testing.T) {
	t.Parallel()
	c := chainOf(t, time.Hour)
	first := leads(t, c, 1)
	ctx, leave := context.WithCancel(t.Context())
	gone := waits(ctx, t, c, 2)
	leave()
	if p := gone(); p != nil {
		t.Fatal("who left leads")
	}
	led := waits(t.Context(), t, c, 2)
	c.pass(first, state(t, 1))
	comesToLead(t, led, 2)
}

func TestPartSentAgainTakesThePlaceOfOneThatHangs(t *testing.T) {
	t.Parallel()
	c := chainOf(t, time.Hour)
	hangs := leads(t, c, 1)
	waits(t.Context(), t, c, 2)
	alive := waits(t.Context(), t, c, 2)
	again := leads(t, c, 1)
	c.pass(hangs, nil)
	if c.leader != again {
		t.Fatal("who was replaced gave up the lead of another")
	}
	c.pass(again, state(t, 1))
	comesToLead(t, alive, 2)
}

func TestPartSentAgainAfterItWasRefusedLeads(t *testing.T) {
	t.Parallel()
	c := chainOf(t, time.Hour)
	c.pass(leads(t, c, 1), after(t, "refused..."))
	c.pass(leads(t, c, 2), after(t, "refused...0123456789"))
	third := leads(t, c, 3)
	again, before := c.lead(t.Context(), 0, 10)
	if again == nil || before.length() != 0 {
		t.Fatalf("part 1 goes on from %x", before)
	}
	c.pass(third, after(t, "refused...01234567890123456789"))
	c.pass(again, state(t, 1))
	if !c.at.equal(state(t, 1)) {
		t.Fatalf("the hash is at %x", c.at)
	}
}

func TestWhatAnotherProcessSavedWakesWhoWaitsThere(t *testing.T) {
	t.Parallel()
	c := chainOf(t, time.Hour)
	led := waits(t.Context(), t, c, 3)
	c.of.join(state(t, 2), c.id, false).leave()
	p := led()
	if p == nil || !c.at.equal(state(t, 2)) {
		t.Fatalf("part 3 does not lead; the hash is at %x", c.at)
	}
}
