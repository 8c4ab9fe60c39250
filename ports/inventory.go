package ports

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Holding is something a storage keeps under a key.
type Holding struct {
	Key string
	// Blob tells a finished blob from pieces of one: a stage, a tail, a file
	// that Create is writing, an unfinished multipart upload.
	Blob    bool
	Changed time.Time // when it was last written, or begun where that is all the storage knows
}

// Inventory tells what a storage holds, whoever put it there: what a process
// that died left behind is found by nothing else.
type Inventory interface {
	// Holdings calls visit with everything under keys that begin with prefix,
	// a page at a time and in no order; a key comes once for each thing held.
	// What comes or goes meanwhile may be missed. An error of visit ends it.
	Holdings(ctx context.Context, prefix string, visit func(page []Holding) error) error
}

// KeyUse tells what the database makes of a storage key.
type KeyUse struct {
	Open bool // an upload is under way: its pieces are in use
	Kept bool // a file has its bytes there, or a purge that is still to come will remove them
}

// StorageKeys tells which keys of a storage are in use.
type StorageKeys interface {
	// Uses returns the use of each of the keys; one that no row names is not in
	// the map.
	Uses(ctx context.Context, keys []string) (map[string]KeyUse, error)
	// Reserve notes keys under which bytes may come before a row names them.
	Reserve(ctx context.Context, id uuid.UUID, keys []string, now time.Time) error
	// DeleteReserved forgets what was reserved before then.
	DeleteReserved(ctx context.Context, before time.Time) (int, error)
}
