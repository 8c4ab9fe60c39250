package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorito/domain"
	"doorito/e2e/portal"
	"doorito/e2e/world"
)

// endpoint makes an endpoint for the receiver and returns its secret.
func endpoint(t *testing.T, d *deployment, r *world.Receiver, events string) string {
	t.Helper()
	var made struct{ ID, Secret string }
	out := d.MustCLI(t, "endpoint", "create", "--url", r.URL+"/hook", "--events", events)
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return made.Secret
}

// body is what receivers read.
type body struct {
	ID   string
	Type string
	Data struct {
		FileID           string `json:"file_id"`
		OriginalFilename string `json:"original_filename"`
		SHA256           string
		URL              string
	}
}

func read(t *testing.T, w world.Webhook) body {
	t.Helper()
	var b body
	if err := json.Unmarshal(w.Body, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAFileHandedInBecomesAVerifiedWebhookWhoseLinkAnswers(t *testing.T) {
	t.Parallel()
	inBothForms(t, func(t *testing.T, d *deployment) {
		r := world.NewReceiver(t)
		secret := endpoint(t, d, r, "file.stored")
		c := d.WithToken(t, d.Token(t, "upload,read"))
		content := bytes.Repeat([]byte("line of a report\n"), 700_000) // 11.9 MB: more than one S3 part
		sum := sha256.Sum256(content)
		f := c.Upload(t, "Bericht März.txt", content)
		if f.Status != "stored" || f.SHA256 != hex.EncodeToString(sum[:]) || f.SizeBytes != int64(len(content)) {
			t.Fatalf("answer %+v", f)
		}
		got := r.Await(t, 1)[0]
		h := got.Header
		if err := domain.VerifyStandard(secret, h.Get("Webhook-Id"), h.Get("Webhook-Timestamp"), h.Get("Webhook-Signature"), got.Body, time.Now()); err != nil {
			t.Error(err)
		}
		b := read(t, got)
		if b.Data.FileID != f.ID || b.Data.SHA256 != f.SHA256 {
			t.Errorf("body %s", got.Body)
		}
		answer := d.Anonymous(t).Get(t, b.Data.URL)
		if to := answer.Header.Get("Location"); to != "" {
			answer = d.Anonymous(t).Get(t, to)
		}
		if answer.Code != http.StatusOK || !bytes.Equal(answer.Body, content) {
			t.Errorf("the link answers %d with %d bytes", answer.Code, len(answer.Body))
		}
		if cd := answer.Header.Get("Content-Disposition"); !strings.HasPrefix(cd, "attachment") || !strings.Contains(cd, "filename*=UTF-8''Bericht%20M%C3%A4rz.txt") {
			t.Errorf("content disposition %q", cd)
		}
	})
}

func TestCurlUploads(t *testing.T) {
	t.Parallel()
	d := &deployment{Portal: portal.MustStart(t, portal.Options{})}
	token := d.Token(t, "upload")
	path := filepath.Join(t.TempDir(), "report 1.pdf")
	if err := os.WriteFile(path, []byte("%PDF-1.7 a report"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("curl", "-sS", "-i", "-T", path, d.URL+"/api/v1/files/report%201.pdf", "-H", "Authorization: Bearer "+token).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if s := string(out); !strings.Contains(s, "201 Created") || !strings.Contains(s, "Location: /api/v1/files/") || !strings.Contains(s, `"original_filename":"report 1.pdf"`) {
		t.Errorf("curl prints %s", s)
	}
}
