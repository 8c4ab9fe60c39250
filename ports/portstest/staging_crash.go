package portstest

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"doorito/domain"
)

// A crash is a writer that is never closed while another process goes on.
func stagingCrash(t *testing.T, s Stage) {
	data := Bytes(29*MiB + 5)
	note, at := mustBegin(t, s.Open(), "suite/crash", int64(len(data))), 0
	for i, step := range []int{1, 3 * MiB, 5 * MiB, 100, 8 * MiB, 11*MiB - 1} {
		w := mustAppend(t, s.Open(), "suite/crash", note, int64(at))
		mustWrite(t, w, data[at:at+step], 1*MiB)
		note = mustCheckpoint(t, w)
		at += step
		if i%2 == 0 { // it goes on, and all of that is lost
			lost := bytes.Repeat([]byte{0xee}, min(9*MiB, len(data)-at))
			mustWrite(t, w, lost, 1*MiB)
			mustCheckpoint(t, w) // nothing of it is under way any more
		}
		t.Cleanup(func() { _ = w.Close() })
	}
	note = request(t, s.Open(), "suite/crash", note, at, data[at:], 1*MiB, 8*MiB)
	mustFinish(t, s.Open(), "suite/crash", note, len(data), nil)
	wantBlob(t, s.Open(), "suite/crash", data)
}

// The crash came after a checkpoint and before its note was saved: the older
// note counts.
func stagingDrops(t *testing.T, s Stage) {
	data := Bytes(20 * MiB)
	first := mustBegin(t, s.Open(), "suite/drop", int64(len(data)))
	saved := request(t, s.Open(), "suite/drop", first, 0, data[:5*MiB], 1*MiB, 2*MiB)
	request(t, s.Open(), "suite/drop", saved, 5*MiB, bytes.Repeat([]byte{0xee}, 15*MiB), 1*MiB, 20*MiB)
	note := request(t, s.Open(), "suite/drop", saved, 5*MiB, data[5*MiB:12*MiB], 1*MiB, 20*MiB)
	request(t, s.Open(), "suite/drop", note, 12*MiB, bytes.Repeat([]byte{0xdd}, 8*MiB), 1*MiB, 20*MiB)
	note = request(t, s.Open(), "suite/drop", note, 12*MiB, data[12*MiB:], 1*MiB, 20*MiB)
	mustFinish(t, s.Open(), "suite/drop", note, len(data), nil)
	wantBlob(t, s.Open(), "suite/drop", data)

	short := data[:3*MiB] // less in the end than an earlier writer left
	begun := mustBegin(t, s.Open(), "suite/less", -1)
	saved = request(t, s.Open(), "suite/less", begun, 0, short, 1*MiB, 20*MiB)
	request(t, s.Open(), "suite/less", saved, len(short), data[:9*MiB], 1*MiB, 20*MiB)
	mustFinish(t, s.Open(), "suite/less", saved, len(short), nil)
	wantBlob(t, s.Open(), "suite/less", short)
	wantLeft(t, s, 2)
}

func stagingTakeOver(t *testing.T, s Stage) {
	b, data := s.Open(), Bytes(12*MiB)
	old := mustAppend(t, b, "suite/two", mustBegin(t, b, "suite/two", int64(len(data))), 0)
	mustWrite(t, old, data[:2*MiB], 1*MiB)
	note := mustCheckpoint(t, old)
	now := mustAppend(t, b, "suite/two", note, int64(2*MiB))
	if _, err := old.Write([]byte("too late")); !domain.IsCode(err, domain.Conflict) {
		t.Errorf("Write of the earlier writer: %v", err)
	}
	if _, err := old.Checkpoint(t.Context())(); !domain.IsCode(err, domain.Conflict) {
		t.Errorf("Checkpoint of the earlier writer: %v", err)
	}
	mustClose(t, old)
	mustWrite(t, now, data[2*MiB:], 1*MiB)
	note = mustCheckpoint(t, now)
	mustClose(t, now)
	mustFinish(t, b, "suite/two", note, len(data), nil)
	wantBlob(t, b, "suite/two", data)
}

func stagingCanceledKeeps(t *testing.T, s Stage) {
	data := Bytes(13 * MiB)
	b := s.Open()
	note := mustBegin(t, b, "suite/broken", int64(len(data)))
	ctx, cancel := context.WithCancel(t.Context())
	w, err := b.Append(ctx, "suite/broken", note, 0)
	if err != nil {
		t.Fatal(err)
	}
	mustWrite(t, w, data[:10*MiB], 1*MiB)
	cancel()
	if n, err := w.Write(data[10*MiB:]); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("Write after the request: %d, %v", n, err)
	}
	if _, err := w.Checkpoint(ctx)(); !errors.Is(err, context.Canceled) {
		t.Errorf("Checkpoint with the request's context: %v", err)
	}
	note = mustCheckpoint(t, w)
	mustClose(t, w)
	note = request(t, s.Open(), "suite/broken", note, 10*MiB, data[10*MiB:], 1*MiB, 8*MiB)
	mustFinish(t, s.Open(), "suite/broken", note, len(data), nil)
	wantBlob(t, b, "suite/broken", data)
}

