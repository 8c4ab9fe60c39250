package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"doorito/e2e/bench/bare"
	"doorito/e2e/portal"
)

const (
	archiveFiles = 10_000
	archiveSize  = 100_000 // of each
	fewFiles     = 100
)

// asArchive sets a batch's ZIP beside the download of one file of as many bytes,
// in turns, and a process that sent ten thousand files beside one that sent a
// hundred of as many bytes together.
func asArchive(ctx context.Context, b *bench, t *table) error {
	a := &archives{b: b}
	var err error
	if a.dir, err = b.folder("archive"); err != nil {
		return err
	}
	if err := a.fill(ctx); err != nil {
		return err
	}
	var zip, few, plain, peaks, fewPeaks, plainPeaks []float64
	for i := range b.rounds + 1 {
		var rates, peak [3]float64
		for j, path := range []string{a.file, a.few, a.many} {
			if rates[j], peak[j], err = a.fetch(ctx, path); err != nil {
				return err
			}
		}
		b.progress("MB/s: a file %.0f, ZIP of %d %.0f, ZIP of %d %.0f; MB: %.0f, %.0f, %.0f", rates[0], fewFiles, rates[1], archiveFiles, rates[2], peak[0], peak[1], peak[2])
		if i == 0 { // fills the page cache
			continue
		}
		plain, few, zip = append(plain, rates[0]), append(few, rates[1]), append(zip, rates[2])
		plainPeaks, fewPeaks, peaks = append(plainPeaks, peak[0]), append(fewPeaks, peak[1]), append(peaks, peak[2])
	}
	t.add("ZIP of 10,000 files", median(zip), "MB/s").against("one file of as many bytes", median(plain), ratios(zip, plain)).wantRatioAtLeast(0.5)
	t.add("ZIP of 100 files", median(few), "MB/s").against("one file of as many bytes", median(plain), ratios(few, plain))
	t.add("memory, ZIP of 10,000 files", median(peaks), "MB").against("ZIP of 100 files", median(fewPeaks), ratios(peaks, fewPeaks)).wantRatioAtMost(1.25)
	t.add("memory, ZIP of 10,000 files", median(peaks), "MB").against("one file", median(plainPeaks), ratios(peaks, plainPeaks))
	t.note("medians of %d rounds in turns, a fresh process each, 1 GB; memory is VmHWM of that process. The client shares %s.", b.rounds, cpus())
	return nil
}

// archives is a portal's folder with two batches and a file.
type archives struct {
	b               *bench
	dir, token      string
	file, few, many string // addresses
}

func (a *archives) fill(ctx context.Context) error {
	p, err := a.b.start(ctx, a.dir, "serve", "UPLOAD_SYNC=none", "FILE_UPLOAD_TTL_HOURS=0")
	if err != nil {
		return err
	}
	defer p.Kill()
	c, err := client(ctx, p)
	if err != nil {
		return err
	}
	defer c.HTTP.CloseIdleConnections()
	a.token = c.Token
	code, body, _, err := newSender(p).upload(ctx, rawUpload(c.Token, archiveFiles*archiveSize))
	var f struct{ ID string }
	if err == nil && code == http.StatusCreated {
		err = json.Unmarshal(body, &f)
	}
	if err != nil || f.ID == "" {
		return fmt.Errorf("the file answers %d: %.300s (%w)", code, body, err)
	}
	a.file = "/api/v1/files/" + f.ID + "/content"
	if a.few, err = batchOf(ctx, c, fewFiles, archiveFiles/fewFiles*archiveSize); err != nil {
		return err
	}
	a.many, err = batchOf(ctx, c, archiveFiles, archiveSize)
	return err
}

// batchOf hands in files and returns the address of their archive.
func batchOf(ctx context.Context, c *portal.Client, n int, size int64) (string, error) {
	var made struct{ ID string }
	if err := askJSON(ctx, c, http.MethodPost, "/api/v1/batches", "application/json", strings.NewReader(`{"label":"bench"}`), &made); err != nil {
		return "", err
	}
	block := bare.Block()
	_, err := sideBySide(ctx, n, handsAtOnce, func(i int) error {
		body := &io.LimitedReader{R: &repeated{block: block}, N: size}
		path := fmt.Sprintf("/api/v1/files/file-%05d.bin?batch=%s&folder=%d", i, made.ID, i%100)
		return askJSON(ctx, c, http.MethodPut, path, "application/octet-stream", body, &struct{}{})
	})
	return "/api/v1/batches/" + made.ID + "/zip", err
}

// repeated is a block without an end.
type repeated struct {
	block []byte
	at    int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.block[r.at:])
	r.at = (r.at + n) % len(r.block)
	return n, nil
}

func askJSON(ctx context.Context, c *portal.Client, method, path, kind string, body io.Reader, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("Content-Type", kind)
	res, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s %s answers %d: %.300s (%w)", method, path, res.StatusCode, text, err)
	}
	return json.Unmarshal(text, into)
}

// fetch downloads once from a fresh process; MB/s, and its memory in MB.
func (a *archives) fetch(ctx context.Context, path string) (rate, peak float64, err error) {
	p, err := a.b.start(ctx, a.dir, "serve", "FILE_UPLOAD_TTL_HOURS=0")
	if err != nil {
		return 0, 0, err
	}
	defer p.Kill()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+path, http.NoBody)
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	start := time.Now()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, res.Body, make([]byte, 256<<10))
	took := time.Since(start)
	if err != nil || n != res.ContentLength || n < archiveFiles*archiveSize {
		return 0, 0, fmt.Errorf("%s answers %d with %d bytes of %d (%w)", path, res.StatusCode, n, res.ContentLength, err)
	}
	peak, err = vmHWM(p.PID)
	return float64(n) / took.Seconds() / megabyte, peak, err
}
