package engine

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// directory keeps the endpoints in memory for as long as their generation is
// the one of the database. An endpoint that is switched off or edited is seen
// as such by the next relay or claim.
type directory struct {
	mu         sync.Mutex
	known      bool
	generation int64
	active     []*domain.Endpoint
	all        map[uuid.UUID]*domain.Endpoint
}

// wanting returns the active endpoints of a generation.
func (d *directory) wanting(ctx context.Context, st ports.Stores, generation int64) ([]*domain.Endpoint, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.refresh(ctx, st, generation)
	return d.active, err
}

// look returns endpoints by id.
func (d *directory) look(ctx context.Context, st ports.Stores, ids []uuid.UUID) (map[uuid.UUID]*domain.Endpoint, error) {
	generation, err := st.Endpoints.Generation(ctx)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.refresh(ctx, st, generation); err != nil {
		return nil, err
	}
	found := make(map[uuid.UUID]*domain.Endpoint)
	var missing []uuid.UUID
	for _, id := range ids {
		if e := d.all[id]; e != nil {
			found[id] = e
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		more, err := st.Endpoints.FindAll(ctx, missing)
		if err != nil {
			return nil, err
		}
		for id, e := range more {
			d.all[id], found[id] = e, e
		}
	}
	return found, nil
}

func (d *directory) refresh(ctx context.Context, st ports.Stores, generation int64) error {
	if d.known && d.generation == generation {
		return nil
	}
	active, err := st.Endpoints.ListActive(ctx)
	if err != nil {
		return err
	}
	d.known, d.generation, d.active, d.all = true, generation, active, make(map[uuid.UUID]*domain.Endpoint, len(active))
	for _, e := range active {
		d.all[e.ID] = e
	}
	return nil
}
