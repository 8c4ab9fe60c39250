package domain

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Filter narrows what an endpoint gets by the data of an event: every condition
// that is set must hold. An event that lacks what a condition asks for does not
// match (a batch has no content type). Events of endpoints are not filtered.
type Filter struct {
	ContentTypes []string // any of them; image/* is a family
	MinSize      int64    // bytes; 0 for no bound
	MaxSize      int64    // bytes; 0 for no bound
	Uploaders    []string // any of these names; * stands for any characters
	BatchLabel   string   // * stands for any characters
	Metadata     []MetadataRule
}

// MetadataRule asks for a key, with any value or with this one.
type MetadataRule struct {
	Key   string
	Value string
	Any   bool // any value
}

// Bounds of a filter.
const (
	maxFilterWords = 20
	maxFilterWord  = 200
)

// IsEmpty tells whether there is no condition.
func (f Filter) IsEmpty() bool {
	return len(f.ContentTypes)+len(f.Uploaders)+len(f.Metadata) == 0 && f.MinSize == 0 && f.MaxSize == 0 && f.BatchLabel == ""
}

// Checked returns the filter in the form in which it is kept; Invalid for a
// condition that could never hold or is too long.
func (f Filter) Checked() (Filter, error) {
	out := Filter{MinSize: f.MinSize, MaxSize: f.MaxSize, BatchLabel: strings.TrimSpace(f.BatchLabel)}
	for _, t := range trimmed(f.ContentTypes) {
		t = strings.ToLower(t)
		if major, minor, ok := strings.Cut(t, "/"); !ok || major == "" || minor == "" || strings.ContainsAny(t, " ;,") || strings.Contains(strings.TrimSuffix(t, "/*"), "*") {
			return f, FieldErrorf("content_types", "%q is not a content type such as application/pdf or image/*.", t)
		}
		out.ContentTypes = append(out.ContentTypes, t)
	}
	out.Uploaders = trimmed(f.Uploaders)
	for _, m := range f.Metadata {
		if m.Key = strings.TrimSpace(m.Key); m.Key == "" {
			return f, FieldErrorf("metadata", "A condition on metadata is a key, or key=value.")
		}
		out.Metadata = append(out.Metadata, m)
	}
	switch {
	case f.MinSize < 0 || f.MaxSize < 0:
		return f, FieldErrorf("min_size", "A size is not less than 0.")
	case f.MaxSize > 0 && f.MinSize > f.MaxSize:
		return f, FieldErrorf("max_size", "No file is at least %s and at most %s. Turn the two round.", FormatBytes(f.MinSize), FormatBytes(f.MaxSize))
	}
	return out, out.checkLengths()
}

func (f Filter) checkLengths() error {
	words := map[string][]string{"content_types": f.ContentTypes, "uploaders": f.Uploaders, "batch_label": {f.BatchLabel}}
	for _, m := range f.Metadata {
		words["metadata"] = append(words["metadata"], m.String())
	}
	for _, field := range []string{"content_types", "uploaders", "batch_label", "metadata"} {
		if n := len(words[field]); n > maxFilterWords {
			return FieldErrorf(field, "At most %d of these; there are %d.", maxFilterWords, n)
		}
		for _, w := range words[field] {
			if n := utf8.RuneCountInString(w); n > maxFilterWord {
				return FieldErrorf(field, "At most %d characters; %q… has %d.", maxFilterWord, string([]rune(w)[:20]), n)
			}
		}
	}
	return nil
}

// String says the filter in one line; "" for none.
func (f Filter) String() string {
	var words []string
	if len(f.ContentTypes) > 0 {
		words = append(words, "type "+strings.Join(f.ContentTypes, " or "))
	}
	if f.MinSize > 0 {
		words = append(words, "from "+ExactBytes(f.MinSize)+" up")
	}
	if f.MaxSize > 0 {
		words = append(words, "at most "+ExactBytes(f.MaxSize))
	}
	if len(f.Uploaders) > 0 {
		words = append(words, "uploaded by "+strings.Join(f.Uploaders, " or "))
	}
	if f.BatchLabel != "" {
		words = append(words, "batch "+strconv.Quote(f.BatchLabel))
	}
	for _, m := range f.Metadata {
		words = append(words, "metadata "+m.String())
	}
	return strings.Join(words, "; ")
}

// String is key or key=value.
func (m MetadataRule) String() string {
	if m.Any {
		return m.Key
	}
	return m.Key + "=" + m.Value
}

// ParseMetadataRule reads key or key=value.
func ParseMetadataRule(s string) MetadataRule {
	key, value, ok := strings.Cut(s, "=")
	return MetadataRule{Key: strings.TrimSpace(key), Value: strings.TrimSpace(value), Any: !ok}
}

func trimmed(words []string) []string {
	var out []string
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}
