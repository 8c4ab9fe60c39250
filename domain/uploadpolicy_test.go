package domain_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"doorito/domain"
)

func TestSizeLimit(t *testing.T) {
	t.Parallel()
	p := domain.UploadPolicy{MaxSize: 5 << 30}
	for n, want := range map[int64]domain.Code{0: "", 5 << 30: "", 5<<30 + 1: domain.TooLarge} {
		wantCode(t, fmt.Sprint(n), p.CheckSize(n), want)
	}
	if err := p.CheckSize(6 << 30); !strings.Contains(err.Error(), "5.37 GB") {
		t.Errorf("%v", err)
	}
}

// What real files are sniffed as is tested beside the sniffer; these are the
// rules alone.
func TestTypeRules(t *testing.T) {
	t.Parallel()
	const bin = "application/octet-stream"
	for _, c := range []struct {
		name, sniffed, byName, allowed string
		want                           string // part of the refusal; empty when it is taken
	}{
		{"a.pdf", "application/pdf", "application/pdf", "", ""},
		{"a.pdf", "application/pdf", "application/pdf", "application/pdf", ""},
		{"a.PDF", "text/html text/plain", "application/pdf", "", "This is an HTML page named .pdf, so it was refused. Rename it or send the right file."},
		{"a.pdf", "", "application/pdf", "", ""},
		{"a.pdf", "", "application/pdf", "application/pdf", "Files of type application/octet-stream are not accepted here. Allowed: application/pdf."},
		{"a.txt", "text/plain", "text/plain", "text/plain, image/*", ""},
		{"a.png", "image/png", "image/png", "text/plain,image/*", ""},
		{"a.png", "image/png", "image/png", "image", "not accepted"},
		{"a.tiff", "application/zip", "image/tiff", "*/*", "a ZIP archive named .tiff"},
		{"a", "application/x-elf", "", "", ""},
		{"a.txt", "application/x-elf", "text/plain", "", "a program named .txt"},
	} {
		p := domain.UploadPolicy{}
		if c.allowed != "" {
			p.AllowedTypes = strings.Split(c.allowed, ",")
		}
		var chain []string
		if c.sniffed != "" {
			chain = append(strings.Fields(c.sniffed), bin)
		}
		err := p.CheckType(c.name, chain, c.byName)
		if c.want == "" {
			wantCode(t, c.name+" "+c.sniffed, err, "")
			continue
		}
		wantCode(t, c.name+" "+c.sniffed, err, domain.UnsupportedType)
		if err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if got := domain.ContentType(nil, "text/csv"); got != bin {
		t.Errorf("nothing sniffed: %s", got)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("saving: %w", domain.WrapError(domain.Conflict, errEmpty, "Taken by %s.", "Ann"))
	if domain.CodeOf(err) != domain.Conflict || !errors.Is(err, errEmpty) || !domain.IsCode(err, domain.Conflict) {
		t.Errorf("%v", err)
	}
	if domain.CodeOf(nil) != "" || domain.CodeOf(errEmpty) != domain.Internal || domain.IsCode(nil, "") {
		t.Error("no error has no code, a foreign one is internal")
	}
	if got := domain.FieldErrorf("name", "No %s.", "name").Error(); got != "invalid: No name." {
		t.Error(got)
	}
}