func stagingFinishTwice(t *testing.T, s Stage) {
	for name, size := range map[string]int{"none": 0, "small": 1000, "large": 17*MiB + 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, key := Bytes(size), "suite/"+name
			note := request(t, s.Open(), key, mustBegin(t, s.Open(), key, int64(size)), 0, data, 1*MiB, 5*MiB)
			b := s.Open()
			mustFinish(t, b, key, note, size, nil)
			mustFinish(t, b, key, note, size, nil)
			mustFinish(t, s.Open(), key, note, size, nil)
			wantBlob(t, b, key, data)
		})
	}
	t.Cleanup(func() { wantLeft(t, s, 3) })
}

func stagingFinishOpenWriter(t *testing.T, s Stage) {
	b, data := s.Open(), Bytes(9*MiB)
	w := mustAppend(t, b, "suite/open", mustBegin(t, b, "suite/open", int64(len(data))), 0)
	mustWrite(t, w, data, 1*MiB)
	note := mustCheckpoint(t, w)
	mustFinish(t, s.Open(), "suite/open", note, len(data), nil)
	_, _ = w.Write([]byte("too late")) // may succeed, but must change nothing
	mustClose(t, w)
	wantBlob(t, b, "suite/open", data)
}

func stagingDiscard(t *testing.T, s Stage) {
	b, data := s.Open(), Bytes(20*MiB)
	note := request(t, b, "suite/appended", mustBegin(t, b, "suite/appended", int64(len(data))), 0, data[:11*MiB], 1*MiB, 5*MiB)
	parts := mustBegin(t, b, "suite/parts", int64(len(data)))
	mustPart(t, b, "suite/parts", parts, data, 8*MiB, 2)
	begun := mustBegin(t, b, "suite/begun", int64(20*MiB))
	mustBegin(t, b, "suite/unsaved", int64(20*MiB))
	open := mustAppend(t, b, "suite/open", mustBegin(t, b, "suite/open", -1), 0)
	mustWrite(t, open, data[:9*MiB], 1*MiB)
	for range 2 {
		for key, note := range map[string][]byte{"appended": note, "parts": parts, "begun": begun, "unsaved": nil, "open": nil} {
			if err := b.Discard(t.Context(), "suite/"+key, note); err != nil {
				t.Errorf("Discard of %s: %v", key, err)
			}
		}
	}
	if _, err := open.Checkpoint(t.Context())(); !domain.IsCode(err, domain.Conflict) {
		t.Errorf("Checkpoint after Discard: %v", err)
	}
	mustClose(t, open)
	wantLeft(t, s, 0)
}

func stagingDiscardFinished(t *testing.T, s Stage) {
	for name, size := range map[string]int{"small": 1000, "large": 9 * MiB} {
		b, data, key := s.Open(), Bytes(size), "suite/"+name
		note := request(t, b, key, mustBegin(t, b, key, int64(size)), 0, data, 1*MiB, 5*MiB)
		mustFinish(t, b, key, note, size, nil)
		if err := b.Discard(t.Context(), key, note); err != nil {
			t.Fatal(err)
		}
		wantBlob(t, b, key, data)
	}
}

func stagingGone(t *testing.T, s Stage) {
	data := Bytes(10 * MiB)
	for name, total := range map[string]int64{"small": 1000, "large": int64(20 * MiB)} {
		b, key := s.Open(), "suite/"+name
		n := min(total/2, int64(len(data)))
		note := request(t, b, key, mustBegin(t, b, key, total), 0, data[:n], 1*MiB, 9*MiB)
		if err := b.Discard(t.Context(), key, note); err != nil {
			t.Fatal(err)
		}
		// A storage may hear of it only when it sends or looks: by the
		// checkpoint at the latest.
		w, err := b.Append(t.Context(), key, note, n)
		if err == nil {
			_, err = w.Write(data)
			if err == nil {
				_, err = w.Checkpoint(t.Context())()
			}
			_ = w.Close()
		}
		wantCode(t, err, domain.Expired)
		wantCode(t, b.Finish(t.Context(), key, note, total, nil), domain.Expired)
		wantMissing(t, b, key)
	}
}
