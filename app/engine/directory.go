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

// look returns the active endpoints and, by id, those asked for.
func (d *directory) look(ctx context.Context, st ports.Stores, ids []uuid.UUID) ([]*domain.Endpoint, map[uuid.UUID]*domain.Endpoint, error) {
	generation, err := st.Endpoints.Generation(ctx)
	if err != nil {
		return nil, nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.known || d.generation != generation {
		if err := d.load(ctx, st, generation); err != nil {
			return nil, nil, err
		}
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
			return nil, nil, err
		}
		for id, e := range more {
			d.all[id], found[id] = e, e
		}
	}
	return d.active, found, nil
}

func (d *directory) load(ctx context.Context, st ports.Stores, generation int64) error {
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
