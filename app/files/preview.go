package files

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

const (
	// previewText is how much of a text is shown.
	previewText = 64 << 10
	// previewBytes is up to where an image or a PDF is shown.
	previewBytes = 50_000_000
	// previewTimeout bounds the look at a file's first bytes.
	previewTimeout = 10 * time.Second
)

// Formats that browsers show without running anything that is in them. SVG and
// HTML are documents with scripts, and never on these lists.
var (
	previewImages = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"}
	previewTexts  = []string{"text/plain", "text/csv", "text/tab-separated-values", "application/json", "application/x-ndjson"}
)

// Previews implements usecase.Previews.
type Previews struct {
	Files   usecase.Files
	Sniffer ports.TypeSniffer
}

var _ usecase.Previews = (*Previews)(nil)

// Preview implements usecase.Previews.
func (p *Previews) Preview(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.Preview, error) {
	d, err := p.Files.Download(ctx, a, id)
	if err != nil {
		return nil, err
	}
	size := d.File.SizeBytes
	head, err := firstBytes(ctx, d, min(size, previewText))
	if err != nil {
		return nil, err
	}
	top := p.Sniffer.Sniff(head[:min(len(head), ports.SniffLength)])[0]
	switch {
	case size == 0:
	case slices.Contains(previewImages, top) && size <= previewBytes:
		return &usecase.Preview{Kind: usecase.PreviewImage, Type: top, Download: d}, nil
	case top == "application/pdf" && size <= previewBytes:
		return &usecase.Preview{Kind: usecase.PreviewPDF, Type: top, Download: d}, nil
	case slices.Contains(previewTexts, top) && !strings.Contains(string(head), "\x00"):
		return &usecase.Preview{Kind: usecase.PreviewText, Text: wholeRunes(head), Cut: size > int64(len(head))}, nil
	}
	return &usecase.Preview{}, nil
}

func firstBytes(ctx context.Context, d *usecase.Download, n int64) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, previewTimeout)
	defer cancel()
	src, err := d.Open(ctx, 0, n)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	head := make([]byte, n)
	_, err = io.ReadFull(src, head)
	return head, err
}

// wholeRunes drops a character that the cut went through, and marks what is no
// UTF-8.
func wholeRunes(b []byte) string {
	for i := 1; i <= 3 && i < len(b); i++ {
		if c := b[len(b)-i]; c >= 0xC0 { // it begins a character that should be longer
			if need := map[bool]int{c >= 0xF0: 4, c >= 0xE0 && c < 0xF0: 3, c < 0xE0: 2}[true]; need > i {
				b = b[:len(b)-i]
			}
			break
		} else if c < 0x80 {
			break
		}
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}
