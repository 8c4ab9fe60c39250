package domain

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxFilenameBytes is what common file systems allow for one name.
const MaxFilenameBytes = 255

const maxFolderBytes = 1024

// CleanFilename checks a file's name as the sender gave it and returns it ready
// to keep and to show. Folders in front are dropped (browsers and clients send
// them), so `../` never survives. Refused: a name that is empty or shows
// nothing (zero-width characters alone), `.` and `..`, control
// characters and NUL, invalid UTF-8, more than MaxFilenameBytes bytes.
// Characters that reorder text (RTL overrides) are removed: they could make
// "exe.pdf" out of "fdp.exe" on screen.
func CleanFilename(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", FieldErrorf("name", "The file name is not valid UTF-8. Rename the file and send it again.")
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return "", FieldErrorf("name", "The file name has a control character (U+%04X). Rename the file and send it again.", r)
		}
	}
	name = strings.Map(dropBidi, name)
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.TrimSpace(name)
	if name == "." || name == ".." || name == "/" || !strings.ContainsFunc(name, unicode.IsGraphic) {
		return "", FieldErrorf("name", "The file has no name. Give it one and send it again.")
	}
	if len(name) > MaxFilenameBytes {
		return "", FieldErrorf("name", "The file name has %d bytes; at most %d fit. Shorten it and send it again.", len(name), MaxFilenameBytes)
	}
	return name, nil
}

// dropBidi removes bidirectional controls (Unicode UAX #9, section 2).
func dropBidi(r rune) rune {
	switch {
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x061C:
		return -1
	}
	return r
}

// CleanFolder makes a relative folder path for metadata out of what a browser
// reports for a dropped folder: no empty, `.` or `..` segments, no controls.
// Segments that would make it longer than maxFolderBytes are left out.
func CleanFolder(p string) string {
	var out []string
	size := 0
	for seg := range strings.SplitSeq(strings.ReplaceAll(p, `\`, "/"), "/") {
		seg = strings.TrimSpace(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return dropBidi(r)
		}, strings.ToValidUTF8(seg, "")))
		if seg == "" || seg == "." || seg == ".." {
			continue
		}
		if size += len(seg) + 1; size > maxFolderBytes {
			break
		}
		out = append(out, seg)
	}
	return strings.Join(out, "/")
}
