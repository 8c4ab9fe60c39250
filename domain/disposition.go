package domain

import (
	"fmt"
	"strings"
)

// Attachment returns a Content-Disposition value that makes every browser save
// the file under its name: RFC 6266, section 4, with an ASCII fallback in
// `filename` and the whole name in `filename*` (RFC 8187, section 3.2).
func Attachment(name string) string { return disposition("attachment", name) }

// Inline is Attachment for what a browser shows itself: the name stands for it,
// and is what it is saved under.
func Inline(name string) string { return disposition("inline", name) }

func disposition(kind, name string) string {
	var ascii, ext strings.Builder
	plain := true
	for _, r := range name {
		if r >= 0x20 && r < 0x7f && r != '"' && r != '\\' && r != '%' {
			ascii.WriteRune(r)
		} else {
			ascii.WriteByte('_')
			plain = false
		}
	}
	if plain {
		return fmt.Sprintf(`%s; filename="%s"`, kind, ascii.String())
	}
	for i := range len(name) {
		if c := name[i]; isAttrChar(c) {
			ext.WriteByte(c)
		} else {
			fmt.Fprintf(&ext, "%%%02X", c)
		}
	}
	return fmt.Sprintf(`%s; filename="%s"; filename*=UTF-8''%s`, kind, ascii.String(), ext.String())
}

// isAttrChar is attr-char of RFC 8187, section 3.2.1.
func isAttrChar(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' ||
		strings.IndexByte("!#$&+-.^_`|~", c) >= 0
}
