package api_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"doorito/domain"
	"doorito/e2e/openapi"
)

// curl runs the real one and returns status, headers and body.
func curl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("curl", append([]string{"--silent", "--show-error", "--include", "--max-time", "20", "--noproxy", "*"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("curl %q: %v: %s", args, err, out)
	}
	described(t, args, string(out))
	return string(out)
}

// described holds the last answer to the API's description.
func described(t *testing.T, args []string, out string) {
	t.Helper()
	method, address := "PUT", ""
	for i, arg := range args {
		if arg == "-X" {
			method = args[i+1]
		}
		if strings.HasPrefix(arg, "http://") {
			address = arg
		}
	}
	if strings.HasSuffix(address, "/") {
		address += "the-name-that-curl-adds"
	}
	if i := strings.LastIndex(out, "HTTP/1.1 "); i > 0 {
		out = out[i:] // after 100 Continue
	}
	res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(out)), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, body, _ := strings.Cut(out, "\r\n\r\n")
	openapi.Check(t, method, address, res, []byte(body))
}

func TestCurlUploadsUnderAnyName(t *testing.T) {
	t.Parallel()
	w := newWorld()
	base, _ := start(t, w, nil)
	folder := t.TempDir()
	content := bytes.Repeat([]byte("hello world\n"), 180_000) // 2.2 MB: curl expects 100-continue
	sum := sha256.Sum256(content)
	for _, name := range []string{"report.pdf.txt", "two words.txt", "Übersicht – 報告.txt", "100% sure?.txt", "a+b=c&d#e.txt"} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		got := curl(t, "-T", path, base+"/api/v1/files/"+url.PathEscape(name)+"?path=in/../box", "-H", bearer(uploadToken))
		if !strings.Contains(got, "HTTP/1.1 100 Continue") || !strings.Contains(got, "HTTP/1.1 201 Created") {
			t.Fatalf("%s: %s", name, got)
		}
		var f map[string]any
		if err := json.Unmarshal([]byte(got[strings.LastIndex(got, "\r\n\r\n"):]), &f); err != nil {
			t.Fatal(err)
		}
		id := f["id"].(string)
		if f["original_filename"] != name || f["sha256"] != hex.EncodeToString(sum[:]) || f["size_bytes"] != float64(len(content)) || f["status"] != "stored" ||
			f["content_type"] != "text/plain" && f["content_type"] != "text/plain; charset=utf-8" || f["batch_id"] != nil || f["url"] != "http://portal.example/d/signed-"+id ||
			f["created_at"] == nil || f["stored_at"] == nil || f["expires_at"] == nil || f["metadata"].(map[string]any)["path"] != "in/box" {
			t.Errorf("%s: %v", name, f)
		}
		if !strings.Contains(got, "Location: /api/v1/files/"+id+"\r\n") {
			t.Errorf("%s: no Location: %s", name, got)
		}
	}
	// A URL that ends in a slash gets the name from curl, a dash sends chunks.
	if got := curl(t, "-T", filepath.Join(folder, "two words.txt"), base+"/api/v1/files/", "-H", bearer(uploadToken)); !strings.Contains(got, `"original_filename":"two words.txt"`) {
		t.Error(got)
	}
	if got := curl(t, "-X", "POST", "-T", filepath.Join(folder, "two words.txt"), "-H", "Content-Length:", "-H", "Transfer-Encoding: chunked", base+"/api/v1/files/chunks.txt", "-H", bearer(uploadToken)); !strings.Contains(got, `"original_filename":"chunks.txt"`) {
		t.Error(got)
	}
	if got := curl(t, "-X", "PUT", "-d", "x", base+"/api/v1/files", "-H", bearer(uploadToken)); !strings.Contains(got, "400 Bad Request") || !strings.Contains(got, `"field":"name"`) || !strings.Contains(got, "ends without a file name") {
		t.Error(got)
	}
}

func TestCurlReadsTheRefusalOfALargeFile(t *testing.T) {
	t.Parallel()
	base, _ := start(t, newWorld(), nil)
	big := filepath.Join(t.TempDir(), "big.bin")
	if err := os.WriteFile(big, make([]byte, 12<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"asked first":          {[]string{"-H", bearer(uploadToken)}, "413 "},
		"not asked":            {[]string{"-H", bearer(uploadToken), "-H", "Expect:"}, "413 "},
		"chunked":              {[]string{"-H", bearer(uploadToken), "-H", "Expect:", "-H", "Transfer-Encoding: chunked"}, "413 "},
		"wrong token":          {[]string{"-H", bearer("wrong"), "-H", "Expect:"}, "401 "},
		"no token":             {nil, "401 "},
		"token without scope":  {[]string{"-H", bearer(readToken), "-H", "Expect:"}, "403 "},
		"form instead of file": {[]string{"-H", bearer(uploadToken), "-H", "Expect:", "-H", "Content-Type: multipart/form-data; boundary=x"}, "415 "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := curl(t, append([]string{"-T", big, base + "/api/v1/files/big.bin"}, tc.args...)...)
			if !strings.HasPrefix(got, "HTTP/1.1 "+tc.want) || !strings.Contains(got, "application/problem+json") || !strings.Contains(got, `"request_id":"`) {
				t.Errorf("%s", got)
			}
		})
	}
}

