package tus

import (
	"math"
	"strings"
	"testing"

	"doorito/domain"
)

func FuzzStructuredFields(f *testing.F) {
	for _, s := range []string{"", "?1", "?0", "?2", "?1;a=b", "1", "007", "-1", "999999999999999", "1000000000000000", "1.0", "sha-256=:AAAA:", "a=(1 2), b", "?1, ?0", "\"x\"", " ?1 ", "？1"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, lines := range [][]string{nil, {a}, {a, b}} {
			if n, ok := parseInteger(lines); ok && (n < 0 || n >= 1e15 || !strings.ContainsAny(strings.Join(lines, ""), "0123456789")) {
				t.Fatalf("%q is %d", lines, n)
			}
			if v, ok := parseBoolean(lines); ok && !strings.Contains(strings.Join(lines, ","), map[bool]string{true: "?1", false: "?0"}[v]) {
				t.Fatalf("%q is %v", lines, v)
			}
			if sum, ok := parseDigest(lines, "sha-256"); ok && !strings.Contains(strings.Join(lines, ","), "sha-256") {
				t.Fatalf("%q has %x", lines, sum)
			}
		}
		if _, ok := parseInteger([]string{a, a}); ok && a != "" {
			t.Fatalf("%q came twice and counts", a)
		}
	})
}

func FuzzDisposition(f *testing.F) {
	for _, s := range []string{"", "inline", "inline; filename=a", `attachment; filename="a b.pdf"; filename*=UTF-8''%c3%bc.pdf`, `inline; filename="../../etc/passwd"`, "inline; filename*=UTF-8''%00", `;`, "inline; filename*0=a; filename*1=b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := dispositionName(s)
		if err != nil {
			if !domain.IsCode(err, domain.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if clean, err := domain.CleanFilename(name); err == nil && strings.ContainsAny(clean, "/\\\x00\r\n") {
			t.Fatalf("%q named %q", s, clean)
		}
	})
}

func FuzzDeclaredLengths(f *testing.F) {
	f.Add(int64(0), int64(0), int64(0))
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), int64(1))
	f.Fuzz(func(t *testing.T, offset, size, total int64) {
		if offset < 0 || offset >= 1e15 || size < -1 || total < -1 || total >= 1e15 {
			return
		}
		w := draftWrite{complete: true}
		w.offset, w.size = offset, size
		var declared *int64
		if total >= 0 {
			declared = &total
		}
		got, err := w.agree(declared)
		if err == nil && got != nil && *got < 0 {
			t.Fatalf("%d and %d make %d", offset, size, *got)
		}
	})
}
