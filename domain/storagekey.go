package domain

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// StoragePrefix begins every key that StorageKey makes.
const StoragePrefix = "uploads/"

// Limits of a storage key in bytes: what every storage we write to can hold.
const (
	MaxStorageKeyBytes     = 512
	MaxStorageSegmentBytes = 200
)

// CheckStorageKey returns nil for a relative slash path of visible segments
// and Invalid for anything else: empty or absolute ones, empty segments,
// segments that begin with a dot (so neither `..` nor a hidden file), control
// characters, NUL, backslashes, invalid UTF-8 and keys over the limits.
func CheckStorageKey(key string) error {
	bad := func(why string) error {
		return FieldErrorf("key", "A storage key is a relative path such as uploads/2026/01/name; this one %s.", why)
	}
	switch {
	case key == "":
		return bad("is empty")
	case len(key) > MaxStorageKeyBytes:
		return bad("is too long")
	case !utf8.ValidString(key):
		return bad("is not valid UTF-8")
	case strings.ContainsRune(key, '\\') || strings.ContainsFunc(key, unicode.IsControl):
		return bad("has a backslash or a control character")
	}
	for seg := range strings.SplitSeq(key, "/") {
		switch {
		case seg == "":
			return bad("has an empty segment")
		case seg[0] == '.':
			return bad("has a segment that begins with a dot")
		case len(seg) > MaxStorageSegmentBytes:
			return bad("has a segment that is too long")
		}
	}
	return nil
}

// StorageKey is uploads/YYYY/MM/<uuid>: ours alone, no user's name in it.
func StorageKey(id uuid.UUID, now time.Time) string {
	return fmt.Sprintf("%s%s/%s", StoragePrefix, now.UTC().Format("2006/01"), id)
}

// IsStorageKey tells keys that StorageKey made from those of anybody else.
func IsStorageKey(key string) bool {
	rest, ours := strings.CutPrefix(key, StoragePrefix)
	cut := max(strings.LastIndexByte(rest, '/'), 0)
	month, name := rest[:cut], strings.TrimPrefix(rest[cut:], "/")
	at, err := time.Parse("2006/01", month)
	id, uerr := uuid.Parse(name)
	return ours && err == nil && uerr == nil && StorageKey(id, at) == key
}
