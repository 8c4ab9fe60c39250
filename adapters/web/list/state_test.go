package list

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var (
	now   = time.Date(2026, 11, 23, 14, 32, 8, 0, time.UTC)
	rowID = uuid.MustParse("0190f0a0-0000-7000-8000-000000000001")
)

func testFilters() []Filter {
	return []Filter{
		{Key: "status", Label: "Status", Many: true, Options: []Option{{Value: "stored", Label: "Stored"}, {Value: "failed", Label: "Failed"}}},
		{Key: "size", Label: "Size", Options: []Option{
			{Value: "large", Label: "Large", Sets: map[string]string{"size_min": "100", "size_max": "200"}},
			{Value: "small", Label: "Small"},
		}},
		{Key: "owner", Label: "Uploaded by", Free: IsID, AdminOnly: true},
		Created(),
	}
}

func TestStateBecomesTheQueryItSays(t *testing.T) {
	t.Parallel()
	s, err := ParseState("q=+night+&status=stored&status=failed&status=stored&size=large&created=24h&limit=20&after=1795442528000000-"+rowID.String(), testFilters())
	if err != nil {
		t.Fatal(err)
	}
	q := s.Query(testFilters(), now)
	if q.Search != "night" || q.Limit != 20 || !q.From.Equal(now.Add(-24*time.Hour)) {
		t.Errorf("search %q, limit %d, from %s", q.Search, q.Limit, q.From)
	}
	if got := strings.Join(q.Filters["status"], " "); got != "stored failed" {
		t.Errorf("status is %q", got)
	}
	if q.Filters["size_min"][0] != "100" || q.Filters["size_max"][0] != "200" || q.Filters["size"] != nil || q.Filters["created"] != nil {
		t.Errorf("filters are %v", q.Filters)
	}
	if q.After == nil || q.After.ID != rowID || q.After.At.UnixMicro() != 1795442528000000 {
		t.Errorf("after is %v", q.After)
	}
}

func TestDaysOfARangeAreMeantWhole(t *testing.T) {
	t.Parallel()
	s, err := ParseState("from=2026-11-01&to=2026-11-02", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.To.Sub(s.From); got != 48*time.Hour {
		t.Errorf("from 1 to 2 November are %s", got)
	}
}

func TestBadAddressesAreRefusedWithASentence(t *testing.T) {
	t.Parallel()
	for query, word := range map[string]string{
		"status=gone":                           "one of stored, failed",
		"size=large&size=small":                 "takes one value",
		"owner=me":                              "cannot be a value",
		"colour=red":                            "no filter",
		"limit=0":                               "1 to 1000",
		"limit=1001":                            "1 to 1000",
		"limit=5&limit=6":                       "more than once",
		"after=x":                               "no place in this list",
		"after=-5-" + rowID.String():            "no place in this list",
		"after=99999999999999999-" + "0190f0a0": "no place in this list",
		"from=yesterday":                        "neither a day",
		"from=2026-11-03&to=2026-11-01":         "before the last",
		"q=" + strings.Repeat("x", maxSearch+1): "at most 200",
		"q=%00":                                 "not plain text",
		"q=%ff":                                 "not plain text",
		"%zz":                                   "damaged",
		"after=1-" + rowID.String() + "&before=1-" + rowID.String(): "not both",
	} {
		_, err := ParseState(query, testFilters())
		var e *domain.Error
		if !errors.As(err, &e) || e.Code != domain.Invalid || !strings.Contains(e.Message, word) {
			t.Errorf("?%s: %v; want Invalid with %q", query, err, word)
		}
	}
}

func TestFiltersForAdminsDoNotExistForStaff(t *testing.T) {
	t.Parallel()
	staff := visible(testFilters(), domain.Actor{UserID: rowID, Role: domain.RoleStaff})
	if _, err := ParseState("owner="+rowID.String(), staff); !domain.IsCode(err, domain.Invalid) {
		t.Errorf("staff may filter by owner: %v", err)
	}
}

func TestTogglingAddsAndRemovesAndGoesToTheFirstPage(t *testing.T) {
	t.Parallel()
	f := testFilters()
	s, err := ParseState("status=stored&q=x&after=1-"+rowID.String(), f)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.toggled(f[0], "failed").at("/l/"); got != "/l/?q=x&status=stored&status=failed" {
		t.Errorf("adding: %s", got)
	}
	if got := s.toggled(f[0], "stored").at("/l/"); got != "/l/?q=x" {
		t.Errorf("removing: %s", got)
	}
	if got := s.toggled(f[1], "small").toggled(f[1], "large").at("/l/"); got != "/l/?q=x&size=large&status=stored" {
		t.Errorf("replacing: %s", got)
	}
	if got := s.cleared().at("/l/"); got != "/l/" {
		t.Errorf("clearing: %s", got)
	}
}

func FuzzParseState(f *testing.F) {
	for _, seed := range []string{"", "q=a&status=stored", "created=24h&limit=10", "after=1795442528000000-" + rowID.String(), "from=2026-11-01&to=2026-11-02T10:00:00Z", "status=&size=&q=", "q=%F0%9F%9A%AA;x"} {
		f.Add(seed)
	}
	filters := testFilters()
	f.Fuzz(func(t *testing.T, query string) {
		s, err := ParseState(query, filters)
		if err != nil {
			if !domain.IsCode(err, domain.Invalid) {
				t.Fatalf("%q: %v is not Invalid", query, err)
			}
			return
		}
		// What was accepted has one address, and that address means the same.
		again, err := ParseState(s.Encode(), filters)
		if err != nil {
			t.Fatalf("%q became %q, which is refused: %v", query, s.Encode(), err)
		}
		if again.Encode() != s.Encode() {
			t.Fatalf("%q became %q, then %q", query, s.Encode(), again.Encode())
		}
		a, b := s.Query(filters, now), again.Query(filters, now)
		if !a.From.Equal(b.From) || !a.To.Equal(b.To) || a.Search != b.Search || a.Limit != b.Limit {
			t.Fatalf("%q asks for %+v, its address for %+v", query, a, b)
		}
		if a.Limit < 0 || a.Limit > ports.MaxPageSize {
			t.Fatalf("%q: limit %d", query, a.Limit)
		}
		if _, err := url.Parse(s.at("/l/")); err != nil {
			t.Fatal(err)
		}
	})
}
