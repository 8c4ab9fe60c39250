package gormdb

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// dialect holds what PostgreSQL and SQLite say differently.
type dialect string

const (
	postgresDialect dialect = "postgres"
	sqliteDialect   dialect = "sqlite"
)

func (d dialect) isPostgres() bool { return d == postgresDialect }

// forUpdate locks the rows of table t until the transaction ends. SQLite has
// one writer, whose transaction holds everything.
func (d dialect) forUpdate(t string) string { return d.locking(" FOR UPDATE OF " + t) }

// forUpdateSkipping passes over rows that others hold.
func (d dialect) forUpdateSkipping(t string) string {
	return d.locking(" FOR UPDATE OF " + t + " SKIP LOCKED")
}

// forKeyShare keeps the rows from being removed, and from nothing else.
func (d dialect) forKeyShare(t string) string { return d.locking(" FOR KEY SHARE OF " + t) }

// forNoKeyUpdate locks without standing in the way of foreign keys.
func (d dialect) forNoKeyUpdate(t string) string { return d.locking(" FOR NO KEY UPDATE OF " + t) }

// forShare keeps others from changing the rows; several may hold it.
func (d dialect) forShare(t string) string { return d.locking(" FOR SHARE OF " + t) }

func (d dialect) locking(clause string) string {
	if d.isPostgres() {
		return clause
	}
	return ""
}

// is compares an indexed column with an item of a relation, for which the index
// is asked once an item. A plain = may also be answered by reading the whole
// index, and the relation again for each entry: PostgreSQL does so for a
// statement it planned while the table was empty, and keeps the plan.
func (d dialect) is(column, item string) string {
	if d.isPostgres() {
		return column + " = ANY(ARRAY[" + item + "])"
	}
	return column + " = " + item
}

// isNamed is true for a column that is in the relation r (rid), see is.
func (d dialect) isNamed(column string) string {
	if d.isPostgres() {
		return column + " = ANY(ARRAY(SELECT r.rid FROM ?))"
	}
	return column + " IN (SELECT r.rid FROM ?)"
}

// stands is true for an endpoint in the relation r (rid) that is there, and stays
// until the transaction ends. Asked once, however many deliveries it is asked for.
func (d dialect) stands(column string) string {
	ends := "SELECT p.id FROM webhook_endpoints p WHERE " + d.isNamed("p.id") + d.forKeyShare("p")
	if d.isPostgres() {
		return column + " = ANY(ARRAY(" + ends + "))"
	}
	return column + " IN (" + ends + ")"
}

// deleteNamed begins a DELETE of the rows whose key is in the relation r (rid),
// on PostgreSQL in its order.
func (d dialect) deleteNamed(table, key string) string {
	if d.isPostgres() {
		return "DELETE FROM " + table + " USING ? WHERE " + d.is(key, "r.rid")
	}
	return "DELETE FROM " + table + " WHERE " + key + " IN (SELECT r.rid FROM ?)"
}

// claimLock is the key of the advisory lock that claims stand in line for.
const claimLock = 0x646f6f72 // "door"

// lineUp waits until no other transaction is between counting leases and
// committing its own. The statement after it sees what they committed. Those
// who wait here do so for a few statements and a commit that waits for no disk.
func (d dialect) lineUp(tx *gorm.DB) error {
	if !d.isPostgres() {
		return nil
	}
	return later(tx, clause.Expr{SQL: "SELECT pg_advisory_xact_lock(?)", Vars: []any{claimLock}})
}

// liningUp is lineUp as a column: a query that finds nothing stands in no line.
func (d dialect) liningUp() string {
	if !d.isPostgres() {
		return ""
	}
	return ", (SELECT pg_advisory_xact_lock(" + strconv.Itoa(claimLock) + "))::text AS line"
}

// steering sets them for a transaction.
var steering = "SELECT set_config('plan_cache_mode', '" + plannedOnce + "', true), set_config('" + strings.Join(steered, "', 'off', true), set_config('") + "', 'off', true)"

// steer has the rest of a transaction planned as those of InLooseTx are.
func (d dialect) steer(tx *gorm.DB) error {
	if !d.isPostgres() {
		return nil
	}
	return later(tx, clause.Expr{SQL: steering})
}

// lineUpFor is lineUp among those who open uploads of one user. Two users whose
// ids share their last bytes wait for each other, which does no harm.
func (d dialect) lineUpFor(tx *gorm.DB, user uuid.UUID) error {
	if !d.isPostgres() {
		return nil
	}
	return later(tx, clause.Expr{SQL: "SELECT pg_advisory_xact_lock(?, ?)", Vars: []any{claimLock, int32(binary.BigEndian.Uint32(user[12:]))}})
}

// like compares without regard to case (ASCII only on SQLite).
func (d dialect) like(column string) string {
	if d.isPostgres() {
		return column + ` ILIKE ? ESCAPE '\'`
	}
	return column + ` LIKE ? ESCAPE '\'`
}

// idText is a uuid column as text.
func (d dialect) idText(column string) string {
	if d.isPostgres() {
		return column + "::text"
	}
	return column
}

// least is the smallest of two numbers.
func (d dialect) least(a, b string) string {
	if d.isPostgres() {
		return "least(" + a + ", " + b + ")"
	}
	return "min(" + a + ", " + b + ")"
}

// greatest is the greatest of two numbers.
func (d dialect) greatest(a, b string) string {
	if d.isPostgres() {
		return "greatest(" + a + ", " + b + ")"
	}
	return "max(" + a + ", " + b + ")"
}

// distinctFrom is true for different values, of which either may be null.
func (d dialect) distinctFrom(a, b string) string {
	if d.isPostgres() {
		return a + " IS DISTINCT FROM " + b
	}
	return a + " IS NOT " + b
}

// hour is a time column as text of its whole hour in UTC, see hourLayout.
// Of wholeHour, which is cheaper to group many rows by, it makes the same.
func (d dialect) hour(column string) string {
	if d.isPostgres() {
		return "to_char(" + column + " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24')"
	}
	return "substr(" + column + ", 1, 13)"
}

// wholeHour is the beginning of a time's hour.
func (d dialect) wholeHour(column string) string {
	if d.isPostgres() {
		return "date_trunc('hour', " + column + ", 'UTC')"
	}
	return d.hour(column)
}

// joined puts the texts of a group together, with a space between them.
func (d dialect) joined(expr string) string {
	if d.isPostgres() {
		return "string_agg(" + expr + ", ' ')"
	}
	return "group_concat(" + expr + ", ' ')"
}

const hourLayout = "2006-01-02T15"

// jsonText is a member of a JSON column as text.
func (d dialect) jsonText(column, member string) string { return column + "->>'" + member + "'" }

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// contains, startsWith and endsWith make LIKE patterns in which the person's
// own % and _ mean themselves.
func contains(s string) string   { return "%" + likeEscapes.Replace(s) + "%" }
func startsWith(s string) string { return likeEscapes.Replace(s) + "%" }
func endsWith(s string) string   { return "%" + likeEscapes.Replace(s) }
