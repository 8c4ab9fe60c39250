package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// SecondFactors keeps what people show beside their password.
type SecondFactors struct{ conn }

var _ ports.SecondFactors = (*SecondFactors)(nil)

type secondFactorRow struct {
	UserID      uuid.UUID
	Sealed      string
	ConfirmedAt *stamp
	LastStep    int64
	CreatedAt   stamp
	UpdatedAt   stamp
}

func (secondFactorRow) TableName() string { return "second_factors" }

func toSecondFactor(r secondFactorRow) *domain.SecondFactor {
	return &domain.SecondFactor{
		UserID: r.UserID, Sealed: r.Sealed, ConfirmedAt: r.ConfirmedAt.ptr(), LastStep: r.LastStep, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

type recoveryCodeRow struct {
	UserID uuid.UUID
	Hash   string
	UsedAt *stamp
}

func (recoveryCodeRow) TableName() string { return "recovery_codes" }

// Find implements ports.SecondFactors.
func (s *SecondFactors) Find(ctx context.Context, user uuid.UUID) (*domain.SecondFactor, error) {
	return one(s.reading(ctx).Where("user_id = ?", user), toSecondFactor, "second factor")
}

// Lock implements ports.SecondFactors.
func (s *SecondFactors) Lock(ctx context.Context, user uuid.UUID) (*domain.SecondFactor, error) {
	if _, err := s.writing(ctx); err != nil {
		return nil, err
	}
	return one(s.reading(ctx).Raw("SELECT t.* FROM second_factors t WHERE t.user_id = ?"+s.d.forUpdate("t"), user), toSecondFactor, "second factor")
}

// Save implements ports.SecondFactors.
func (s *SecondFactors) Save(ctx context.Context, f *domain.SecondFactor) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	row := secondFactorRow{f.UserID, f.Sealed, atPtr(f.ConfirmedAt), f.LastStep, at(f.CreatedAt), at(f.UpdatedAt)}
	err = tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "user_id"}}, UpdateAll: true}).Create(&row).Error
	return translate(err, "second factor")
}

// Delete implements ports.SecondFactors.
func (s *SecondFactors) Delete(ctx context.Context, user uuid.UUID) error {
	if err := s.SetCodes(ctx, user, nil); err != nil {
		return err
	}
	return translate(s.reading(ctx).Where("user_id = ?", user).Delete(&secondFactorRow{}).Error, "second factor")
}

// SetCodes implements ports.SecondFactors.
func (s *SecondFactors) SetCodes(ctx context.Context, user uuid.UUID, hashes []string) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	if err := tx.Where("user_id = ?", user).Delete(&recoveryCodeRow{}).Error; err != nil || len(hashes) == 0 {
		return translate(err, "recovery code")
	}
	rows := mapped(hashes, func(hash string) recoveryCodeRow { return recoveryCodeRow{UserID: user, Hash: hash} })
	return translate(tx.Create(&rows).Error, "recovery code")
}

// UseCode implements ports.SecondFactors.
func (s *SecondFactors) UseCode(ctx context.Context, user uuid.UUID, hash string, now time.Time) (bool, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return false, err
	}
	tx = tx.Model(&recoveryCodeRow{}).Where("user_id = ? AND hash = ? AND used_at IS NULL", user, hash).Update("used_at", at(now))
	return tx.RowsAffected > 0, translate(tx.Error, "recovery code")
}

// CodesLeft implements ports.SecondFactors.
func (s *SecondFactors) CodesLeft(ctx context.Context, user uuid.UUID) (int, error) {
	var n int64
	err := s.reading(ctx).Model(&recoveryCodeRow{}).Where("user_id = ? AND used_at IS NULL", user).Count(&n).Error
	return int(n), translate(err, "recovery code")
}

// Users implements ports.SecondFactors.
func (s *SecondFactors) Users(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := s.reading(ctx).Model(&secondFactorRow{}).Where("user_id > ?", after).Order("user_id").Limit(limit).Pluck("user_id", &ids).Error
	return ids, translate(err, "second factor")
}
