package tus

import (
	"encoding/base64"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"doorito/domain"
	"doorito/ports/usecase"
)

// unnamed is the name of an upload whose metadata names none.
const unnamed = "upload"

// pair is a key with its decoded value.
type pair struct{ key, value string }

var sha256Hex = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)

// parseMetadata reads Upload-Metadata ("Upload-Metadata"): key-value pairs
// separated by commas alone, keys of visible ASCII, unique, values in Base64
// with its padding; a key may stand without a value. "" has no pairs.
func parseMetadata(raw string) ([]pair, error) {
	if raw == "" {
		return nil, nil
	}
	var out []pair
	seen := map[string]bool{}
	for text := range strings.SplitSeq(raw, ",") {
		key, encoded, _ := strings.Cut(text, " ")
		if !isKey(key) {
			return nil, domain.FieldErrorf(hMetadata, "Upload-Metadata has a key that is empty or not of visible ASCII. Send key, space, Base64 value, and a comma alone before the next key.")
		}
		if seen[key] {
			return nil, domain.FieldErrorf(hMetadata, "Upload-Metadata has the key %q twice. Send each once.", key)
		}
		seen[key] = true
		value, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if err != nil || strings.ContainsAny(encoded, "\r\n") { // Go's decoder skips line ends
			return nil, domain.FieldErrorf(hMetadata, "The value of %q in Upload-Metadata is not Base64. Encode it with padding.", key)
		}
		out = append(out, pair{key, string(value)})
	}
	return out, nil
}

func isKey(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || s[i] == ',' {
			return false
		}
	}
	return s != ""
}

// describe fills in what the metadata says of the file. Invalid for a value
// that cannot be kept, NotFound for a batch that is none.
func describe(in *usecase.SessionInput, pairs []pair) error {
	in.Metadata = map[string]string{}
	known := map[string]string{}
	for _, p := range pairs {
		if !utf8.ValidString(p.value) || strings.ContainsRune(p.value, 0) {
			return domain.FieldErrorf(hMetadata, "The value of %q in Upload-Metadata is not UTF-8 text. Leave it out, or encode it as text.", p.key)
		}
		switch p.key {
		case "filename", "name", "filetype", "type", "batch", "relativePath", "path", "sha256":
			known[p.key] = p.value
		default:
			in.Metadata[p.key] = p.value
		}
	}
	in.Name = first(known["filename"], known["name"], unnamed)
	if kind := first(known["filetype"], known["type"]); kind != "" {
		in.Metadata["filetype"] = kind
	}
	if folder := folderOf(known["relativePath"], known["path"]); folder != "" {
		in.Metadata["path"] = folder
	}
	if in.SHA256 = strings.ToLower(known["sha256"]); in.SHA256 != "" && !sha256Hex.MatchString(in.SHA256) {
		return domain.FieldErrorf(hMetadata, "The value of \"sha256\" in Upload-Metadata is the file's SHA-256 in 64 hex digits. Send that, or leave it out.")
	}
	return setBatch(in, known["batch"])
}

// folderOf drops the file's name from a relative path; Uppy says "null" when it
// has none.
func folderOf(relative, folder string) string {
	if relative != "" && relative != "null" {
		folder = path.Dir("/" + domain.CleanFolder(relative))
	}
	return domain.CleanFolder(folder)
}

func first(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