func TestNamesThatPathsAreMadeOf(t *testing.T) {
	t.Parallel()
	w := newWorld()
	base, _ := start(t, w, nil)
	for raw, tc := range map[string]struct {
		status int
		name   string
	}{
		"a%20b.txt": {201, "a b.txt"}, "a+b.txt": {201, "a+b.txt"}, "caf%C3%A9.txt": {201, "café.txt"},
		"x%2Fy.txt": {201, "y.txt"}, "..%2F..%2Fetc%2Fpasswd": {201, "passwd"}, "c%3A%5Cdir%5Cw.txt": {201, "w.txt"},
		"a%E2%80%AEfdp.txt": {201, "afdp.txt"}, "%2e%2e": {400, ""}, "a%00.txt": {400, ""}, "a%0d%0ab.txt": {400, ""},
		"%ff.txt": {400, ""}, "a%zz.txt": {400, ""}, "%20": {400, ""}, strings.Repeat("a", 300): {400, ""},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "PUT /api/v1/files/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\nContent-Length: 5\r\n\r\nhello", raw, bearer(uploadToken))
		got, err := io.ReadAll(conn)
		conn.Close()
		if err != nil || !strings.HasPrefix(string(got), fmt.Sprintf("HTTP/1.1 %d", tc.status)) {
			t.Errorf("%s: %v: %s", raw, err, got)
		}
		if tc.name != "" && !slices.Contains(w.names(), tc.name) {
			t.Errorf("%s: want %q among %q", raw, tc.name, w.names())
		}
	}
}

func TestBodiesThatLieLeaveNothing(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		framing, body string
		want          string
	}{
		"declared too big":     {"Content-Length: 99999999999", "x", "413"},
		"chunked too big":      {"Transfer-Encoding: chunked", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", 4<<20, strings.Repeat("a", 4<<20)), "413"},
		"shorter than it says": {"Content-Length: 100000", strings.Repeat("a", 50_000), "400"},
		"chunks that break":    {"Transfer-Encoding: chunked", "5\r\nhello\r\n", "400"},
		"a program as .pdf":    {"Content-Length: 104", "\x7fELF\x02\x01\x01\x00" + strings.Repeat("\x00", 96), "415"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			base, _ := start(t, w, nil)
			conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(15 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintf(conn, "PUT /api/v1/files/a.pdf HTTP/1.1\r\nHost: x\r\n%s\r\n%s\r\n\r\n%s", bearer(uploadToken), tc.framing, tc.body); err != nil {
				t.Fatal(err)
			}
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(conn)
			if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 "+tc.want) || len(w.names()) != 0 {
				t.Fatalf("%v, files %v: %s", err, w.names(), got)
			}
		})
	}
}

func TestUploadFailuresAreProblems(t *testing.T) {
	t.Parallel()
	for status, fail := range map[int]error{
		410: domain.Errorf(domain.Expired, "Over."), 429: domain.Errorf(domain.Quota, "Full."),
		503: domain.WrapError(domain.Unavailable, errors.New("secret host"), "The storage is down."), 500: errors.New("secret cause"),
	} {
		w := newWorld()
		w.down = fail
		base, _ := start(t, w, nil)
		res, got := do(t, "PUT", base+"/api/v1/files/a.txt", strings.NewReader("hello"), bearer(uploadToken))
		if res.StatusCode != status || res.Header.Get("Content-Type") != "application/problem+json" || strings.Contains(got, "secret") {
			t.Errorf("%d %s", res.StatusCode, got)
		}
	}
}

func TestBrowserSessionNeedsItsTokenHereToo(t *testing.T) {
	t.Parallel()
	w := newWorld()
	base, _ := start(t, w, nil)
	cookie := "Cookie: doorito_session=" + session
	for name, tc := range map[string]struct {
		headers []string
		status  int
	}{
		"with":              {[]string{cookie, "X-CSRF-Token: " + csrf}, 201},
		"without":           {[]string{cookie}, 403},
		"as a form":         {[]string{cookie, "Content-Type: multipart/form-data; boundary=x"}, 415},
		"from another site": {[]string{cookie, "X-CSRF-Token: " + csrf, "Sec-Fetch-Site: cross-site"}, 403},
		"nobody":            {nil, 401},
	} {
		if res, got := do(t, "PUT", base+"/api/v1/files/a.txt", strings.NewReader("hello"), tc.headers...); res.StatusCode != tc.status {
			t.Errorf("%s: %d %s", name, res.StatusCode, got)
		}
	}
	if n := len(w.names()); n != 1 {
		t.Errorf("%d files", n)
	}
}
