package domain_test

import (
	"strings"
	"testing"

	"doorito/domain"
)

func TestFiltersMatchByEveryCondition(t *testing.T) {
	t.Parallel()
	f := domain.NewFile(id1, "scan.png", &id2, &id1, now)
	f.UploaderName, f.ContentType, f.SizeBytes, f.Metadata = "Ines Ferrante", "image/PNG; q=1", 2_000_000, map[string]string{"tenant": "halden", "lang": ""}
	f.Status = domain.FileUploading
	stored, err := f.Store(2_000_000, strings.Repeat("ab", 32), "image/PNG; q=1", 0, now)
	if err != nil {
		t.Fatal(err)
	}
	stored.BatchLabel = "Invoices 2026-11"
	b, err := domain.NewBatch(id1, "Invoices 2026-11", "", nil, now)
	if err != nil {
		t.Fatal(err)
	}
	b.Seal(now)
	batch := b.Settle(domain.BatchCounts{Files: 1, Stored: 1, Bytes: 2_000_000}, now)
	health := domain.NewEndpointEvent(domain.EventEndpointFailing, &domain.Endpoint{ID: id1}, "", id2, now)
	for _, ev := range []*domain.Event{stored, batch, health} {
		if err := ev.AssignID(id2); err != nil {
			t.Fatal(err)
		}
	}
	rule := func(s string) []domain.MetadataRule { return []domain.MetadataRule{domain.ParseMetadataRule(s)} }
	for _, c := range []struct {
		name        string
		filter      domain.Filter
		file, batch bool
	}{
		{"none", domain.Filter{}, true, true},
		{"the type", domain.Filter{ContentTypes: []string{"application/pdf", "image/png"}}, true, false},
		{"the family", domain.Filter{ContentTypes: []string{"image/*"}}, true, false},
		{"another type", domain.Filter{ContentTypes: []string{"image/p"}}, false, false},
		{"another family", domain.Filter{ContentTypes: []string{"imag/*"}}, false, false},
		{"at least that size", domain.Filter{MinSize: 2_000_000}, true, true},
		{"more", domain.Filter{MinSize: 2_000_001}, false, false},
		{"at most that size", domain.Filter{MaxSize: 2_000_000}, true, true},
		{"less", domain.Filter{MaxSize: 1_999_999}, false, false},
		{"the uploader", domain.Filter{Uploaders: []string{"Tom", "ines ferrante"}}, true, false},
		{"part of the uploader", domain.Filter{Uploaders: []string{"ines"}}, false, false},
		{"uploaders that begin so", domain.Filter{Uploaders: []string{"ines*"}}, true, false},
		{"the label", domain.Filter{BatchLabel: "invoices 2026-11"}, true, true},
		{"labels like it", domain.Filter{BatchLabel: "*voices*-1*"}, true, true},
		{"labels not like it", domain.Filter{BatchLabel: "*voices*-1"}, false, false},
		{"any label", domain.Filter{BatchLabel: "*"}, true, true},
		{"a key", domain.Filter{Metadata: rule("tenant")}, true, false},
		{"a key and its value", domain.Filter{Metadata: rule(" tenant = halden ")}, true, false},
		{"a key and another value", domain.Filter{Metadata: rule("tenant=Halden")}, false, false},
		{"an empty value", domain.Filter{Metadata: rule("lang=")}, true, false},
		{"a key that is not there", domain.Filter{Metadata: rule("other")}, false, false},
		{"all of them", domain.Filter{ContentTypes: []string{"image/*"}, MinSize: 1, MaxSize: 3_000_000, Uploaders: []string{"*"}, BatchLabel: "inv*", Metadata: append(rule("tenant"), rule("lang")...)}, true, false},
		{"all but one", domain.Filter{ContentTypes: []string{"image/*"}, Metadata: append(rule("tenant"), rule("nope")...)}, false, false},
	} {
		if got := c.filter.Matches(stored); got != c.file {
			t.Errorf("%s: the file's event %t", c.name, got)
		}
		if got := c.filter.Matches(batch); got != c.batch {
			t.Errorf("%s: the batch's event %t", c.name, got)
		}
		if !c.filter.Matches(health) {
			t.Errorf("%s: events of endpoints are not filtered", c.name)
		}
	}
	loose := &domain.Event{Type: domain.EventFileStored, AggregateType: "file", Payload: []byte("not JSON")}
	if (domain.Filter{MinSize: 1}).Matches(loose) || !(domain.Filter{}).Matches(loose) {
		t.Error("an event without data")
	}
	unlabelled := &domain.Event{Type: domain.EventFileStored, AggregateType: "file", Payload: stored.Payload}
	if (domain.Filter{BatchLabel: "*"}).Matches(unlabelled) {
		t.Error("a batch without a label has one")
	}
}

