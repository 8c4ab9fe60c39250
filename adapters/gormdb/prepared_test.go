package gormdb_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"

	"github.com/libtnb/sqlite"

	"doorito/adapters/gormdb"
)

// beside is another connection to a SQLite file, with a table of one number.
func beside(t *testing.T, url string) *sql.DB {
	t.Helper()
	other, err := sql.Open(sqlite.DriverName, url+"?_pragma=busy_timeout(5000)")
	must(t, err)
	t.Cleanup(func() { must(t, other.Close()) })
	_, err = other.Exec("CREATE TABLE numbers (n INTEGER); INSERT INTO numbers VALUES (7)")
	must(t, err)
	return other
}

const oneNumber = "SELECT n FROM numbers"

func TestStatementsStayPrepared(t *testing.T) {
	t.Parallel()
	url, ctx := sqlitePath(t), context.Background()
	db, other := open(t, url), beside(t, url)
	writers, readers := gormdb.Prepared(db)
	check := func(inside bool, want int) {
		t.Helper()
		if n, err := gormdb.QuickNumber(ctx, db, inside, oneNumber); err != nil || n != want {
			t.Errorf("%d, %v, not %d", n, err, want)
		}
	}
	for range 3 {
		check(true, 7)
		check(false, 7)
	}
	if w, r := gormdb.Prepared(db); w != writers+1 || r != readers+1 {
		t.Errorf("%d and %d statements are kept, not one each", w-writers, r-readers)
	}
	var busy, pages, moved int
	must(t, other.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved))
	if busy != 0 {
		t.Error("a statement that is kept holds up the checkpoint of the log")
	}
	_, err := other.Exec("DROP TABLE numbers; CREATE TABLE numbers (word TEXT, n INTEGER); INSERT INTO numbers VALUES ('eight', 8)")
	must(t, err)
	check(true, 8)
	check(false, 8)
}

func TestStatementThatCannotBePreparedTellsWhy(t *testing.T) {
	t.Parallel()
	url, ctx := sqlitePath(t), context.Background()
	db := open(t, url)
	for _, inside := range []bool{true, true, false, false} {
		if n, err := gormdb.QuickNumber(ctx, db, inside, oneNumber); err == nil {
			t.Errorf("a table that is not there has %d", n)
		}
	}
	beside(t, url)
	for _, inside := range []bool{true, true, false, false} {
		if n, err := gormdb.QuickNumber(ctx, db, inside, oneNumber); err != nil || n != 7 {
			t.Errorf("%d, %v, not 7", n, err)
		}
	}
}

func TestStatementIsPreparedByManyAtOnce(t *testing.T) {
	t.Parallel()
	url, ctx := sqlitePath(t), context.Background()
	db := open(t, url)
	beside(t, url)
	_, before := gormdb.Prepared(db)
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			for range 20 {
				if n, err := gormdb.QuickNumber(ctx, db, i%4 == 0, oneNumber); err != nil || n != 7 {
					t.Errorf("%d, %v, not 7", n, err)
				}
			}
		})
	}
	wg.Wait()
	if _, after := gormdb.Prepared(db); after != before+1 {
		t.Errorf("%d statements are kept, not one", after-before)
	}
}
