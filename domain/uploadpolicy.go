package domain

import (
	"path"
	"slices"
	"strings"
	"time"
)

// UploadPolicy is what may be handed in; it comes from the settings.
type UploadPolicy struct {
	MaxSize      int64         // bytes
	AllowedTypes []string      // MIME types, `image/*` allowed; empty means all
	TTL          time.Duration // 0 means never expire
}

// CheckSize refuses a declared or counted size over the limit.
func (p UploadPolicy) CheckSize(n int64) error {
	if n > p.MaxSize {
		return &Error{Code: TooLarge, Field: "size", Message: "The file is larger than the limit of " + FormatBytes(p.MaxSize) + ". Split it, or ask an admin to raise the limit."}
	}
	return nil
}

// CheckType refuses a content type that the list does not allow, and one whose
// bytes are another thing than its name says. sniffed is the type of the bytes
// with its parents, most specific first; byName is what the ending says, empty
// when the ending is unknown. A name alone never makes a type allowed whose
// bytes would show it: text named .pdf is not a PDF.
func (p UploadPolicy) CheckType(name string, sniffed []string, byName string) error {
	if len(sniffed) == 0 {
		sniffed = []string{typeUnknown}
	}
	if contradicts(sniffed, byName) {
		return &Error{Code: UnsupportedType, Field: "type", Message: "This is " + typeWord(sniffed[0]) + " named " + strings.ToLower(path.Ext(name)) + ", so it was refused. Rename it or send the right file."}
	}
	if len(p.AllowedTypes) == 0 {
		return nil
	}
	for _, t := range possible(sniffed, byName) {
		if slices.ContainsFunc(p.AllowedTypes, func(a string) bool { return matchType(a, t) }) {
			return nil
		}
	}
	return &Error{Code: UnsupportedType, Field: "type", Message: "Files of type " + sniffed[0] + " are not accepted here. Allowed: " + strings.Join(p.AllowedTypes, ", ") + "."}
}

// ContentType is what a file is kept as: what its bytes show, or what its name
// says where the bytes fit and show less (a CSV is text, a .docx may show no
// more than ZIP).
func ContentType(sniffed []string, byName string) string {
	if len(sniffed) == 0 {
		sniffed = []string{typeUnknown}
	}
	types := possible(sniffed, byName)
	last := types[len(types)-1]
	if isGeneric(last) || slices.Contains(sniffed, last) {
		return sniffed[0]
	}
	return last
}

// possible are the types that the file may be taken for: the one of its bytes,
// and the one of its name where the bytes leave room for it.
func possible(sniffed []string, byName string) []string {
	top := sniffed[0]
	trusted := false
	switch {
	case isMarkup(top):
		trusted = isMarkup(byName)
	case slices.Contains(sniffed, typeText):
		if byName == "" {
			return []string{top, typeText}
		}
		trusted = isText(byName) && !isMarkup(byName)
	case top == typeUnknown:
		_, sure := shows[byName]
		trusted = byName != "" && !sure && !isText(byName) && !isProgram(byName)
	default:
		trusted = fits(sniffed, byName)
	}
	if trusted && byName != top {
		return []string{top, byName}
	}
	return []string{top}
}

// contradicts: the bytes are surely of one kind and the name claims another
// kind that always shows in its bytes. Text and unknown bytes prove nothing,
// nor do unknown endings.
func contradicts(sniffed []string, byName string) bool {
	top := sniffed[0]
	switch {
	case byName == "" || byName == typeUnknown || isGeneric(top):
		return false
	case isProgram(top):
		return !isProgram(byName)
	case isText(byName):
		return !slices.Contains(sniffed, typeText)
	}
	_, sure := shows[byName]
	return sure && !fits(sniffed, byName)
}

func matchType(pattern, t string) bool {
	pattern, t = sameName(pattern), sameName(t)
	if pattern == "*/*" || pattern == t {
		return true
	}
	prefix, ok := strings.CutSuffix(pattern, "/*")
	return ok && strings.HasPrefix(t, prefix+"/")
}

func sameName(t string) string {
	t = strings.ToLower(strings.TrimSpace(t))
	if other, ok := otherNames[t]; ok {
		return other
	}
	return t
}
