package gormdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"doorito/domain"
	"doorito/ports"
)

// PostgreSQL error codes that mean something to us.
const (
	pgUniqueViolation      = "23505"
	pgForeignKeyViolation  = "23503"
	pgSerializationFailure = "40001"
	pgDeadlock             = "40P01"
	pgQueryCanceled        = "57014" // among others by statement_timeout
	pgNothing              = "22012" // division by zero, see completeUpload
	pgTooMany              = "2201F" // root of a negative number, see openUpload
)

// translate turns an error of GORM or a driver into one of the core. what
// names the thing in a sentence: "file", "user".
func translate(err error, what string) error {
	var known *domain.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, sql.ErrNoRows):
		return notFound(what)
	case pgCode(err) == pgNothing:
		return domain.WrapError(domain.Conflict, err, wasChanged)
	case pgCode(err) == pgTooMany:
		return ports.ErrMoreOpen
	case isDuplicate(err):
		return domain.WrapError(domain.Conflict, err, "This %s exists already. Look at that one, or choose other values.", what)
	case isDangling(err):
		return domain.WrapError(domain.Conflict, err, "Something this %s belongs to is gone. Reload the page and try again.", what)
	case isUnreachable(err):
		return domain.WrapError(domain.Unavailable, err, "The database cannot be reached right now. Try again in a moment.")
	}
	return fmt.Errorf("database, %s: %w", what, err)
}

func notFound(what string) error {
	return domain.Errorf(domain.NotFound, "There is no such %s. It may have been removed; look in the list.", what)
}

// affected is NotFound when a write that must hit a row hit none.
func affected(tx *gorm.DB, what string) error {
	if tx.Error == nil && tx.RowsAffected == 0 {
		return notFound(what)
	}
	return translate(tx.Error, what)
}

func isDuplicate(err error) bool {
	return errors.Is(err, gorm.ErrDuplicatedKey) || pgCode(err) == pgUniqueViolation ||
		sqliteCode(err) == sqlite3.SQLITE_CONSTRAINT_UNIQUE || sqliteCode(err) == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

func isDangling(err error) bool {
	return errors.Is(err, gorm.ErrForeignKeyViolated) || pgCode(err) == pgForeignKeyViolation ||
		sqliteCode(err) == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
}

// isRetryable tells whether the database broke the transaction off and asks
// for another try.
func isRetryable(err error) bool {
	switch pgCode(err) {
	case pgSerializationFailure, pgDeadlock:
		return true
	}
	// The low byte is the primary code; BUSY_SNAPSHOT and the like carry more.
	return sqliteCode(err)&0xff == sqlite3.SQLITE_BUSY
}

func isUnreachable(err error) bool {
	var connect *pgconn.ConnectError
	var network *net.OpError
	if errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return true
	}
	switch code := pgCode(err); {
	case len(code) < 2:
		return false
	default:
		// Connection exceptions, too few resources, shutdown by an operator.
		return code[:2] == "08" || code[:2] == "53" || code[:2] == "57" && code != "57014"
	}
}

func pgCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}
