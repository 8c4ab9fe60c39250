package domain_test

import (
	"mime"
	"strings"
	"testing"

	"doorito/domain"
)

func TestCleanFilename(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"report.pdf": "report.pdf", " report.pdf ": "report.pdf", "a b.pdf": "a b.pdf", "Grüße 世界.txt": "Grüße 世界.txt",
		"../../etc/passwd": "passwd", "/etc/passwd": "passwd", `C:\Users\ann\a.doc`: "a.doc", `..\..\a`: "a", "dir/": "dir", "a/../b": "b",
		".gitignore": ".gitignore", "...": "...", `a"b;c.pdf`: `a"b;c.pdf`, "100%.txt": "100%.txt", "%2e%2e%2f": "%2e%2e%2f", "<b>.html": "<b>.html",
		"\u202efdp.exe": "fdp.exe", "a\u2066b\u2069.txt": "ab.txt", "\u200fx": "x", "👩\u200d💻.png": "👩\u200d💻.png",
		strings.Repeat("a", 255): strings.Repeat("a", 255), strings.Repeat("x/", 300) + "a": "a",
	} {
		got, err := domain.CleanFilename(name)
		if err != nil || got != want {
			t.Errorf("%.40q: %q, %v; want %q", name, got, err, want)
		}
	}
	for _, bad := range []string{
		"", " ", ".", "..", "/", "//", `\`, "../..", "a/..", "a/./", "a/ .. ", "a\x00b", "\x00", "a\nb", "a\rb", "\x7f", "a\u0085b", "\xff.txt",
		"\u202e", "\u202e..\u202c", "\u200b", "\ufeff", strings.Repeat("a", 256), strings.Repeat("ü", 128), strings.Repeat("a", 300),
	} {
		_, err := domain.CleanFilename(bad)
		wantCode(t, bad, err, domain.Invalid)
	}
}

func TestCleanFolder(t *testing.T) {
	t.Parallel()
	for p, want := range map[string]string{
		"": "", "a/b": "a/b", "/a//b/": "a/b", "../a/../b": "a/b", `a\b`: "a/b", "./a": "a", "a/\x00/b": "a/b", "a\n/b": "a/b", "a\xff": "a",
		"\u202e../x": "x", " a / b ": "a/b",
		strings.Repeat("a/", 600):            strings.TrimSuffix(strings.Repeat("a/", 512), "/"),
		strings.Repeat("a", 1022) + "/..bcd": strings.Repeat("a", 1022),
		strings.Repeat("a", 2000):            "",
	} {
		if got := domain.CleanFolder(p); got != want {
			t.Errorf("%.30q: %.60q, want %.60q", p, got, want)
		}
	}
}

func TestAttachment(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"report.pdf": `attachment; filename="report.pdf"`,
		"a b;c.pdf":  `attachment; filename="a b;c.pdf"`,
		`say "hi"`:   `attachment; filename="say _hi_"; filename*=UTF-8''say%20%22hi%22`,
		`a\b`:        `attachment; filename="a_b"; filename*=UTF-8''a%5Cb`,
		"100%.txt":   `attachment; filename="100_.txt"; filename*=UTF-8''100%25.txt`,
		"Grüße €.md": `attachment; filename="Gr__e _.md"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%E2%82%AC.md`,
		"a\r\nX: y":  `attachment; filename="a__X: y"; filename*=UTF-8''a%0D%0AX%3A%20y`,
		"it's*(1)":   `attachment; filename="it's*(1)"`,
		"é's*(1)":    `attachment; filename="_'s*(1)"; filename*=UTF-8''%C3%A9%27s%2A%281%29`,
	} {
		got := domain.Attachment(name)
		if got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
		if kind, params, err := mime.ParseMediaType(got); err != nil || kind != "attachment" || params["filename"] != name {
			t.Errorf("%q reads back as %q, %v", name, params["filename"], err)
		}
	}
}

func TestFormatBytes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 1: "1 B", 999: "999 B", 1000: "1.00 KB", 1005: "1.00 KB", 2410: "2.41 KB", 9994: "9.99 KB", 9995: "10.0 KB", 99_949: "99.9 KB",
		99_950: "100 KB", 318_000_000: "318 MB", 999_499: "999 KB", 999_500: "1.00 MB", 999_999_999: "1.00 GB", 5_370_000_000: "5.37 GB",
		1 << 40: "1.10 TB", 9_223_372_036_854_775_807: "9.22 EB",
	} {
		if got := domain.FormatBytes(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
