package gormdb

import (
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"gorm.io/gorm/clause"
)

// A relation is a batch of rows as one item of a FROM clause. PostgreSQL gets
// one array for each column, SQLite one JSON text; either way the text of the
// statement is the same for one row and for a hundred, so it is planned once.

type kind string

// Kinds of columns, by their names in PostgreSQL.
const (
	kindUUID  kind = "uuid"
	kindText  kind = "text"
	kindInt   kind = "bigint"
	kindBool  kind = "boolean"
	kindTime  kind = "timestamptz"
	kindBytes kind = "bytea"
	kindJSON  kind = "jsonb"
)

type column struct {
	name string
	kind kind
}

// relation returns the rows under an alias. Values are uuid.UUID, *uuid.UUID,
// stamp, *stamp, string, int, int64, bool, []byte and documents; nil is null.
func (d dialect) relation(alias string, cols []column, rows [][]any) (clause.Expr, error) {
	if d.isPostgres() {
		return pgRelation(alias, cols, rows)
	}
	return sqliteRelation(alias, cols, rows)
}

func pgRelation(alias string, cols []column, rows [][]any) (clause.Expr, error) {
	names, marks := make([]string, len(cols)), make([]string, len(cols))
	args := make([]any, len(cols))
	for c, col := range cols {
		values := make(pgtype.FlatArray[any], len(rows))
		for r, row := range rows {
			v, err := pgValue(row[c])
			if err != nil {
				return clause.Expr{}, err
			}
			values[r] = v
		}
		names[c], marks[c], args[c] = col.name, "?::"+string(col.kind)+"[]", pgArray{values}
	}
	sql := fmt.Sprintf("unnest(%s) AS %s(%s)", strings.Join(marks, ", "), alias, strings.Join(names, ", "))
	return clause.Expr{SQL: sql, Vars: args}, nil
}

func pgValue(v any) (any, error) {
	switch v := v.(type) {
	case uuid.UUID:
		return [16]byte(v), nil
	case *uuid.UUID:
		if v == nil {
			return nil, nil
		}
		return [16]byte(*v), nil
	case stamp:
		return v.Time, nil
	case *stamp:
		if v == nil {
			return nil, nil
		}
		return v.Time, nil
	case driver.Valuer:
		return v.Value()
	}
	return v, nil
}

func sqliteRelation(alias string, cols []column, rows [][]any) (clause.Expr, error) {
	exprs := make([]string, len(cols))
	for c, col := range cols {
		expr := fmt.Sprintf("value->>%d", c)
		if col.kind == kindBytes {
			expr = "unhex(" + expr + ")"
		}
		exprs[c] = expr + " AS " + col.name
	}
	plain := make([][]any, len(rows))
	for r, row := range rows {
		plain[r] = make([]any, len(row))
		for c, v := range row {
			p, err := sqliteValue(v)
			if err != nil {
				return clause.Expr{}, err
			}
			plain[r][c] = p
		}
	}
	text, err := json.Marshal(plain)
	if err != nil {
		return clause.Expr{}, err
	}
	sql := fmt.Sprintf("(SELECT %s FROM json_each(?)) AS %s", strings.Join(exprs, ", "), alias)
	return clause.Expr{SQL: sql, Vars: []any{string(text)}}, nil
}

func sqliteValue(v any) (any, error) {
	switch v := v.(type) {
	case stamp:
		return v.text(), nil
	case *stamp:
		if v == nil {
			return nil, nil
		}
		return v.text(), nil
	case []byte:
		return hex.EncodeToString(v), nil
	case *uuid.UUID:
		if v == nil {
			return nil, nil
		}
		return v.String(), nil
	case driver.Valuer:
		return v.Value()
	}
	return v, nil
}

// idsRelation is a batch of ids, under the column name rid.
func (d dialect) idsRelation(alias string, ids []uuid.UUID) (clause.Expr, error) {
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{id}
	}
	return d.relation(alias, []column{{"rid", kindUUID}}, rows)
}

// pgArray is an array parameter. It is a driver.Valuer so that GORM binds it
// whole; pgx encodes it by its elements and never asks for the value.
type pgArray struct{ pgtype.FlatArray[any] }

// Value fails: only pgx knows how to send an array.
func (pgArray) Value() (driver.Value, error) {
	return nil, errors.New("arrays are for PostgreSQL alone")
}
