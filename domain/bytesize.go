package domain

import "fmt"

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
