package digest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"doorito/app/stream/digest"
)

// text is n bytes that look random.
func text(n int) []byte {
	p, c := make([]byte, n), rand.NewChaCha8([32]byte{byte(n)})
	_, _ = c.Read(p)
	return p
}

func check(t *testing.T, what string, d *digest.Digest, want []byte) {
	t.Helper()
	if sum := sha256.Sum256(want); !bytes.Equal(d.Sum(nil), sum[:]) {
		t.Errorf("%s: %x, not %x", what, d.Sum(nil), sum)
	}
}

func TestOneStreamIsSHA256(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 55, 56, 63, 64, 65, 1000, 16 << 10, 1<<20 + 17} {
		d, p := digest.New(), text(n)
		if wrote, err := d.Write(p); wrote != n || err != nil {
			t.Fatal(wrote, err)
		}
		check(t, fmt.Sprint(n, " bytes"), d, p)
	}
}

func TestBothDigestsOfTheSameBytesAreSHA256(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 63, 64, 127, 128, 200, 4096, 256<<10 + 3} {
		for _, before := range []int{0, 1, 63, 64, 100} {
			a, b, p := digest.New(), digest.New(), text(n)
			ahead := text(before)
			_, _ = a.Write(ahead)
			digest.WriteBoth(a, b, p)
			digest.WriteBoth(a, b, p[:n/2])
			check(t, fmt.Sprint(before, "+", n, " bytes, first"), a, append(append(ahead, p...), p[:n/2]...))
			check(t, fmt.Sprint(before, "+", n, " bytes, second"), b, append(append([]byte{}, p...), p[:n/2]...))
		}
	}
}

// TestManyStreamsAtOnceAreSHA256 has them meet in all ways: pieces of any
// length, so that their last blocks are full or not.
func TestManyStreamsAtOnceAreSHA256(t *testing.T) {
	t.Parallel()
	all := text(8 << 20)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			d, random, rest := digest.New(), rand.New(rand.NewPCG(uint64(i), 1)), all[i:]
			for left := rest; len(left) > 0; {
				n := min(len(left), 1+random.IntN(100_000))
				_, _ = d.Write(left[:n])
				left = left[n:]
			}
			check(t, fmt.Sprint("stream ", i), d, rest)
		})
	}
	wg.Wait()
}

// TestWhoWaitsIsHashedByWhoIsWoken is not parallel: it takes the slots of all.
func TestWhoWaitsIsHashedByWhoIsWoken(t *testing.T) {
	if !digest.Paired() {
		t.Log("this processor hashes one stream at a time")
		return
	}
	waiting, end := digest.Occupy()
	const n = 5
	p := text(100_000)
	ds := make([]*digest.Digest, n)
	var wg sync.WaitGroup
	for i := range ds {
		ds[i] = digest.New()
		wg.Go(func() { _, _ = ds[i].Write(p[i:]) })
	}
	for late := time.Now().Add(time.Minute); waiting() < n; runtime.Gosched() {
		if time.Now().After(late) {
			t.Fatalf("%d streams wait, not %d", waiting(), n)
		}
	}
	end()
	wg.Wait()
	for i, d := range ds {
		check(t, fmt.Sprint("stream ", i), d, p[i:])
	}
	if left := waiting(); left > 0 {
		t.Errorf("%d still wait", left)
	}
}

func TestStateIsThatOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	p := text(100_001)
	a, b := digest.New(), digest.New()
	digest.WriteBoth(a, b, p)
	ours, err := a.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	theirs := sha256.New()
	theirs.Write(p)
	want, err := theirs.(encoding.BinaryAppender).AppendBinary(nil)
	if err != nil || !bytes.Equal(ours, want) {
		t.Fatalf("%x, not %x (%v)", ours, want, err)
	}
	back := digest.New()
	if err := back.UnmarshalBinary(want); err != nil {
		t.Fatal(err)
	}
	check(t, "read back", back, p)
}

func FuzzTwoStreams(f *testing.F) {
	f.Add([]byte("abc"), []byte(""), 1)
	f.Add(text(300), text(200), 70)
	f.Add(text(129), text(64), 64)
	f.Fuzz(func(t *testing.T, p, q []byte, cut int) {
		a, b := digest.New(), digest.New()
		cut = max(0, min(cut, len(q)))
		_, _ = b.Write(q[:cut])
		digest.WriteBoth(a, b, p)
		check(t, "first", a, p)
		check(t, "second", b, append(append([]byte{}, q[:cut]...), p...))
		if n := min(len(p), len(q)) &^ 63; n > 0 && digest.Paired() {
			x, y := digest.Blocks(p[:n], q[:n])
			again, swapped := digest.Blocks(q[:n], p[:n])
			if x != swapped || y != again {
				t.Errorf("%x and %x, turned round %x and %x", x, y, again, swapped)
			}
		}
	})
}

// BenchmarkStreams is MB/s of 1, 2 and 8 streams together, and of one into two digests.
func BenchmarkStreams(b *testing.B) {
	p := text(256 << 10)
	for _, n := range []int{1, 2, 8} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(n * len(p)))
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() {
					d := digest.New()
					for range b.N {
						_, _ = d.Write(p)
					}
				})
			}
			wg.Wait()
		})
	}
	b.Run("both", func(b *testing.B) {
		b.SetBytes(int64(len(p)))
		x, y := digest.New(), digest.New()
		for range b.N {
			digest.WriteBoth(x, y, p)
		}
	})
}
