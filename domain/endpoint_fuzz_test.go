package domain_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"doorito/domain"
)

func FuzzCheckHeader(f *testing.F) {
	for _, s := range [][2]string{{"X-A", "1"}, {"host", "x"}, {"webhook-id", "x"}, {"X\r\nY", "x"}, {"X-A", "a\r\nX-B: c"}, {" x-a ", "\t1 "}, {"K", "K"}, {"", ""}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		n, v, err := domain.CheckHeader(name, value)
		if err != nil {
			wantCode(t, name, err, domain.Invalid)
			return
		}
		if n != http.CanonicalHeaderKey(n) || strings.ContainsAny(n+v, "\r\n\x00") || strings.HasPrefix(n, "Webhook-") || strings.HasPrefix(n, "X-Webhook-") || n == "Host" {
			t.Errorf("%q: %q became %q: %q", name, value, n, v)
		}
		h := http.Header{}
		h.Set(n, v)
		var out strings.Builder
		if err := h.Write(&out); err != nil || out.String() != n+": "+v+"\r\n" {
			t.Errorf("%q: %q is written %q, %v", name, value, out.String(), err)
		}
	})
}

func FuzzParseBytes(f *testing.F) {
	for _, s := range []string{"", "10 MB", "1.5gib", "1,000", "-1", "1e9 KB", "0x10", "NaN", "9223372036854775807", "1 B 2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := domain.ParseBytes("min_size", s)
		if err != nil {
			wantCode(t, s, err, domain.Invalid)
			return
		}
		if again, err := domain.ParseBytes("min_size", domain.ExactBytes(n)); n < 0 || err != nil || again != n {
			t.Errorf("%q is %d, shown as %q", s, n, domain.ExactBytes(n))
		}
	})
}

// FuzzLabelPatterns compares * with the same pattern as a regular expression.
func FuzzLabelPatterns(f *testing.F) {
	for _, s := range [][2]string{{"a*b", "axxb"}, {"*", "x"}, {"a*a", "a"}, {"**", ""}, {"*ab*ab", "abxab"}, {"a.c", "abc"}, {"İ*", "i"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, label string) {
		if !json.Valid([]byte(`"`+label+`"`)) || strings.TrimSpace(pattern) == "" || label == "" {
			return
		}
		parts := strings.Split(strings.ToLower(pattern), "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		re, err := regexp.Compile(`(?s)\A` + strings.Join(parts, ".*") + `\z`)
		if err != nil {
			return
		}
		ev := &domain.Event{Type: domain.EventFileStored, AggregateType: "file", BatchLabel: label, Payload: []byte(`{}`)}
		want := re.MatchString(strings.ToLower(label))
		if got := (domain.Filter{BatchLabel: pattern}).Matches(ev); got != want {
			t.Errorf("%q on %q: %t, want %t", pattern, label, got, want)
		}
	})
}
