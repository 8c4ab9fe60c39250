package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports/usecase"
)

// fakePreviews shows the first file as an image, the second as a PDF, the third
// as a hostile text, and nothing of the others.
type fakePreviews struct{ *world }

func (f fakePreviews) Preview(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.Preview, error) {
	d, err := fakeFiles(f).Download(ctx, a, id)
	if err != nil {
		return nil, err
	}
	for i, file := range f.files {
		if file.ID != id {
			continue
		}
		switch i {
		case 0:
			return &usecase.Preview{Kind: usecase.PreviewImage, Type: "image/png", Download: d}, nil
		case 1:
			return &usecase.Preview{Kind: usecase.PreviewPDF, Type: "application/pdf", Download: d}, nil
		case 2:
			return &usecase.Preview{Kind: usecase.PreviewText, Text: "<script>alert(1)</script>" + hostile, Cut: true}, nil
		}
	}
	return &usecase.Preview{}, nil
}

func TestAPreviewRunsNothingAndIsWhatItsBytesAre(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	w.files[2].Status, w.files[2].StoredAt, w.files[2].PurgedAt = domain.FileStored, &w.now, nil
	p := openPortal(t, w)
	for i, want := range []struct{ kind, policy string }{{"image/png", "sandbox; default-src 'none'; frame-ancestors 'none'"}, {"application/pdf", "sandbox allow-downloads; default-src 'none'; object-src 'none'"}} {
		w.files[i].ContentType = "text/html" // what the sender said is nothing
		got := p.get(t, "/app/files/"+w.files[i].ID.String()+"/preview", staffSession)
		h := got.Header
		if got.StatusCode != http.StatusOK || h.Get("Content-Type") != want.kind || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Disposition") != `inline; filename="`+w.files[i].OriginalFilename+`"` ||
			!strings.HasPrefix(h.Get("Content-Security-Policy"), want.policy) || h.Get("Cross-Origin-Resource-Policy") != "same-origin" || int64(len(got.body)) != w.files[i].SizeBytes {
			t.Errorf("%d %v with %d bytes", got.StatusCode, h, len(got.body))
		}
		again := p.get(t, "/app/files/"+w.files[i].ID.String()+"/preview", staffSession, func(r *http.Request) { r.Header.Set("If-None-Match", h.Get("ETag")) })
		if again.StatusCode != http.StatusNotModified || again.body != "" {
			t.Errorf("as it is known: %d", again.StatusCode)
		}
	}
	for _, i := range []int{2, 3} {
		if got := p.get(t, "/app/files/"+w.files[i].ID.String()+"/preview", staffSession); got.StatusCode != http.StatusNotFound {
			t.Errorf("file %d: %d", i, got.StatusCode)
		}
	}
	if page := p.get(t, "/app/files/"+w.files[2].ID.String()+"/", staffSession).body; strings.Contains(page, "<script>alert(1)") || !strings.Contains(page, "&lt;script&gt;alert(1)") || !strings.Contains(page, "the first 64 KiB") {
		t.Error("the text is not shown, or not as text")
	}
}

func TestWhoHasALinkLooksAtAFileBeforeTheDownload(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	w.files[2].Status, w.files[2].StoredAt, w.files[2].PurgedAt = domain.FileStored, &w.now, nil
	p := openPortal(t, w)
	of := func(i int) string { return "?file=" + w.files[i].ID.String() }
	for i, kind := range []string{"image/png", "application/pdf"} {
		got := p.get(t, "/s/of-a-batch/preview"+of(i), "")
		if h := got.Header; got.StatusCode != http.StatusOK || h.Get("Content-Type") != kind || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox") || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" || !strings.Contains(h.Get("X-Robots-Tag"), "noindex") {
			t.Errorf("%d %v", got.StatusCode, h)
		}
		page := p.get(t, "/s/of-a-batch"+of(i), "").body
		for _, words := range []string{`"/s/of-a-batch/preview` + of(i) + `"`, `name="file" value="` + w.files[i].ID.String() + `"`, `id="all-files" href="/s/of-a-batch"`} {
			if !strings.Contains(page, words) {
				t.Errorf("the page of file %d has no %s", i, words)
			}
		}
	}
	if page := p.get(t, "/s/of-a-batch"+of(2), "").body; strings.Contains(page, "<script>alert(1)") || !strings.Contains(page, "&lt;script&gt;alert(1)") {
		t.Error("the text is not shown, or not as text")
	}
	for path, status := range map[string]int{
		"/s/of-a-batch/preview" + of(2): 404, "/s/of-a-file/preview": 404, "/s/of-a-batch/preview?file=x": 404, "/s/of-a-batch?file=x": 404,
		"/s/of-a-batch?file=" + id(999).String(): 410, "/s/used-up/preview": 410, "/s/with-a-password/preview" + of(0): 303, "/s/with-a-password" + of(0): 200,
	} {
		if got := p.get(t, path, ""); got.StatusCode != status || strings.Contains(got.body, w.files[0].OriginalFilename) {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	if page := p.get(t, "/s/of-a-file", "").body; strings.Contains(page, `id="preview"`) {
		t.Error("a link that counts its downloads shows what it limits")
	}
}
