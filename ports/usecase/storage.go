package usecase

import (
	"context"

	"doorito/domain"
)

// StorageCheck compares storage and database, both ways.
type StorageCheck interface {
	// CheckStorage is for admins. It changes nothing unless repair is set: then
	// what no row names is removed, once it is a day old, and files whose bytes
	// are missing are marked so, stored ones as failed with the event. What has a
	// wrong size is told alone. Conflict, and nothing is marked, when most files
	// miss their bytes: then it is the wrong storage that is looked at.
	CheckStorage(ctx context.Context, a domain.Actor, repair bool) (*domain.StorageReport, error)
}
