package web

import (
	"fmt"
	"path"
	"strings"
)

// look is how a state shows everywhere: one icon, one word.
type look struct{ icon, word string }

var looks = map[string]look{
	"uploading":   {"arrow-up-from-line", "Uploading"},
	"in_progress": {"loader-circle", "In progress"},
	"completing":  {"loader-circle", "Completing"},
	"aborted":     {"ban", "Aborted"},
	"pending":     {"clock", "Pending"},
	"queued":      {"clock", "Queued"},
	"init":        {"circle-dashed", "Empty"},
	"stored":      {"archive", "Stored"},
	"processed":   {"check-check", "Processed"},
	"delivered":   {"check", "Delivered"},
	"active":      {"power", "Active"},
	"complete":    {"circle-check", "Complete"},
	"failed":      {"x", "Failed"},
	"partial":     {"circle-alert", "Partial"},
	"slowed":      {"gauge", "Slowed"},
	"deleted":     {"trash-2", "Deleted"},
	"cancelled":   {"ban", "Cancelled"},
	"disabled":    {"power-off", "Disabled"},
	"warning":     {"triangle-alert", "Warning"},
	"ok":          {"check", "Fine"},
	"none":        {"circle-dashed", "None"},
}

func statusIcon(state any) string {
	if l, ok := looks[fmt.Sprint(state)]; ok {
		return l.icon
	}
	return "circle-dot"
}

func statusWord(state any) string {
	s := fmt.Sprint(state)
	if l, ok := looks[s]; ok {
		return l.word
	}
	return s
}

// ext is the badge of a file: the end of its name, else of its type.
func ext(name, contentType string) string {
	e := strings.TrimPrefix(path.Ext(name), ".")
	if !isBadge(e) {
		_, e, _ = strings.Cut(contentType, "/")
	}
	if !isBadge(e) {
		return "FILE"
	}
	return strings.ToUpper(e[:min(4, len(e))])
}

func isBadge(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if !(c >= 'a' && c <= 'z' || s[i] >= '0' && s[i] <= '9') {
			return false
		}
	}
	return s != "" && len(s) <= 8
}
