package gormdb

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Files keeps uploaded files; file_reads.go and file_writes.go say how.
type Files struct{ conn }

var _ ports.Files = (*Files)(nil)

type fileRow struct {
	ID               uuid.UUID
	BatchID          *uuid.UUID
	UploadedBy       *uuid.UUID
	UploaderName     string `gorm:"->"`
	BatchLabel       string `gorm:"->"`
	OriginalFilename string
	ContentType      string
	SizeBytes        int64
	SHA256           string `gorm:"column:sha256"`
	StorageKey       string
	LinkSerial       int
	Metadata         document[map[string]string]
	Status           string
	ErrorMessage     string
	ExpiresAt        *stamp
	StoredAt         *stamp
	ProcessedAt      *stamp
	DeletedAt        *stamp
	PurgedAt         *stamp
	CreatedAt        stamp
	UpdatedAt        stamp
}

func (fileRow) TableName() string { return "upload_files" }

func fromFile(f *domain.File) fileRow {
	return fileRow{
		ID: f.ID, BatchID: f.BatchID, UploadedBy: f.UploadedBy, OriginalFilename: clean(f.OriginalFilename), ContentType: clean(f.ContentType),
		SizeBytes: f.SizeBytes, SHA256: f.SHA256, StorageKey: f.StorageKey, LinkSerial: f.LinkSerial, Metadata: document[map[string]string]{cleanMap(f.Metadata)},
		Status: string(f.Status), ErrorMessage: clean(f.ErrorMessage), ExpiresAt: atPtr(f.ExpiresAt), StoredAt: atPtr(f.StoredAt),
		ProcessedAt: atPtr(f.ProcessedAt), DeletedAt: atPtr(f.DeletedAt), PurgedAt: atPtr(f.PurgedAt), CreatedAt: at(f.CreatedAt), UpdatedAt: at(f.UpdatedAt),
	}
}

func toFile(r fileRow) *domain.File {
	return &domain.File{
		ID: r.ID, BatchID: r.BatchID, UploadedBy: r.UploadedBy, UploaderName: r.UploaderName, BatchLabel: r.BatchLabel, OriginalFilename: r.OriginalFilename, ContentType: r.ContentType,
		SizeBytes: r.SizeBytes, SHA256: r.SHA256, StorageKey: r.StorageKey, LinkSerial: r.LinkSerial, Metadata: r.Metadata.V,
		Status: domain.FileStatus(r.Status), ErrorMessage: r.ErrorMessage, ExpiresAt: r.ExpiresAt.ptr(), StoredAt: r.StoredAt.ptr(),
		ProcessedAt: r.ProcessedAt.ptr(), DeletedAt: r.DeletedAt.ptr(), PurgedAt: r.PurgedAt.ptr(), CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

const (
	fileColumns = "t.*, coalesce(u.name, '') AS uploader_name, coalesce(b.label, '') AS batch_label"
	fileJoins   = "LEFT JOIN users u ON u.id = t.uploaded_by LEFT JOIN upload_batches b ON b.id = t.batch_id"
)

var fileList = listed[fileRow, *domain.File]{
	what: "upload_files", columns: fileColumns, joins: fileJoins, owner: "t.uploaded_by",
	search: func(c conn, word string) condition {
		conds := append(byNewID(c, "t.id", made("upload_files"), word), byName(c, "t.original_filename", word))
		if hash := strings.ToLower(word); len(hash) >= 4 && len(hash) <= 64 && strings.Trim(hash, "0123456789abcdef") == "" {
			conds = append(conds, condition{"t.sha256 LIKE ?", []any{startsWith(hash)}})
		}
		return anyOf(conds...)
	},
	filters: map[string]filter{
		"status": oneOf("t.status"), "batch": oneID("t.batch_id"), "owner": oneID("t.uploaded_by"), "type": byContentType,
		"size_min": number("t.size_bytes >= ?"), "size_max": number("t.size_bytes <= ?"), "expiring": expiringWithin,
		"held": heldFiles, "superseded": yesNo("t.superseded"),
	},
	groups: map[string]group{
		"status": textGroup("t.status"), "owner": idGroup("t.uploaded_by"), "type": textGroup("t.content_type"), "superseded": truthGroup("t.superseded"),
	},
	place: func(r fileRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:    toFile,
}

// heldFiles are past their expiry and still owed to a receiver.
func heldFiles(c conn, key string, values []string) (condition, error) {
	if len(values) != 1 || values[0] != "true" {
		return condition{}, domain.FieldErrorf(key, "%q cannot be asked for. It is true or left out.", strings.Join(values, ","))
	}
	return condition{"t.status IN ('stored', 'processed', 'failed') AND t.expires_at <= ? AND " + owed("t.id"), []any{at(c.clock.Now())}}, nil
}

// byContentType takes whole types and families: image/png, image or image/.
func byContentType(_ conn, _ string, values []string) (condition, error) {
	var conds []condition
	for _, v := range values {
		family, sub, _ := strings.Cut(strings.ToLower(clean(v)), "/")
		if sub == "" || sub == "*" {
			conds = append(conds, condition{`t.content_type LIKE ? ESCAPE '\'`, []any{startsWith(family + "/")}})
		} else {
			conds = append(conds, condition{"t.content_type = ?", []any{family + "/" + sub}})
		}
	}
	return anyOf(conds...), nil
}

// expiringWithin keeps files that are there and expire in so many hours.
func expiringWithin(c conn, key string, values []string) (condition, error) {
	hours, err := parseNumber(key, values[0])
	if err != nil {
		return condition{}, err
	}
	now := c.clock.Now()
	until := now.Add(time.Duration(min(hours, 100_000)) * time.Hour)
	return condition{"t.status IN ('stored', 'processed') AND t.expires_at > ? AND t.expires_at <= ?", []any{at(now), at(until)}}, nil
}
