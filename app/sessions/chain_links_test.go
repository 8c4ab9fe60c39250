package sessions

import (
	"testing"

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
