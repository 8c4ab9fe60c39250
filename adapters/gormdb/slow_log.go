package gormdb

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm/logger"
)

// slowStatement is how long a statement may take before the log tells of it.
const slowStatement = 500 * time.Millisecond

// slowLog logs slow statements without their values. Errors are returned, and
// logged once where they end.
type slowLog struct{ log *slog.Logger }

// LogMode changes nothing: what is worth a line does not depend on it.
func (l slowLog) LogMode(logger.LogLevel) logger.Interface { return l }

// Info, Warn and Error are GORM's own remarks.
func (l slowLog) Info(context.Context, string, ...any)  {}
func (l slowLog) Warn(context.Context, string, ...any)  {}
func (l slowLog) Error(context.Context, string, ...any) {}

// ParamsFilter keeps values out of the log: they hold hashes and secrets.
func (l slowLog) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// Trace is called after each statement.
func (l slowLog) Trace(ctx context.Context, begin time.Time, fc func() (string, int64), _ error) {
	took := time.Since(begin)
	if took < slowStatement || l.log == nil {
		return
	}
	sql, rows := fc()
	l.log.WarnContext(ctx, "slow statement", "took_ms", took.Milliseconds(), "rows", rows, "sql", sql)
}

var _ logger.Interface = slowLog{}
