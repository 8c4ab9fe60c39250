package engine_test

import (
	"github.com/google/uuid"

	"doorito/domain"
)

func ids(es ...*domain.Event) []uuid.UUID {
	var out []uuid.UUID
	for _, e := range es {
		out = append(out, e.ID)
	}
	return out
}
