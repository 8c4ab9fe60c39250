package domain

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// BatchStatus is where a batch is; see doc.go.
type BatchStatus string

const (
	BatchInit       BatchStatus = "init"
	BatchInProgress BatchStatus = "in_progress"
	BatchComplete   BatchStatus = "complete"
	BatchPartial    BatchStatus = "partial"
	BatchFailed     BatchStatus = "failed"
)

// BatchStatuses in the order of a batch's life.
var BatchStatuses = []BatchStatus{BatchInit, BatchInProgress, BatchComplete, BatchPartial, BatchFailed}

// MaxLabelLength in characters.
const MaxLabelLength = 200

// Batch groups the files of one drop.
type Batch struct {
	ID             uuid.UUID
	CreatedBy      *uuid.UUID
	CreatorName    string // filled by reads
	Label          string
	Status         BatchStatus
	SealedAt       *time.Time // no more files after this
	IdempotencyKey string     // unique per creator when set
	Counts         BatchCounts
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// BatchCounts are computed from the files until the batch is done, and kept after.
type BatchCounts struct {
	Files     int
	Uploading int
	Stored    int // stored, processed or deleted later: they arrived
	Failed    int
	Bytes     int64
	Now       FileStates // computed only, not kept
}

// FileStates says what became of the files that are not uploading any more.
type FileStates struct{ Stored, Processed, Failed, Deleted int }

// NewBatch validates the label and makes a batch in init.
func NewBatch(id uuid.UUID, label, key string, owner *uuid.UUID, now time.Time) (*Batch, error) {
	label, err := checkLabel(label)
	if err != nil {
		return nil, err
	}
	return &Batch{ID: id, CreatedBy: owner, Label: label, Status: BatchInit, IdempotencyKey: key, CreatedAt: now, UpdatedAt: now}, nil
}

func checkLabel(label string) (string, error) {
	label = strings.TrimSpace(label)
	if n := utf8.RuneCountInString(label); n > MaxLabelLength {
		return "", FieldErrorf("label", "A label has at most %d characters; this one has %d.", MaxLabelLength, n)
	}
	if !utf8.ValidString(label) || strings.ContainsRune(label, 0) {
		return "", FieldErrorf("label", "A label is plain UTF-8 text.")
	}
	return label, nil
}

// Rename validates the label and sets it; changed tells whether it is another.
func (b *Batch) Rename(label string, now time.Time) (changed bool, err error) {
	if label, err = checkLabel(label); err != nil || label == b.Label {
		return false, err
	}
	b.Label, b.UpdatedAt = label, now
	return true, nil
}

// Accept tells whether a file may still join, and moves init to in_progress.
func (b *Batch) Accept(now time.Time) error {
	if b.SealedAt != nil {
		return Errorf(Conflict, "This batch was finalised at %s and takes no more files. Start a new one.", b.SealedAt.UTC().Format("15:04 UTC"))
	}
	if b.Status == BatchInit {
		b.Status, b.UpdatedAt = BatchInProgress, now
	}
	return nil
}

// Seal closes the batch for new files; sealing twice changes nothing.
func (b *Batch) Seal(now time.Time) {
	if b.SealedAt == nil {
		b.SealedAt, b.UpdatedAt = &now, now
	}
}

// Settle ends a sealed batch in which nothing is uploading any more and
// returns `batch.completed`; nil when it is not time yet or already done.
func (b *Batch) Settle(c BatchCounts, now time.Time) *Event {
	done := b.Status == BatchComplete || b.Status == BatchPartial || b.Status == BatchFailed
	if b.SealedAt == nil || c.Uploading > 0 || done {
		return nil
	}
	switch {
	case c.Failed == 0:
		b.Status = BatchComplete
	case c.Stored > 0:
		b.Status = BatchPartial
	default:
		b.Status = BatchFailed
	}
	b.Counts, b.UpdatedAt = c, now
	data := struct {
		BatchID string `json:"batch_id"`
		Label   string `json:"label"`
		Status  string `json:"status"`
		Files   int    `json:"files"`
		Stored  int    `json:"stored"`
		Failed  int    `json:"failed"`
		Bytes   int64  `json:"size_bytes"`
	}{b.ID.String(), b.Label, string(b.Status), c.Files, c.Stored, c.Failed, c.Bytes}
	return newEvent("batch", b.ID, EventBatchCompleted, string(EventBatchCompleted)+":"+b.ID.String(), data, now)
}
