package e2e

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"doorito/e2e/portal"
	"doorito/e2e/services"
)

// journey is what tus-js-client does with one file; see e2e/js/tus.mjs.
type journey struct {
	Endpoint  string `json:"endpoint"`
	Token     string `json:"token"`
	File      string `json:"file"`
	Name      string `json:"name"`
	Protocol  string `json:"protocol"`
	ChunkSize int    `json:"chunkSize,omitempty"`
	Parallel  int    `json:"parallel,omitempty"`
	Deferred  bool   `json:"deferred,omitempty"`
	Override  bool   `json:"override,omitempty"`
	AtOnce    bool   `json:"atOnce,omitempty"`
	PauseAt   int64  `json:"pauseAt,omitempty"`
	Then      string `json:"then,omitempty"`
}

// happening is one line that it tells.
type happening struct {
	Event, Message, URL string
	Offset              int64
}

// go runs it; watch sees every happening. The last one is returned.
func (j journey) run(t *testing.T, watch func(happening)) happening {
	t.Helper()
	arg, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	services.NodeModules(t)
	root, err := services.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), services.Node(t), "tus.mjs", string(arg))
	c.Dir = filepath.Join(root, "e2e", "js")
	var complaints bytes.Buffer
	c.Stderr = &complaints
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var last happening
	for lines := bufio.NewScanner(out); lines.Scan(); {
		last = happening{}
		if err := json.Unmarshal(lines.Bytes(), &last); err != nil {
			t.Errorf("%s: %v", lines.Bytes(), err)
		}
		if watch != nil {
			watch(last)
		}
	}
	if err := c.Wait(); err != nil {
		t.Fatalf("%s: %v, %+v\n%s", j.Name, err, last, complaints.String())
	}
	return last
}

// payload is a file of random bytes with its digest.
func payload(t *testing.T, size int) (path, sum string) {
	t.Helper()
	content := make([]byte, size)
	rand.Read(content)
	path = filepath.Join(t.TempDir(), "payload")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(content)
	return path, hex.EncodeToString(digest[:])
}

// named lists the files of a name.
func named(t *testing.T, c *portal.Client, name string) []portal.File {
	t.Helper()
	var page struct {
		Items []portal.File `json:"items"`
	}
	a := c.Get(t, "/api/v1/files?limit=200")
	if err := json.Unmarshal(a.Body, &page); err != nil || a.Code != http.StatusOK {
		t.Fatalf("%d %s: %v", a.Code, a.Body, err)
	}
	var out []portal.File
	for _, f := range page.Items {
		if f.OriginalFilename == name {
			out = append(out, f)
		}
	}
	return out
}

// TestTusJSClient: the client that most people use, in node, through every
// protocol that it speaks, on disk and on S3.
func TestTusJSClient(t *testing.T) {
	t.Parallel()
	const size = 5_000_000
	const chunk = 1_000_000
	inBothForms(t, func(t *testing.T, d *deployment) {
		token := d.Token(t, "upload,read")
		c := d.WithToken(t, token)
		file, sum := payload(t, size)
		for name, j := range map[string]journey{
			"whole":                      {},
			"in chunks":                  {ChunkSize: chunk},
			"with the creation":          {ChunkSize: chunk, AtOnce: true},
			"through POST":               {ChunkSize: chunk, Override: true},
			"of unknown length":          {ChunkSize: 700_000, Deferred: true},
			"paused and started":         {ChunkSize: chunk, PauseAt: 2 * chunk, Then: "start"},
			"paused, resumed elsewhere":  {ChunkSize: chunk, PauseAt: 2 * chunk, Then: "another"},
			"aborted":                    {ChunkSize: chunk, PauseAt: 2 * chunk, Then: "terminate"},
			"side by side":               {ChunkSize: chunk, Parallel: 3},
			"over a network that breaks": {},
		} {
			for _, protocol := range []string{"tus-v1", "ietf-draft-03", "ietf-draft-05"} {
				if j.Parallel > 0 && protocol != "tus-v1" {
					continue // the draft has no concatenation
				}
				j := j
				j.Protocol, j.Token, j.File, j.Name, j.Endpoint = protocol, token, file, name+" by "+protocol, d.URL+"/files/"
				t.Run(j.Name, func(t *testing.T) {
					if strings.Contains(name, "breaks") {
						j.Endpoint = newCable(t, d.URL, 3, 1_500_000).URL + "/files/"
					}
					last := j.run(t, nil)
					got := named(t, c, j.Name)
					if j.Then == "terminate" {
						if last.Event != "paused" || len(got) != 1 || got[0].Status != "failed" {
							t.Errorf("%+v %+v", last, got)
						}
						return
					}
					if last.Event != "success" || len(got) != 1 || got[0].Status != "stored" || got[0].SHA256 != sum || got[0].SizeBytes != size {
						t.Errorf("%+v %+v", last, got)
					}
				})
			}
		}
	})
}

// TestTusJSClientOutlivesThePortal: killed in the middle, and back again.
func TestTusJSClientOutlivesThePortal(t *testing.T) {
	t.Parallel()
	inBothForms(t, func(t *testing.T, d *deployment) {
		token := d.Token(t, "upload,read")
		file, sum := payload(t, 5_000_000)
		p := d.Portal
		for _, protocol := range []string{"tus-v1", "ietf-draft-05"} {
			net := newCable(t, p.URL, 0, 0)
			killed := false
			j := journey{Protocol: protocol, Token: token, File: file, Name: "through " + protocol, Endpoint: net.URL + "/files/", ChunkSize: 500_000}
			last := j.run(t, func(h happening) {
				if h.Event == "chunk" && h.Offset >= 2_000_000 && !killed {
					killed = true
					p.Kill()
					p = p.MustRestart(t)
					net.lead(p.URL)
				}
			})
			got := named(t, p.WithToken(t, token), j.Name)
			if !killed || last.Event != "success" || len(got) != 1 || got[0].SHA256 != sum || got[0].Status != "stored" {
				t.Errorf("%v %+v %+v", killed, last, got)
			}
			var events struct {
				Items []struct {
					Type string `json:"type"`
				} `json:"items"`
			}
			a := p.WithToken(t, token).Get(t, "/api/v1/files/"+got[0].ID+"/events")
			if err := json.Unmarshal(a.Body, &events); err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(fmt.Sprint(events.Items), "file.stored"); n != 1 {
				t.Errorf("%d file.stored: %s", n, a.Body)
			}
		}
	})
}
