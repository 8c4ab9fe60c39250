package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// WebSessions keeps signed-in browsers.
type WebSessions struct{ conn }

var _ ports.WebSessions = (*WebSessions)(nil)

type webSessionRow struct {
	ID         uuid.UUID
	Hash       string
	UserID     uuid.UUID
	CSRF       string `gorm:"column:csrf"`
	Remember   bool
	IP         string
	UserAgent  string
	LastSeenAt stamp
	ExpiresAt  stamp
	RevokedAt  *stamp
	CreatedAt  stamp
	UpdatedAt  stamp
}

func (webSessionRow) TableName() string { return "web_sessions" }

func fromWebSession(s *domain.WebSession) webSessionRow {
	return webSessionRow{
		ID: s.ID, Hash: s.Hash, UserID: s.UserID, CSRF: s.CSRF, Remember: s.Remember, IP: clean(s.IP), UserAgent: clean(s.UserAgent),
		LastSeenAt: at(s.LastSeenAt), ExpiresAt: at(s.ExpiresAt), RevokedAt: atPtr(s.RevokedAt), CreatedAt: at(s.CreatedAt), UpdatedAt: at(s.UpdatedAt),
	}
}

func toWebSession(r webSessionRow) *domain.WebSession {
	return &domain.WebSession{
		ID: r.ID, Hash: r.Hash, UserID: r.UserID, CSRF: r.CSRF, Remember: r.Remember, IP: r.IP, UserAgent: r.UserAgent,
		LastSeenAt: r.LastSeenAt.Time, ExpiresAt: r.ExpiresAt.Time, RevokedAt: r.RevokedAt.ptr(), CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

const webSessionColumns = "id, hash, user_id, csrf, remember, ip, user_agent, last_seen_at, expires_at, revoked_at, created_at, updated_at"

// into are the fields of webSessionColumns.
func (r *webSessionRow) into() []any {
	return []any{&r.ID, &r.Hash, &r.UserID, &r.CSRF, &r.Remember, &r.IP, &r.UserAgent, &r.LastSeenAt, &r.ExpiresAt, &r.RevokedAt, &r.CreatedAt, &r.UpdatedAt}
}

var webSessionByHash = "SELECT " + of("t", webSessionColumns) + ", " + of("u", userColumns) + " FROM web_sessions t JOIN users u ON u.id = t.user_id WHERE t.hash = $1"

// Insert implements ports.WebSessions.
func (w *WebSessions) Insert(ctx context.Context, s *domain.WebSession) error {
	tx, err := w.writing(ctx)
	if err != nil {
		return err
	}
	row := fromWebSession(s)
	return translate(tx.Create(&row).Error, "session")
}

// FindByHash implements ports.WebSessions.
func (w *WebSessions) FindByHash(ctx context.Context, hash string) (*domain.WebSession, *domain.User, error) {
	var session webSessionRow
	var owner userRow
	if err := quickRow(w.reading(ctx), "session", webSessionByHash, []any{clean(hash)}, append(session.into(), owner.into()...)...); err != nil {
		return nil, nil, err
	}
	return toWebSession(session), toUser(owner), nil
}

// Touch implements ports.WebSessions. A revoked session stays as it is.
func (w *WebSessions) Touch(ctx context.Context, id uuid.UUID, seen, expires time.Time) error {
	return w.update(ctx, map[string]any{"last_seen_at": at(seen), "expires_at": at(expires), "updated_at": at(seen)}, "id = ?", id)
}

// Revoke implements ports.WebSessions. The first time counts.
func (w *WebSessions) Revoke(ctx context.Context, id uuid.UUID, now time.Time) error {
	return w.update(ctx, map[string]any{"revoked_at": at(now), "updated_at": at(now)}, "id = ?", id)
}

// RevokeAllOf implements ports.WebSessions.
func (w *WebSessions) RevokeAllOf(ctx context.Context, user, kept uuid.UUID, now time.Time) error {
	return w.update(ctx, map[string]any{"revoked_at": at(now), "updated_at": at(now)}, "user_id = ? AND id <> ?", user, kept)
}

// ListLive implements ports.WebSessions.
func (w *WebSessions) ListLive(ctx context.Context, user uuid.UUID, now time.Time, limit int) ([]*domain.WebSession, error) {
	var rows []webSessionRow
	err := w.reading(ctx).Where("user_id = ? AND revoked_at IS NULL AND expires_at > ?", user, at(now)).
		Order("last_seen_at DESC, id DESC").Limit(limit).Find(&rows).Error
	return mapped(rows, toWebSession), translate(err, "session")
}

// update changes live sessions.
func (w *WebSessions) update(ctx context.Context, set map[string]any, cond string, args ...any) error {
	tx, err := w.writing(ctx)
	if err != nil {
		return err
	}
	err = tx.Model(&webSessionRow{}).Where("revoked_at IS NULL").Where(cond, args...).Updates(set).Error
	return translate(err, "session")
}

// KnownAddress implements ports.WebSessions.
func (w *WebSessions) KnownAddress(ctx context.Context, user uuid.UUID, ip string, since time.Time) (bool, error) {
	var one []int
	err := w.reading(ctx).Model(&webSessionRow{}).Select("1").
		Where("user_id = ? AND ip = ? AND last_seen_at >= ?", user, clean(ip), at(since)).Limit(1).Find(&one).Error
	return len(one) > 0, translate(err, "session")
}

// DeleteDead implements ports.WebSessions.
func (w *WebSessions) DeleteDead(ctx context.Context, before time.Time, limit int) (int, error) {
	tx, err := w.writing(ctx)
	if err != nil {
		return 0, err
	}
	tx = tx.Exec(`DELETE FROM web_sessions WHERE id IN (
		SELECT t.id FROM web_sessions t WHERE t.expires_at < ? OR t.revoked_at < ? LIMIT ?`+w.d.forUpdateSkipping("t")+`)`,
		at(before), at(before), limit)
	return int(tx.RowsAffected), translate(tx.Error, "session")
}
