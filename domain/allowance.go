package domain

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxTypes is how many types an account's list has at most, maxTypeLength how
// long each of them is (RFC 6838, section 4.2: two names of 127).
const (
	maxTypes      = 50
	maxTypeLength = 255
)

// Allowance is how much one person may hand in, beside what holds for all.
type Allowance struct {
	Quota int64    // bytes that may be kept at once; 0 means no limit
	Types []string // in place of the portal's allowed types; empty means those
}

// Usage is how much of a person's bytes the portal keeps: those of files that
// are not purged, and what unfinished uploads have or were promised.
type Usage struct {
	Used  int64
	Quota int64 // 0 means no limit
}

// Left is how many bytes still fit; it means nothing without a quota.
func (u Usage) Left() int64 { return max(0, u.Quota-u.Used) }

// Percent is how full it is, at most 100; 0 without a quota.
func (u Usage) Percent() int {
	if u.Quota == 0 {
		return 0
	}
	return int(min(100, 100*float64(u.Used)/float64(u.Quota)))
}

// Check is an OverQuota when bytes more than are used do not fit.
func (u Usage) Check(more int64) error {
	if u.Quota == 0 || more == 0 || u.Used+more <= u.Quota {
		return nil
	}
	words := &Error{Code: Quota, Field: "size", Message: fmt.Sprintf("The quota is %s and %s of it are in use, so %s more do not fit. Delete files, or ask an admin for more room.",
		FormatBytes(u.Quota), FormatBytes(u.Used), FormatBytes(more))}
	return &OverQuota{words: words, Limit: u.Quota, Used: u.Used, Asked: more}
}

// OverQuota is the Quota error of a person whose files take all the room there
// is for them. Waiting does not mend it, as it mends a rate limit.
type OverQuota struct {
	words              *Error
	Limit, Used, Asked int64 // bytes
}

func (o *OverQuota) Error() string { return o.words.Error() }

// Unwrap leads to the words.
func (o *OverQuota) Unwrap() error { return o.words }

// For is the policy for somebody with this allowance.
func (p UploadPolicy) For(w Allowance) UploadPolicy {
	if len(w.Types) > 0 {
		p.AllowedTypes = w.Types
	}
	return p
}

// ParseTypes reads MIME types as people write them, separated by commas, spaces
// or lines; Invalid on field.
func ParseTypes(field, s string) ([]string, error) {
	var out []string
	for _, t := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' }) {
		if !isTypePattern(t) {
			return nil, FieldErrorf(field, "%q is not a type of files. Write types such as application/pdf or image/*, separated by commas.", t)
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	if len(out) > maxTypes {
		return nil, FieldErrorf(field, "At most %d types fit; these are %d. Use image/* and the like.", maxTypes, len(out))
	}
	return out, nil
}

// isTypePattern tells type/subtype (RFC 6838, section 4.2) and type/*.
func isTypePattern(t string) bool {
	kind, sub, ok := strings.Cut(t, "/")
	if !ok || len(t) > maxTypeLength || !utf8.ValidString(t) {
		return false
	}
	return t == "*/*" || isTypeName(kind) && (sub == "*" || isTypeName(sub))
}

func isTypeName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$&-^_.+", r))
	})
}

func (w Allowance) quotaWords() string {
	if w.Quota == 0 {
		return "no limit"
	}
	return FormatBytes(w.Quota)
}

func (w Allowance) typeWords() string {
	if len(w.Types) == 0 {
		return "the portal's"
	}
	return strings.Join(w.Types, ", ")
}

// checked is Invalid on quota and types.
func (w Allowance) checked() (Allowance, error) {
	if w.Quota < 0 {
		return w, FieldErrorf("quota", "A quota is a size such as 10 GB; empty is no limit.")
	}
	var err error
	w.Types, err = ParseTypes("types", strings.Join(w.Types, ","))
	return w, err
}
