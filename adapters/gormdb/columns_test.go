package gormdb

import (
	"testing"
	"time"
)

func TestStoredTimesAreReadAsTimeParseReadsThem(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"2026-11-29T07:17:42.439790Z", "0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z", "2028-02-29T12:00:00.000001Z",
		"2026-02-29T12:00:00.000001Z", "2026-02-30T12:00:00.000000Z", "2026-13-01T00:00:00.000000Z", "2026-00-01T00:00:00.000000Z",
		"2026-01-00T00:00:00.000000Z", "2026-01-01T24:00:00.000000Z", "2026-01-01T00:60:00.000000Z", "2026-01-01T00:00:60.000000Z",
		"2026-01-01 00:00:00.000000Z", "2026-01-01T00:00:00.000000z", "2026-01-01T00:00:00.00000aZ", "2026-01-01T00:00:00Z", "", "now",
		"-026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00,000000Z", "20260-1-01T00:00:00.000000Z",
	} {
		want, wantErr := time.Parse(stampLayout, s)
		got, err := parseStamp(s)
		if !got.Equal(want) || (err == nil) != (wantErr == nil) {
			t.Errorf("%q is %v, %v, not %v, %v", s, got, err, want, wantErr)
		}
	}
}
