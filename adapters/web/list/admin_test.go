package list

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

func TestDaysMonthsAndYearsLeadToEachOther(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]struct{ crumbs, spans string }{
		"":                              {"2026 November", "17 18 19 20 21 22 23"},
		"from=2026-11-20&to=2026-11-20": {"2026 November", "17 18 19 [20] 21 22 23"},
		"from=2024-02-29&to=2024-02-29": {"2024 February", "26 27 28 [29] 1 2 3"},
		"from=2026-02-01&to=2026-02-28": {"2026 [February]", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28"},
		"from=2026-01-01&to=2026-12-31": {"2025 [2026]", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov"},
		"from=2026-11-03&to=2026-11-05": {"2026 November", "17 18 19 20 21 22 23"},
		"from=2030-01-01&to=2030-01-01": {"2030 January", "26 27 28 29 30 31 [1]"},
	} {
		s, err := ParseState(query, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := &Resource[row]{Path: "/rows/", One: "row", Many: "rows"}
		d := r.drillView(s, s.drill(now), nil)
		words := func(spans []DrillSpan) string {
			var out []string
			for _, sp := range spans {
				if sp.On {
					sp.Label = "[" + sp.Label + "]"
				}
				out = append(out, sp.Label)
			}
			return strings.Join(out, " ")
		}
		if got := words(d.Crumbs); got != want.crumbs {
			t.Errorf("%q: above are %q", query, got)
		}
		if got := words(d.Spans); got != want.spans {
			t.Errorf("%q: below are %q", query, got)
		}
		for _, sp := range append(d.Spans, d.Crumbs...) {
			if _, err := ParseState(sp.URL[strings.IndexByte(sp.URL, '?')+1:], nil); err != nil {
				t.Errorf("%q leads to %s: %v", query, sp.URL, err)
			}
		}
	}
}

func TestAnyMomentHasADrillWithoutGaps(t *testing.T) {
	t.Parallel()
	for at := time.Date(2023, 12, 25, 0, 0, 0, 0, time.UTC); at.Year() < 2025; at = at.AddDate(0, 0, 1) {
		s := State{From: at, To: at.AddDate(0, 0, 1)}
		d := s.drill(time.Date(2025, 1, 1, 13, 0, 0, 0, time.UTC))
		if len(d.bounds) != daysShown+1 {
			t.Fatalf("%s: %v", at, d.bounds)
		}
		for i := range daysShown {
			if !d.bounds[i].AddDate(0, 0, 1).Equal(d.bounds[i+1]) {
				t.Fatalf("%s: %v", at, d.bounds)
			}
		}
	}
}

// endless has pages of one row, up to n.
func endless(n int) *Resource[row] {
	r := resource(ports.Page[row]{})
	r.SelectAll, r.Exports = true, true
	r.Source = func(_ context.Context, _ domain.Actor, q ports.ListQuery) (ports.Page[row], error) {
		rows := make([]row, min(q.Limit, n))
		for i := range rows {
			rows[i] = row{uuid.New(), now}
		}
		n -= len(rows)
		return ports.Page[row]{Items: rows, Older: n > 0}, nil
	}
	return r
}

func TestAnActionOnAllThatMatchIsDoneInTurnsAndHasALimit(t *testing.T) {
	t.Parallel()
	form := url.Values{"action": {"delete"}, "all": {"1"}, "asof": {now.Format(time.RFC3339Nano)}, "back": {"status=failed"}}
	out, err := endless(2_500).Do(t.Context(), admin, form)
	if err != nil || out.Text != "Done for all 2,500 rows that matched." || out.Back != "/rows/?status=failed" {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := endless(ports.CountCap+1).Do(t.Context(), admin, form); !domain.IsCode(err, domain.Invalid) {
		t.Errorf("too many: %v", err)
	}
	if _, err := endless(0).Do(t.Context(), admin, form); !domain.IsCode(err, domain.Invalid) {
		t.Errorf("none: %v", err)
	}
	r, turns := endless(2_500), 0
	r.Actions[0].Run = func(context.Context, domain.Actor, []uuid.UUID) (string, error) {
		if turns++; turns == 2 {
			return "", domain.Errorf(domain.Conflict, "It is taken.")
		}
		return "", nil
	}
	if _, err := r.Do(t.Context(), admin, form); err == nil || !strings.Contains(err.Error(), "1,000 of 2,500 rows are done, the rest is not. It is taken.") {
		t.Errorf("one that fails midway: %v", err)
	}
	r = endless(3)
	r.SelectAll = false
	if _, err := r.Do(t.Context(), admin, form); !domain.IsCode(err, domain.Invalid) {
		t.Errorf("a list without: %v", err)
	}
	form.Del("asof")
	if _, err := endless(3).Do(t.Context(), admin, form); !domain.IsCode(err, domain.Invalid) {
		t.Errorf("without a moment: %v", err)
	}
}

func TestAnExportReadsEveryPageAndSaysWhenOneIsMissing(t *testing.T) {
	t.Parallel()
	x, err := endless(2_500).Export(t.Context(), admin, "", FormatCSV, now)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(x)
	if err != nil || strings.Count(string(all), "\r\n") != 2_501 {
		t.Errorf("%d lines, %v", strings.Count(string(all), "\r\n"), err)
	}
	r, pages := endless(2_500), 0
	source := r.Source
	r.Source = func(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[row], error) {
		if pages++; pages == 2 {
			return ports.Page[row]{}, errors.New("the database is gone")
		}
		return source(ctx, a, q)
	}
	if x, err = r.Export(t.Context(), admin, "", FormatJSON, now); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(x); err == nil {
		t.Error("a list that broke off looks whole")
	}
	if _, err := endless(1).Export(t.Context(), admin, "", "xml", now); !domain.IsCode(err, domain.NotFound) {
		t.Errorf("xml: %v", err)
	}
}
