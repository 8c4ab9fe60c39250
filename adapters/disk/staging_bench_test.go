package disk_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"doorito/ports/portstest"
)

// What durable offsets cost: 512 MiB in pieces of 256 KiB.
func BenchmarkAppend(b *testing.B) {
	const size, piece = 512 << 20, 256 << 10
	buf := portstest.Bytes(piece)
	b.Run("plain write", func(b *testing.B) {
		b.SetBytes(size)
		for i := range b.N {
			f, err := os.Create(filepath.Join(b.TempDir(), fmt.Sprint(i)))
			if err != nil {
				b.Fatal(err)
			}
			for range size / piece {
				if _, err := f.Write(buf); err != nil {
					b.Fatal(err)
				}
			}
			f.Close()
		}
	})
	for _, every := range []int{8 << 20, 64 << 20, size} {
		b.Run(fmt.Sprintf("checkpoint every %d MiB", every>>20), func(b *testing.B) {
			b.SetBytes(size)
			for i := range b.N {
				append512(b, b.TempDir(), fmt.Sprint("bench/", i), buf, size, every)
			}
		})
	}
}

func append512(b *testing.B, root, key string, buf []byte, size, every int) {
	blobs := mustNew(b, root)
	note, err := blobs.Begin(b.Context(), key, int64(size))
	if err != nil {
		b.Fatal(err)
	}
	w, err := blobs.Append(b.Context(), key, note, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	for done := 0; done < size; done += len(buf) {
		if done%every == 0 && done > 0 {
			if note, err = w.Checkpoint(b.Context())(); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := w.Write(buf); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := w.Checkpoint(b.Context())(); err != nil {
		b.Fatal(err)
	}
	if err := blobs.Finish(b.Context(), key, note, int64(size), nil); err != nil {
		b.Fatal(err)
	}
}
