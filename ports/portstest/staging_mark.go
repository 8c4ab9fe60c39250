package portstest

import (
	"bytes"
	"sync"
	"testing"
)

// stagingMark checkpoints while the writer goes on, where the storage allows
// it, then dies and goes on elsewhere from the mark.
func stagingMark(t *testing.T, s Stage) {
	const mib, key = 1 << 20, "suite/marked"
	b, data := s.Open(), Bytes(27*mib+5)
	w := mustAppend(t, b, key, mustBegin(t, b, key, int64(len(data))), 0)
	var note []byte
	at := 0
	for _, end := range []int{8 * mib, 16 * mib, 19 * mib} {
		mustWrite(t, w, data[at:end], 256<<10)
		at = end
		beside, err := w.Mark(t.Context())
		if err != nil {
			t.Fatalf("Mark: %v", err)
		}
		var wg sync.WaitGroup
		if beside {
			rest := data[at : at+mib]
			at += mib
			wg.Go(func() {
				if _, err := w.Write(rest); err != nil {
					t.Errorf("Write beside Checkpoint: %v", err)
				}
			})
		}
		note = mustCheckpoint(t, w)
		wg.Wait()
	}
	mustWrite(t, w, bytes.Repeat([]byte{0xee}, mib), 256<<10)
	mustClose(t, w)
	next := s.Open()
	note = request(t, next, key, note, 19*mib, data[19*mib:], 1*mib, 4*mib)
	mustFinish(t, next, key, note, len(data), nil)
	wantBlob(t, next, key, data)
	wantLeft(t, s, 1)
}

// stagingHold finishes what was never checkpointed.
func stagingHold(t *testing.T, s Stage) {
	const key = "suite/held"
	b, data := s.Open(), Bytes(70_001)
	w := mustAppend(t, b, key, mustBegin(t, b, key, int64(len(data))), 0)
	mustWrite(t, w, data, 999)
	note, err := w.Hold(t.Context())
	if err != nil {
		t.Fatalf("Hold: %v", err)
	}
	mustClose(t, w)
	mustFinish(t, s.Open(), key, note, len(data), nil)
	wantBlob(t, b, key, data)
	mustFinish(t, s.Open(), key, note, len(data), nil)
	wantLeft(t, s, 1)
}
