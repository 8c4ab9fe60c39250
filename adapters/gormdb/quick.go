package gormdb

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

// What each request and each part asks goes to the driver as it is written, and
// comes back into the fields of its rows: GORM takes as long to find out which
// value belongs where as a database to answer.

// quickRow reads the one row of a statement, with $1 and so on for its
// arguments; NotFound when there is none.
func quickRow(tx *gorm.DB, what, query string, args []any, into ...any) error {
	ctx, began := tx.Statement.Context, time.Now()
	if p, ok := tx.Statement.ConnPool.(*pipe); ok {
		return translate(p.row(ctx, query, args, into...), what)
	}
	var row *sql.Row
	if s := statement(tx, query); s != nil {
		row = s.QueryRowContext(ctx, args...)
	} else {
		row = tx.Statement.ConnPool.QueryRowContext(ctx, query, args...)
	}
	err := row.Scan(into...)
	trace(ctx, tx, began, query, err)
	return translate(err, what)
}

// quickExec runs a statement like quickRow and returns how many rows it
// changed.
func quickExec(tx *gorm.DB, what, query string, args ...any) (int64, error) {
	ctx, began := tx.Statement.Context, time.Now()
	var done sql.Result
	var err error
	if s := statement(tx, query); s != nil {
		done, err = s.ExecContext(ctx, args...)
	} else {
		done, err = tx.Statement.ConnPool.ExecContext(ctx, query, args...)
	}
	if _, told := tx.Statement.ConnPool.(*pipe); !told {
		trace(ctx, tx, began, query, err)
	}
	if err != nil {
		return 0, translate(err, what)
	}
	return done.RowsAffected()
}

// quickLater is quickExec for what nobody needs the result of: see later.
func quickLater(tx *gorm.DB, what, query string, args ...any) error {
	if p, ok := tx.Statement.ConnPool.(*pipe); ok {
		p.hold(&pgx.QueuedQuery{SQL: query, Arguments: args})
		return nil
	}
	_, err := quickExec(tx, what, query, args...)
	return err
}

func trace(ctx context.Context, tx *gorm.DB, began time.Time, query string, err error) {
	tx.Logger.Trace(ctx, began, func() (string, int64) { return query, -1 }, err)
}

// bound makes of times and ids what a driver sends as it is: SQLite has text, and
// pgx would write ids as text too.
func (d dialect) bound(args []any) []any {
	for i, arg := range args {
		switch v := arg.(type) {
		case stamp:
			args[i] = d.time(v)
		case *stamp:
			if args[i] = nil; v != nil {
				args[i] = d.time(*v)
			}
		case uuid.UUID:
			if d.isPostgres() {
				args[i] = [16]byte(v)
			}
		case *uuid.UUID:
			if d.isPostgres() {
				args[i] = (*[16]byte)(v)
			}
		}
	}
	return args
}

func (d dialect) time(s stamp) any {
	if d.isPostgres() {
		return s.Time
	}
	return s.text()
}

// of names the columns of a table by its alias.
func of(alias, columns string) string {
	names := strings.Split(columns, ",")
	for i, name := range names {
		names[i] = alias + "." + strings.TrimSpace(name)
	}
	return strings.Join(names, ", ")
}
