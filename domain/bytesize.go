package domain

import (
	"fmt"
	"strconv"
	"strings"
)

// FormatBytes shows a size in decimal units with three digits at most, the way
// disks and networks are sold: 2.41 MB, 318 MB, 5.37 GB.
func FormatBytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	v := float64(n)
	unit := 0
	units := []string{"B", "KB", "MB", "GB", "TB", "PB", "EB"}
	for v >= 999.5 && unit < len(units)-1 {
		v /= 1000
		unit++
	}
	switch {
	case v < 9.995:
		return fmt.Sprintf("%.2f %s", v, units[unit])
	case v < 99.95:
		return fmt.Sprintf("%.1f %s", v, units[unit])
	}
	return fmt.Sprintf("%.0f %s", v, units[unit])
}

// sizeUnits in bytes; decimal as FormatBytes shows them, and binary.
var sizeUnits = map[string]float64{
	"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
}

// ParseBytes reads a size as people write it: 500, 10 MB, 1.5 GiB. Empty is 0.
// Invalid, on that field, for anything else.
func ParseBytes(field, s string) (int64, error) {
	s = strings.ReplaceAll(strings.TrimSpace(s), ",", "")
	if s == "" {
		return 0, nil
	}
	digits := strings.TrimRight(s, " abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit, known := sizeUnits[strings.ToLower(strings.TrimSpace(s[len(digits):]))]
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || !known || !(n >= 0) || n*unit > 1<<60 {
		return 0, FieldErrorf(field, "%q is not a size such as 500 KB, 10 MB or 1.5 GiB.", s)
	}
	return int64(n * unit), nil
}

// ExactBytes shows a size so that ParseBytes reads the same one back.
func ExactBytes(n int64) string {
	for _, unit := range []string{"TB", "TiB", "GB", "GiB", "MB", "MiB", "KB", "KiB"} {
		if by := int64(sizeUnits[strings.ToLower(unit)]); n > 0 && n%by == 0 {
			return strconv.FormatInt(n/by, 10) + " " + unit
		}
	}
	return strconv.FormatInt(n, 10)
}
