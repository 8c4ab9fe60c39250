package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"doorito/e2e/portal"
	"doorito/e2e/world"
)

// told is a line of upload --json.
type told struct {
	Type, Path, Status, ID, SHA256, Error string
	Files, Uploaded, There, Failed        int
	NotSent                               int    `json:"not_sent"`
	SentBytes                             int64  `json:"sent_bytes"`
	BatchID                               string `json:"batch_id"`
	Finalised                             bool
}

// readTold returns the files by path, and the summary.
func readTold(t *testing.T, out string) (files map[string]told, sum told) {
	t.Helper()
	files = map[string]told{}
	for line := range strings.Lines(out) {
		var l told
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if l.Type == "summary" {
			sum = l
			continue
		}
		if _, twice := files[l.Path]; twice {
			t.Errorf("%s was told twice", l.Path)
		}
		files[l.Path] = l
	}
	return files, sum
}

// seeded is content that nothing compresses or guesses; the same for a seed.
func seeded(seed byte, size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// fileTree writes the files below a folder of its own and returns that.
func fileTree(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "in")
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// upload runs the command to its end.
func upload(t *testing.T, url, token string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return run(t, t.TempDir(), []string{"DOORITO_URL=" + url, "DOORITO_TOKEN=" + token}, append([]string{"upload"}, args...)...)
}

// uploading is the command under way.
type uploading struct {
	*exec.Cmd
	stdout, stderr output
}

func newUpload(t *testing.T, url, token string, args ...string) *uploading {
	t.Helper()
	u := &uploading{Cmd: exec.Command(portal.Build(t), append([]string{"upload"}, args...)...)}
	u.Dir, u.Env = t.TempDir(), []string{"DOORITO_URL=" + url, "DOORITO_TOKEN=" + token}
	u.Cmd.Stdout, u.Cmd.Stderr = &u.stdout, &u.stderr
	t.Cleanup(func() {
		if u.Process != nil {
			_ = u.Process.Kill()
		}
	})
	return u
}

func startUpload(t *testing.T, url, token string, args ...string) *uploading {
	t.Helper()
	u := newUpload(t, url, token, args...)
	if err := u.Start(); err != nil {
		t.Fatal(err)
	}
	return u
}

func (u *uploading) outSoFar() string { return u.stdout.String() }
func (u *uploading) errSoFar() string { return u.stderr.String() }

// end waits for the end and returns the exit code, -1 for a killed one.
func (u *uploading) end() int {
	_ = u.Wait()
	return u.ProcessState.ExitCode()
}

// partsTaken is what the portal itself counted since its start.
func partsTaken(t *testing.T, p *portal.Portal) int {
	t.Helper()
	m := regexp.MustCompile(`doorito_http_requests_total\{method="PUT",route="/api/v1/sessions/:id/parts/:number",status="200"\} (\d+)`).FindSubmatch(p.Anonymous(t).Get(t, "/metrics").Body)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

type batchSeen struct {
	Status                string
	Label                 string
	Files, Stored, Failed int
	SealedAt              *time.Time `json:"sealed_at"`
}

func batchOf(t *testing.T, c *portal.Client, id string) (b batchSeen) {
	t.Helper()
	a := c.Get(t, "/api/v1/batches/"+id)
	if err := json.Unmarshal(a.Body, &b); err != nil || a.Code != http.StatusOK {
		t.Fatalf("%d, %v: %s", a.Code, err, a.Body)
	}
	return b
}

func TestTheUploadCommandSendsFoldersAndSendsNothingTwice(t *testing.T) {
	t.Parallel()
	inBothForms(t, func(t *testing.T, d *deployment) {
		token := d.Token(t, "upload,read")
		c := d.WithToken(t, token)
		content := map[string][]byte{
			"empty.dat": {}, "one.txt": []byte("one"), "a/two words.txt": []byte("two"), "a/b/Übersicht – 報告.txt": []byte("three"),
			".hidden": []byte("four"), "large.bin": seeded(1, 20<<20), "exactly.bin": seeded(2, 8<<20),
		}
		for i := range 60 {
			content[fmt.Sprintf("many/%02d.txt", i)] = []byte(strconv.Itoa(i))
		}
		dir := fileTree(t, content)
		args := []string{"--json", "--sha256", "--batch", "Scans", dir}
		out, errs, code := upload(t, d.URL, token, args...)
		files, sum := readTold(t, out)
		if code != 0 || len(files) != len(content) || sum.Uploaded != len(content) || sum.There+sum.Failed+sum.NotSent != 0 || !sum.Finalised {
			t.Fatalf("code %d, %+v: %s", code, sum, errs)
		}
		for name, want := range content {
			got := files[filepath.Join(dir, name)]
			a := c.Get(t, "/api/v1/files/"+got.ID)
			var f portal.File
			if err := json.Unmarshal(a.Body, &f); err != nil {
				t.Fatal(err)
			}
			folder := strings.TrimSuffix(filepath.Join("in", filepath.Dir(name)), "/.")
			if got.Status != "uploaded" || got.SHA256 != hexSum(want) || f.SHA256 != hexSum(want) || f.OriginalFilename != filepath.Base(name) || f.Metadata["path"] != folder || f.Status != "stored" {
				t.Errorf("%s: %+v at the portal as %+v", name, got, f)
			}
		}
		if b := batchOf(t, c, sum.BatchID); b.Status != "complete" || b.Stored != len(content) || b.Label != "Scans" {
			t.Errorf("%+v", b)
		}
		again, errs, code := upload(t, d.URL, token, args...)
		if _, s := readTold(t, again); code != 0 || s.There != len(content) || s.SentBytes != 0 || s.BatchID != sum.BatchID {
			t.Errorf("again: code %d, %+v: %s", code, s, errs)
		}
		onlyWhatIsNewGoesToANewBatch(t, d.Portal, token, dir, sum.BatchID, len(content))
	})
}

// onlyWhatIsNewGoesToANewBatch uploads the folder, which is all there, with one
// file more.
func onlyWhatIsNewGoesToANewBatch(t *testing.T, p *portal.Portal, token, dir, batch string, before int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "new.txt"), []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := upload(t, p.URL, token, "--json", "--batch", "Scans", dir)
	_, s := readTold(t, out)
	if code != 0 || s.There != before || s.Uploaded != 1 || s.SentBytes != 3 || s.BatchID == batch {
		t.Errorf("one more: code %d, %+v: %s", code, s, errs)
	}
	if b := batchOf(t, p.WithToken(t, token), s.BatchID); b.Status != "complete" || b.Stored != 1 {
		t.Errorf("%+v", b)
	}
	out, errs, code = upload(t, p.URL, token, "--json", "--run", "second", "--batch", "Scans", filepath.Join(dir, "one.txt"), filepath.Join(dir, "new.txt"))
	if _, s := readTold(t, out); code != 0 || s.Uploaded != 2 || s.There != 0 {
		t.Errorf("another run: code %d, %+v: %s", code, s, errs)
	}
}

func TestAKilledUploadGoesOnWithTheSameCommandAndSendsNoPartTwice(t *testing.T) {
	t.Parallel()
	inBothForms(t, func(t *testing.T, d *deployment) {
		token := d.Token(t, "upload,read")
		large := seeded(3, 41<<20) // 6 parts
		dir := fileTree(t, map[string][]byte{"a.txt": []byte("a"), "b/large.bin": large, "c.txt": []byte("c")})
		g := newGate(t, d.URL, 3)
		args := []string{"--json", "--sha256", dir}
		u := startUpload(t, g.URL, token, args...)
		world.Eventually(t, "three parts and both small files are there", func() bool { return g.stuck(3) && strings.Count(u.outSoFar(), "\n") == 2 })
		if err := u.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		u.end()
		g.open(true)
		before := g.took()
		counted := partsTaken(t, d.Portal)

		out, errs, code := upload(t, g.URL, token, args...)
		files, sum := readTold(t, out)
		if code != 0 || files[filepath.Join(dir, "b/large.bin")].SHA256 != hexSum(large) || sum.There != 2 || sum.Uploaded != 1 || !sum.Finalised {
			t.Fatalf("code %d, %+v: %s", code, sum, errs)
		}
		parts := g.took()
		slices.Sort(parts)
		if len(slices.Compact(parts)) != 6 || len(g.took()) != 6 || counted != 3 || partsTaken(t, d.Portal) != 6 {
			t.Errorf("before %v, after %v; the portal counts %d, then %d", before, g.took(), counted, partsTaken(t, d.Portal))
		}
		var missing int64 = 41 << 20
		for _, number := range before {
			missing -= 8 << 20
			if number == "6" {
				missing += 7 << 20
			}
		}
		if sum.SentBytes != missing {
			t.Errorf("%d bytes were sent, %d were missing", sum.SentBytes, missing)
		}
		if b := batchOf(t, d.WithToken(t, token), sum.BatchID); b.Status != "complete" || b.Files != 3 || b.Stored != 3 {
			t.Errorf("%+v", b)
		}
	})
}

func TestAnUploadOutlivesThePortalsRestart(t *testing.T) {
	t.Parallel()
	inBothForms(t, func(t *testing.T, d *deployment) {
		token := d.Token(t, "upload,read")
		large := seeded(4, 41<<20)
		dir := fileTree(t, map[string][]byte{"a.txt": []byte("a"), "large.bin": large})
		g := newGate(t, d.URL, 2)
		u := startUpload(t, g.URL, token, "--json", "--parallel", "2", dir)
		world.Eventually(t, "two parts are there", func() bool { return g.stuck(2) })
		d.Kill()
		g.open(false)
		world.Eventually(t, "the uploader says that it waits", func() bool { return strings.Contains(u.errSoFar(), "Waiting for the portal") })
		p := d.MustRestart(t)
		if code := u.end(); code != 0 {
			t.Fatalf("code %d: %s", code, u.errSoFar())
		}
		files, sum := readTold(t, u.outSoFar())
		if files[filepath.Join(dir, "large.bin")].SHA256 != hexSum(large) || sum.Uploaded != 2 || sum.SentBytes != 41<<20+1 || partsTaken(t, p) != 4 {
			t.Errorf("%+v, %d parts after the restart: %s", sum, partsTaken(t, p), u.errSoFar())
		}
		if !strings.Contains(u.errSoFar(), "The portal answers again.") {
			t.Errorf("%s", u.errSoFar())
		}
	})
}
