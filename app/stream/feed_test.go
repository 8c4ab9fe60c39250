package stream_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"doorito/app/stream"
	"doorito/ports/portstest"
)

var errFeed = errors.New("refused")

// onlyReader hides how else a reader can be read.
type onlyReader struct{ io.Reader }

func TestFeedGivesBothAllBytes(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, stream.BufferSize, 9*stream.BufferSize + 5} {
		for _, most := range []int{999_999, 3000} {
			all := portstest.Bytes(size)
			src := &ragged{bytes.NewReader(all), rand.New(rand.NewPCG(1, uint64(size))), most}
			var also, used bytes.Buffer
			err := stream.Feed(t.Context(), src, &also, func(r io.Reader) error {
				if most == 3000 {
					r = onlyReader{r}
				}
				_, err := io.Copy(&used, r)
				return err
			})
			if err != nil || !bytes.Equal(also.Bytes(), all) || !bytes.Equal(used.Bytes(), all) {
				t.Errorf("%d bytes, at most %d at once: %d and %d came (%v)", size, most, also.Len(), used.Len(), err)
			}
		}
	}
}

func TestFeedEndsWithWhicheverFails(t *testing.T) {
	t.Parallel()
	endless := func() io.Reader { return onlyReader{iotest.DataErrReader(zeros{})} }
	discard := func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }
	broken := io.MultiReader(bytes.NewReader(portstest.Bytes(3*stream.BufferSize+1)), iotest.ErrReader(errFeed))
	for name, run := range map[string]func() error{
		"source": func() error { return stream.Feed(t.Context(), broken, io.Discard, discard) },
		"also": func() error {
			return stream.Feed(t.Context(), endless(), &sink{err: errFeed, failAt: 1 << 20}, discard)
		},
		"use, early": func() error {
			return stream.Feed(t.Context(), endless(), io.Discard, func(io.Reader) error { return errFeed })
		},
		"use, in the middle of a buffer": func() error {
			return stream.Feed(t.Context(), endless(), io.Discard, func(r io.Reader) error {
				if _, err := io.ReadFull(r, make([]byte, stream.BufferSize+9)); err != nil {
					return err
				}
				return errFeed
			})
		},
	} {
		if err := run(); !errors.Is(err, errFeed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A use that has what it wants leaves the rest to the other.
func TestFeedGivesTheOtherWhatIsNotUsed(t *testing.T) {
	t.Parallel()
	all := portstest.Bytes(5 * stream.BufferSize)
	var also bytes.Buffer
	err := stream.Feed(t.Context(), bytes.NewReader(all), &also, func(r io.Reader) error {
		_, err := io.ReadFull(r, make([]byte, 7))
		return err
	})
	if err != nil || !bytes.Equal(also.Bytes(), all) {
		t.Errorf("%d bytes of %d (%v)", also.Len(), len(all), err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
