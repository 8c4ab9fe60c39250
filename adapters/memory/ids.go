package memory

import (
	"encoding/binary"
	"sync/atomic"

	"github.com/google/uuid"

	"doorito/ports"
)

var _ ports.IDs = (*IDs)(nil)

// IDs makes version 7 UUIDs out of a clock's milliseconds and a counter: the
// same run makes the same ids, and later ones sort after earlier ones as long
// as the clock does not go back.
type IDs struct {
	clock ports.Clock
	made  atomic.Uint64
}

// NewIDs counts from 1.
func NewIDs(clock ports.Clock) *IDs { return &IDs{clock: clock} }

// New returns the next id; its last 12 hex digits are the count.
func (i *IDs) New() uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], uint64(i.clock.Now().UnixMilli())<<16)
	binary.BigEndian.PutUint64(id[8:], i.made.Add(1))
	id[6] = 0x70         // version 7
	id[8] = id[8] | 0x80 // variant of RFC 9562
	return id
}
