package gormdb

import (
	"context"
	"time"

	"doorito/ports"
)

// Throttles counts failures in leaky buckets. Each call is one statement, so
// web processes that pour at once all count.
type Throttles struct{ conn }

var _ ports.Throttles = (*Throttles)(nil)

// leaked is the level of bucket b at a time (three parameters: now, drain and
// now, both in microseconds). A clock that stands behind leaks nothing.
const leaked = `CASE WHEN ? <= b.at_us THEN b.level
	WHEN b.level > (? - b.at_us) / CAST(? AS double precision) THEN b.level - (? - b.at_us) / CAST(? AS double precision)
	ELSE 0 END`

func leakedArgs(drain time.Duration, now time.Time) []any {
	n, d := now.UnixMicro(), max(drain.Microseconds(), 1)
	return []any{n, n, d, n, d}
}

// Level implements ports.Throttles.
func (t *Throttles) Level(ctx context.Context, key string, drain time.Duration, now time.Time) (float64, error) {
	var levels []float64
	args := append(leakedArgs(drain, now), clean(key))
	if err := t.reading(ctx).Raw(`SELECT `+leaked+` FROM throttles b WHERE b.key = ?`, args...).Scan(&levels).Error; err != nil {
		return 0, translate(err, "throttle")
	}
	if len(levels) == 0 {
		return 0, nil
	}
	return levels[0], nil
}

// Add implements ports.Throttles.
func (t *Throttles) Add(ctx context.Context, key string, drain time.Duration, now time.Time) (float64, error) {
	tx, err := t.writing(ctx)
	if err != nil {
		return 0, err
	}
	n := now.UnixMicro()
	args := append([]any{clean(key), n}, leakedArgs(drain, now)...)
	args = append(args, n, n)
	var level float64
	err = tx.Raw(`INSERT INTO throttles AS b (key, level, at_us) VALUES (?, 1, ?)
		ON CONFLICT (key) DO UPDATE SET level = 1 + `+leaked+`,
			at_us = CASE WHEN b.at_us > ? THEN b.at_us ELSE ? END
		RETURNING level`, args...).Scan(&level).Error
	return level, translate(err, "throttle")
}

// Clear implements ports.Throttles.
func (t *Throttles) Clear(ctx context.Context, key string) error {
	tx, err := t.writing(ctx)
	if err != nil {
		return err
	}
	return translate(tx.Exec(`DELETE FROM throttles WHERE key = ?`, clean(key)).Error, "throttle")
}

// DeleteIdle implements ports.Throttles.
func (t *Throttles) DeleteIdle(ctx context.Context, before time.Time) (int, error) {
	tx, err := t.writing(ctx)
	if err != nil {
		return 0, err
	}
	tx = tx.Exec(`DELETE FROM throttles WHERE at_us < ?`, before.UnixMicro())
	return int(tx.RowsAffected), translate(tx.Error, "throttle")
}
