package e2e

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"testing"

	"doorito/e2e/portal"
)

// TestThePlainFormStreamsLargeFiles sends what a browser without script sends,
// far over the limit of ordinary bodies.
func TestThePlainFormStreamsLargeFiles(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	c := p.Admin(t)
	token := c.CSRF
	c.CSRF = "" // the form has it as its first field
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	field := func(w io.Writer, err error) io.Writer {
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	if err := form.WriteField("_csrf", token); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"first.bin", "second.bin"} {
		if _, err := field(form.CreateFormFile("files", name)).Write(make([]byte, 5<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	a := c.Do(t, http.MethodPost, "/app/upload/", form.FormDataContentType(), &body)
	if a.Code != http.StatusOK || bytes.Count(a.Body, []byte("/app/files/01")) < 2 {
		t.Errorf("the form answers %d: %s", a.Code, a.Body)
	}
}
