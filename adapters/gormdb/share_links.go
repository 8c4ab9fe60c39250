package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// ShareLinks keeps share links.
type ShareLinks struct{ conn }

var _ ports.ShareLinks = (*ShareLinks)(nil)

type shareLinkRow struct {
	ID           uuid.UUID
	Hash         string
	Prefix       string
	CreatedBy    *uuid.UUID
	FileID       *uuid.UUID
	BatchID      *uuid.UUID
	PasswordHash string
	MaxDownloads int
	Downloads    int
	ExpiresAt    *stamp
	RevokedAt    *stamp
	CreatedAt    stamp
	UpdatedAt    stamp

	CreatorName string `gorm:"->"` // joined
	TargetName  string `gorm:"->"`
}

func (shareLinkRow) TableName() string { return "share_links" }

func fromShareLink(l *domain.ShareLink) shareLinkRow {
	return shareLinkRow{
		ID: l.ID, Hash: l.Hash, Prefix: clean(l.Prefix), CreatedBy: l.CreatedBy, FileID: l.FileID, BatchID: l.BatchID, PasswordHash: l.PasswordHash,
		MaxDownloads: l.MaxDownloads, Downloads: l.Downloads, ExpiresAt: atPtr(l.ExpiresAt), RevokedAt: atPtr(l.RevokedAt), CreatedAt: at(l.CreatedAt), UpdatedAt: at(l.UpdatedAt),
	}
}

func toShareLink(r shareLinkRow) *domain.ShareLink {
	return &domain.ShareLink{
		ID: r.ID, Hash: r.Hash, Prefix: r.Prefix, CreatedBy: r.CreatedBy, CreatorName: r.CreatorName, FileID: r.FileID, BatchID: r.BatchID, TargetName: r.TargetName,
		PasswordHash: r.PasswordHash, MaxDownloads: r.MaxDownloads, Downloads: r.Downloads,
		ExpiresAt: r.ExpiresAt.ptr(), RevokedAt: r.RevokedAt.ptr(), CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

const (
	shareLinkColumns = "t.*, COALESCE(u.name, '') AS creator_name, COALESCE(f.original_filename, b.label, '') AS target_name"
	shareLinkJoins   = "LEFT JOIN users u ON u.id = t.created_by LEFT JOIN upload_files f ON f.id = t.file_id LEFT JOIN upload_batches b ON b.id = t.batch_id"
)

var shareLinkList = listed[shareLinkRow, *domain.ShareLink]{
	what: "share_links", columns: shareLinkColumns, joins: shareLinkJoins, owner: "t.created_by",
	search: func(c conn, word string) condition {
		like := contains(word)
		return anyOf(append(byID(c, "t.id", word), byText(c, "t.prefix", word),
			condition{"EXISTS (SELECT 1 FROM upload_files f WHERE f.id = t.file_id AND " + c.d.like("f.original_filename") + ")", []any{like}},
			condition{"EXISTS (SELECT 1 FROM upload_batches b WHERE b.id = t.batch_id AND " + c.d.like("b.label") + ")", []any{like}})...)
	},
	filters: map[string]filter{"file": oneID("t.file_id"), "batch": oneID("t.batch_id"), "creator": oneID("t.created_by"), "kind": byShareKind, "state": byShareState},
	groups:  map[string]group{"state": shareStateGroup, "kind": shareKindGroup, "creator": idGroup("t.created_by")},
	place:   func(r shareLinkRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:      toShareLink,
}

// byShareState is domain.ShareLink.State as conditions.
func byShareState(c conn, key string, values []string) (condition, error) {
	const (
		current = "t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?) AND "
		usedUp  = "t.max_downloads > 0 AND t.downloads >= t.max_downloads"
	)
	now := []any{at(c.clock.Now())}
	var conds []condition
	for _, v := range values {
		switch domain.ShareState(v) {
		case domain.ShareLive:
			conds = append(conds, condition{"(" + current + "NOT (" + usedUp + "))", now})
		case domain.ShareUsedUp:
			conds = append(conds, condition{"(" + current + usedUp + ")", now})
		case domain.ShareExpired:
			conds = append(conds, condition{"(t.revoked_at IS NULL AND t.expires_at <= ?)", now})
		case domain.ShareRevoked:
			conds = append(conds, condition{"t.revoked_at IS NOT NULL", nil})
		default:
			return condition{}, domain.FieldErrorf(key, "%q is no state of a share link; it is live, used_up, expired or revoked.", v)
		}
	}
	return anyOf(conds...), nil
}

// shareStateGroup is domain.ShareLink.State as text.
func shareStateGroup(c conn) condition {
	return condition{"CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= ? THEN 'expired' WHEN t.max_downloads > 0 AND t.downloads >= t.max_downloads THEN 'used_up' ELSE 'live' END", []any{at(c.clock.Now())}}
}

// byShareKind is domain.ShareLink.Kind as conditions.
func byShareKind(_ conn, key string, values []string) (condition, error) {
	var conds []condition
	for _, v := range values {
		switch domain.ShareKind(v) {
		case domain.ShareOfFile:
			conds = append(conds, condition{"t.file_id IS NOT NULL", nil})
		case domain.ShareOfBatch:
			conds = append(conds, condition{"t.batch_id IS NOT NULL", nil})
		default:
			return condition{}, domain.FieldErrorf(key, "A share link leads to a file or to a batch, not to %q.", v)
		}
	}
	return anyOf(conds...), nil
}

func shareKindGroup(conn) condition {
	return condition{sql: "CASE WHEN t.file_id IS NOT NULL THEN 'file' ELSE 'batch' END"}
}

// Insert implements ports.ShareLinks.
func (s *ShareLinks) Insert(ctx context.Context, l *domain.ShareLink) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	row := fromShareLink(l)
	return translate(tx.Create(&row).Error, "share link")
}

// FindByHash implements ports.ShareLinks.
func (s *ShareLinks) FindByHash(ctx context.Context, hash string) (*domain.ShareLink, error) {
	return s.one(ctx, "t.hash = ?", clean(hash))
}

// Find implements ports.ShareLinks.
func (s *ShareLinks) Find(ctx context.Context, id uuid.UUID) (*domain.ShareLink, error) {
	return s.one(ctx, "t.id = ?", id)
}

func (s *ShareLinks) one(ctx context.Context, cond string, arg any) (*domain.ShareLink, error) {
	return one(s.reading(ctx).Raw("SELECT "+shareLinkColumns+" FROM share_links t "+shareLinkJoins+" WHERE "+cond, arg), toShareLink, "share link")
}

// List implements ports.ShareLinks.
func (s *ShareLinks) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.ShareLink], error) {
	return list(ctx, s.conn, shareLinkList, q)
}

