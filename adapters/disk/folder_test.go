package disk

import (
	"strings"
	"testing"

	"doorito/domain"
)

// The name of a staged file gives its key back, fits into a folder, and begins
// like that of no other key.
func FuzzStagedKey(f *testing.F) {
	for _, key := range []string{"uploads/2026/11/0198c0de-0000-7000-8000-000000000000", "a~b", "a%2Fb", "a", "%", strings.Repeat("é/", 90) + "x"} {
		f.Add(key, "uploads/2026/11/x")
	}
	f.Fuzz(func(t *testing.T, key, other string) {
		if domain.CheckStorageKey(key) != nil || domain.CheckStorageKey(other) != nil {
			return
		}
		name := stagedPrefix(key) + "1234567890" + stageName
		if len(name) > 255 || strings.ContainsAny(name, "/\x00") {
			t.Fatalf("no name of a file: %q", name)
		}
		got, known := stagedKey(name)
		if known && got != key {
			t.Errorf("%q gives back %q", key, got)
		}
		if !known && len(key) < longestName/3 {
			t.Errorf("%q is not known", key)
		}
		if key != other && strings.HasPrefix(name, stagedPrefix(other)) {
			t.Errorf("%q and %q have the same files", key, other)
		}
	})
}
