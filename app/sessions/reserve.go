package sessions

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

const (
	// reserveAtOnce is how many keys are reserved with one commit.
	reserveAtOnce = 64
	// reservedFor is how long a reservation is used: an id tells roughly when
	// its file was made.
	reservedFor = 10 * time.Second
)

// reservations are ids of files to come whose storage keys are committed: the
// bytes of a small upload may go under one before the only commit that the
// upload needs. A process that dies in between leaves a blob that no row names,
// which the storage sweep removes.
type reservations struct {
	mu    sync.Mutex
	ids   []uuid.UUID
	made  time.Time
	until time.Time
}

// reserve returns an id and its storage key.
func (s *Sessions) reserve(ctx context.Context) (uuid.UUID, string, error) {
	r := &s.reserved
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := s.Clock.Now(); len(r.ids) == 0 || !now.Before(r.until) {
		ids, keys := make([]uuid.UUID, reserveAtOnce), make([]string, reserveAtOnce)
		for i := range ids {
			ids[i] = s.IDs.New()
			keys[i] = domain.StorageKey(ids[i], now)
		}
		err := s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
			return st.StorageKeys.Reserve(ctx, ids[0], keys, now)
		})
		if err != nil {
			return uuid.Nil, "", err
		}
		r.ids, r.made, r.until = ids, now, now.Add(reservedFor)
	}
	id := r.ids[0]
	r.ids = r.ids[1:]
	return id, domain.StorageKey(id, r.made), nil
}
