package domain

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestMissingPartsAreNamedInRuns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		have  []int
		total int
		runs  []Run
		words string
	}{
		"the middle and the end": {[]int{1, 2, 4, 5, 6}, 9, []Run{{3, 3}, {7, 9}}, "3, 7-9"},
		"the beginning":          {[]int{3}, 3, []Run{{1, 2}}, "1-2"},
		"everything":             {nil, 1, []Run{{1, 1}}, "1"},
		"more than can be told":  {[]int{2, 4, 6, 8, 10, 12, 14, 16, 18, 20}, 25, []Run{{1, 1}, {3, 3}, {5, 5}, {7, 7}, {9, 9}, {11, 11}, {13, 13}, {15, 15}, {17, 17}, {19, 19}, {21, 25}}, "1, 3, 5, 7, 9, 11, 13, 15, 17, 19 and 5 more"},
	} {
		gaps := newMissingParts(c.have, c.total)
		var words *Error
		if !errors.As(error(gaps), &words) || words.Code != Conflict || !slices.Equal(gaps.Missing, c.runs) {
			t.Errorf("%s: %v %v", name, gaps, gaps.Missing)
		}
		if got := inWords(gaps.Missing); got != c.words {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// No size makes more parts than there may be, nor a number that wraps.
func TestNoSizeNeedsTooManyParts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for _, total := range []int64{0, 1, MinChunkSize, MinChunkSize + 1, MinChunkSize * MaxParts, MinChunkSize*MaxParts + 1, 5 << 40, 1 << 60, math.MaxInt64 - 1, math.MaxInt64} {
		s, err := NewUploadSession(uuid.New(), SessionWhole, &total, nil, time.Hour, now)
		if err != nil {
			t.Fatal(err)
		}
		n := s.TotalParts()
		if n > MaxParts || n < 1 != (total == 0) || s.ChunkSize < MinChunkSize || s.ChunkSize%(1<<20) != 0 {
			t.Fatalf("%d bytes are %d parts of %d", total, n, s.ChunkSize)
		}
		if n == 0 {
			continue
		}
		offset, size, err := s.PartRange(n)
		if err != nil || offset+size != total || size < 1 {
			t.Errorf("%d bytes: the last part is %d at %d: %v", total, size, offset, err)
		}
		if err := s.CheckPlace(n, PartPlace{offset, offset + size - 1, -1}); err != nil {
			t.Error(err)
		}
	}
}
