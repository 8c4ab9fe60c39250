package sessions_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"doorito/app/accounts"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports/usecase"
)

// allow gives the person of the test an allowance.
func (b *bench) allow(w domain.Allowance) {
	b.t.Helper()
	u, err := b.DB.Reads().Users.Find(b.t.Context(), b.staff.UserID)
	b.must(err)
	f := u.Form()
	f.Allowance = w
	u, err = (&accounts.Accounts{Users: b.Users}).Change(b.t.Context(), domain.System(), u.ID, f, u.UpdatedAt)
	b.must(err)
	b.staff = domain.UserActor(u)
}

// over is the Quota error with these numbers.
func (b *bench) over(err error, limit, used, asked int64) {
	b.t.Helper()
	b.want(err, domain.Quota, "size")
	var full *domain.OverQuota
	if !errors.As(err, &full) || full.Limit != limit || full.Used != used || full.Asked != asked {
		b.t.Fatalf("%+v, want limit %d, used %d, asked %d", full, limit, used, asked)
	}
}

func (b *bench) used() int64 {
	b.t.Helper()
	n, err := b.DB.Reads().Uploads.Used(context.Background(), b.staff.UserID)
	b.must(err)
	return n
}

// ready is a body that is there whole when the upload is created.
func ready(data string) *usecase.AppendInput {
	in := atOnce([]byte(data))
	return &in
}

func TestAnUploadIsPromisedItsRoomWhenItIsCreated(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		b.allow(domain.Allowance{Quota: 10})
		s := b.create(sized(6))
		_, _, err := b.Sessions.Create(t.Context(), b.staff, sized(5))
		b.over(err, 10, 6, 5)
		rest := b.create(sized(4))
		_, err = b.Uploads.Upload(t.Context(), b.staff, usecase.UploadInput{Name: "a.txt", Size: 1, Body: bytes.NewReader([]byte("x"))})
		b.over(err, 10, 10, 1)
		b.must(b.Sessions.Abort(t.Context(), b.staff, rest.ID))
		if _, err := b.send(s.ID, 0, []byte("sixsix")); err != nil {
			t.Fatal(err)
		}
		b.stored(s.ID, []byte("sixsix"))
		if b.used() != 6 {
			t.Errorf("%d bytes in use", b.used())
		}
		// What is all there with its creation has the same limit.
		in := sized(5)
		in.First = ready("fives")
		_, _, err = b.Sessions.Create(t.Context(), b.staff, in)
		b.over(err, 10, 6, 5)
		in = sized(4)
		in.First = ready("four")
		if s, _, err := b.Sessions.Create(t.Context(), b.staff, in); err != nil || s.Status != domain.SessionComplete {
			t.Fatal(s, err)
		}
		// Deleting makes room at once.
		if _, err := b.Files.Delete(t.Context(), b.staff, []uuid.UUID{*s.FileID}); err != nil {
			t.Fatal(err)
		}
		b.create(sized(6))
		if b.used() != 10 {
			t.Errorf("%d bytes in use", b.used())
		}
	})
}

func TestAnUploadOfUnknownSizeStopsWhereTheQuotaEnds(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		b.allow(domain.Allowance{Quota: 10})
		s := b.create(usecase.SessionInput{Name: "a.bin"})
		if _, err := b.send(s.ID, 0, []byte("eight888")); err != nil {
			t.Fatal(err)
		}
		_, err := b.send(s.ID, 8, []byte("three"))
		b.over(err, 10, 0, 13)
		if at := b.session(s.ID); at.BytesReceived != 8 || at.Status != domain.SessionInProgress {
			t.Errorf("%d bytes are kept, %s", at.BytesReceived, at.Status)
		}
		_, err = b.Sessions.DeclareSize(t.Context(), b.staff, s.ID, 11)
		b.over(err, 10, 0, 11)
		total := int64(11)
		_, err = b.Sessions.Append(t.Context(), b.staff, s.ID, usecase.AppendInput{Offset: 8, Size: 3, Total: &total, Body: bytes.NewReader([]byte("abc"))})
		b.over(err, 10, 0, 11)
		// What came is not lost: with more room it goes on.
		b.allow(domain.Allowance{Quota: 20})
		if _, err := b.send(s.ID, 8, []byte("three")); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Sessions.DeclareSize(t.Context(), b.staff, s.ID, 13); err != nil {
			t.Fatal(err)
		}
		b.stored(s.ID, []byte("eight888three"))
		// A stream that does not say its size is cut at what is left.
		_, err = b.Uploads.Upload(t.Context(), b.staff, usecase.UploadInput{Name: "b.txt", Size: -1, Body: bytes.NewReader(bytes.Repeat([]byte("b"), 8))})
		b.over(err, 20, 13, 8)
		if _, err := b.Uploads.Upload(t.Context(), b.staff, usecase.UploadInput{Name: "b.txt", Size: -1, Body: bytes.NewReader(bytes.Repeat([]byte("b"), 7))}); err != nil {
			t.Fatal(err)
		}
		if b.used() != 20 {
			t.Errorf("%d bytes in use", b.used())
		}
	})
}

