package gormdb

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// stampLayout has one length, so that SQLite may compare times as text.
const stampLayout = "2006-01-02T15:04:05.000000Z"

// stamp is a time as the database keeps it: UTC with microseconds.
type stamp struct{ time.Time }

func at(t time.Time) stamp { return stamp{t.UTC().Truncate(time.Microsecond)} }

func atPtr(t *time.Time) *stamp {
	if t == nil {
		return nil
	}
	s := at(*t)
	return &s
}

func (s *stamp) ptr() *time.Time {
	if s == nil {
		return nil
	}
	t := s.Time
	return &t
}

// text is the form of SQLite.
func (s stamp) text() string { return s.Format(stampLayout) }

// GormDataType names the kind for GORM's schema.
func (stamp) GormDataType() string { return "stamp" }

// Value lets GORM see a plain column; what is bound comes from GormValue.
func (s stamp) Value() (driver.Value, error) { return s.Time, nil }

// GormValue binds a time on PostgreSQL and text of one length on SQLite.
func (s stamp) GormValue(_ context.Context, db *gorm.DB) clause.Expr {
	if db.Name() == "sqlite" {
		return clause.Expr{SQL: "?", Vars: []any{s.text()}}
	}
	return clause.Expr{SQL: "?", Vars: []any{s.Time}}
}

// Scan reads either form.
func (s *stamp) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		*s = at(v)
	case string:
		t, err := parseStamp(v)
		if err != nil {
			return fmt.Errorf("a stored time: %w", err)
		}
		*s = stamp{t}
	case nil:
		*s = stamp{}
	default:
		return fmt.Errorf("a stored time has type %T", src)
	}
	return nil
}

// parseStamp is time.Parse for stampLayout, in a tenth of its time: SQLite's rows
// have several of them each.
func parseStamp(s string) (time.Time, error) {
	if len(s) != len(stampLayout) {
		return time.Parse(stampLayout, s)
	}
	var n [7]int // year to microsecond
	part := 0
	for i := range len(s) {
		switch c, want := s[i], stampLayout[i]; {
		case want >= '0' && want <= '9' && c >= '0' && c <= '9':
			n[part] = n[part]*10 + int(c-'0')
		case c == want:
			part = min(part+1, len(n)-1)
		default:
			return time.Parse(stampLayout, s)
		}
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], n[6]*1000, time.UTC)
	if t.Day() != n[2] || t.Hour() != n[3] || t.Minute() != n[4] || t.Second() != n[5] || int(t.Month()) != n[1] {
		return time.Parse(stampLayout, s) // 30 February
	}
	return t, nil
}

// document is a JSON column.
type document[T any] struct{ V T }

// GormDataType names the kind for GORM's schema.
func (document[T]) GormDataType() string { return "json" }

// Value is JSON text.
func (d document[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(d.V)
	return string(b), err
}

// Scan reads JSON text.
func (d *document[T]) Scan(src any) error {
	switch v := src.(type) {
	case []byte:
		return json.Unmarshal(v, &d.V)
	case string:
		return json.Unmarshal([]byte(v), &d.V)
	}
	return fmt.Errorf("a stored document has type %T", src)
}

// clean drops what PostgreSQL cannot keep in text: NUL and broken UTF-8. Both
// reach us from the world (response headers, error texts, search words).
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// cleanMap is a copy without NUL and broken UTF-8; never nil.
func cleanMap(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[clean(k)] = clean(v)
	}
	return out
}

// cleanHeader is a copy without NUL and broken UTF-8; never nil.
func cleanHeader(h map[string][]string) map[string][]string {
	out := make(map[string][]string, len(h))
	for k, vs := range h {
		kept := make([]string, len(vs))
		for i, v := range vs {
			kept[i] = clean(v)
		}
		out[clean(k)] = kept
	}
	return out
}
