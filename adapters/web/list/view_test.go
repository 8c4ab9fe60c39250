package list

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

type row struct {
	id uuid.UUID
	at time.Time
}

var (
	admin = domain.Actor{UserID: rowID, Role: domain.RoleAdmin}
	staff = domain.Actor{UserID: rowID, Role: domain.RoleStaff}
)

// resource lists the page that it is given.
func resource(page ports.Page[row]) *Resource[row] {
	return &Resource[row]{
		Name: "rows", Title: "Rows", One: "row", Many: "rows", Path: "/rows/", Filters: testFilters(),
		Columns: []Column[row]{
			{Key: "name", Label: "Name", Class: "grow", Cell: func(r row, _ Env) Cell { return Link("row", "/rows/"+r.id.String()) }},
			{Key: "who", Label: "Who", AdminOnly: true, Cell: func(row, Env) Cell { return Text("somebody") }},
		},
		Source: func(context.Context, domain.Actor, ports.ListQuery) (ports.Page[row], error) { return page, nil },
		ID:     func(r row) uuid.UUID { return r.id },
		Label:  func(row) string { return "row" },
		Cursor: func(r row) ports.Cursor { return ports.Cursor{At: r.at, ID: r.id} },
		Actions: []Action{{Name: "delete", Confirm: "They go.", Run: func(_ context.Context, _ domain.Actor, ids []uuid.UUID) (string, error) {
			return strings.Repeat("x", len(ids)), nil
		}}},
		Empty: Empty{Title: "No rows yet"},
	}
}

