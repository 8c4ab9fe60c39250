package engine

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// AddBatchLabels fills the label of each event's batch, which is not in the
// payload, when a filter of one of the endpoints asks for it.
func AddBatchLabels(ctx context.Context, st ports.Stores, endpoints []*domain.Endpoint, events []*domain.Event) error {
	asked := false
	for _, ep := range endpoints {
		asked = asked || ep.Filter.AsksForBatch()
	}
	if !asked {
		return nil
	}
	var ids []uuid.UUID
	for _, ev := range events {
		if id := ev.FileBatch(); id != nil {
			ids = append(ids, *id)
		}
	}
	labels, err := st.Batches.Labels(ctx, ids)
	if err != nil {
		return err
	}
	for _, ev := range events {
		if id := ev.FileBatch(); id != nil {
			ev.BatchLabel = labels[*id]
		}
	}
	return nil
}
