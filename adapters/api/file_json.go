package api

import (
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// fileJSON is a file as programs see it.
type fileJSON struct {
	ID               uuid.UUID         `json:"id"`
	OriginalFilename string            `json:"original_filename"`
	ContentType      string            `json:"content_type"`
	SizeBytes        int64             `json:"size_bytes"`
	SHA256           string            `json:"sha256"`
	Status           string            `json:"status"`
	Error            string            `json:"error,omitempty"` // why it is failed
	BatchID          *uuid.UUID        `json:"batch_id"`
	Metadata         map[string]string `json:"metadata"`
	URL              *string           `json:"url"` // null for who may not fetch files
	CreatedAt        time.Time         `json:"created_at"`
	StoredAt         *time.Time        `json:"stored_at"`
	ProcessedAt      *time.Time        `json:"processed_at"`
	DeletedAt        *time.Time        `json:"deleted_at"`
	ExpiresAt        *time.Time        `json:"expires_at"`
}

func (h *handlers) fileJSON(a domain.Actor, f *domain.File) fileJSON {
	out := fileJSON{
		ID: f.ID, OriginalFilename: f.OriginalFilename, ContentType: f.ContentType, SizeBytes: f.SizeBytes,
		SHA256: f.SHA256, Status: string(f.Status), Error: f.ErrorMessage, BatchID: f.BatchID, Metadata: f.Metadata,
		CreatedAt: f.CreatedAt, StoredAt: f.StoredAt, ProcessedAt: f.ProcessedAt, DeletedAt: f.DeletedAt, ExpiresAt: f.ExpiresAt,
	}
	if link := h.Files.Link(a, f); link != "" {
		out.URL = &link
	}
	if out.Metadata == nil {
		out.Metadata = map[string]string{}
	}
	return out
}

func filePath(id uuid.UUID) string { return "/api/v1/files/" + id.String() }
