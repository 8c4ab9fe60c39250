package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	"doorito/e2e/bench/bare"
)

const (
	megabyte = 1e6
	bigFile  = 1_000_000_000
)

// uploadDisk sets the raw upload and the form beside the bare program, which
// hashes and writes as many bytes with the same syncing, in the same folder.
func uploadDisk(ctx context.Context, b *bench, t *table) error {
	u, done, err := openUploads(ctx, b)
	if err != nil {
		return err
	}
	defer done()
	var plain, raw, form, hashed []float64
	for i := range b.rounds + 1 {
		p, err := bare.Pipe(u.dir, bigFile)
		if err != nil {
			return err
		}
		r, err := u.rate(ctx, rawUpload(u.token, bigFile), http.StatusCreated)
		if err != nil {
			return err
		}
		f, err := u.rate(ctx, formUpload(u.session, bigFile), http.StatusOK)
		if err != nil {
			return err
		}
		h := bare.HashMemory(bigFile) / megabyte
		b.progress("MB/s: bare %.0f, raw %.0f, form %.0f, SHA-256 %.0f", p/megabyte, r, f, h)
		if i == 0 { // warms both sides up
			continue
		}
		plain, raw, form, hashed = append(plain, p/megabyte), append(raw, r), append(form, f), append(hashed, h)
	}
	t.add("raw upload", median(raw), "MB/s").against("bare hash and write", median(plain), ratios(raw, plain)).wantRatioAtLeast(0.85)
	t.add("raw upload", median(raw), "MB/s").against("SHA-256 of memory", median(hashed), ratios(raw, hashed))
	t.add("multipart upload", median(form), "MB/s").against("raw upload", median(raw), ratios(form, raw)).wantRatioAtLeast(0.85)
	t.note("medians of %d rounds, each bare, raw, form, SHA-256; ratios of neighbours. The client is in this process and shares %s.", b.rounds, cpus())
	return nil
}

// uploads is a portal with files on disk and a client for it.
type uploads struct {
	dir     string
	token   string
	session session
	sender  *sender
	sum     string // SHA-256 of the file
}

func openUploads(ctx context.Context, b *bench) (u *uploads, done func(), err error) {
	dir, err := b.folder("upload")
	if err != nil {
		return nil, nil, err
	}
	p, err := b.start(ctx, dir, "serve")
	if err != nil {
		return nil, nil, err
	}
	u = &uploads{dir: dir, sender: newSender(p)}
	if u.token, err = token(ctx, p); err == nil {
		u.session, err = signIn(ctx, p)
	}
	if err != nil {
		p.Kill()
		return nil, nil, err
	}
	u.sum = u.sender.sum(bigFile)
	return u, p.Kill, nil
}

// rate uploads once and returns MB/s. What arrived must be the file, whole.
func (u *uploads) rate(ctx context.Context, r request, want int) (float64, error) {
	code, body, took, err := u.sender.upload(ctx, r)
	if err != nil {
		return 0, err
	}
	if code != want {
		return 0, fmt.Errorf("%s answers %d: %.500s", r.line, code, body)
	}
	if want == http.StatusCreated {
		var f struct {
			SHA256 string `json:"sha256"`
		}
		if err := json.Unmarshal(body, &f); err != nil {
			return 0, err
		}
		if f.SHA256 != u.sum {
			return 0, fmt.Errorf("%s: the hash is %s, not %s", r.line, f.SHA256, u.sum)
		}
	}
	if n, err := forgetFiles(u.dir); err != nil || n != r.size {
		return 0, fmt.Errorf("%s left %d bytes of %d in the storage (%v)", r.line, n, r.size, err)
	}
	return float64(r.size) / took.Seconds() / megabyte, nil
}

// sum is the hash of size bytes as they are sent.
func (s *sender) sum(size int64) string {
	h := sha256.New()
	for left := size; left > 0; left -= blockSize {
		h.Write(s.block[:min(left, blockSize)])
	}
	return hex.EncodeToString(h.Sum(nil))
}