func TestFiltersThatCouldNeverHoldAreRefused(t *testing.T) {
	t.Parallel()
	for field, f := range map[string]domain.Filter{
		"content_types": {ContentTypes: []string{"pdf"}},
		"max_size":      {MinSize: 2, MaxSize: 1},
		"min_size":      {MinSize: -1},
		"metadata":      {Metadata: []domain.MetadataRule{{Value: "x"}}},
		"batch_label":   {BatchLabel: strings.Repeat("x", 201)},
		"uploaders":     {Uploaders: strings.Fields(strings.Repeat("x ", 21))},
	} {
		_, err := f.Checked()
		wantCode(t, field, err, domain.Invalid)
		if e, ok := err.(*domain.Error); !ok || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, typ := range []string{"*/*", "image/", "/png", "im*ge/png", "image/p*g", "image/png;q=1"} {
		if _, err := (domain.Filter{ContentTypes: []string{typ}}).Checked(); err == nil {
			t.Errorf("%s is taken", typ)
		}
	}
	got, err := domain.Filter{ContentTypes: []string{" Image/* ", ""}, Uploaders: []string{" "}, BatchLabel: " a "}.Checked()
	if err != nil || got.String() != `type image/*; batch "a"` {
		t.Errorf("%s, %v", got, err)
	}
}

func TestEndpointsWantByTypeAndFilter(t *testing.T) {
	t.Parallel()
	e, err := domain.NewEndpoint(id1, domain.EndpointForm{URL: "https://a.example", EventTypes: []string{"file.*"}, Filter: domain.Filter{MinSize: 1000}}, false, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	big := &domain.Event{Type: domain.EventFileStored, AggregateType: "file", Payload: []byte(`{"data":{"size_bytes":1000}}`)}
	small := &domain.Event{Type: domain.EventFileStored, AggregateType: "file", Payload: []byte(`{"data":{"size_bytes":999}}`)}
	if !e.Wants(big) || e.Wants(small) {
		t.Error("the size is not looked at")
	}
	if ping := domain.NewPing(e, id2, now); !e.Wants(ping) {
		t.Error("a test event is filtered")
	}
}

func TestSizesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int64{"": 0, "0": 0, "500": 500, "10 MB": 10_000_000, "10mb": 10_000_000, "1.5 GiB": 3 << 29, "1,000 KB": 1_000_000, "2 tib": 2 << 40, "7 B": 7, "3k": 3000} {
		got, err := domain.ParseBytes("min_size", s)
		if err != nil || got != want {
			t.Errorf("%q: %d, %v", s, got, err)
		}
		if again, err := domain.ParseBytes("min_size", domain.ExactBytes(got)); err != nil || again != got {
			t.Errorf("%q is shown as %q", s, domain.ExactBytes(got))
		}
	}
	for _, s := range []string{"-1", "ten", "10 XB", "MB", "1e30 TB", "NaN", "Inf", "1 MB 2"} {
		_, err := domain.ParseBytes("min_size", s)
		wantCode(t, s, err, domain.Invalid)
	}
}
