package portstest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"doorito/ports"
)

// history is an upload that many requests write, some of which die.
type history struct {
	rng   *rand.Rand
	store Stage
	key   string
	data  []byte
	note  []byte // as saved
	at    int    // as saved
}

func stagingHistories(t *testing.T, s Stage) {
	const count = 8
	for seed := range uint64(count) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 1))
			h := &history{rng: rng, store: s, key: fmt.Sprint("suite/history/", seed), data: Bytes(1 + rng.IntN(26*MiB))}
			total := int64(len(h.data))
			if rng.IntN(3) == 0 {
				total = -1
			}
			h.note = mustBegin(t, s.Open(), h.key, total)
			same := s.Open()
			for h.at < len(h.data) {
				if rng.IntN(2) == 0 {
					h.request(t, same)
				} else {
					h.request(t, s.Open())
				}
			}
			mustFinish(t, s.Open(), h.key, h.note, len(h.data), nil)
			wantBlob(t, s.Open(), h.key, h.data)
		})
	}
	t.Cleanup(func() { wantLeft(t, s, count) })
}

// step is how much is written at a time: little, much, or up to a border.
func (h *history) step(at int) int {
	border := 8 * MiB
	n := 1 + h.rng.IntN(4*MiB)
	switch h.rng.IntN(4) {
	case 0:
		n = 1 + h.rng.IntN(2000)
	case 1:
		n = border - at%border
	case 2:
		n = max(1, border-at%border+h.rng.IntN(3)-1)
	}
	return min(n, len(h.data)-at)
}

// request writes and saves its checkpoints; it may die between any two steps.
func (h *history) request(t *testing.T, b ports.Staging) {
	t.Helper()
	w := mustAppend(t, b, h.key, h.note, int64(h.at))
	for at := h.at; at < len(h.data); {
		n := h.step(at)
		mustWrite(t, w, h.data[at:at+n], 1*MiB)
		at += n
		fate := h.rng.IntN(10)
		if fate < 4 {
			continue // more before the next checkpoint
		}
		if fate == 4 { // dies before the checkpoint
			break
		}
		note := mustCheckpoint(t, w)
		if fate == 5 { // dies before the note is saved
			break
		}
		h.note, h.at = note, at
		if fate == 6 { // the request ends
			break
		}
	}
	if h.rng.IntN(4) > 0 {
		mustClose(t, w)
	} else {
		t.Cleanup(func() { _ = w.Close() })
	}
}
