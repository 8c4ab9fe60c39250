package fiberx

import (
	"strconv"
	"strings"
)

// byteRange is what part of a file is asked for.
type byteRange struct {
	offset, length int64
}

// rangeAnswer says how a Range header is to be answered.
type rangeAnswer int

const (
	rangeNone          rangeAnswer = iota // the whole file: no header, another unit, or several ranges
	rangePart                             // 206
	rangeUnsatisfiable                    // 416
)

// parseRange reads a Range header (RFC 9110, section 14.2) for a file of size
// bytes. Several ranges are answered with the whole file, as that section
// allows; an empty file is always whole. Like net/http, it says 416 for a byte
// range that cannot be read.
func parseRange(h string, size int64) (byteRange, rangeAnswer) {
	unit, spec, found := strings.Cut(h, "=")
	if size == 0 || !found || !strings.EqualFold(strings.TrimSpace(unit), "bytes") || strings.Contains(spec, ",") {
		return byteRange{}, rangeNone
	}
	first, last, found := strings.Cut(strings.TrimSpace(spec), "-")
	if !found {
		return byteRange{}, rangeUnsatisfiable
	}
	if first == "" {
		return suffixRange(last, size)
	}
	start, ok := parseDigits(first)
	if !ok {
		return byteRange{}, rangeUnsatisfiable
	}
	end := size - 1
	if last != "" {
		n, ok := parseDigits(last)
		if !ok || n < start {
			return byteRange{}, rangeUnsatisfiable
		}
		end = min(n, end)
	}
	if start >= size {
		return byteRange{}, rangeUnsatisfiable
	}
	return byteRange{offset: start, length: end - start + 1}, rangePart
}

// suffixRange is `bytes=-n`, the last n bytes.
func suffixRange(last string, size int64) (byteRange, rangeAnswer) {
	n, ok := parseDigits(last)
	if !ok || n == 0 {
		return byteRange{}, rangeUnsatisfiable
	}
	n = min(n, size)
	return byteRange{offset: size - n, length: n}, rangePart
}

// parseDigits takes 1*DIGIT; a number too large for int64 is past every end.
func parseDigits(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 1<<63 - 1, true
	}
	return n, true
}
