package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the portal's database
)

// pass lets time pass: the portal is stopped, every time in its database moves
// back by d, and it starts again. Schedules keep theirs.
func (o *office) pass(ctx context.Context, d time.Duration) error {
	if err := o.portal.Stop(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(o.dir, "doorito.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	if err := errors.Join(age(ctx, db, d), db.Close()); err != nil {
		return err
	}
	p, err := o.portal.Restart(ctx)
	if err != nil {
		return err
	}
	o.portal = p
	return nil
}

func age(ctx context.Context, db *sql.DB, d time.Duration) error {
	rows, err := db.QueryContext(ctx, `SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name NOT IN ('schedules', 'goose_db_version') AND lower(c.type) = 'text'
		AND (c.name = 'at' OR c.name LIKE '%\_at' ESCAPE '\' OR c.name LIKE '%\_since' ESCAPE '\' OR c.name LIKE '%\_until' ESCAPE '\')`)
	if err != nil {
		return err
	}
	columns := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return err
		}
		columns[table] = append(columns[table], column)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	// The hours of the charts are computed again from what is older now.
	for _, table := range []string{"figure_marks", "file_hours", "attempt_hours"} {
		if _, err := db.ExecContext(ctx, "DELETE FROM "+table); err != nil {
			return fmt.Errorf("forgetting %s: %w", table, err)
		}
	}
	back := fmt.Sprintf("-%d seconds", int(d.Seconds()))
	for table, names := range columns {
		var set []string
		for _, name := range names {
			set = append(set, fmt.Sprintf("%[1]s = strftime('%%Y-%%m-%%dT%%H:%%M:%%S', substr(%[1]s, 1, 19), '%[2]s') || substr(%[1]s, 20)", name, back))
		}
		if _, err := db.ExecContext(ctx, "UPDATE "+table+" SET "+strings.Join(set, ", ")); err != nil {
			return fmt.Errorf("age %s: %w", table, err)
		}
	}
	return nil
}