func show(t *testing.T, r *Resource[row], a domain.Actor, query string) *View {
	t.Helper()
	v, err := r.Show(t.Context(), a, query, now)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPagesKeepTheFilters(t *testing.T) {
	t.Parallel()
	rows := []row{{rowID, now}, {uuid.MustParse("0190f0a0-0000-7000-8000-000000000002"), now.Add(-time.Hour)}}
	v := show(t, resource(ports.Page[row]{Items: rows, Newer: true, Older: true, Total: 10_000, Capped: true}), admin, "status=failed&limit=2")
	if want := "/rows/?after=1795440728000000-0190f0a0-0000-7000-8000-000000000002&limit=2&status=failed"; v.Older != want {
		t.Errorf("older is %s", v.Older)
	}
	if want := "/rows/?before=1795444328000000-0190f0a0-0000-7000-8000-000000000001&limit=2&status=failed"; v.Newer != want {
		t.Errorf("newer is %s", v.Newer)
	}
	if v.Total != "10,000+" {
		t.Errorf("total is %s", v.Total)
	}
}

func TestEmptyListsSayWhy(t *testing.T) {
	t.Parallel()
	r := resource(ports.Page[row]{})
	if v := show(t, r, admin, ""); v.Empty == nil || v.Empty.Title != "No rows yet" {
		t.Errorf("nothing at all: %+v", v.Empty)
	}
	if v := show(t, r, admin, "status=failed&limit=7"); v.Empty == nil || v.Empty.Title != "No rows match" || v.Empty.URL != "/rows/?limit=7" {
		t.Errorf("nothing matches: %+v", v.Empty)
	}
	if v := show(t, r, admin, "after=1-"+rowID.String()); v.Empty == nil || v.Empty.URLText != "First page" || v.Newer != "/rows/" {
		t.Errorf("past the end: %+v", v.Empty)
	}
}

func TestStaffSeeNoColumnAndNoMenuOfAdmins(t *testing.T) {
	t.Parallel()
	r := resource(ports.Page[row]{Items: []row{{rowID, now}}, Total: 1})
	if v := show(t, r, staff, ""); len(v.Heads) != 1 || len(v.Rows[0].Cells) != 1 || len(v.Bar.Menus) != 3 {
		t.Errorf("staff see %d columns and %d menus", len(v.Heads), len(v.Bar.Menus))
	}
	if v := show(t, r, admin, ""); len(v.Heads) != 2 || len(v.Bar.Menus) != 4 {
		t.Errorf("admins see %d columns and %d menus", len(v.Heads), len(v.Bar.Menus))
	}
	r.AdminOnly = true
	if _, err := r.Show(t.Context(), staff, "", now); !domain.IsCode(err, domain.Forbidden) {
		t.Errorf("staff see a list of admins: %v", err)
	}
	if _, err := r.Do(t.Context(), staff, url.Values{"action": {"delete"}, "id": {rowID.String()}}); !domain.IsCode(err, domain.Forbidden) {
		t.Errorf("staff act on a list of admins: %v", err)
	}
}

func TestChipsLeadToTheListWithoutThem(t *testing.T) {
	t.Parallel()
	v := show(t, resource(ports.Page[row]{Items: []row{{rowID, now}}, Total: 1}), admin, "q=night&created=24h")
	if len(v.Bar.Chips) != 2 || v.Bar.ClearText != "Clear both" || v.Bar.ClearURL != "/rows/" {
		t.Fatalf("chips %+v, %s to %s", v.Bar.Chips, v.Bar.ClearText, v.Bar.ClearURL)
	}
	if c := v.Bar.Chips[0]; c.Value != "night" || c.URL != "/rows/?created=24h" {
		t.Errorf("search: %+v", c)
	}
	if c := v.Bar.Chips[1]; c.Value != "last 24 hours" || c.URL != "/rows/?q=night" {
		t.Errorf("created: %+v", c)
	}
}

func TestBulkFormsAreChecked(t *testing.T) {
	t.Parallel()
	r := resource(ports.Page[row]{})
	id := rowID.String()
	out, err := r.Do(t.Context(), admin, url.Values{"action": {"delete"}, "id": {id, id}, "back": {"status=failed"}})
	if err != nil || out.Text != "x" || out.Back != "/rows/?status=failed" {
		t.Errorf("%+v, %v; want each id once and the way back", out, err)
	}
	for name, form := range map[string]url.Values{
		"unknown action": {"action": {"burn"}, "id": {id}},
		"no row":         {"action": {"delete"}},
		"no id":          {"action": {"delete"}, "id": {"1"}},
		"too many":       {"action": {"delete"}, "id": make([]string, ports.MaxPageSize+1)},
	} {
		if _, err := r.Do(t.Context(), admin, form); !domain.IsCode(err, domain.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := CheckBack("/rows/", "//evil.example", testFilters()); got != "/rows/" {
		t.Errorf("the way back leads to %s", got)
	}
}

func TestNoneIsNoneEvenWhereCountingGaveUp(t *testing.T) {
	t.Parallel()
	r := resource(ports.Page[row]{})
	r.Filters[0].Counted = true
	r.Tally = func(context.Context, domain.Actor, ports.ListQuery, ports.TallyBy) (ports.Tally, error) {
		return ports.Tally{Capped: map[string]bool{"status": true}}, nil
	}
	for query, want := range map[string]string{"q=lost": "0", "q=lost&status=failed": "0+"} {
		if got := show(t, r, admin, query).Facets[0].Any.Count; got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
}

// What goes wrong beside the rows ends the page, and nothing else.
func TestNumbersThatFailAndPanicEndThePage(t *testing.T) {
	t.Parallel()
	r := resource(ports.Page[row]{})
	r.Tally = func(context.Context, domain.Actor, ports.ListQuery, ports.TallyBy) (ports.Tally, error) {
		return ports.Tally{}, domain.Errorf(domain.Unavailable, "The database is away.")
	}
	if _, err := r.Show(t.Context(), admin, "", time.Now()); !domain.IsCode(err, domain.Unavailable) {
		t.Error(err)
	}
	r.Tally = func(context.Context, domain.Actor, ports.ListQuery, ports.TallyBy) (ports.Tally, error) {
		panic("lost")
	}
	defer func() {
		if p := recover(); p != "lost" {
			t.Errorf("recovered %v", p)
		}
	}()
	_, _ = r.Show(t.Context(), admin, "", time.Now())
}
