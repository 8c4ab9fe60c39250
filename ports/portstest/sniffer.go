package portstest

import (
	"slices"
	"strings"
	"testing"

	"doorito/ports"
)

// Sniffer checks a ports.TypeSniffer.
func Sniffer(t *testing.T, s ports.TypeSniffer) {
	t.Run("is never empty and ends with the type of any bytes", func(t *testing.T) {
		t.Parallel()
		for _, head := range []string{"", "\x00", "hello", "%PDF-1.7\n", "\x89PNG\r\n\x1a\n", strings.Repeat("\xff", 2*ports.SniffLength)} {
			chain := s.Sniff([]byte(head))
			if len(chain) == 0 || chain[len(chain)-1] != "application/octet-stream" {
				t.Errorf("%.20q: %v", head, chain)
			}
			for _, typ := range chain {
				if strings.ContainsAny(typ, "; ") || strings.Count(typ, "/") != 1 || strings.ToLower(typ) != typ {
					t.Errorf("%.20q: %q is not a bare type", head, typ)
				}
			}
		}
	})
	t.Run("knows common formats by their bytes", func(t *testing.T) {
		t.Parallel()
		for head, want := range map[string][]string{
			"%PDF-1.7\n1 0 obj":                                {"application/pdf"},
			"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR":              {"image/png"},
			"\xff\xd8\xff\xe0\x00\x10JFIF\x00":                 {"image/jpeg"},
			"GIF89a\x01\x00":                                   {"image/gif"},
			"PK\x03\x04\x14\x00\x00\x00":                       {"application/zip"},
			"just words":                                       {"text/plain"},
			"<!DOCTYPE html><html><body>x</body>":              {"text/html", "text/plain"},
			"MZ\x90\x00\x03\x00\x00\x00\x04\x00":               {"application/vnd.microsoft.portable-executable"},
			"<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>": {"image/svg+xml", "text/plain"},
		} {
			want = append(want, "application/octet-stream")
			if got := s.Sniff([]byte(head)); !slices.Equal(got, want) {
				t.Errorf("%.20q: %v, want %v", head, got, want)
			}
		}
	})
	t.Run("knows endings in any case", func(t *testing.T) {
		t.Parallel()
		for name, want := range map[string]string{
			"report.pdf": "application/pdf", "REPORT.PDF": "application/pdf", "a.b.JpEg": "image/jpeg", "x.zip": "application/zip",
			"notes.txt": "text/plain", "page.html": "text/html", "table.csv": "text/csv",
			"pdf": "", "": "", ".": "", "name.": "", "a.unheard-of": "", "a.pdf/b": "",
		} {
			if got := s.ByName(name); got != want {
				t.Errorf("%q: %q, want %q", name, got, want)
			}
		}
	})
}
