package api

import (
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports/usecase"
)

// sessionJSON is an upload session as programs see it.
type sessionJSON struct {
	ID               uuid.UUID         `json:"id"`
	FileID           *uuid.UUID        `json:"file_id"`
	Kind             string            `json:"kind"`
	Status           string            `json:"status"`
	Mode             *string           `json:"mode"` // null until the first write
	OriginalFilename string            `json:"original_filename"`
	BatchID          *uuid.UUID        `json:"batch_id"`
	UploadedBy       *uuid.UUID        `json:"uploaded_by"` // null once the account is deleted
	ChunkSize        int64             `json:"chunk_size_bytes"`
	TotalSize        *int64            `json:"total_size_bytes"`
	TotalParts       int               `json:"total_parts"`
	BytesReceived    int64             `json:"bytes_received"`
	CompletedParts   int               `json:"completed_parts"`
	HashedBytes      int64             `json:"hashed_bytes"`
	Received         *[]domain.Run     `json:"received,omitempty"` // not in lists
	SHA256           *string           `json:"sha256"`             // as declared
	Metadata         map[string]string `json:"metadata"`
	TusURL           string            `json:"tus_url"`
	ExpiresAt        time.Time         `json:"expires_at"`
	ErrorMessage     string            `json:"error_message"`
	CreatedAt        time.Time         `json:"created_at"`
	UpdatedAt        time.Time         `json:"updated_at"`
}

// listedSession leaves out which parts are here.
func listedSession(d *usecase.SessionDetail) sessionJSON {
	s := d.Session
	out := sessionJSON{
		ID: s.ID, FileID: s.FileID, UploadedBy: s.UserID, Kind: string(s.Kind), Status: string(s.Status),
		ChunkSize: s.ChunkSize, TotalSize: s.TotalSize, TotalParts: s.TotalParts(),
		BytesReceived: s.BytesReceived, CompletedParts: s.CompletedParts, HashedBytes: d.Hashed,
		Metadata: map[string]string{}, TusURL: "/files/" + s.ID.String(),
		ExpiresAt: s.ExpiresAt, ErrorMessage: s.ErrorMessage, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
	}
	if mode := string(s.Mode); mode != "" {
		out.Mode = &mode
	}
	if s.DeclaredSHA256 != "" {
		out.SHA256 = &s.DeclaredSHA256
	}
	if f := d.File; f != nil {
		out.OriginalFilename, out.BatchID = f.OriginalFilename, f.BatchID
		if f.Metadata != nil {
			out.Metadata = f.Metadata
		}
	}
	return out
}

func wholeSession(d *usecase.SessionDetail) sessionJSON {
	out := listedSession(d)
	numbers := make([]int, len(d.Parts))
	for i, p := range d.Parts {
		numbers[i] = p.Number
	}
	runs := domain.Runs(numbers)
	out.Received = &runs
	return out
}

// partJSON is a part that is here.
type partJSON struct {
	PartNumber  int    `json:"part_number"`
	OffsetBytes int64  `json:"offset_bytes"`
	SizeBytes   int64  `json:"size_bytes"`
	SHA256      string `json:"sha256"`
	Status      string `json:"status"`
}

func newPartJSON(p *domain.UploadPart) partJSON {
	return partJSON{PartNumber: p.Number, OffsetBytes: p.Offset, SizeBytes: p.Size, SHA256: p.SHA256, Status: "received"}
}

func sessionPath(id uuid.UUID) string { return "/api/v1/sessions/" + id.String() }
