package gormdb

import "gorm.io/gorm"

// mapped turns rows into what the core knows.
func mapped[R, T any](rows []R, to func(R) T) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = to(r)
	}
	return out
}

// one is the row that a statement finds; NotFound when there is none.
func one[R, T any](tx *gorm.DB, to func(R) *T, what string) (*T, error) {
	row, err := oneRow[R](tx, what)
	if err != nil {
		return nil, err
	}
	return to(row), nil
}

// oneRow is one without the core's type.
func oneRow[R any](tx *gorm.DB, what string) (row R, err error) {
	err = tx.Take(&row).Error
	return row, translate(err, what)
}
