package domain

import (
	"time"

	"github.com/google/uuid"
)

// FileStatus is where a file is in its life; see doc.go for the moves.
type FileStatus string

const (
	FileUploading FileStatus = "uploading"
	FileStored    FileStatus = "stored"
	FileProcessed FileStatus = "processed"
	FileFailed    FileStatus = "failed"
	FileDeleted   FileStatus = "deleted"
)

// FileStatuses in the order of a file's life.
var FileStatuses = []FileStatus{FileUploading, FileStored, FileProcessed, FileFailed, FileDeleted}

// MaxExtendHours is how much longer a file may be kept at once: ten years.
const MaxExtendHours = 10 * 365 * 24

// File is one thing that a person or program handed in.
type File struct {
	ID               uuid.UUID
	BatchID          *uuid.UUID
	UploadedBy       *uuid.UUID // null when the user was deleted
	UploaderName     string     // filled by reads, for showing
	BatchLabel       string     // filled by reads, for showing
	OriginalFilename string     // as the sender named it, cleaned; never part of a path
	ContentType      string
	SizeBytes        int64
	SHA256           string // hex, empty until stored
	StorageKey       string // committed before the first byte
	LinkSerial       int    // raised to revoke every link made so far
	Metadata         map[string]string
	Status           FileStatus
	ErrorMessage     string
	ExpiresAt        *time.Time // null: never
	StoredAt         *time.Time
	ProcessedAt      *time.Time
	DeletedAt        *time.Time
	PurgedAt         *time.Time // bytes are gone
	CreatedAt        time.Time
	UpdatedAt        time.Time // while uploading: the last sign of life
}

// NewFile makes a file in `uploading` with its storage key.
func NewFile(id uuid.UUID, name string, owner, batch *uuid.UUID, now time.Time) *File {
	return &File{
		ID: id, BatchID: batch, UploadedBy: owner, OriginalFilename: name,
		ContentType: "application/octet-stream", StorageKey: StorageKey(id, now),
		Metadata: map[string]string{}, Status: FileUploading, CreatedAt: now, UpdatedAt: now,
	}
}

// Store moves uploading to stored and returns `file.stored`.
func (f *File) Store(size int64, sha256, contentType string, ttl time.Duration, now time.Time) (*Event, error) {
	if err := f.mustBe("stored", FileUploading); err != nil {
		return nil, err
	}
	f.Status, f.SizeBytes, f.SHA256, f.ContentType = FileStored, size, sha256, contentType
	f.StoredAt, f.UpdatedAt = &now, now
	if ttl > 0 {
		at := now.Add(ttl)
		f.ExpiresAt = &at
	}
	return f.event(EventFileStored, f.ID.String(), now), nil
}

// Fail moves uploading (refused, broken off) or stored (by the consumer) to
// failed and returns `file.failed`. A file that was never stored is purged
// afterwards, one that a consumer failed keeps its bytes.
func (f *File) Fail(reason string, now time.Time) (*Event, error) {
	if err := f.mustBe("failed", FileUploading, FileStored); err != nil {
		return nil, err
	}
	f.Status, f.ErrorMessage, f.UpdatedAt = FileFailed, reason, now
	return f.event(EventFileFailed, f.ID.String(), now), nil
}

// Process moves stored to processed and returns `file.processed`.
func (f *File) Process(now time.Time) (*Event, error) {
	if err := f.mustBe("processed", FileStored); err != nil {
		return nil, err
	}
	f.Status, f.ProcessedAt, f.UpdatedAt = FileProcessed, &now, now
	return f.event(EventFileProcessed, f.ID.String(), now), nil
}

// Delete moves stored, processed or failed to deleted and returns
// `file.deleted`. The bytes are purged afterwards; PurgedAt says when.
func (f *File) Delete(now time.Time) (*Event, error) {
	if err := f.mustBe("deleted", FileStored, FileProcessed, FileFailed); err != nil {
		return nil, err
	}
	f.Status, f.DeletedAt, f.UpdatedAt = FileDeleted, &now, now
	return f.event(EventFileDeleted, f.ID.String(), now), nil
}

// Expiring returns `file.expiring`; extending the expiry allows a new notice.
func (f *File) Expiring(now time.Time) *Event {
	return f.event(EventFileExpiring, f.ID.String()+":"+f.ExpiresAt.UTC().Format(time.RFC3339Nano), now)
}

// HasBytes tells whether the file can be downloaded.
func (f *File) HasBytes() bool {
	return f.StoredAt != nil && f.PurgedAt == nil && f.Status != FileDeleted && f.Status != FileUploading
}

func (f *File) mustBe(to string, from ...FileStatus) error {
	for _, s := range from {
		if f.Status == s {
			return nil
		}
	}
	return Errorf(Conflict, "This file is %s, so it cannot become %s.", f.Status, to)
}

func (f *File) event(t EventType, key string, now time.Time) *Event {
	return newEvent("file", f.ID, t, string(t)+":"+key, f.eventData(), now)
}

// fileData is the `data` of file events; the field order is part of the bytes
// that receivers see. The url is added when an attempt is sent.
type fileData struct {
	FileID           string            `json:"file_id"`
	OriginalFilename string            `json:"original_filename"`
	ContentType      string            `json:"content_type"`
	SizeBytes        int64             `json:"size_bytes"`
	SHA256           string            `json:"sha256"`
	BatchID          *uuid.UUID        `json:"batch_id"`
	UploadedBy       *string           `json:"uploaded_by"`
	Metadata         map[string]string `json:"metadata"`
	ExpiresAt        *time.Time        `json:"expires_at"`
	Error            string            `json:"error,omitempty"`
}

func (f *File) eventData() fileData {
	d := fileData{
		FileID: f.ID.String(), OriginalFilename: f.OriginalFilename, ContentType: f.ContentType,
		SizeBytes: f.SizeBytes, SHA256: f.SHA256, BatchID: f.BatchID, Metadata: f.Metadata,
		ExpiresAt: f.ExpiresAt, Error: f.ErrorMessage,
	}
	if d.Metadata == nil {
		d.Metadata = map[string]string{} // receivers read an object, never null
	}
	if f.UploadedBy != nil {
		who := f.UploaderName
		if who == "" {
			who = f.UploadedBy.String()
		}
		d.UploadedBy = &who
	}
	return d
}