// Partials and their final are the same bytes to the person.
func TestJoiningTakesTheRoomOfThePartials(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		b.allow(domain.Allowance{Quota: 10})
		in := sized(6)
		in.Kind = domain.SessionPartial
		part := b.create(in)
		if _, err := b.send(part.ID, 0, []byte("sixsix")); err != nil {
			t.Fatal(err)
		}
		join := usecase.SessionInput{Name: "joined.bin"}
		if _, err := b.Sessions.Join(t.Context(), b.staff, join, []uuid.UUID{part.ID}); err != nil {
			t.Fatal(err)
		}
		_, err := b.Sessions.Join(t.Context(), b.staff, join, []uuid.UUID{part.ID})
		b.over(err, 10, 6, 6)
	})
}

// Many requests, through two processes and every door, for room that only some
// of them find.
func TestUploadsThatRaceForTheLastBytesNeverPassTheQuota(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		b.allow(domain.Allowance{Quota: 10})
		other := b.Another(t)
		var all sync.WaitGroup
		var through atomic.Int64
		count := func(err error) {
			switch {
			case err == nil:
				through.Add(1)
			case !domain.IsCode(err, domain.Quota):
				t.Error(err)
			}
		}
		for _, w := range []*world.World{b.World, other} {
			for range 3 {
				all.Go(func() {
					_, _, err := w.Sessions.Create(t.Context(), b.staff, sized(4))
					count(err)
				})
				all.Go(func() {
					in := sized(4)
					in.First = ready("four")
					_, _, err := w.Sessions.Create(t.Context(), b.staff, in)
					count(err)
				})
				all.Go(func() {
					_, err := w.Uploads.Upload(t.Context(), b.staff, usecase.UploadInput{Name: "a.txt", Size: 4, Body: bytes.NewReader([]byte("four"))})
					count(err)
				})
			}
		}
		all.Wait()
		if n := through.Load(); n != 2 || b.used() != 8 {
			t.Errorf("%d got through, %d bytes in use", n, b.used())
		}
	})
}

func TestAPersonsTypesAreCheckedAtEveryDoor(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		b.allow(domain.Allowance{Types: []string{"image/png"}})
		text := []byte("plain text, no picture")
		refused := func(err error) {
			t.Helper()
			b.want(err, domain.UnsupportedType, "type")
		}
		s := b.create(sized(len(text)))
		_, err := b.send(s.ID, 0, text)
		refused(err)
		s = b.create(sized(len(text)))
		refused(b.put(s.ID, 1, text))
		in := sized(len(text))
		in.First = ready(string(text))
		if made, _, err := b.Sessions.Create(t.Context(), b.staff, in); err != nil || made.Status == domain.SessionComplete {
			t.Errorf("%+v, %v", made, err)
		}
		_, err = b.Uploads.Upload(t.Context(), b.staff, usecase.UploadInput{Name: "a.txt", Size: int64(len(text)), Body: bytes.NewReader(text)})
		refused(err)
		// An admin who goes on with somebody's upload goes by that one's rules.
		s = b.create(sized(len(text)))
		admin := b.MustUser(t, "admin@example.com", domain.RoleAdmin)
		_, err = b.Sessions.Append(t.Context(), admin, s.ID, usecase.AppendInput{Size: int64(len(text)), Body: bytes.NewReader(text)})
		refused(err)
		b.allow(domain.Allowance{})
		s = b.create(sized(len(text)))
		if _, err := b.send(s.ID, 0, text); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoMayNotUploadDoesNotGoOnEither(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		s := b.create(sized(5))
		b.staff.Withheld = []domain.Permission{domain.MayUpload}
		_, err := b.send(s.ID, 0, []byte("hello"))
		b.want(err, domain.Forbidden, "")
		b.want(b.put(s.ID, 1, []byte("hello")), domain.Forbidden, "")
		_, err = b.Sessions.DeclareSize(t.Context(), b.staff, s.ID, 5)
		b.want(err, domain.Forbidden, "")
		b.must(b.Sessions.Abort(t.Context(), b.staff, s.ID))
	})
}
