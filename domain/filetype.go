package domain

import (
	"slices"
	"strings"
)

// Types that tell nothing by themselves, or hold others.
const (
	typeUnknown = "application/octet-stream"
	typeText    = "text/plain"
	typeZIP     = "application/zip"
	typeOLE     = "application/x-ole-storage" // old Office files, and new ones with a password
)

var (
	mp4Family  = []string{"video/mp4", "video/quicktime", "video/x-m4v", "audio/mp4", "audio/x-m4a", "video/3gpp", "video/3gpp2"}
	mkvFamily  = []string{"video/matroska", "video/webm"}
	oggFamily  = []string{"application/ogg", "audio/ogg", "video/ogg"}
	tiffFamily = []string{"image/heif", "image/heic"}
	office     = []string{typeZIP, typeOLE}
	oldOffice  = []string{typeOLE, typeZIP, typeText} // RTF, HTML and CSV are often named .doc or .xls
)

// shows lists the types whose bytes always tell what they are, each with the
// other types as which they may be recognised.
var shows = map[string][]string{
	"application/pdf": nil, "application/postscript": nil, "application/vnd.sqlite3": nil,
	"image/png": nil, "image/jpeg": nil, "image/gif": nil, "image/tiff": nil, "image/webp": nil, "image/bmp": nil,
	"image/heic": tiffFamily, "image/heif": tiffFamily, "image/avif": tiffFamily, "image/vnd.adobe.photoshop": nil,

	typeZIP: nil, "application/gzip": nil, "application/x-7z-compressed": nil, "application/vnd.rar": nil,
	"application/x-bzip2": nil, "application/x-xz": nil, "application/zstd": nil,
	"application/epub+zip": {typeZIP}, "application/java-archive": {typeZIP},
	"application/vnd.android.package-archive": {typeZIP, "application/java-archive"}, "application/vnd.google-earth.kmz": {typeZIP},

	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   office,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         office,
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": office,
	"application/vnd.oasis.opendocument.text":                                   {typeZIP},
	"application/vnd.oasis.opendocument.spreadsheet":                            {typeZIP},
	"application/vnd.oasis.opendocument.presentation":                           {typeZIP},
	"application/vnd.oasis.opendocument.graphics":                               {typeZIP},
	"application/msword":            oldOffice,
	"application/vnd.ms-excel":      oldOffice,
	"application/vnd.ms-powerpoint": oldOffice,
	"application/vnd.ms-outlook":    {typeOLE},

	"video/mp4": mp4Family, "video/quicktime": mp4Family, "video/x-m4v": mp4Family, "video/3gpp": mp4Family,
	"audio/mp4": mp4Family, "audio/x-m4a": mp4Family, "video/matroska": mkvFamily, "video/webm": mkvFamily,
	"video/x-msvideo": nil, "video/x-ms-asf": nil, "video/x-flv": nil,
	"audio/mpeg": {"audio/aac"}, "audio/aac": {"audio/mpeg"}, "audio/wav": nil, "audio/flac": nil,
	"application/ogg": oggFamily, "audio/ogg": oggFamily, "video/ogg": oggFamily,
}

// otherNames are types that mean the same, as people write them in settings.
var otherNames = map[string]string{
	"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-ms-bmp": "image/bmp",
	"application/xml": "text/xml", "application/javascript": "text/javascript", "application/rtf": "text/rtf",
	"application/x-zip-compressed": typeZIP, "application/x-zip": typeZIP, "application/x-gzip": "application/gzip",
	"application/x-rar-compressed": "application/vnd.rar", "application/x-pdf": "application/pdf",
	"audio/mp3": "audio/mpeg", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav",
	"video/x-matroska": "video/matroska", "video/avi": "video/x-msvideo",
}

// isGeneric: the bytes say no more than text, or nothing at all.
func isGeneric(t string) bool { return t == typeText || t == typeUnknown }

// isText tells whether files of this type are text that people can read.
func isText(t string) bool {
	switch t {
	case "application/json", "application/x-ndjson", "application/xml", "application/sql", "application/yaml", "application/toml",
		"message/rfc822", "application/x-subrip":
		return true
	}
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "+xml") || strings.HasSuffix(t, "+json")
}

// isMarkup: what a browser would run scripts of. Its bytes are known for what
// they are, so no other name is taken for it.
func isMarkup(t string) bool {
	return t == "text/html" || t == "application/xhtml+xml" || t == "image/svg+xml"
}

// isProgram: what a machine runs.
func isProgram(t string) bool {
	switch t {
	case "application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-object", "application/x-executable",
		"application/x-sharedlib", "application/x-coredump", "application/x-mach-binary", "application/x-ms-shortcut":
		return true
	}
	return false
}

// fits tells whether bytes that were sniffed so can be a file of type byName.
func fits(sniffed []string, byName string) bool {
	return slices.ContainsFunc(sniffed, func(t string) bool { return t == byName || slices.Contains(shows[byName], t) })
}

// typeWords say common types in words people know.
var typeWords = map[string]string{
	typeZIP: "a ZIP archive", "application/gzip": "a GZIP archive", "application/x-7z-compressed": "a 7-Zip archive",
	"application/vnd.rar": "a RAR archive", "application/x-tar": "a TAR archive", "application/java-archive": "a Java archive",
	"application/pdf": "a PDF", "text/html": "an HTML page", "application/xhtml+xml": "an HTML page", "image/svg+xml": "an SVG image",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   "a Word document",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         "an Excel workbook",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": "a PowerPoint presentation",
	"application/msword": "a Word document", "application/vnd.ms-excel": "an Excel workbook", typeOLE: "an Office document",
	"application/json": "a JSON file", "text/csv": "a CSV file", "text/xml": "an XML file", typeText: "a text file",
}

// typeWord says a type in words people know.
func typeWord(t string) string {
	kind, name, _ := strings.Cut(t, "/")
	switch {
	case typeWords[t] != "":
		return typeWords[t]
	case isProgram(t):
		return "a program"
	case kind == "image" && !strings.ContainsAny(name, "-.+"):
		return "a " + strings.ToUpper(name) + " image"
	case kind == "image":
		return "an image"
	case kind == "video":
		return "a video"
	case kind == "audio":
		return "an audio file"
	}
	return "a file of type " + t
}
