package app

import (
	"context"

	"doorito/domain"
	"doorito/ports"
)

// Append gives events their ids and adds them to the outbox of the caller's
// transaction; nil events are skipped.
func Append(ctx context.Context, s ports.Stores, ids ports.IDs, events ...*domain.Event) error {
	for _, e := range events {
		if e == nil {
			continue
		}
		if err := e.AssignID(ids.New()); err != nil {
			return err
		}
		if _, err := s.Outbox.Append(ctx, e); err != nil {
			return err
		}
	}
	return nil
}
