package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"testing"

	"doorito/e2e/portal"
	"doorito/e2e/world"
)

// tusDo sends one tus request with a token.
func tusDo(t *testing.T, c *portal.Client, method, path string, body io.Reader, header map[string]string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequest(method, c.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Authorization", "Bearer "+c.Token)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := c.HTTP.Do(req)
	if err == nil {
		res.Body.Close()
	}
	return res, err
}

func TestAResumableUploadGoesOnAfterThePortalWasKilled(t *testing.T) {
	t.Parallel()
	inBothForms(t, func(t *testing.T, d *deployment) {
		r := world.NewReceiver(t)
		endpoint(t, d, r, "file.stored")
		token := d.Token(t, "upload,read")
		c := d.WithToken(t, token)
		content := bytes.Repeat([]byte("resumable "), 2_500_000) // 25 MB
		sum := sha256.Sum256(content)
		res, err := tusDo(t, c, http.MethodPost, "/files/", nil, map[string]string{
			"Upload-Length": strconv.Itoa(len(content)), "Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte("long.txt")),
		})
		if err != nil || res.StatusCode != http.StatusCreated {
			t.Fatalf("%v, %v", res, err)
		}
		at := res.Header.Get("Location")
		body, feed := io.Pipe()
		broken := make(chan error, 1)
		go func() {
			_, err := tusDo(t, c, http.MethodPatch, at, body, map[string]string{"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})
			broken <- err
		}()
		if _, err := feed.Write(content[:20_000_000]); err != nil {
			t.Fatal(err)
		}
		world.Eventually(t, "a durable offset", func() bool {
			res, err := tusDo(t, c, http.MethodHead, at, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			offset, err := strconv.Atoi(res.Header.Get("Upload-Offset"))
			return err == nil && offset >= 8<<20
		})
		d.Kill()
		feed.Close()
		<-broken

		p := d.MustRestart(t)
		c = p.WithToken(t, token)
		res, err = tusDo(t, c, http.MethodHead, at, nil, nil)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", res, err)
		}
		offset, err := strconv.Atoi(res.Header.Get("Upload-Offset"))
		if err != nil || offset < 8<<20 {
			t.Fatalf("offset %d after 20 MB, %v", offset, err)
		}
		res, err = tusDo(t, c, http.MethodPatch, at, bytes.NewReader(content[offset:]), map[string]string{
			"Upload-Offset": strconv.Itoa(offset), "Content-Type": "application/offset+octet-stream",
		})
		if err != nil || res.StatusCode != http.StatusNoContent || res.Header.Get("Upload-Offset") != strconv.Itoa(len(content)) {
			t.Fatalf("%v, %v", res, err)
		}
		b := read(t, r.Await(t, 1)[0])
		if b.Data.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("announced with %s", b.Data.SHA256)
		}
	})
}
