package bare_test

import (
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"doorito/adapters/disk"
	"doorito/app/stream"
	"doorito/e2e/bench/bare"
	"doorito/ports"
)

const gigabyte = 1_000_000_000

// BenchmarkCopyToDisk sets stream.Copy into adapters/disk beside the bare
// program, in turns, and reports the median of the ratio of neighbours.
func BenchmarkCopyToDisk(b *testing.B) {
	dir := b.TempDir()
	blobs, err := disk.New(dir)
	if err != nil {
		b.Fatal(err)
	}
	data := bare.Block()
	var plain, copied, hashed, ratio []float64
	b.SetBytes(gigabyte)
	for b.Loop() {
		p, err := bare.Pipe(dir, gigabyte)
		if err != nil {
			b.Fatal(err)
		}
		c := copyToDisk(b, blobs, data)
		plain, copied, ratio = append(plain, p), append(copied, c), append(ratio, c/p)
		hashed = append(hashed, bare.HashMemory(gigabyte))
	}
	b.ReportMetric(median(plain)/1e6, "bare-MB/s")
	b.ReportMetric(median(copied)/1e6, "copy-MB/s")
	b.ReportMetric(median(hashed)/1e6, "sha256-MB/s")
	b.ReportMetric(median(ratio), "copy/bare")
}

func copyToDisk(b *testing.B, blobs ports.Blobs, data []byte) float64 {
	const key = "bench/blob"
	ctx := context.Background()
	start := time.Now()
	w, err := blobs.Create(ctx, key, gigabyte)
	if err != nil {
		b.Fatal(err)
	}
	res, err := stream.Copy(ctx, w, &repeat{data: data, left: gigabyte}, stream.Options{Limit: 2 * gigabyte})
	if err != nil || res.Size != gigabyte {
		b.Fatal(res.Size, err)
	}
	if err := w.Commit(ctx); err != nil {
		b.Fatal(err)
	}
	rate := gigabyte / time.Since(start).Seconds()
	if err := blobs.Delete(ctx, key); err != nil {
		b.Fatal(err)
	}
	return rate
}

// repeat reads data over and over until left bytes were read.
type repeat struct {
	data []byte
	at   int
	left int64
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), r.left)], r.data[r.at:])
	r.at = (r.at + n) % len(r.data)
	r.left -= int64(n)
	return n, nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}
