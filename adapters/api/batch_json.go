package api

import (
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// batchJSON is a batch as programs see it; the counts are named as in the
// event batch.completed.
type batchJSON struct {
	ID        uuid.UUID  `json:"id"`
	Label     string     `json:"label"`
	Status    string     `json:"status"`
	Files     int        `json:"files"`
	Uploading int        `json:"uploading"`
	Stored    int        `json:"stored"`
	Failed    int        `json:"failed"`
	SizeBytes int64      `json:"size_bytes"`
	Progress  float64    `json:"progress"` // share of the files that ended, well or not
	CreatedAt time.Time  `json:"created_at"`
	SealedAt  *time.Time `json:"sealed_at"`
}

func newBatchJSON(b *domain.Batch) batchJSON {
	n := b.Counts
	progress := 0.0
	switch {
	case n.Files > 0:
		progress = float64(n.Files-n.Uploading) / float64(n.Files)
	case b.SealedAt != nil:
		progress = 1
	}
	return batchJSON{
		ID: b.ID, Label: b.Label, Status: string(b.Status), CreatedAt: b.CreatedAt, SealedAt: b.SealedAt,
		Files: n.Files, Uploading: n.Uploading, Stored: n.Stored, Failed: n.Failed, SizeBytes: n.Bytes, Progress: progress,
	}
}
