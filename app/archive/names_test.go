package archive

import (
	"hash/maphash"
	"path"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestEntriesHaveSafeNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	n := newNames(maphash.MakeSeed())
	for _, tc := range []struct{ folder, file, want string }{
		{"", "report.pdf", "report.pdf"},
		{"", "report.pdf", "report (2).pdf"},
		{"", "Report.PDF", "Report (3).PDF"}, // one file where case does not count
		{"", "report (2).pdf", "report (2) (2).pdf"},
		{"", "report.pdf", "report (4).pdf"},
		{"scans/may", "report.pdf", "scans/may/report.pdf"},
		{"scans/may", "report.pdf", "scans/may/report (2).pdf"},
		{"../../etc", "passwd", "etc/passwd"},
		{"/etc", "passwd", "etc/passwd (2)"},
		{`C:\Windows`, "a.txt", "C_/Windows/a.txt"},
		{"", "scans", "scans (2)"},                // a folder is called so
		{"report.pdf", "in", "report (5).pdf/in"}, // a file is called so
		{"report.pdf", "in", "report (5).pdf/in (2)"},
		{"", ".profile", ".profile"},
		{"", ".profile", ".profile (2)"},
		{"", "what?.txt", "what_.txt"},
		{"", "dots... ", "dots"},
		{"", "nul.txt", "_nul.txt"},
		{"", "COM1", "_COM1"},
		{"", "...", "file"},
		{"con/a", "b", "_con/a/b"},
		{"", "Ünïcode – 文件.pdf", "Ünïcode – 文件.pdf"},
	} {
		if got := n.take(tc.folder, tc.file); got != tc.want {
			t.Errorf("%q in %q is %q, not %q", tc.file, tc.folder, got, tc.want)
		}
	}
}

func TestTenThousandFilesOfOneNameAreNamedQuickly(t *testing.T) {
	t.Parallel()
	n, begun := newNames(maphash.MakeSeed()), time.Now()
	last := ""
	for range 10_000 {
		last = n.take("a/b", "same.txt")
	}
	if took := time.Since(begun); last != "a/b/same (10000).txt" || took > 2*time.Second {
		t.Errorf("%s after %s", last, took)
	}
}

func FuzzNames(f *testing.F) {
	f.Add("a/b", "c.txt", "C.TXT")
	f.Add("../..", "..", ".")
	f.Add(`C:\a`, "nul", "/etc/passwd")
	f.Add("a", "a", "a/b")
	f.Fuzz(func(t *testing.T, folder, one, two string) {
		n := newNames(maphash.MakeSeed())
		seen, folders := map[string]bool{}, map[string]bool{}
		for _, file := range []string{one, two, one, folder} {
			for _, dir := range []string{folder, "", one} {
				got := n.take(dir, file)
				if !utf8.ValidString(got) || got == "" || path.IsAbs(got) || path.Clean(got) != got || strings.ContainsAny(got, "\\:\x00") {
					t.Fatalf("%q in %q is %q", file, dir, got)
				}
				for seg := range strings.SplitSeq(got, "/") {
					if seg == "" || seg == "." || seg == ".." || strings.TrimRight(seg, ". ") != seg {
						t.Fatalf("%q in %q is %q", file, dir, got)
					}
				}
				low := strings.ToLower(got)
				if seen[low] || folders[low] {
					t.Fatalf("%q is there twice", got)
				}
				seen[low] = true
				for d := path.Dir(low); d != "."; d = path.Dir(d) {
					if folders[d] = true; seen[d] {
						t.Fatalf("%q is a file and a folder", d)
					}
				}
			}
		}
	})
}
