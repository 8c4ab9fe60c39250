package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Tokens keeps API tokens.
type Tokens struct{ conn }

var _ ports.Tokens = (*Tokens)(nil)

type tokenRow struct {
	ID         uuid.UUID
	UserID     uuid.UUID
	UserName   string `gorm:"->"`
	UserEmail  string `gorm:"->"`
	Name       string
	Prefix     string
	Hash       string
	Scopes     document[[]domain.Scope]
	ExpiresAt  *stamp
	LastUsedAt *stamp
	RevokedAt  *stamp
	CreatedAt  stamp
	UpdatedAt  stamp
}

func (tokenRow) TableName() string { return "api_tokens" }

func fromToken(t *domain.APIToken) tokenRow {
	return tokenRow{
		ID: t.ID, UserID: t.UserID, Name: clean(t.Name), Prefix: t.Prefix, Hash: t.Hash, Scopes: document[[]domain.Scope]{t.Scopes},
		ExpiresAt: atPtr(t.ExpiresAt), LastUsedAt: atPtr(t.LastUsedAt), RevokedAt: atPtr(t.RevokedAt), CreatedAt: at(t.CreatedAt), UpdatedAt: at(t.UpdatedAt),
	}
}

func toToken(r tokenRow) *domain.APIToken {
	return &domain.APIToken{
		ID: r.ID, UserID: r.UserID, UserName: r.UserName, UserEmail: r.UserEmail, Name: r.Name, Prefix: r.Prefix, Hash: r.Hash, Scopes: r.Scopes.V,
		ExpiresAt: r.ExpiresAt.ptr(), LastUsedAt: r.LastUsedAt.ptr(), RevokedAt: r.RevokedAt.ptr(), CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

const tokenColumns = "id, user_id, name, prefix, hash, scopes, expires_at, last_used_at, revoked_at, created_at, updated_at"

// into are the fields of tokenColumns.
func (r *tokenRow) into() []any {
	return []any{&r.ID, &r.UserID, &r.Name, &r.Prefix, &r.Hash, &r.Scopes, &r.ExpiresAt, &r.LastUsedAt, &r.RevokedAt, &r.CreatedAt, &r.UpdatedAt}
}

var tokenByHash = "SELECT " + of("t", tokenColumns) + ", " + of("u", userColumns) + " FROM api_tokens t JOIN users u ON u.id = t.user_id WHERE t.hash = $1"

// Insert implements ports.Tokens.
func (t *Tokens) Insert(ctx context.Context, token *domain.APIToken) error {
	tx, err := t.writing(ctx)
	if err != nil {
		return err
	}
	row := fromToken(token)
	return translate(tx.Create(&row).Error, "token")
}

// FindByHash implements ports.Tokens.
func (t *Tokens) FindByHash(ctx context.Context, hash string) (*domain.APIToken, *domain.User, error) {
	var token tokenRow
	var owner userRow
	if err := quickRow(t.reading(ctx), "token", tokenByHash, []any{clean(hash)}, append(token.into(), owner.into()...)...); err != nil {
		return nil, nil, err
	}
	return toToken(token), toUser(owner), nil
}

// Find implements ports.Tokens.
func (t *Tokens) Find(ctx context.Context, id uuid.UUID) (*domain.APIToken, error) {
	return one(t.reading(ctx).Where("id = ?", id), toToken, "token")
}

var tokenList = listed[tokenRow, *domain.APIToken]{
	what: "api_tokens", columns: "t.*, u.name AS user_name, u.email AS user_email", joins: "JOIN users u ON u.id = t.user_id", owner: "t.user_id",
	search: func(c conn, word string) condition {
		return anyOf(append(byID(c, "t.id", word), byText(c, "t.name", word), byText(c, "t.prefix", word))...)
	},
	filters: map[string]filter{"state": byTokenState, "user": oneID("t.user_id")},
	groups:  map[string]group{"state": tokenStateGroup, "user": idGroup("t.user_id")},
	place:   func(r tokenRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:      toToken,
}

// byTokenState is domain.APIToken.State as conditions.
func byTokenState(c conn, key string, values []string) (condition, error) {
	now := at(c.clock.Now())
	var conds []condition
	for _, v := range values {
		switch domain.TokenState(v) {
		case domain.TokenActive:
			conds = append(conds, condition{"(t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?))", []any{now}})
		case domain.TokenExpired:
			conds = append(conds, condition{"(t.revoked_at IS NULL AND t.expires_at <= ?)", []any{now}})
		case domain.TokenRevoked:
			conds = append(conds, condition{"t.revoked_at IS NOT NULL", nil})
		default:
			return condition{}, domain.FieldErrorf(key, "%q is no state of a token; it is active, expired or revoked.", v)
		}
	}
	return anyOf(conds...), nil
}

// tokenStateGroup is domain.APIToken.State as text.
func tokenStateGroup(c conn) condition {
	return condition{"CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= ? THEN 'expired' ELSE 'active' END", []any{at(c.clock.Now())}}
}

// List implements ports.Tokens.
func (t *Tokens) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.APIToken], error) {
	return list(ctx, t.conn, tokenList, q)
}

// Touch implements ports.Tokens.
func (t *Tokens) Touch(ctx context.Context, id uuid.UUID, now time.Time) error {
	return t.update(ctx, id, map[string]any{"last_used_at": at(now), "updated_at": at(now)})
}

// Revoke implements ports.Tokens. The first time counts.
func (t *Tokens) Revoke(ctx context.Context, id uuid.UUID, now time.Time) error {
	return t.update(ctx, id, map[string]any{"revoked_at": at(now), "updated_at": at(now)})
}

// update changes a token that is not revoked.
func (t *Tokens) update(ctx context.Context, id uuid.UUID, set map[string]any) error {
	tx, err := t.writing(ctx)
	if err != nil {
		return err
	}
	return translate(tx.Model(&tokenRow{}).Where("id = ? AND revoked_at IS NULL", id).Updates(set).Error, "token")
}

// Tally implements ports.Tokens.
func (t *Tokens) Tally(ctx context.Context, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return tally(ctx, t.conn, tokenList, q, by)
}
