package portstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"doorito/domain"
	"doorito/ports"
)

func blobsOverwrite(t *testing.T, b ports.Blobs) {
	MustStore(t, b, "suite/twice", Bytes(5000), 5000, 5000)
	w := mustCreate(t, b, "suite/twice", int64(9*MiB))
	mustWrite(t, w, Bytes(9*MiB), 1*MiB)
	wantBlob(t, b, "suite/twice", Bytes(5000))
	if err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantBlob(t, b, "suite/twice", Bytes(9*MiB))
	MustStore(t, b, "suite/twice", []byte("third"), 5, 5)
	wantBlob(t, b, "suite/twice", []byte("third"))
	w = mustCreate(t, b, "suite/twice", -1)
	mustWrite(t, w, []byte("fourth"), 6)
	if err := w.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantBlob(t, b, "suite/twice", []byte("third"))
}

func blobsConcurrent(t *testing.T, b ports.Blobs) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			data := Bytes(2*MiB + i)
			key := fmt.Sprintf("suite/side/%d", i)
			w, err := b.Create(t.Context(), key, -1)
			if err != nil {
				t.Error(err)
				return
			}
			for p := range chunks(data, 50_000+i) {
				if _, err := w.Write(p); err != nil {
					t.Error(err)
					return
				}
			}
			if err := w.Commit(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range 8 {
		wantBlob(t, b, fmt.Sprintf("suite/side/%d", i), Bytes(2*MiB+i))
	}
}

func chunks(data []byte, n int) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(data) > 0 {
			k := min(n, len(data))
			if !yield(data[:k]) {
				return
			}
			data = data[k:]
		}
	}
}

func blobsSameKey(t *testing.T, b ports.Blobs) {
	first, second := mustCreate(t, b, "suite/same", -1), mustCreate(t, b, "suite/same", -1)
	one, two := bytes.Repeat([]byte("1"), 9*MiB), bytes.Repeat([]byte("2"), 10*MiB)
	for i := range 9 {
		mustWrite(t, first, one[i*MiB:(i+1)*MiB], 1*MiB)
		mustWrite(t, second, two[i*MiB:(i+1)*MiB], 1*MiB)
	}
	mustWrite(t, second, two[9*MiB:], 1*MiB)
	if err := first.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantBlob(t, b, "suite/same", one)
	if err := second.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantBlob(t, b, "suite/same", two)
}

func blobsDelete(t *testing.T, b ports.Blobs) {
	MustStore(t, b, "suite/old", Bytes(100), 100, 100)
	for range 2 {
		if err := b.Delete(t.Context(), "suite/old"); err != nil {
			t.Fatal(err)
		}
		wantMissing(t, b, "suite/old")
	}
	if err := b.Delete(t.Context(), "suite/never/was/there"); err != nil {
		t.Fatal(err)
	}
	MustStore(t, b, "suite/old", []byte("again"), 5, 5)
	wantBlob(t, b, "suite/old", []byte("again"))
}

// A writer whose process died is one that is never ended. Here it is ended
// after all, to see that it cannot bring the blob back.
func blobsDeleteUnfinished(t *testing.T, b ports.Blobs) {
	w := mustCreate(t, b, "suite/dead", int64(30*MiB))
	mustWrite(t, w, Bytes(17*MiB), 1*MiB)
	MustStore(t, b, "suite/dead2", []byte("alive"), 5, 5)
	if err := b.Delete(t.Context(), "suite/dead"); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(t.Context()); err == nil {
		t.Error("Commit works after Delete removed what was written")
	}
	wantMissing(t, b, "suite/dead")
	if err := w.Abort(t.Context()); err != nil {
		t.Error(err)
	}
	wantBlob(t, b, "suite/dead2", []byte("alive"))
}

func blobsBadKeys(t *testing.T, b ports.Blobs) {
	for _, key := range []string{
		"", "/", "/etc/passwd", "..", "../x", "suite/../../x", "suite/./x", "suite//x", "suite/", ".", "suite/.hidden",
		"suite/a\x00b", "suite/a\nb", `suite\x`, `..\x`, "suite/\xff", strings.Repeat("a", 201), strings.Repeat("ab/", 200) + "x",
	} {
		_, err := b.Create(t.Context(), key, 1)
		wantCode(t, err, domain.Invalid)
		_, err = b.Open(t.Context(), key, 0, -1)
		wantCode(t, err, domain.Invalid)
		_, err = b.Stat(t.Context(), key)
		wantCode(t, err, domain.Invalid)
		wantCode(t, b.Delete(t.Context(), key), domain.Invalid)
	}
}

func blobsCanceled(t *testing.T, b ports.Blobs) {
	MustStore(t, b, "suite/kept", []byte("kept"), 4, 4)
	ctx, cancel := context.WithCancel(t.Context())
	w, err := b.Create(ctx, "suite/half", -1)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	want := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err = w.Write(Bytes(17 * MiB))
	want("Write", err)
	_, err = b.Create(ctx, "suite/kept", 1)
	want("Create", err)
	_, err = b.Open(ctx, "suite/kept", 0, -1)
	want("Open", err)
	_, err = b.Stat(ctx, "suite/kept")
	want("Stat", err)
	want("Delete", b.Delete(ctx, "suite/kept"))
	want("Ping", b.Ping(ctx))
	if err := w.Abort(ctx); err != nil {
		t.Error(err)
	}
	wantBlob(t, b, "suite/kept", []byte("kept"))
	wantMissing(t, b, "suite/half")
}

func blobsEndedOnce(t *testing.T, b ports.Blobs) {
	w := mustCreate(t, b, "suite/once", 4)
	mustWrite(t, w, []byte("once"), 4)
	if err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("more")); err == nil {
		t.Error("Write works after Commit")
	}
	if err := w.Commit(t.Context()); err == nil {
		t.Error("a second Commit works")
	}
	for range 2 {
		if err := w.Abort(t.Context()); err != nil {
			t.Error(err)
		}
	}
	wantBlob(t, b, "suite/once", []byte("once"))
}

func blobsMissing(t *testing.T, b ports.Blobs) {
	MustStore(t, b, "suite/folder/file", []byte("x"), 1, 1)
	for _, key := range []string{"suite/nothing", "suite/folder", "suite/folder/other", "nothing/at/all"} {
		wantMissing(t, b, key)
	}
}

func blobsPrefix(t *testing.T, b ports.Blobs) {
	MustStore(t, b, "suite/id", []byte("short"), 5, 5)
	MustStore(t, b, "suite/id.tail.8", []byte("longer"), 6, 6)
	w := mustCreate(t, b, "suite/id.tail.9", int64(20*MiB))
	mustWrite(t, w, Bytes(20*MiB), 1*MiB)
	if err := b.Delete(t.Context(), "suite/id"); err != nil {
		t.Fatal(err)
	}
	wantMissing(t, b, "suite/id")
	wantBlob(t, b, "suite/id.tail.8", []byte("longer"))
	if err := w.Commit(t.Context()); err != nil {
		t.Fatalf("Delete of a shorter key broke a writer: %v", err)
	}
	wantBlob(t, b, "suite/id.tail.9", Bytes(20*MiB))
}

func blobsReuse(t *testing.T, b ports.Blobs) {
	data := Bytes(17 * MiB)
	w := mustCreate(t, b, "suite/reuse", -1)
	buf := make([]byte, 256<<10)
	for p := range chunks(data, len(buf)) {
		n := copy(buf, p)
		mustWrite(t, w, buf[:n], n)
		clear(buf)
	}
	if err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantBlob(t, b, "suite/reuse", data)
}
