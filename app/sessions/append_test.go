package sessions_test

import (
	"bytes"
	"crypto/sha1"
	"io"
	"testing"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports/usecase"
)

func TestAnUploadGoesOnAfterEachBreak(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(10*mib + 5)
		s := b.create(sized(len(data)))
		if f := b.file(s); f.Status != domain.FileUploading || f.StorageKey != s.StorageKey {
			t.Fatalf("before the first byte: %+v", f)
		}
		at := 0
		for _, n := range []int{1, 8*mib + 7, 300_000, 0, mib} {
			got, err := b.breaks(s.ID, at, data[at:at+n], len(data)-at)
			b.want(err, domain.Invalid, "body")
			if at += n; got.BytesReceived != int64(at) || b.session(s.ID).BytesReceived != int64(at) {
				t.Fatalf("%d bytes were kept, %d came", got.BytesReceived, at)
			}
		}
		got, err := b.send(s.ID, at, data[at:])
		if err != nil || got.Status != domain.SessionComplete {
			t.Fatal(got, err)
		}
		b.stored(s.ID, data)
		// The answer was lost: the same end again is no new file.
		got, err = b.send(s.ID, len(data), nil)
		if err != nil || got.Status != domain.SessionComplete {
			t.Fatal(got, err)
		}
		_, err = b.send(s.ID, len(data), []byte("more"))
		b.want(err, domain.Conflict, "")
		b.stored(s.ID, data)
	})
}

func TestEmptyAndDeferredUploads(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		empty := b.create(sized(0))
		if _, err := b.send(empty.ID, 0, nil); err != nil {
			t.Fatal(err)
		}
		b.stored(empty.ID, nil)
		asked := b.create(sized(0))
		if _, err := b.Sessions.Complete(t.Context(), b.staff, asked.ID, ""); err != nil {
			t.Fatal(err)
		}
		b.stored(asked.ID, nil)

		data := bytesOf(3 * mib)
		later := b.create(usecase.SessionInput{Name: "later.bin"})
		if _, err := b.send(later.ID, 0, data); err != nil {
			t.Fatal(err)
		}
		_, err := b.Sessions.Complete(t.Context(), b.staff, later.ID, "")
		b.want(err, domain.Conflict, "")
		_, err = b.Sessions.DeclareSize(t.Context(), b.staff, later.ID, 1)
		b.want(err, domain.Invalid, "size")
		if _, err := b.Sessions.DeclareSize(t.Context(), b.staff, later.ID, int64(len(data))); err != nil {
			t.Fatal(err)
		}
		b.stored(later.ID, data)
	})
}

func TestOffsetsAndSizesThatDoNotFit(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		s := b.create(sized(10))
		if _, err := b.send(s.ID, 0, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []int{0, 4, 6, -1} {
			_, err := b.send(s.ID, wrong, []byte("x"))
			b.want(err, domain.Conflict, "")
		}
		_, err := b.send(s.ID, 5, []byte("too many"))
		b.want(err, domain.TooLarge, "size")
		_, err = b.Sessions.Append(t.Context(), b.staff, s.ID, usecase.AppendInput{Offset: 5, Size: -1, Body: bytes.NewReader(bytesOf(mib))})
		b.want(err, domain.TooLarge, "size")
		if got := b.session(s.ID); got.BytesReceived != 5 {
			t.Errorf("at %d", got.BytesReceived)
		}
		b.want(b.put(s.ID, 1, []byte("0123456789")), domain.Conflict, "")
		if _, err = b.send(s.ID, 5, []byte("world")); err != nil {
			t.Fatal(err)
		}
		b.stored(s.ID, []byte("helloworld"))
	})
}

func TestAChecksumIsAllOrNothing(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(10 * mib)
		s := b.create(sized(len(data)))
		if _, err := b.send(s.ID, 0, data[:mib]); err != nil {
			t.Fatal(err)
		}
		rest := data[mib:]
		send := func(body io.Reader, sum [20]byte) error {
			_, err := b.Sessions.Append(t.Context(), b.staff, s.ID, usecase.AppendInput{
				Offset: mib, Size: int64(len(rest)), Body: body, Checksum: sha1.New(), Sum: func() []byte { return sum[:] },
			})
			return err
		}
		b.want(send(bytes.NewReader(rest), sha1.Sum(data)), domain.Invalid, "checksum")
		b.want(send(bytes.NewReader(rest[:9*mib-1]), sha1.Sum(rest)), domain.Invalid, "body")
		if got := b.session(s.ID); got.BytesReceived != mib {
			t.Fatalf("the offset moved to %d", got.BytesReceived)
		}
		b.must(send(bytes.NewReader(rest), sha1.Sum(rest)))
		b.stored(s.ID, data)
	})
}

