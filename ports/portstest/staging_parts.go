package portstest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"doorito/domain"
	"doorito/ports"
)

// partOf returns where a part lies in data.
func partOf(data []byte, size, number int) (offset int, part []byte) {
	offset = (number - 1) * size
	return offset, data[offset:min(offset+size, len(data))]
}

func putPart(t *testing.T, s ports.Staging, key string, note, data []byte, size, number int) (*domain.UploadPart, error) {
	offset, part := partOf(data, size, number)
	// More than the part is offered; it takes what is its own.
	r := io.MultiReader(bytes.NewReader(part), strings.NewReader("of the next request"))
	tag, err := s.WritePart(t.Context(), key, note, number, int64(offset), int64(len(part)), r)
	return &domain.UploadPart{Number: number, Offset: int64(offset), Size: int64(len(part)), Tag: tag}, err
}

func mustPart(t *testing.T, s ports.Staging, key string, note, data []byte, size, number int) *domain.UploadPart {
	t.Helper()
	p, err := putPart(t, s, key, note, data, size, number)
	if err != nil {
		t.Fatalf("part %d of %s: %v", number, key, err)
	}
	return p
}

func byNumber(parts []*domain.UploadPart) []*domain.UploadPart {
	slices.SortFunc(parts, func(a, b *domain.UploadPart) int { return a.Number - b.Number })
	return parts
}

func stagingParts(t *testing.T, s Stage) {
	for name, c := range map[string]struct {
		size  int
		order []int
	}{
		"one short":        {1000, []int{1}},
		"one exactly":      {8 * MiB, []int{1}},
		"one and a byte":   {8*MiB + 1, []int{2, 1}},
		"backwards":        {24 * MiB, []int{3, 2, 1}},
		"odd and shuffled": {35*MiB + 77, []int{2, 5, 1, 4, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, key := Bytes(c.size), "suite/"+strings.ReplaceAll(name, " ", "-")
			note := mustBegin(t, s.Open(), key, int64(c.size))
			var parts []*domain.UploadPart
			for _, n := range c.order { // each by another process
				parts = append(parts, mustPart(t, s.Open(), key, note, data, 8*MiB, n))
				wantReadBack(t, s, key, note, data, n)
			}
			wantMissing(t, s.Open(), key)
			for range 2 {
				mustFinish(t, s.Open(), key, note, c.size, byNumber(parts))
			}
			wantBlob(t, s.Open(), key, data)
		})
	}
	t.Cleanup(func() { wantLeft(t, s, 5) })
}

// wantReadBack reads a part of an unfinished blob, where the storage says that
// it can; one that says so and cannot, or the other way round, fails.
func wantReadBack(t *testing.T, s Stage, key string, note, data []byte, number int) {
	t.Helper()
	storage, can := s.Open().(ports.StageReader)
	if can != s.ReadsBack {
		t.Fatalf("the storage is a StageReader: %v, want %v", can, s.ReadsBack)
	}
	if !can {
		return
	}
	offset, want := partOf(data, 8*MiB, number)
	r, err := storage.ReadStage(t.Context(), key, note, int64(offset), int64(len(want)))
	if err != nil {
		t.Fatalf("ReadStage of part %d: %v", number, err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("part %d read back has %d bytes of %d, or others (%v)", number, len(got), len(want), err)
	}
	if _, err := storage.ReadStage(t.Context(), key, note, int64(len(data)), 1); !domain.IsCode(err, domain.Expired) {
		t.Errorf("ReadStage beyond the end: %v", err)
	}
}

func stagingPartsConcurrent(t *testing.T, s Stage) {
	b, data := s.Open(), Bytes(50*MiB+1)
	note := mustBegin(t, b, "suite/concurrent", int64(len(data)))
	parts := make([]*domain.UploadPart, 7)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() {
			p, err := putPart(t, b, "suite/concurrent", note, data, 8*MiB, i+1)
			if err != nil {
				t.Errorf("part %d: %v", i+1, err)
			}
			parts[i] = p
		})
	}
	wg.Wait()
	mustFinish(t, b, "suite/concurrent", note, len(data), parts)
	wantBlob(t, b, "suite/concurrent", data)
}

