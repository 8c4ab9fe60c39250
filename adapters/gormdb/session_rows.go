package gormdb

import (
	"strings"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Sessions keeps upload sessions and their parts; session_reads.go,
// session_writes.go and session_parts.go say how.
type Sessions struct{ conn }

var _ ports.Sessions = (*Sessions)(nil)

type sessionRow struct {
	ID             uuid.UUID
	FileID         *uuid.UUID
	UserID         *uuid.UUID
	Kind           string
	Status         string
	Mode           string
	ChunkSizeBytes int64
	TotalSizeBytes *int64
	BytesReceived  int64
	CompletedParts int
	IdempotencyKey string
	HashState      []byte
	DeclaredSHA256 string `gorm:"column:declared_sha256"`
	StorageKey     string
	Stage          []byte
	Metadata       document[map[string]string]
	Epoch          int64
	ExpiresAt      stamp
	ErrorMessage   string
	CreatedAt      stamp
	UpdatedAt      stamp
}

// into are the fields of sessionInsert.
func (r *sessionRow) into() []any {
	return []any{&r.ID, &r.FileID, &r.UserID, &r.Kind, &r.Status, &r.Mode, &r.ChunkSizeBytes, &r.TotalSizeBytes, &r.BytesReceived, &r.CompletedParts,
		&r.IdempotencyKey, &r.HashState, &r.DeclaredSHA256, &r.StorageKey, &r.Stage, &r.Metadata, &r.Epoch, &r.ExpiresAt, &r.ErrorMessage, &r.CreatedAt, &r.UpdatedAt}
}

var sessionByID = "SELECT " + of("t", sessionInsert) + " FROM upload_sessions t WHERE t.id = $1"

func (sessionRow) TableName() string { return "upload_sessions" }

func fromSession(s *domain.UploadSession) sessionRow {
	return sessionRow{
		ID: s.ID, FileID: s.FileID, UserID: s.UserID, Kind: string(s.Kind), Status: string(s.Status), Mode: string(s.Mode),
		ChunkSizeBytes: s.ChunkSize, TotalSizeBytes: s.TotalSize, BytesReceived: s.BytesReceived, CompletedParts: s.CompletedParts,
		IdempotencyKey: clean(s.IdempotencyKey), HashState: orNull(s.HashState), DeclaredSHA256: s.DeclaredSHA256, StorageKey: s.StorageKey, Stage: orNull(s.Stage),
		Metadata: document[map[string]string]{cleanMap(s.Metadata)}, Epoch: s.Epoch, ExpiresAt: at(s.ExpiresAt), ErrorMessage: clean(s.ErrorMessage),
		CreatedAt: at(s.CreatedAt), UpdatedAt: at(s.UpdatedAt),
	}
}

func toSession(r sessionRow) *domain.UploadSession {
	return &domain.UploadSession{
		ID: r.ID, FileID: r.FileID, UserID: r.UserID, Kind: domain.SessionKind(r.Kind), Status: domain.SessionStatus(r.Status), Mode: domain.SessionMode(r.Mode),
		ChunkSize: r.ChunkSizeBytes, TotalSize: r.TotalSizeBytes, BytesReceived: r.BytesReceived, CompletedParts: r.CompletedParts,
		IdempotencyKey: r.IdempotencyKey, HashState: orNull(r.HashState), DeclaredSHA256: r.DeclaredSHA256, StorageKey: r.StorageKey, Stage: orNull(r.Stage),
		Metadata: r.Metadata.V, Epoch: r.Epoch, ExpiresAt: r.ExpiresAt.Time, ErrorMessage: r.ErrorMessage,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

// orNull makes no bytes null, since the drivers tell nil from empty each in
// its own way.
func orNull(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

type partRow struct {
	ID          uuid.UUID
	SessionID   uuid.UUID
	PartNumber  int
	OffsetBytes int64
	SizeBytes   int64
	SHA256      string `gorm:"column:sha256"`
	StorageTag  string
	Filename    string `gorm:"->"` // of lists alone
	CreatedAt   stamp
	UpdatedAt   stamp
}

const partColumns = "id, session_id, part_number, offset_bytes, size_bytes, sha256, storage_tag, created_at, updated_at"

// into are the fields of partColumns.
func (r *partRow) into() []any {
	return []any{&r.ID, &r.SessionID, &r.PartNumber, &r.OffsetBytes, &r.SizeBytes, &r.SHA256, &r.StorageTag, &r.CreatedAt, &r.UpdatedAt}
}

// values are those of partColumns.
func (r partRow) values() []any {
	return []any{r.ID, r.SessionID, r.PartNumber, r.OffsetBytes, r.SizeBytes, r.SHA256, r.StorageTag, r.CreatedAt, r.UpdatedAt}
}

var (
	partByNumber = "SELECT " + partColumns + " FROM upload_parts WHERE session_id = $1 AND part_number = $2"
	partInsert   = "INSERT INTO upload_parts (" + partColumns + ") VALUES (" + marks(1, strings.Count(partColumns, ",")+1) + ") ON CONFLICT (session_id, part_number) DO NOTHING"
)

func (partRow) TableName() string { return "upload_parts" }

func fromPart(p *domain.UploadPart) partRow {
	return partRow{
		ID: p.ID, SessionID: p.SessionID, PartNumber: p.Number, OffsetBytes: p.Offset, SizeBytes: p.Size,
		SHA256: p.SHA256, StorageTag: clean(p.Tag), CreatedAt: at(p.CreatedAt), UpdatedAt: at(p.UpdatedAt),
	}
}

func toPart(r partRow) *domain.UploadPart {
	return &domain.UploadPart{
		ID: r.ID, SessionID: r.SessionID, Number: r.PartNumber, Offset: r.OffsetBytes, Size: r.SizeBytes,
		SHA256: r.SHA256, Tag: r.StorageTag, Filename: r.Filename, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}
