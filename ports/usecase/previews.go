package usecase

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
)

// Previews shows what is in a file to whoever may download it.
type Previews interface {
	// Preview decides by the stored bytes alone, never by the name or by what the
	// sender said. Expired and Conflict as for a download.
	Preview(ctx context.Context, a domain.Actor, file uuid.UUID) (*Preview, error)
}

// PreviewKind is how a file can be shown.
type PreviewKind string

const (
	PreviewNone  PreviewKind = ""
	PreviewImage PreviewKind = "image"
	PreviewPDF   PreviewKind = "pdf"
	PreviewText  PreviewKind = "text"
)

// Preview is what can be shown of a file.
type Preview struct {
	Kind     PreviewKind
	Type     string    // of an image or a PDF: one of a short list
	Download *Download // the bytes of those
	Text     string    // the beginning of a text; to be escaped where it is shown
	Cut      bool      // there is more of it
}
