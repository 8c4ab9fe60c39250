package sessions_test

import (
	"testing"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports/usecase"
)

func (b *bench) partial(data []byte) uuid.UUID {
	b.t.Helper()
	total := int64(len(data))
	s := b.create(usecase.SessionInput{Kind: domain.SessionPartial, Size: &total})
	if s.FileID != nil {
		b.t.Fatal("a partial made a file")
	}
	if _, err := b.send(s.ID, 0, data); err != nil {
		b.t.Fatal(err)
	}
	return s.ID
}

func TestPartialsAreJoinedInOrder(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		ctx := t.Context()
		one, two, none := bytesOf(9*mib), []byte("the second one"), b.partial(nil)
		p1, p2 := b.partial(one), b.partial(two)
		in := usecase.SessionInput{Name: "joined.bin", Declared: map[string]string{"Upload-Concat": "final;a b"}}
		s, err := b.Sessions.Join(ctx, b.staff, in, []uuid.UUID{p2, none, p1})
		b.must(err)
		if s.Status != domain.SessionComplete || s.Kind != domain.SessionFinal || s.Metadata["Upload-Concat"] != "final;a b" || !s.IsWhole() {
			t.Errorf("%+v", s)
		}
		b.stored(s.ID, append(append([]byte{}, two...), one...))
		_, err = b.send(s.ID, int(s.BytesReceived), []byte("more"))
		b.want(err, domain.Forbidden, "")
		again, err := b.Sessions.Join(ctx, b.staff, in, []uuid.UUID{p2, p2})
		b.must(err)
		b.stored(again.ID, []byte("the second onethe second one"))
	})
}

func TestWhatCannotBeJoined(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		ctx := t.Context()
		whole := b.create(sized(5))
		total := int64(5)
		half := b.create(usecase.SessionInput{Kind: domain.SessionPartial, Size: &total})
		good := b.partial([]byte("hello"))
		in := usecase.SessionInput{Name: "joined.bin"}
		for _, c := range []struct {
			ids  []uuid.UUID
			code domain.Code
		}{
			{[]uuid.UUID{good, half.ID}, domain.Conflict}, {[]uuid.UUID{whole.ID}, domain.Conflict},
			{[]uuid.UUID{uuid.New()}, domain.NotFound},
		} {
			_, err := b.Sessions.Join(ctx, b.staff, in, c.ids)
			b.want(err, c.code, "")
		}
		_, err := b.Sessions.Join(ctx, b.staff, in, nil)
		b.want(err, domain.Invalid, "partials")
		_, err = b.Sessions.Complete(ctx, b.staff, good, "")
		b.want(err, domain.Conflict, "")
		b.want(b.put(good, 1, []byte("hello")), domain.Conflict, "")
		b.Sessions.Limits.MaxSize = 9
		_, err = b.Sessions.Join(ctx, b.staff, in, []uuid.UUID{good, good})
		b.want(err, domain.TooLarge, "size")
	})
}

func TestAPartialThatEndsLeavesNoBytes(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		ctx := t.Context()
		dropped, idle := b.partial([]byte("hello")), b.partial([]byte("hello"))
		b.must(b.Sessions.Abort(ctx, b.staff, dropped))
		b.Clock.Advance(b.Sessions.TTL)
		b.sweep(domain.TaskSessions)
		for id, status := range map[uuid.UUID]domain.SessionStatus{dropped: domain.SessionAborted, idle: domain.SessionFailed} {
			s := b.session(id)
			if s.Status != status {
				t.Errorf("%s, not %s", s.Status, status)
			}
			if held := b.left(s.StorageKey); len(held) != 0 {
				t.Errorf("the storage holds %v for it", held)
			}
		}
	})
}