// A dead connection is open and silent; the client comes back on another.
func TestTheNewestRequestTakesOver(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(3 * mib)
		s := b.create(sized(len(data)))
		body, end := io.Pipe()
		old := make(chan error, 1)
		go func() {
			_, err := b.Sessions.Append(t.Context(), b.staff, s.ID, usecase.AppendInput{Size: int64(len(data)), Body: body})
			old <- err
		}()
		if _, err := end.Write(data[:2*mib]); err != nil {
			t.Fatal(err)
		}
		at := int64(0)
		b.eventually("2 MiB are durable", func() bool { at = b.session(s.ID).BytesReceived; return at == 2*mib })
		if _, err := b.send(s.ID, int(at), data[at:]); err != nil {
			t.Fatal(err)
		}
		b.stored(s.ID, data)
		go func() { // the old one comes to life, with other bytes
			_, _ = end.Write(make([]byte, mib))
			end.Close()
		}()
		b.want(<-old, domain.Conflict, "")
		b.stored(s.ID, data)
	})
}

func TestOfTwoLivingWritersOneWins(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(2 * mib)
		s := b.create(sized(len(data)))
		errs := make(chan error, 4)
		for range cap(errs) {
			go func() {
				_, err := b.send(s.ID, 0, data)
				errs <- err
			}()
		}
		won := 0
		for range cap(errs) {
			switch err := <-errs; {
			case err == nil:
				won++
			case !domain.IsCode(err, domain.Conflict):
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d of %d won", won, cap(errs))
		}
		b.stored(s.ID, data)
	})
}

func TestRefusedTypesAndHashesLeaveNothing(t *testing.T) {
	t.Parallel()
	pdf := append([]byte("%PDF-1.7\n%....\n1 0 obj"), make([]byte, 5000)...)
	each(t, func(b *bench) {
		in := sized(len(pdf))
		in.Name = "scan.png"
		atOnce := b.create(in)
		_, err := b.send(atOnce.ID, 0, pdf)
		b.want(err, domain.UnsupportedType, "type")
		b.gone(atOnce.ID, domain.SessionFailed)
		_, err = b.send(atOnce.ID, 0, pdf)
		b.want(err, domain.Expired, "")

		byAndBy := b.create(in) // too little to tell at first
		if _, err := b.send(byAndBy.ID, 0, pdf[:3]); err != nil {
			t.Fatal(err)
		}
		_, err = b.send(byAndBy.ID, 3, pdf[3:])
		b.want(err, domain.UnsupportedType, "type")
		b.gone(byAndBy.ID, domain.SessionFailed)

		in.Name = "a.pdf"
		in.SHA256 = sha([]byte("another"))
		wrong := b.create(in)
		_, err = b.send(wrong.ID, 0, pdf)
		b.want(err, domain.Invalid, "sha256")
		b.gone(wrong.ID, domain.SessionFailed)

		in.SHA256 = sha(pdf)
		right := b.create(in)
		if _, err = b.send(right.ID, 0, pdf); err != nil {
			t.Fatal(err)
		}
		b.stored(right.ID, pdf)
		if f := b.file(right); f.ContentType != "application/pdf" {
			t.Errorf("kept as %s", f.ContentType)
		}
	})
}

func TestOthersSessionsAreNotThere(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		ctx := t.Context()
		s := b.create(sized(5))
		other := b.MustUser(t, "other@example.com", domain.RoleStaff)
		_, err := b.Sessions.Find(ctx, other, s.ID)
		b.want(err, domain.NotFound, "")
		_, err = b.Sessions.Append(ctx, other, s.ID, usecase.AppendInput{Size: 5, Body: bytes.NewReader([]byte("hello"))})
		b.want(err, domain.NotFound, "")
		_, err = b.Sessions.PutPart(ctx, other, s.ID, usecase.PartInput{Number: 1, Size: 5, Body: bytes.NewReader([]byte("hello"))})
		b.want(err, domain.NotFound, "")
		_, err = b.Sessions.Complete(ctx, other, s.ID, "")
		b.want(err, domain.NotFound, "")
		_, err = b.Sessions.DeclareSize(ctx, other, s.ID, 5)
		b.want(err, domain.NotFound, "")
		b.want(b.Sessions.Abort(ctx, other, s.ID), domain.NotFound, "")
		_, err = b.Sessions.Join(ctx, other, usecase.SessionInput{Name: "a"}, []uuid.UUID{s.ID})
		b.want(err, domain.NotFound, "")
		if _, err := b.send(s.ID, 0, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		admin := b.MustUser(t, "admin@example.com", domain.RoleAdmin)
		if d, err := b.Sessions.Find(ctx, admin, s.ID); err != nil || d.File.Status != domain.FileStored {
			t.Error(d, err)
		}
	})
}

// The last byte comes with a checkpoint that was due anyway.
func TestAnUploadThatEndsAtACheckpointIsStored(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(stride)
		s := b.create(sized(len(data)))
		if got, err := b.send(s.ID, 0, data); err != nil || got.Status != domain.SessionComplete {
			t.Fatal(got, err)
		}
		b.stored(s.ID, data)
	})
}
