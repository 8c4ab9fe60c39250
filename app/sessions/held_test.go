package sessions_test

import (
	"bytes"
	"slices"
	"testing"

	"doorito/domain"
	"doorito/ports/usecase"
)

func TestAHeldUploadIsCompleteOnlyWhenSomebodySaysSo(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(9*mib + 5)
		s := b.create(sized(len(data)))
		var saved []int64
		got, err := b.Sessions.Append(t.Context(), b.staff, s.ID, usecase.AppendInput{
			Size: int64(len(data)), Body: bytes.NewReader(data), Hold: true, Saved: func(offset int64) { saved = append(saved, offset) },
		})
		if err != nil || got.Status != domain.SessionInProgress || got.BytesReceived != int64(len(data)) {
			t.Fatal(got, err)
		}
		if len(saved) == 0 || !slices.IsSorted(saved) || saved[len(saved)-1] != int64(len(data)) {
			t.Errorf("told of checkpoints at %d", saved)
		}
		if n, err := b.Sessions.FinishLeft(t.Context(), 10); n != 0 || err != nil || b.file(s).Status != domain.FileUploading {
			t.Error("it was completed", n, err)
		}
		if got, err = b.send(s.ID, len(data), nil); err != nil || got.Status != domain.SessionComplete {
			t.Fatal(got, err)
		}
		b.stored(s.ID, data)
	})
}

func TestBytesMayDeclareTheSizeTheyEndAt(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(mib)
		s := b.create(usecase.SessionInput{Name: "later.bin"})
		with := func(offset, n int, total int64) error {
			_, err := b.Sessions.Append(t.Context(), b.staff, s.ID, usecase.AppendInput{Offset: int64(offset), Size: int64(n), Body: bytes.NewReader(data[offset : offset+n]), Total: &total})
			return err
		}
		b.must(with(0, 1000, mib))
		if got := b.session(s.ID); got.TotalSize == nil || *got.TotalSize != mib {
			t.Fatalf("%+v", got)
		}
		b.want(with(1000, 1000, mib+1), domain.Conflict, "")
		b.want(with(999, 1000, mib), domain.Conflict, "")
		b.must(with(1000, mib-1000, mib))
		b.stored(s.ID, data)

		other := b.create(usecase.SessionInput{Name: "short.bin"})
		short := int64(10)
		_, err := b.Sessions.Append(t.Context(), b.staff, other.ID, usecase.AppendInput{Size: 11, Body: bytes.NewReader(data[:11]), Total: &short})
		b.want(err, domain.TooLarge, "size")
		if got := b.session(other.ID); got.TotalSize != nil {
			t.Error("what was refused declared a size")
		}
	})
}