func stagingPartAgain(t *testing.T, s Stage) {
	for name, size := range map[string]int{"small": 5000, "large": 17 * MiB} {
		b, data, key := s.Open(), Bytes(size), "suite/"+name
		note := mustBegin(t, b, key, int64(size))
		wrong := bytes.Repeat([]byte{0xee}, size)
		var parts []*domain.UploadPart
		for n := 1; (n-1)*8*MiB < size; n++ {
			mustPart(t, b, key, note, wrong, 8*MiB, n)
			parts = append(parts, mustPart(t, b, key, note, data, 8*MiB, n))
		}
		mustFinish(t, b, key, note, size, parts)
		wantBlob(t, b, key, data)
	}
	wantLeft(t, s, 2)
}

func stagingPartShort(t *testing.T, s Stage) {
	b, data := s.Open(), Bytes(16*MiB)
	note := mustBegin(t, b, "suite/short", int64(len(data)))
	for _, n := range []int{0, 1, 3 * MiB, 8*MiB - 1} {
		_, err := b.WritePart(t.Context(), "suite/short", note, 2, int64(8*MiB), int64(8*MiB), bytes.NewReader(data[:n]))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a part of %d bytes: %v", n, err)
		}
	}
	wantMissing(t, b, "suite/short")
	parts := []*domain.UploadPart{mustPart(t, b, "suite/short", note, data, 8*MiB, 1), mustPart(t, b, "suite/short", note, data, 8*MiB, 2)}
	mustFinish(t, b, "suite/short", note, len(data), parts)
	wantBlob(t, b, "suite/short", data)
	wantLeft(t, s, 1)
}

func stagingPartError(t *testing.T, s Stage) {
	b, broken := s.Open(), errors.New("the line broke")
	for key, total := range map[string]int64{"suite/small": 1000, "suite/large": int64(20 * MiB)} {
		note := mustBegin(t, b, key, total)
		_, err := b.WritePart(t.Context(), key, note, 1, 0, min(total, int64(8*MiB)), failing("some", broken))
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", key, err)
		}
		if err := b.Discard(t.Context(), key, note); err != nil {
			t.Error(err)
		}
	}
	wantLeft(t, s, 0)
}

// mustPartial makes a whole partial, with a checkpoint now and then.
func mustPartial(t *testing.T, s ports.Staging, key string, data []byte, total int64) ports.JoinSource {
	t.Helper()
	note := request(t, s, key, mustBegin(t, s, key, total), 0, data, 1*MiB, 3*MiB+1)
	return ports.JoinSource{Key: key, Stage: note, Size: int64(len(data))}
}

func stagingJoin(t *testing.T, s Stage) {
	for name, sizes := range map[string][]int{
		"two small":             {1000, 2000},
		"large, then small":     {9*MiB + 1, 500},
		"three":                 {17 * MiB, 8 * MiB, 6*MiB + 3},
		"small in between":      {9 * MiB, 10, 9 * MiB},
		"with an empty one":     {6 * MiB, 0, 6 * MiB},
		"nothing at all":        {0, 0},
		"small ones to a large": {3 * MiB, 3 * MiB, 3 * MiB, 3 * MiB},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, folder := s.Open(), "suite/"+strings.NewReplacer(" ", "-", ",", "").Replace(name)
			var sources []ports.JoinSource
			var want []byte
			for i, n := range sizes {
				data := Bytes(n + i)[i:]
				total := int64(n)
				if i == 1 {
					total = -1 // its size was deferred
				}
				sources = append(sources, mustPartial(t, b, folder+"/part"+string(rune('0'+i)), data, total))
				want = append(want, data...)
			}
			if err := s.Open().Join(t.Context(), folder+"/final", sources); err != nil {
				t.Fatal(err)
			}
			wantBlob(t, b, folder+"/final", want)
			for _, src := range sources {
				if err := b.Discard(t.Context(), src.Key, src.Stage); err != nil {
					t.Error(err)
				}
			}
			wantBlob(t, b, folder+"/final", want)
		})
	}
	t.Cleanup(func() { wantLeft(t, s, 7) })
}

