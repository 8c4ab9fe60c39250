package list

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"doorito/domain"
	"doorito/ports"
)

// exportPageTimeout bounds the read of one page.
const exportPageTimeout = 30 * time.Second

// Formats of an export.
const (
	FormatCSV  = "csv"  // RFC 4180, with a head
	FormatJSON = "json" // one array of objects (RFC 8259)
)

// Exported is a whole list on its way out. It holds one page at a time and
// reads the next when that was taken, so its memory does not grow.
type Exported struct {
	page  func(ctx context.Context, q ports.ListQuery) error
	ctx   context.Context
	q     ports.ListQuery
	buf   bytes.Buffer
	w     rowWriter
	begun bool
	done  bool
}

var _ io.ReadCloser = (*Exported)(nil)

// rowWriter puts rows in a format.
type rowWriter interface {
	head(names []string) error
	row(names []string, values []any) error
	end() error
}

// Export is the list that the query of an address asks for, from its first row
// to its last, as CSV or JSON. Errors are those of Show; NotFound when the list
// cannot be exported. ctx is kept until the last row was read.
func (r *Resource[T]) Export(ctx context.Context, a domain.Actor, query, format string, now time.Time) (*Exported, error) {
	if r.AdminOnly {
		if err := a.RequireAdmin(); err != nil {
			return nil, err
		}
	}
	if !r.Exports || format != FormatCSV && format != FormatJSON {
		return nil, domain.Errorf(domain.NotFound, "This list is not to be had in that format.")
	}
	filters := visible(r.Filters, a)
	s, err := ParseState(query, filters)
	if err != nil {
		return nil, err
	}
	x := &Exported{ctx: ctx, q: s.first().Query(filters, now)}
	x.q.Limit = ports.MaxPageSize
	if x.w = (&jsonRows{buf: &x.buf}); format == FormatCSV {
		x.w = newCSVRows(&x.buf)
	}
	e := Env{Now: now, Admin: a.IsAdmin()}
	cols, names := r.exported(e)
	x.page = func(ctx context.Context, q ports.ListQuery) error {
		page, err := r.Source(ctx, a, q)
		if err != nil {
			return err
		}
		if !x.begun {
			x.begun = true
			if err := x.w.head(names); err != nil {
				return err
			}
		}
		for _, item := range page.Items {
			values := []any{r.ID(item).String()}
			for _, c := range cols {
				values = append(values, c.Cell(item, e).value())
			}
			if err := x.w.row(names, values); err != nil {
				return err
			}
			c := r.Cursor(item)
			x.q.After = &c
		}
		x.done = !page.Older || len(page.Items) == 0
		return nil
	}
	return x, nil
}

// exported are the columns of an export and their names, the id first.
func (r *Resource[T]) exported(e Env) ([]Column[T], []string) {
	var cols []Column[T]
	names := []string{"id"}
	for _, c := range r.Columns {
		if c.AdminOnly && !e.Admin || c.Elsewhere && !c.Exported || c.Key == "id" {
			continue
		}
		cols, names = append(cols, c), append(names, c.Key)
	}
	return cols, names
}

// Read implements io.Reader.
func (x *Exported) Read(p []byte) (int, error) {
	for x.buf.Len() == 0 {
		if x.done {
			return 0, io.EOF
		}
		x.buf.Reset()
		ctx, cancel := context.WithTimeout(x.ctx, exportPageTimeout)
		err := x.page(ctx, x.q)
		cancel()
		if err != nil {
			return 0, err
		}
		if x.done {
			err = x.w.end()
		}
		if err != nil {
			return 0, err
		}
	}
	return x.buf.Read(p)
}

// Close implements io.Closer.
func (x *Exported) Close() error {
	x.done = true
	x.buf = bytes.Buffer{}
	return nil
}

// value is what a cell holds, for a program: nil, a string, a number, a list.
func (c Cell) value() any {
	switch c.Kind {
	case "size":
		return c.Bytes
	case "time":
		return c.At.UTC().Format(time.RFC3339Nano)
	case "pill":
		return c.State
	case "tags":
		return c.Words
	case "tries", "meter":
		return c.Value
	case "arriving", "strip":
		return c.Text
	}
	if c.Tone == "faint" {
		return nil
	}
	return c.Text
}

// csvRows writes CSV.
type csvRows struct{ w *csv.Writer }

func newCSVRows(buf *bytes.Buffer) *csvRows {
	w := csv.NewWriter(buf)
	w.UseCRLF = true
	return &csvRows{w}
}

func (c *csvRows) head(names []string) error { return c.flush(c.w.Write(names)) }

func (c *csvRows) row(_ []string, values []any) error {
	fields := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case string:
			fields[i] = CSVText(v)
		case []string:
			fields[i] = CSVText(strings.Join(v, " "))
		case int64:
			fields[i] = strconv.FormatInt(v, 10)
		case int:
			fields[i] = strconv.Itoa(v)
		}
	}
	return c.flush(c.w.Write(fields))
}

func (c *csvRows) flush(err error) error {
	if err != nil {
		return err
	}
	c.w.Flush()
	return c.w.Error()
}

func (c *csvRows) end() error { return nil }

// jsonRows writes an array of objects whose members stand in the order of the
// columns.
type jsonRows struct {
	buf  *bytes.Buffer
	rows int
}

func (j *jsonRows) head([]string) error { return j.text("[") }

func (j *jsonRows) row(names []string, values []any) error {
	sep := "\n{"
	if j.rows > 0 {
		sep = ",\n{"
	}
	j.rows++
	for i, name := range names {
		value, err := json.Marshal(values[i])
		if err != nil {
			return err
		}
		if err := j.text(sep + strconv.Quote(name) + ":" + string(value)); err != nil {
			return err
		}
		sep = ","
	}
	return j.text("}")
}

func (j *jsonRows) end() error { return j.text("\n]\n") }

func (j *jsonRows) text(s string) error {
	_, err := j.buf.WriteString(s)
	return err
}

// CSVText keeps spreadsheets from taking what a stranger named a thing for a
// formula: such text gets an apostrophe in front, which they do not show. They
// pass over spaces before they look, and know the wide forms of the signs.
func CSVText(s string) string {
	seen := strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) })
	first, _ := utf8.DecodeRuneInString(seen)
	if seen != "" && strings.ContainsRune("=+-@＝＋－＠", first) || strings.HasPrefix(s, "\t") || strings.HasPrefix(s, "\r") || strings.HasPrefix(s, "\n") {
		return "'" + s
	}
	return s
}
