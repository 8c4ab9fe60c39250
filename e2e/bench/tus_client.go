package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"doorito/e2e/portal"
)

// tusServer is one side of a comparison: a portal or tusd.
type tusServer struct {
	name   string
	url    string
	pid    int
	dir    string // files lie in dir/files
	token  string // empty for tusd
	sender *sender
	http   *http.Client
	kill   func()
}

func newTusServer(name, base, dir, token string, pid int, kill func()) *tusServer {
	s := &sender{host: strings.TrimPrefix(base, "http://"), block: block()}
	return &tusServer{name: name, url: base, pid: pid, dir: dir, token: token, sender: s, kill: kill,
		http: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// tusPortal starts a portal with an upload token.
func (b *bench) tusPortal(ctx context.Context, name string, env ...string) (*tusServer, error) {
	dir, err := b.folder("portal")
	if err != nil {
		return nil, err
	}
	p, err := b.start(ctx, dir, "serve", env...)
	if err != nil {
		return nil, err
	}
	t, err := token(ctx, p)
	if err != nil {
		p.Kill()
		return nil, err
	}
	return newTusServer(name, p.URL, dir, t, p.PID, p.Kill), nil
}

// tusRival starts tusd.
func (b *bench) tusRival(ctx context.Context) (*tusServer, error) {
	t, err := b.startTusd(ctx)
	if err != nil {
		return nil, err
	}
	return newTusServer("tusd", t.url, t.dir, "", t.pid, t.kill), nil
}

func (s *tusServer) header() http.Header {
	h := http.Header{"Tus-Resumable": {"1.0.0"}}
	if s.token != "" {
		h.Set("Authorization", "Bearer "+s.token)
	}
	return h
}

// do sends a small request and wants an answer with this status.
func (s *tusServer) do(ctx context.Context, method, path string, h http.Header, body []byte, want int) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = h
	res, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != want {
		err = fmt.Errorf("%s: %s %s answers %d: %.300s", s.name, method, path, res.StatusCode, text)
	}
	res.Body = io.NopCloser(bytes.NewReader(text))
	return res, err
}

// answer is do with the answer's body.
func (s *tusServer) answer(ctx context.Context, method, path string, h http.Header, body []byte, want int) ([]byte, error) {
	res, err := s.do(ctx, method, path, h, body, want)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(res.Body)
}

// create makes an upload, with its bytes if there are any, and returns its path.
func (s *tusServer) create(ctx context.Context, size int64, extra http.Header, body []byte) (string, error) {
	h := s.header()
	h.Set("Upload-Length", strconv.FormatInt(size, 10))
	h.Set("Upload-Metadata", "filename YmVuY2guYmlu") // bench.bin
	for name, values := range extra {
		h[name] = values
	}
	if body != nil {
		h.Set("Content-Type", "application/offset+octet-stream")
	}
	res, err := s.do(ctx, http.MethodPost, "/files/", h, body, http.StatusCreated)
	if err != nil {
		return "", err
	}
	at, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		return "", err
	}
	return at.Path, nil
}

// patchSmall sends bytes from memory on a kept connection.
func (s *tusServer) patchSmall(ctx context.Context, path string, body []byte) error {
	h := s.header()
	h.Set("Content-Type", "application/offset+octet-stream")
	h.Set("Upload-Offset", "0")
	_, err := s.do(ctx, http.MethodPatch, path, h, body, http.StatusNoContent)
	return err
}

// patch sends a whole upload on a connection of its own.
func (s *tusServer) patch(ctx context.Context, path string, size int64) error {
	h := s.header()
	h.Set("Content-Type", "application/offset+octet-stream")
	h.Set("Upload-Offset", "0")
	code, body, _, err := s.sender.upload(ctx, request{line: "PATCH " + path, header: h, size: size})
	if err == nil && code != http.StatusNoContent {
		err = fmt.Errorf("%s: PATCH answers %d: %.300s", s.name, code, body)
	}
	return err
}

// sideBySide sends n uploads of size at once and returns MB/s and the server's
// processor seconds for each GB. What was stored is removed again.
func (s *tusServer) sideBySide(ctx context.Context, n int, size int64) (rate, cpu float64, err error) {
	paths := make([]string, n)
	for i := range paths {
		if paths[i], err = s.create(ctx, size, nil, nil); err != nil {
			return 0, 0, err
		}
	}
	before, err := cpuSeconds(s.pid)
	if err != nil {
		return 0, 0, err
	}
	start := time.Now()
	errs := make([]error, n)
	var all sync.WaitGroup
	for i, path := range paths {
		all.Go(func() { errs[i] = s.patch(ctx, path, size) })
	}
	all.Wait()
	took := time.Since(start)
	after, err := cpuSeconds(s.pid)
	if err := errors.Join(append(errs, err)...); err != nil {
		return 0, 0, err
	}
	if err := s.checkStored(ctx, int64(n)*size, size); err != nil {
		return 0, 0, err
	}
	bytes := float64(n) * float64(size)
	return bytes / took.Seconds() / megabyte, (after - before) / bytes * 1e9, nil
}

// checkStored wants the bytes to be there, and the portal to know their hash.
func (s *tusServer) checkStored(ctx context.Context, total, each int64) error {
	if n, err := forgetFiles(s.dir); err != nil || n < total {
		return fmt.Errorf("%s left %d bytes of %d in the storage (%v)", s.name, n, total, err)
	}
	if s.token == "" {
		return nil
	}
	c := &portal.Client{URL: s.url, Token: s.token, HTTP: s.http}
	a, err := c.Try(http.MethodGet, "/api/v1/files?limit=1", "", nil)
	if err != nil {
		return err
	}
	var page struct{ Items []portal.File }
	if err := json.Unmarshal(a.Body, &page); err != nil || len(page.Items) == 0 {
		return fmt.Errorf("the newest file is not listed: %d %.300s (%v)", a.Code, a.Body, err)
	}
	if want := s.sender.sum(each); page.Items[0].SHA256 != want {
		return fmt.Errorf("the hash is %q, not %s", page.Items[0].SHA256, want)
	}
	return ctx.Err()
}

// cpuSeconds is what a process has used, in user and kernel mode (proc(5),
// stat, fields 14 and 15, in ticks of which Linux has 100 a second).
func cpuSeconds(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("stat of process %d cannot be read", pid)
	}
	var ticks float64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return ticks / 100, nil
}