func stagingJoinAgain(t *testing.T, s Stage) {
	b, data := s.Open(), Bytes(15*MiB)
	one, two := mustPartial(t, b, "suite/one", data[:9*MiB], int64(9*MiB)), mustPartial(t, b, "suite/two", data[9*MiB:], int64(6*MiB))
	for _, key := range []string{"suite/final", "suite/final", "suite/other"} { // the sources serve again
		if err := b.Join(t.Context(), key, []ports.JoinSource{one, two}); err != nil {
			t.Fatal(err)
		}
		wantBlob(t, b, key, data)
	}
	if err := b.Join(t.Context(), "suite/turned", []ports.JoinSource{two, one, two}); err != nil {
		t.Fatal(err)
	}
	wantBlob(t, b, "suite/turned", slices.Concat(data[9*MiB:], data[:9*MiB], data[9*MiB:]))
	for range 2 {
		for _, src := range []ports.JoinSource{one, two} {
			if err := b.Discard(t.Context(), src.Key, src.Stage); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Open().Join(t.Context(), "suite/final", []ports.JoinSource{one, two}); err != nil {
		t.Errorf("Join after it went through: %v", err)
	}
	wantCode(t, b.Join(t.Context(), "suite/late", []ports.JoinSource{one, two}), domain.Expired)
	wantMissing(t, b, "suite/late")
	wantLeft(t, s, 3)
}

func stagingCanceled(t *testing.T, s Stage) {
	b := s.Open()
	note := request(t, b, "suite/kept", mustBegin(t, b, "suite/kept", 4), 0, []byte("kept"), 4, 4)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	want := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := b.Begin(ctx, "suite/kept", 4)
	want("Begin", err)
	_, err = b.Append(ctx, "suite/kept", note, 4)
	want("Append", err)
	_, err = b.WritePart(ctx, "suite/kept", note, 1, 0, 4, strings.NewReader("lost"))
	want("WritePart", err)
	want("Finish", b.Finish(ctx, "suite/kept", note, 4, nil))
	want("Join", b.Join(ctx, "suite/joined", []ports.JoinSource{{Key: "suite/kept", Stage: note, Size: 4}}))
	want("Discard", b.Discard(ctx, "suite/kept", note))
	mustFinish(t, b, "suite/kept", note, 4, nil)
	wantBlob(t, b, "suite/kept", []byte("kept"))
}

func stagingBadKeys(t *testing.T, s Stage) {
	b := s.Open()
	note := mustBegin(t, b, "suite/good", 1)
	for _, key := range []string{"", "/etc/passwd", "../x", "suite/../../x", "suite/.hidden", "suite/a\x00b", strings.Repeat("a", 201)} {
		_, err := b.Begin(t.Context(), key, 1)
		wantCode(t, err, domain.Invalid)
		_, err = b.Append(t.Context(), key, note, 0)
		wantCode(t, err, domain.Invalid)
		_, err = b.WritePart(t.Context(), key, note, 1, 0, 1, strings.NewReader("x"))
		wantCode(t, err, domain.Invalid)
		wantCode(t, b.Finish(t.Context(), key, note, 0, nil), domain.Invalid)
		wantCode(t, b.Join(t.Context(), key, nil), domain.Invalid)
		wantCode(t, b.Join(t.Context(), "suite/final", []ports.JoinSource{{Key: key, Stage: note, Size: 1}}), domain.Invalid)
		wantCode(t, b.Discard(t.Context(), key, note), domain.Invalid)
	}
}
