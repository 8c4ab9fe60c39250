package domain_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"doorito/domain"
)

func TestTypesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                                       nil,
		"application/pdf, image/*":               {"application/pdf", "image/*"},
		" Image/PNG\n image/png;text/csv":        {"image/png", "text/csv"},
		"application/vnd.ms-excel.sheet+xml,*/*": {"application/vnd.ms-excel.sheet+xml", "*/*"},
	} {
		got, err := domain.ParseTypes("types", text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"pdf", "/pdf", "image/", "*/png", "image/**", "a/b/c", "ima<ge/png", strings.Repeat("a", 255) + "/b", "image/p\x00"} {
		var e *domain.Error
		if _, err := domain.ParseTypes("types", text); !errors.As(err, &e) || e.Code != domain.Invalid || e.Field != "types" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAQuotaSaysItsLimitAndWhatIsUsed(t *testing.T) {
	t.Parallel()
	u := domain.Usage{Used: 8_000_000_000, Quota: 10_000_000_000}
	if err := u.Check(2_000_000_000); err != nil {
		t.Error(err)
	}
	var full *domain.OverQuota
	err := u.Check(2_000_000_001)
	if !errors.As(err, &full) || full.Limit != u.Quota || full.Used != u.Used || full.Asked != 2_000_000_001 {
		t.Fatalf("%#v", err)
	}
	if !domain.IsCode(err, domain.Quota) || !strings.Contains(err.Error(), "10.0 GB") || !strings.Contains(err.Error(), "8.00 GB") {
		t.Error(err)
	}
	if u.Percent() != 80 || u.Left() != 2_000_000_000 {
		t.Error(u.Percent(), u.Left())
	}
	over := domain.Usage{Used: 12, Quota: 10}
	if over.Percent() != 100 || over.Left() != 0 || over.Check(0) != nil || over.Check(1) == nil {
		t.Error("one who has more than the quota by now keeps it, and brings nothing more")
	}
	if (domain.Usage{Used: 1 << 60}).Check(1<<60) != nil {
		t.Error("no quota is no limit")
	}
}

func TestAnAccountsTypesTakeThePlaceOfThePortals(t *testing.T) {
	t.Parallel()
	p := domain.UploadPolicy{AllowedTypes: []string{"text/plain"}}
	if got := p.For(domain.Allowance{}).AllowedTypes; !slices.Equal(got, []string{"text/plain"}) {
		t.Error(got)
	}
	if got := p.For(domain.Allowance{Types: []string{"image/*"}}).AllowedTypes; !slices.Equal(got, []string{"image/*"}) {
		t.Error(got)
	}
}
