package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"doorito/e2e/portal"
)

func TestABatchIsOneArchiveThatIsWholeOrBreaksOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := portal.MustStart(t, portal.Options{Dir: dir})
	c := p.WithToken(t, p.Token(t, "upload,read"))
	a := c.Do(t, http.MethodPost, "/api/v1/batches", "application/json", strings.NewReader(`{"label":"Week 47"}`))
	var b struct{ ID string }
	if err := json.Unmarshal(a.Body, &b); err != nil || b.ID == "" {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	large := noise(3_000_000)
	for name, body := range map[string][]byte{"a.txt": []byte("hello"), "b.bin": large, "empty": nil} {
		if a := c.Do(t, http.MethodPut, "/api/v1/files/"+name+"?batch="+b.ID, "application/octet-stream", bytes.NewReader(body)); a.Code != http.StatusCreated {
			t.Fatalf("%d %s", a.Code, a.Body)
		}
	}
	path := "/api/v1/batches/" + b.ID + "/zip"
	got := c.Get(t, path)
	r, err := zip.NewReader(bytes.NewReader(got.Body), int64(len(got.Body)))
	if err != nil || len(r.File) != 3 || got.Header.Get("Content-Type") != "application/zip" || !strings.Contains(got.Header.Get("Content-Disposition"), `"Week 47.zip"`) {
		t.Fatalf("%d %v %v", got.Code, got.Header, err)
	}
	in, err := r.Open("b.bin")
	if err != nil {
		t.Fatal(err)
	}
	if back, err := io.ReadAll(in); err != nil || !bytes.Equal(back, large) {
		t.Errorf("%d bytes come back, %v", len(back), err)
	}
	head := c.Do(t, http.MethodHead, path, "", nil)
	if head.Code != http.StatusOK || head.Header.Get("Content-Length") != got.Header.Get("Content-Length") || len(head.Body) != 0 {
		t.Errorf("HEAD: %d %v, %d bytes", head.Code, head.Header, len(head.Body))
	}
	page := p.Admin(t).Get(t, "/app/batches/"+b.ID+"/")
	if !strings.Contains(string(page.Body), "/app/batches/"+b.ID+"/zip") {
		t.Error("the page has no button for it")
	}

	// The bytes of one are lost: it must not look whole.
	err = filepath.WalkDir(filepath.Join(dir, "files", "uploads"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if info, err := e.Info(); err != nil || info.Size() != int64(len(large)) {
			return err
		}
		return os.Remove(path)
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return // it was the first file's turn: nothing had been sent
	}
	defer res.Body.Close()
	if n, err := io.Copy(io.Discard, res.Body); err == nil {
		t.Errorf("%d bytes came and looked like all of them", n)
	}
}
