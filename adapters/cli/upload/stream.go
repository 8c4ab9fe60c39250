package upload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// sendStream sends standard input by one request, which is tried once: it
// cannot be read again.
func (r *run) sendStream(ctx context.Context, it *item, line *line) (outcome, error) {
	sum := sha256.New()
	body := line.content(-1, func() io.Reader { return io.TeeReader(r.Stdin, sum) })
	f := &File{}
	_, err := r.client.try(ctx, putCall(it, r.batchID(), "", body, f))
	if err == nil {
		if here := hex.EncodeToString(sum.Sum(nil)); here != f.SHA256 {
			err = otherSum(f, here)
		}
	}
	return outcome{file: f}, err
}
