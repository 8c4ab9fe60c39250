package gormdb

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// Users keeps accounts. List filters: role, active. Search: name, email.
type Users struct{ conn }

var _ ports.Users = (*Users)(nil)

type userRow struct {
	ID           uuid.UUID
	Email        string
	Name         string
	PasswordHash string
	Role         string
	Active       bool
	QuotaBytes   int64
	AllowedTypes document[[]string]
	Withheld     document[[]domain.Permission]
	LastLoginAt  *stamp
	CreatedAt    stamp
	UpdatedAt    stamp
}

func (userRow) TableName() string { return "users" }

func fromUser(u *domain.User) userRow {
	return userRow{
		ID: u.ID, Email: strings.ToLower(clean(u.Email)), Name: clean(u.Name), PasswordHash: u.PasswordHash, Role: string(u.Role),
		Active: u.Active, QuotaBytes: u.Allowance.Quota, AllowedTypes: document[[]string]{append([]string{}, u.Allowance.Types...)},
		Withheld:    document[[]domain.Permission]{append([]domain.Permission{}, u.Withheld...)},
		LastLoginAt: atPtr(u.LastLoginAt), CreatedAt: at(u.CreatedAt), UpdatedAt: at(u.UpdatedAt),
	}
}

func toUser(r userRow) *domain.User {
	return &domain.User{
		ID: r.ID, Email: r.Email, Name: r.Name, PasswordHash: r.PasswordHash, Role: domain.Role(r.Role),
		Active: r.Active, Allowance: domain.Allowance{Quota: r.QuotaBytes, Types: unlessEmpty(r.AllowedTypes.V)},
		Withheld:    unlessEmpty(r.Withheld.V),
		LastLoginAt: r.LastLoginAt.ptr(), CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

// unlessEmpty is nil for an empty list, as what was never set is.
func unlessEmpty[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

const userColumns = "id, email, name, password_hash, role, active, quota_bytes, allowed_types, withheld, last_login_at, created_at, updated_at"

// into are the fields of userColumns.
func (r *userRow) into() []any {
	return []any{&r.ID, &r.Email, &r.Name, &r.PasswordHash, &r.Role, &r.Active, &r.QuotaBytes, &r.AllowedTypes, &r.Withheld, &r.LastLoginAt, &r.CreatedAt, &r.UpdatedAt}
}

// Insert implements ports.Users.
func (u *Users) Insert(ctx context.Context, user *domain.User) error {
	tx, err := u.writing(ctx)
	if err != nil {
		return err
	}
	row := fromUser(user)
	// A duplicate would abort the caller's transaction on PostgreSQL.
	tx = tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "email"}}, DoNothing: true}).Create(&row)
	if tx.Error == nil && tx.RowsAffected == 0 {
		return emailTaken(user.Email)
	}
	return translate(tx.Error, "user")
}

// Save implements ports.Users; Conflict on field email when the address is
// taken, NotFound when the user is gone.
func (u *Users) Save(ctx context.Context, user *domain.User) error {
	tx, err := u.writing(ctx)
	if err != nil {
		return err
	}
	row := fromUser(user)
	tx = tx.Model(&row).Select("*").Omit("id", "created_at").Updates(row)
	if isDuplicate(tx.Error) {
		return emailTaken(user.Email)
	}
	return affected(tx, "user")
}

func emailTaken(email string) error {
	return &domain.Error{Code: domain.Conflict, Field: "email", Message: "There is a user with the address " + email + " already. Choose another one."}
}

// Find implements ports.Users.
func (u *Users) Find(ctx context.Context, id uuid.UUID) (*domain.User, error) {
	return u.one(ctx, "id = ?", id)
}

// FindByEmail implements ports.Users, without regard to case.
func (u *Users) FindByEmail(ctx context.Context, email string) (*domain.User, error) {
	return u.one(ctx, "email = ?", strings.ToLower(strings.TrimSpace(clean(email))))
}

func (u *Users) one(ctx context.Context, cond string, arg any) (*domain.User, error) {
	return one(u.reading(ctx).Where(cond, arg), toUser, "user")
}

var userList = listed[userRow, *domain.User]{
	what: "users", columns: "t.*", owner: "t.id",
	search: func(c conn, word string) condition {
		return anyOf(append(byID(c, "t.id", word), byText(c, "t.name", word), byText(c, "t.email", word))...)
	},
	filters: map[string]filter{"role": oneOf("t.role"), "active": yesNo("t.active")},
	groups:  map[string]group{"role": textGroup("t.role"), "active": truthGroup("t.active")},
	place:   func(r userRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:      toUser,
}

// List implements ports.Users.
func (u *Users) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.User], error) {
	return list(ctx, u.conn, userList, q)
}

// Tally implements ports.Users.
func (u *Users) Tally(ctx context.Context, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return tally(ctx, u.conn, userList, q, by)
}

// Lock implements ports.Users.
func (u *Users) Lock(ctx context.Context, id uuid.UUID) (*domain.User, error) {
	if _, err := u.writing(ctx); err != nil {
		return nil, err
	}
	return one(u.reading(ctx).Raw("SELECT t.* FROM users t WHERE t.id = ?"+u.d.forUpdate("t"), id), toUser, "user")
}

// LockAdmins implements ports.Users. Rows are locked by id, so that two who
// want them all never wait for each other.
func (u *Users) LockAdmins(ctx context.Context) ([]uuid.UUID, error) {
	if _, err := u.writing(ctx); err != nil {
		return nil, err
	}
	var rows []userRow
	err := u.reading(ctx).Raw("SELECT t.* FROM users t WHERE t.role = ? AND t.active ORDER BY t.id"+u.d.forUpdate("t"), string(domain.RoleAdmin)).Scan(&rows).Error
	return mapped(rows, func(r userRow) uuid.UUID { return r.ID }), translate(err, "user")
}

// Delete implements ports.Users.
func (u *Users) Delete(ctx context.Context, id uuid.UUID) error {
	tx, err := u.writing(ctx)
	if err != nil {
		return err
	}
	return affected(tx.Where("id = ?", id).Delete(&userRow{}), "user")
}

// Count implements ports.Users.
func (u *Users) Count(ctx context.Context) (int, error) {
	var n int64
	err := u.reading(ctx).Model(&userRow{}).Count(&n).Error
	return int(n), translate(err, "user")
}

// Peek implements ports.UserReader.
func (u *Users) Peek(ctx context.Context, q ports.ListQuery, within int) ([]*domain.User, error) {
	return peek(ctx, u.conn, userList, q, within)
}