// Tally implements ports.ShareLinks.
func (s *ShareLinks) Tally(ctx context.Context, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return tally(ctx, s.conn, shareLinkList, q, by)
}

// Take implements ports.ShareLinks, in one statement.
func (s *ShareLinks) Take(ctx context.Context, id uuid.UUID, now time.Time) (bool, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return false, err
	}
	tx = tx.Exec(`UPDATE share_links SET downloads = downloads + 1, updated_at = ? WHERE id = ? AND revoked_at IS NULL
		AND (expires_at IS NULL OR expires_at > ?) AND (max_downloads = 0 OR downloads < max_downloads)`, at(now), id, at(now))
	return tx.RowsAffected > 0, translate(tx.Error, "share link")
}

// Revoke implements ports.ShareLinks.
func (s *ShareLinks) Revoke(ctx context.Context, id uuid.UUID, now time.Time) (bool, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return false, err
	}
	tx = tx.Exec("UPDATE share_links SET revoked_at = ?, updated_at = ? WHERE id = ? AND revoked_at IS NULL", at(now), at(now), id)
	return tx.RowsAffected > 0, translate(tx.Error, "share link")
}

// DeleteDead implements ports.ShareLinks.
func (s *ShareLinks) DeleteDead(ctx context.Context, before time.Time, limit int) (int, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return 0, err
	}
	tx = tx.Exec(`DELETE FROM share_links WHERE id IN (SELECT t.id FROM share_links t WHERE t.revoked_at < ? OR t.expires_at < ?
		OR EXISTS (SELECT 1 FROM upload_files f WHERE f.id = t.file_id AND f.status = 'deleted' AND f.deleted_at < ?) LIMIT ?)`, at(before), at(before), at(before), limit)
	return int(tx.RowsAffected), translate(tx.Error, "share link")
}
