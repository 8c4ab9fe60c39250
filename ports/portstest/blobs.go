package portstest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// Blobs checks the contract of ports.Blobs. open returns a storage that is
// empty, or at least one that nobody else uses with keys under "suite/".
func Blobs(t *testing.T, open func(t *testing.T) ports.Blobs) {
	for name, check := range map[string]func(*testing.T, ports.Blobs){
		"what is committed reads back":           blobsRoundTrip,
		"a range is cut out":                     blobsRange,
		"a range must be sensible":               blobsBadRange,
		"nothing is visible before commit":       blobsInvisible,
		"abort leaves nothing":                   blobsAbort,
		"abort works when the request is over":   blobsAbortCanceled,
		"the last commit under a key stays":      blobsOverwrite,
		"writers do not disturb each other":      blobsConcurrent,
		"writers of one key do not mix":          blobsSameKey,
		"what is put is there, once":             blobsPut,
		"of many who put one wins":               blobsPutRace,
		"delete removes, also twice":             blobsDelete,
		"delete removes what a writer left":      blobsDeleteUnfinished,
		"keys that are not ours are refused":     blobsBadKeys,
		"a canceled context ends every call":     blobsCanceled,
		"a writer is ended once":                 blobsEndedOnce,
		"what is missing is not found":           blobsMissing,
		"a working storage answers ping":         blobsPing,
		"a prefix of a key is another key":       blobsPrefix,
		"the bytes of Write belong to its owner": blobsReuse,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

func blobsRoundTrip(t *testing.T, b ports.Blobs) {
	for name, c := range map[string]struct {
		size, piece int
		known       bool
	}{
		"empty":                     {0, 1, true},
		"empty of unknown size":     {0, 1, false},
		"one byte":                  {1, 1, true},
		"small of unknown size":     {70_001, 999, false},
		"one part exactly":          {8 * MiB, 256 << 10, true},
		"one part exactly, unknown": {8 * MiB, 256 << 10, false},
		"a byte over one part":      {8*MiB + 1, 1 * MiB, true},
		"20 MiB in odd pieces":      {20*MiB + 7, 300_001, true},
		"20 MiB of unknown size":    {20*MiB + 7, 77_777, false},
		"two large writes":          {20 * MiB, 10 * MiB, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, hint := Bytes(c.size), int64(-1)
			if c.known {
				hint = int64(c.size)
			}
			key := "suite/2026/01/" + strings.ReplaceAll(name, " ", "-")
			begin := time.Now().Add(-24 * time.Hour * 365)
			MustStore(t, b, key, data, hint, c.piece)
			wantBlob(t, b, key, data)
			info, err := b.Stat(t.Context(), key)
			if err != nil || info.Size != int64(c.size) || info.ModTime.Before(begin) {
				t.Fatalf("Stat: %+v, %v", info, err)
			}
		})
	}
	t.Run("a wrong hint", func(t *testing.T) {
		t.Parallel()
		for key, hint := range map[string]int64{"suite/hint/low": 10, "suite/hint/high": int64(50 * MiB)} {
			data := Bytes(9*MiB + 3)
			MustStore(t, b, key, data, hint, 400_000)
			wantBlob(t, b, key, data)
		}
	})
}

func blobsRange(t *testing.T, b ports.Blobs) {
	data := Bytes(100_000)
	MustStore(t, b, "suite/range", data, 100_000, 100_000)
	for _, c := range []struct{ offset, length, want int64 }{
		{0, -1, 100_000}, {0, 100_000, 100_000}, {0, 1, 1}, {99_999, -1, 1}, {99_999, 1, 1},
		{500, 1234, 1234}, {500, 200_000, 99_500}, {100_000, -1, 0}, {100_000, 5, 0}, {7, 0, 0}, {0, 0, 0},
	} {
		got := read(t, b, "suite/range", c.offset, c.length)
		if !bytes.Equal(got, data[c.offset:c.offset+c.want]) {
			t.Errorf("offset %d, length %d: %d bytes, want %d", c.offset, c.length, len(got), c.want)
		}
	}
}

func blobsBadRange(t *testing.T, b ports.Blobs) {
	MustStore(t, b, "suite/short", []byte("short"), 5, 5)
	MustStore(t, b, "suite/zero", nil, 0, 1)
	for _, c := range []struct {
		key            string
		offset, length int64
	}{{"suite/short", 6, -1}, {"suite/short", 6, 1}, {"suite/short", 6, 0}, {"suite/zero", 1, -1}, {"suite/short", -1, -1}, {"suite/short", 0, -2}} {
		r, err := b.Open(t.Context(), c.key, c.offset, c.length)
		if err == nil {
			r.Close()
		}
		wantCode(t, err, domain.Invalid)
	}
	if got := read(t, b, "suite/zero", 0, -1); len(got) != 0 {
		t.Errorf("an empty blob has %d bytes", len(got))
	}
	if got := read(t, b, "suite/zero", 0, 10); len(got) != 0 {
		t.Errorf("a range of an empty blob has %d bytes", len(got))
	}
}

func blobsInvisible(t *testing.T, b ports.Blobs) {
	w := mustCreate(t, b, "suite/later", -1)
	mustWrite(t, w, Bytes(9*MiB), 1*MiB)
	wantMissing(t, b, "suite/later")
	if err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantBlob(t, b, "suite/later", Bytes(9*MiB))
}

func blobsAbort(t *testing.T, b ports.Blobs) {
	for _, size := range []int{0, 1000, 20 * MiB} {
		w := mustCreate(t, b, "suite/aborted", int64(size))
		mustWrite(t, w, Bytes(size), 1*MiB)
		if err := w.Abort(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantMissing(t, b, "suite/aborted")
		if _, err := w.Write([]byte("more")); err == nil {
			t.Error("Write works after Abort")
		}
		if err := w.Commit(t.Context()); err == nil {
			t.Error("Commit works after Abort")
		}
		wantMissing(t, b, "suite/aborted")
	}
}

func blobsAbortCanceled(t *testing.T, b ports.Blobs) {
	ctx, cancel := context.WithCancel(t.Context())
	w, err := b.Create(ctx, "suite/gone", int64(20*MiB))
	if err != nil {
		t.Fatal(err)
	}
	mustWrite(t, w, Bytes(17*MiB), 1*MiB)
	cancel()
	if err := w.Commit(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Commit: %v", err)
	}
	wantMissing(t, b, "suite/gone")
	if err := w.Abort(ctx); err != nil {
		t.Errorf("Abort: %v", err)
	}
	wantMissing(t, b, "suite/gone")
}

func blobsPing(t *testing.T, b ports.Blobs) {
	if err := b.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Bytes returns n bytes, the same each time, in which no page looks like
// another. All callers share them: to read, not to change.
func Bytes(n int) []byte {
	made.Lock()
	defer made.Unlock()
	for x := made.next; len(made.bytes) < n; made.next = x {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		made.bytes = append(made.bytes, byte(x))
	}
	return made.bytes[:n:n]
}

// made keeps what Bytes made so far: xorshift32, Marsaglia 2003.
var made = struct {
	sync.Mutex
	bytes []byte
	next  uint32
}{next: 2463534242}

// MustStore writes data in pieces and commits it.
func MustStore(t *testing.T, b ports.Blobs, key string, data []byte, hint int64, piece int) {
	t.Helper()
	w := mustCreate(t, b, key, hint)
	mustWrite(t, w, data, piece)
	if err := w.Commit(t.Context()); err != nil {
		t.Fatalf("Commit of %s: %v", key, err)
	}
	if err := w.Abort(t.Context()); err != nil {
		t.Fatalf("Abort after Commit of %s: %v", key, err)
	}
}

func mustCreate(t *testing.T, b ports.Blobs, key string, hint int64) ports.BlobWriter {
	t.Helper()
	w, err := b.Create(t.Context(), key, hint)
	if err != nil {
		t.Fatalf("Create of %s: %v", key, err)
	}
	return w
}

func mustWrite(t *testing.T, w io.Writer, data []byte, piece int) {
	t.Helper()
	for len(data) > 0 {
		n := min(piece, len(data))
		if got, err := w.Write(data[:n]); err != nil || got != n {
			t.Fatalf("Write of %d bytes: %d, %v", n, got, err)
		}
		data = data[n:]
	}
}

func read(t *testing.T, b ports.Blobs, key string, offset, length int64) []byte {
	t.Helper()
	r, err := b.Open(t.Context(), key, offset, length)
	if err != nil {
		t.Fatalf("Open of %s at %d, %d: %v", key, offset, length, err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("Read of %s at %d, %d: %v", key, offset, length, err)
	}
	return got
}

// wantBlob compares piece by piece: the race detector is slow to follow memory
// that is new and large.
func wantBlob(t *testing.T, b ports.Blobs, key string, want []byte) {
	t.Helper()
	r, err := b.Open(t.Context(), key, 0, -1)
	if err != nil {
		t.Fatalf("Open of %s: %v", key, err)
	}
	defer r.Close()
	same := &comparison{want: want}
	if n, err := io.Copy(same, r); err != nil || !same.whole() {
		t.Fatalf("%s has %d bytes that differ from the %d written: %v", key, n, len(want), err)
	}
}

// comparison tells whether what is written to it is want.
type comparison struct {
	want  []byte
	other bool
}

func (c *comparison) Write(p []byte) (int, error) {
	if rest, ok := bytes.CutPrefix(c.want, p); ok {
		c.want = rest
	} else {
		c.other = true
	}
	return len(p), nil
}

func (c *comparison) whole() bool { return !c.other && len(c.want) == 0 }

func wantMissing(t *testing.T, b ports.Blobs, key string) {
	t.Helper()
	_, err := b.Stat(t.Context(), key)
	wantCode(t, err, domain.NotFound)
	r, err := b.Open(t.Context(), key, 0, -1)
	if err == nil {
		r.Close()
	}
	wantCode(t, err, domain.NotFound)
}

func wantCode(t *testing.T, err error, code domain.Code) {
	t.Helper()
	if !domain.IsCode(err, code) {
		t.Errorf("error is %v, want %s", err, code)
	}
}
