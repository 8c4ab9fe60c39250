package portstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"doorito/ports"
)

// stagingInventory wants every kind of thing to be told of: what a dead process
// leaves is found by nothing else.
func stagingInventory(t *testing.T, s Stage) {
	b, data := s.Open(), Bytes(9*MiB)
	finished := request(t, b, "suite/done", mustBegin(t, b, "suite/done", int64(9*MiB)), 0, data, 1*MiB, 9*MiB)
	mustFinish(t, b, "suite/done", finished, len(data), nil)
	request(t, b, "suite/staged", mustBegin(t, b, "suite/staged", int64(9*MiB)), 0, data[:100_000], 1*MiB, 1*MiB)
	mustBegin(t, b, "suite/begun", int64(20*MiB))
	w, err := b.Create(t.Context(), "suite/creating", -1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(Bytes(18 * MiB)); err != nil { // enough that S3 hears of it
		t.Fatal(err)
	}
	mustPartial(t, b, "other/key~x", data[:10], 10)
	want := map[string]bool{"suite/done blob": true, "suite/staged pieces": true, "suite/begun pieces": true, "suite/creating pieces": true}
	got := map[string]bool{}
	for _, h := range holdings(t, s.Open(), "suite/") {
		kind := "pieces"
		if h.Blob {
			kind = "blob"
		}
		got[h.Key+" "+kind] = true
		if h.Changed.IsZero() || h.Changed.Location().String() != "UTC" {
			t.Errorf("%s was changed at %v", h.Key, h.Changed)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("held are %v, want %v", got, want)
	}
	if others := holdings(t, b, "other/"); len(others) == 0 || others[0].Key != "other/key~x" {
		t.Errorf("held under other/: %v", others)
	}
	if err := w.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"suite/done", "suite/staged", "suite/begun", "other/key~x"} {
		if err := errors.Join(b.Discard(t.Context(), key, nil), b.Delete(t.Context(), key)); err != nil {
			t.Error(err)
		}
	}
	if left := holdings(t, b, ""); len(left) != 0 {
		t.Errorf("after all of it was removed: %v", left)
	}
	wantLeft(t, s, 0)
}

func stagingInventoryEnds(t *testing.T, s Stage) {
	b := s.Open()
	mustPartial(t, b, "suite/a", []byte("a"), 1)
	stop := errors.New("enough")
	if err := b.Holdings(t.Context(), "suite/", func([]ports.Holding) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the visitor's error came back as %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Holdings(ctx, "suite/", func([]ports.Holding) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func holdings(t *testing.T, b ports.Inventory, prefix string) []ports.Holding {
	t.Helper()
	var all []ports.Holding
	err := b.Holdings(t.Context(), prefix, func(page []ports.Holding) error {
		all = append(all, slices.Clone(page)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
