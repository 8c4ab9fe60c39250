package portstest

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"doorito/domain"
	"doorito/ports"
)

func blobsPut(t *testing.T, b ports.Blobs) {
	data := bytes.Clone(Bytes(10_001))
	if err := b.Put(t.Context(), "suite/put/small", data); err != nil {
		t.Fatal(err)
	}
	clear(data)
	wantBlob(t, b, "suite/put/small", Bytes(10_001))
	wantCode(t, b.Put(t.Context(), "suite/put/small", []byte("other")), domain.Conflict)
	wantBlob(t, b, "suite/put/small", Bytes(10_001))
	MustStore(t, b, "suite/put/small", []byte("committed"), 9, 9)
	wantBlob(t, b, "suite/put/small", []byte("committed"))
	if err := b.Delete(t.Context(), "suite/put/small"); err != nil {
		t.Fatal(err)
	}
	if err := b.Put(t.Context(), "suite/put/small", []byte("again")); err != nil {
		t.Fatal(err)
	}
	wantBlob(t, b, "suite/put/small", []byte("again"))
	wantCode(t, b.Put(t.Context(), "../outside", []byte("x")), domain.Invalid)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Put(over, "suite/put/late", []byte("x")); err == nil {
		t.Error("a canceled context let a blob through")
	}
}

func blobsPutRace(t *testing.T, b ports.Blobs) {
	var wg sync.WaitGroup
	var won atomic.Int32
	for i := range 8 {
		wg.Go(func() {
			err := b.Put(t.Context(), "suite/put/race", Bytes(1000+i))
			if err == nil {
				won.Store(int32(1000 + i))
			} else if !domain.IsCode(err, domain.Conflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() == 0 {
		t.Fatal("nobody made the blob")
	}
	wantBlob(t, b, "suite/put/race", Bytes(int(won.Load())))
}
