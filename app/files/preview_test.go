package files_test

import (
	"context"
	"strings"
	"testing"

	"doorito/adapters/mimetype"
	"doorito/app/files"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports/usecase"
)

const (
	png  = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
	jpeg = "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
	webp = "RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00"
	avif = "\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1miafMA1B"
	svg  = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>`
	html = "<!doctype html><html><body><script>alert(1)</script></body></html>"
)

// A type is what the stored bytes have: not the name, not what was said, and
// what is a script in disguise is shown as what it disguises itself as.
func TestPreviewsAreDecidedByTheBytes(t *testing.T) {
	t.Parallel()
	world.EachStaged(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff, other := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleStaff)
		previews := &files.Previews{Files: w.Files, Sniffer: mimetype.NewSniffer()}
		for _, tc := range []struct {
			name, bytes, kind string
			want              usecase.PreviewKind
		}{
			{"a.png", png, "image/png", usecase.PreviewImage},
			{"a.txt", jpeg, "image/jpeg", usecase.PreviewImage},
			{"a.html", "GIF89a\x01\x00\x01\x00" + html, "image/gif", usecase.PreviewImage}, // polyglot
			{"a", webp, "image/webp", usecase.PreviewImage},
			{"a.svg", avif, "image/avif", usecase.PreviewImage},
			{"a.pdf", "%PDF-1.7\n" + html, "application/pdf", usecase.PreviewPDF}, // polyglot
			{"picture.png", svg, "", usecase.PreviewNone},
			{"picture.png", "<?xml version=\"1.0\"?>\n" + svg, "", usecase.PreviewNone},
			{"notes.txt", html, "", usecase.PreviewNone},
			{"notes.txt", "\xef\xbb\xbf  \n" + html, "", usecase.PreviewNone},
			{"movie.bin", "\x00\x01\x02\x03 nothing known", "", usecase.PreviewNone},
			{"wide.txt", "\xff\xfeh\x00i\x00", "", usecase.PreviewNone}, // UTF-16
			{"empty.png", "", "", usecase.PreviewNone},
			{"notes.png", "hello & <b>welcome</b>", "", usecase.PreviewText},
			{"rows.csv", "a,b\n1,2\n3,4\n", "", usecase.PreviewText},
			{"data.json", `{"a": [1, 2, 3]}`, "", usecase.PreviewText},
		} {
			f := w.MustUpload(t, staff, "blob.bin", tc.bytes, nil)
			got, err := previews.Preview(ctx, staff, f.ID)
			if err != nil || got.Kind != tc.want || got.Type != tc.kind {
				t.Errorf("%s with %.20q is %+v, %v", tc.name, tc.bytes, got, err)
				continue
			}
			if tc.want == usecase.PreviewText && (got.Text != tc.bytes || got.Cut) {
				t.Errorf("%s shows %q", tc.name, got.Text)
			}
			if _, err := previews.Preview(ctx, other, f.ID); !domain.IsCode(err, domain.NotFound) {
				t.Errorf("somebody else: %v", err)
			}
		}
		long := strings.Repeat("ä€😀", 20_000)
		f := w.MustUpload(t, staff, "long.txt", long, nil)
		got, err := previews.Preview(ctx, staff, f.ID)
		if err != nil || !got.Cut || len(got.Text) > 64<<10 || len(got.Text) < 64<<10-4 || !strings.HasPrefix(long, got.Text) {
			t.Errorf("%d bytes are shown, %v", len(got.Text), err)
		}
	})
}
