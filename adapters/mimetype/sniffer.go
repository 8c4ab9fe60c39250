package mimetype

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"doorito/ports"
)

// Sniffer is a ports.TypeSniffer. It keeps nothing and is safe for concurrent use.
type Sniffer struct{}

var _ ports.TypeSniffer = Sniffer{}

// NewSniffer also sets the library's limit for the process, which is global.
func NewSniffer() Sniffer {
	mimetype.SetLimit(ports.SniffLength)
	return Sniffer{}
}

// Sniff returns the type of head and its parents, without parameters, ending
// with application/octet-stream. Nothing at all counts as text.
func (Sniffer) Sniff(head []byte) []string {
	head = head[:min(len(head), ports.SniffLength)]
	var chain []string
	for m := mimetype.Detect(head); m != nil; m = m.Parent() {
		t, _, _ := strings.Cut(m.String(), ";")
		chain = append(chain, t)
	}
	top := chain[0]
	if !readable[top] && !slices.Contains(chain, "text/plain") && isText(head) {
		return []string{"text/plain", "application/octet-stream"}
	}
	if kind, _, _ := strings.Cut(top, "/"); kind == "image" || kind == "audio" {
		chain = slices.DeleteFunc(chain, func(t string) bool { return t == "video/mp4" })
	}
	return chain
}

// ByName returns the type of the name's last ending, "" when it is not in the table.
func (Sniffer) ByName(name string) string {
	return endings[strings.TrimPrefix(strings.ToLower(path.Ext(name)), ".")]
}

// readable are types that are recognised apart from text and yet may consist
// of nothing but text.
var readable = map[string]bool{
	"application/pdf": true, "application/vnd.fdf": true, "application/postscript": true, "application/x-bittorrent": true,
	"application/vnd.apple.mpegurl": true, "image/x-xpixmap": true, "image/vnd.dxf": true, "image/vnd.radiance": true,
	"application/x-archive": true, "application/vnd.debian.binary-package": true, "application/vnd.framemaker": true,
}

// isText: UTF-8, and none of the bytes that the WHATWG's MIME Sniffing Standard
// (section 3, "binary data byte") calls binary. A rune cut at the end is fine.
func isText(head []byte) bool {
	for _, b := range head {
		if b < 0x09 || b == 0x0B || b >= 0x0E && b <= 0x1A || b >= 0x1C && b <= 0x1F {
			return false
		}
	}
	for cut := range min(utf8.UTFMax, len(head)+1) {
		if utf8.Valid(head[:len(head)-cut]) {
			return true
		}
	}
	return false
}
