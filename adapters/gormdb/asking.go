package gormdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"doorito/ports"
)

const (
	// countWithin is how long counting may take, on PostgreSQL: what has a few
	// thousand rows among millions, found by no index of its own, is not worth it.
	// tallyWithin is that of the numbers beside the filters.
	countWithin = 25 * time.Millisecond
	tallyWithin = 20 * time.Millisecond
	// countBack is among how many of the newest rows is counted then.
	countBack = 10_000
	// fewRows is up to how many matching rows, for each row of a page, are sorted
	// to find the page.
	fewRows = 40
	// manyRows is from how many rows on, as PostgreSQL estimates them, what a search
	// finds is not looked up whole. An estimate is as exact as a hundredth of the
	// table, so that it is far above what is counted or looked up.
	manyRows = 15_000
)

// asking is reading for the statements of lists, which PostgreSQL plans anew for
// their values each time. One plan for all of them would pass over partial
// indexes, and take a state that three files have for one that a million have.
func (c conn) asking(ctx context.Context) *gorm.DB {
	tx := c.reading(ctx)
	if c.d.isPostgres() {
		tx.Statement.ConnPool = unprepared{tx.Statement.ConnPool}
	}
	return tx
}

// unprepared sends each statement with its values.
type unprepared struct{ gorm.ConnPool }

func (u unprepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return u.ConnPool.QueryContext(ctx, query, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}

// expectsMany tells whether PostgreSQL expects many rows of a statement, by its
// statistics: to look them all up would only show that. SQLite expects nothing.
func (c conn) expectsMany(ctx context.Context, statement *gorm.DB) (bool, error) {
	if !c.d.isPostgres() {
		return false, nil
	}
	var text string
	if err := c.asking(ctx).Raw("EXPLAIN (FORMAT JSON) ?", statement).Row().Scan(&text); err != nil {
		return false, err
	}
	var plans [1]struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return false, fmt.Errorf("read the plan of a search: %w", err)
	}
	return plans[0].Plan.Rows > manyRows, nil
}

// briefly asks with a limit on the time that PostgreSQL takes; in time is false
// when that was not enough. There is none inside a transaction, which would break
// off, on SQLite, and for small tables: there the machine is late, not the question.
// With words to search for, they are looked up in their index: PostgreSQL thinks
// that comparing names costs nothing.
func (l listed[R, T]) briefly(ctx context.Context, c conn, most time.Duration, words string, ask func(c conn) error) (inTime bool, err error) {
	if !c.d.isPostgres() || c.tx != nil {
		return true, ask(c)
	}
	err = c.reading(ctx).Transaction(func(tx *gorm.DB) error {
		scan := "on"
		if words != "" {
			scan = "off"
		}
		if err := tx.Exec("SELECT set_config('statement_timeout', ?, true), set_config('enable_seqscan', ?, true)", strconv.FormatInt(most.Milliseconds(), 10), scan).Error; err != nil {
			return err
		}
		return ask(conn{tx, c.d, c.clock, nil, nil})
	}, &sql.TxOptions{ReadOnly: true})
	if pgCode(err) != pgQueryCanceled || ctx.Err() != nil {
		return true, err
	}
	var rows int64
	err = c.asking(ctx).Table("(?) AS t", c.asking(ctx).Table(l.what).Select("1").Limit(countBack)).Count(&rows).Error
	if err != nil || rows == countBack {
		return false, err
	}
	return true, ask(c)
}

// count counts what matches as far as a list does. Capped means that there are,
// or may be, more.
func (l listed[R, T]) count(ctx context.Context, c conn, conds []condition, q ports.ListQuery) (n int, capped bool, err error) {
	most := countTo(q)
	var found int64
	counting := func(c conn, from *gorm.DB) error {
		return c.asking(ctx).Table("(?) AS counted", from.Select("1").Limit(most+1)).Count(&found).Error
	}
	inTime, err := l.counted(ctx, c, countWithin, q.Search, conds, counting)
	return min(int(found), most), !inTime || int(found) > most, translate(err, l.what)
}

// counted asks about what matches, and about the newest of it alone (in time is
// false) when all would take too long.
func (l listed[R, T]) counted(ctx context.Context, c conn, most time.Duration, words string, conds []condition, ask func(c conn, from *gorm.DB) error) (inTime bool, err error) {
	all := func(c conn) error { return ask(c, l.from(c.asking(ctx), conds)) }
	if len(conds) == 0 {
		return true, all(c) // the first rows, or the newest by their index
	}
	wide := isWide(c, conds)
	if !wide && words != "" {
		wide, err = c.expectsMany(ctx, l.from(c.asking(ctx), conds).Select("1"))
	}
	if err == nil && !wide {
		inTime, err = l.briefly(ctx, c, most, words, all)
	}
	if err == nil && !inTime {
		err = ask(c, l.newest(ctx, c, conds))
	}
	return inTime, err
}

// isWide tells of names that so many things have that nobody counts all rows about
// them.
func isWide(c conn, conds []condition) bool {
	return c.d.isPostgres() && slices.ContainsFunc(conds, func(c condition) bool { return strings.HasPrefix(c.sql, subjectColumn) })
}

// newest is what matches among the newest rows.
func (l listed[R, T]) newest(ctx context.Context, c conn, conds []condition) *gorm.DB {
	back := c.asking(ctx).Table(l.what + " AS t").Select("t.*").Order(l.walking().newest).Limit(countBack)
	return matching(c.asking(ctx).Table("(?) AS t", back), conds)
}
