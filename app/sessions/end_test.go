package sessions_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/app/sessions"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

func (b *bench) sweep(task domain.Task) string {
	b.t.Helper()
	result, err := b.Upkeep.Do(context.Background(), task)
	b.must(err)
	return result
}

func TestAnAbortedUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		ctx := t.Context()
		batch, _, err := b.Uploads.CreateBatch(ctx, b.staff, "drop", "")
		b.must(err)
		in := sized(10)
		in.BatchID = &batch.ID
		s := b.create(in)
		if _, err := b.send(s.ID, 0, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if batch, err = b.Uploads.FinaliseBatch(ctx, b.staff, batch.ID); err != nil || batch.Status != domain.BatchInProgress {
			t.Fatal(batch, err)
		}
		b.must(b.Sessions.Abort(ctx, b.staff, s.ID))
		b.gone(s.ID, domain.SessionAborted)
		told, err := b.DB.Reads().Audit.ListOf(ctx, "session", s.ID, 10)
		if err != nil || len(told) != 1 || told[0].Action != "session.aborted" || told[0].Changes["status"] != "in_progress → aborted" || *told[0].ActorID != b.staff.UserID {
			t.Error("the audit log tells", told, err)
		}
		if batch, err = b.Batches.Find(ctx, b.staff, batch.ID); err != nil || batch.Status != domain.BatchFailed {
			t.Error(batch, err)
		}
		b.want(b.Sessions.Abort(ctx, b.staff, s.ID), domain.Expired, "")
		_, err = b.send(s.ID, 5, []byte("world"))
		b.want(err, domain.Expired, "")

		done := b.create(sized(5))
		if _, err := b.send(done.ID, 0, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		b.want(b.Sessions.Abort(ctx, b.staff, done.ID), domain.Conflict, "")
		b.stored(done.ID, []byte("hello"))
	})
}

func TestAbortStopsTheWriter(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		s := b.create(sized(10 * mib))
		body, end := io.Pipe()
		old := make(chan error, 1)
		go func() {
			_, err := b.Sessions.Append(t.Context(), b.staff, s.ID, usecase.AppendInput{Size: 10 * mib, Body: body})
			old <- err
		}()
		if _, err := end.Write(bytesOf(mib)); err != nil {
			t.Fatal(err)
		}
		b.must(b.Sessions.Abort(t.Context(), b.staff, s.ID))
		go func() {
			_, _ = end.Write(bytesOf(9 * mib))
			end.Close()
		}()
		if err := <-old; !domain.IsCode(err, domain.Expired) {
			t.Errorf("the writer was told %v", err)
		}
		b.gone(s.ID, domain.SessionAborted)
	})
}

func TestAnIdleUploadExpiresAndALivingOneDoesNot(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(2*domain.MinChunkSize + 1)
		idle, living, parts := b.create(sized(10)), b.create(sized(10)), b.create(sized(len(data)))
		for _, s := range []*domain.UploadSession{idle, living} {
			if _, err := b.send(s.ID, 0, []byte("hello")); err != nil {
				t.Fatal(err)
			}
		}
		b.Clock.Advance(23 * time.Hour)
		if _, err := b.send(living.ID, 5, []byte("wor")); err != nil {
			t.Fatal(err)
		}
		b.must(b.put(parts.ID, 2, cut(data, 2)))
		b.sweep(domain.TaskFilesCleanup)
		b.sweep(domain.TaskSweep)
		if f := b.file(idle); f.Status != domain.FileUploading {
			t.Fatalf("the files' cleanup ended an upload that may go on: %s", f.ErrorMessage)
		}
		b.Clock.Advance(time.Hour)
		_, err := b.send(idle.ID, 5, []byte("world"))
		b.want(err, domain.Expired, "")
		if got := b.sweep(domain.TaskSessions); !strings.HasSuffix(got, "expired 1 uploads") {
			t.Errorf("%q", got)
		}
		b.gone(idle.ID, domain.SessionFailed)
		b.Clock.Advance(22 * time.Hour)
		b.sweep(domain.TaskSessions)
		if _, err := b.send(living.ID, 8, []byte("ld")); err != nil {
			t.Fatal(err)
		}
		b.stored(living.ID, []byte("hellowor"+"ld"))
		b.must(b.put(parts.ID, 1, cut(data, 1)))
		b.must(b.put(parts.ID, 3, cut(data, 3)))
		_, err = b.Sessions.Complete(t.Context(), b.staff, parts.ID, "")
		b.must(err)
		b.stored(parts.ID, data)
	})
}

func TestWhatCreateRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		huge, negative := int64(1<<50), int64(-1)
		for name, c := range map[string]struct {
			in    usecase.SessionInput
			code  domain.Code
			field string
		}{
			"too large":  {usecase.SessionInput{Name: "a", Size: &huge}, domain.TooLarge, "size"},
			"negative":   {usecase.SessionInput{Name: "a", Size: &negative}, domain.Invalid, "size"},
			"no name":    {usecase.SessionInput{}, domain.Invalid, "name"},
			"final":      {usecase.SessionInput{Name: "a", Kind: domain.SessionFinal}, domain.Invalid, "kind"},
			"no hash":    {usecase.SessionInput{Name: "a", SHA256: "abc"}, domain.Invalid, "sha256"},
			"short hash": {usecase.SessionInput{Name: "a", SHA256: "abcd"}, domain.Invalid, "sha256"},
			"metadata":   {usecase.SessionInput{Name: "a", Metadata: map[string]string{"k": "\xff"}}, domain.Invalid, "metadata"},
			"long":       {usecase.SessionInput{Name: "a", Metadata: map[string]string{"k": strings.Repeat("v", 1<<20)}}, domain.Invalid, "metadata"},
			"a bad key":  {usecase.SessionInput{Name: "a", IdempotencyKey: "\n"}, domain.Invalid, "Idempotency-Key"},
		} {
			_, _, err := b.Sessions.Create(t.Context(), b.staff, c.in)
			var e *domain.Error
			if !errors.As(err, &e) || e.Code != c.code || e.Field != c.field {
				t.Errorf("%s: %v", name, err)
			}
		}
		page, err := b.Files.List(t.Context(), b.staff, ports.ListQuery{})
		if err != nil || len(page.Items) != 0 {
			t.Errorf("rows were made: %d, %v", len(page.Items), err)
		}
	})
}

func TestTheSameKeyIsTheSameUpload(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		in := sized(5)
		in.IdempotencyKey = "k"
		s := b.create(in)
		again, created, err := b.Sessions.Create(t.Context(), b.staff, in)
		if err != nil || created || again.ID != s.ID {
			t.Fatal(created, err)
		}
		for _, change := range []func(*usecase.SessionInput){
			func(in *usecase.SessionInput) { in.Name = "another.bin" },
			func(in *usecase.SessionInput) { in.Size = sized(6).Size },
			func(in *usecase.SessionInput) { in.Metadata = map[string]string{"path": "else/where"} },
			func(in *usecase.SessionInput) { in.Kind = domain.SessionPartial },
		} {
			other := in
			change(&other)
			_, _, err = b.Sessions.Create(t.Context(), b.staff, other)
			b.want(err, domain.Conflict, "Idempotency-Key")
		}
		page, err := b.Files.List(t.Context(), b.staff, ports.ListQuery{})
		if err != nil || len(page.Items) != 1 {
			t.Errorf("%d files, %v", len(page.Items), err)
		}
	})
}

func TestTheSameKeyAnswersWhateverCameBetween(t *testing.T) {
	t.Parallel()
	bothDatabases(t, func(b *bench) {
		ctx := t.Context()
		batch, _, err := b.Uploads.CreateBatch(ctx, b.staff, "drop", "")
		b.must(err)
		in := sized(5)
		in.IdempotencyKey, in.BatchID = "k", &batch.ID
		s := b.create(in)
		if _, err = b.Uploads.FinaliseBatch(ctx, b.staff, batch.ID); err != nil {
			t.Fatal(err)
		}
		again, created, err := b.Sessions.Create(ctx, b.staff, in)
		if err != nil || created || again.ID != s.ID {
			t.Errorf("after the batch was sealed: %v, %v", created, err)
		}
		late := in
		late.IdempotencyKey = "k2"
		_, _, err = b.Sessions.Create(ctx, b.staff, late)
		b.want(err, domain.Conflict, "")
		other := in
		other.Name = "another.bin"
		_, _, err = b.Sessions.Create(ctx, b.staff, other)
		b.want(err, domain.Conflict, "Idempotency-Key")
		b.must(b.Sessions.Abort(ctx, b.staff, s.ID))
		if again, _, err = b.Sessions.Create(ctx, b.staff, in); err != nil || again.Status != domain.SessionAborted {
			t.Errorf("after it was cancelled: %v, %v", again, err)
		}

		open := usecase.SessionInput{Name: "deferred.bin", IdempotencyKey: "k3"}
		s = b.create(open)
		if _, err := b.Sessions.DeclareSize(ctx, b.staff, s.ID, 7); err != nil {
			t.Fatal(err)
		}
		if again, created, err = b.Sessions.Create(ctx, b.staff, open); err != nil || created || again.ID != s.ID {
			t.Errorf("after its size was declared: %v, %v", created, err)
		}
	})
}

func TestTheSameKeyJoinsOnce(t *testing.T) {
	t.Parallel()
	bothDatabases(t, func(b *bench) {
		ctx := t.Context()
		part := b.create(usecase.SessionInput{Kind: domain.SessionPartial, Size: sized(5).Size})
		if _, err := b.send(part.ID, 0, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		in := usecase.SessionInput{Name: "joined.txt", IdempotencyKey: "k", Declared: map[string]string{"Upload-Concat": part.ID.String()}}
		made, err := b.Sessions.Join(ctx, b.staff, in, []uuid.UUID{part.ID})
		b.must(err)
		b.must(b.Sessions.Abort(ctx, b.staff, part.ID))
		again, err := b.Sessions.Join(ctx, b.staff, in, []uuid.UUID{part.ID})
		if err != nil || again.ID != made.ID {
			t.Errorf("after its parts were gone: %v, %v", again, err)
		}
		in.Declared = map[string]string{"Upload-Concat": "another"}
		_, err = b.Sessions.Join(ctx, b.staff, in, []uuid.UUID{part.ID})
		b.want(err, domain.Conflict, "Idempotency-Key")
	})
}

func TestTheLimitOfOpenUploadsIsExactForManyAtOnce(t *testing.T) {
	t.Parallel()
	const free, asked = 5, 16
	bothDatabases(t, func(b *bench) {
		b.openMany(sessions.MaxOpen - free)
		var made, refused atomic.Int32
		var wg sync.WaitGroup
		for range asked {
			wg.Go(func() {
				switch _, _, err := b.Sessions.Create(t.Context(), b.staff, sized(5)); {
				case err == nil:
					made.Add(1)
				case domain.IsCode(err, domain.Quota):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		n, err := b.DB.Reads().Sessions.CountOpen(t.Context(), b.staff.UserID)
		if err != nil || n != sessions.MaxOpen || made.Load() != free || refused.Load() != asked-free {
			t.Errorf("%d are open, %d were made and %d refused: %v", n, made.Load(), refused.Load(), err)
		}
	})
}

// bothDatabases is for what no storage takes part in.
func bothDatabases(t *testing.T, test func(b *bench)) {
	t.Helper()
	world.Each(t, func(t *testing.T, w *world.World) {
		test(&bench{w, t, w.MustUser(t, "staff@example.com", domain.RoleStaff)})
	})
}

// openMany gives the person so many unfinished uploads.
func (b *bench) openMany(n int) {
	b.t.Helper()
	b.must(b.DB.InTx(b.t.Context(), func(ctx context.Context, st ports.Stores) error {
		for range n {
			row, err := domain.NewUploadSession(b.IDs.New(), domain.SessionPartial, nil, &b.staff.UserID, time.Hour, b.Clock.Now())
			if err != nil {
				return err
			}
			if _, _, err := st.Sessions.Insert(ctx, row); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestOneUserCannotOpenEndlessUploads(t *testing.T) {
	t.Parallel()
	bothDatabases(t, func(b *bench) {
		b.openMany(sessions.MaxOpen)
		_, _, err := b.Sessions.Create(t.Context(), b.staff, sized(5))
		b.want(err, domain.Quota, "")
		if words := err.Error(); !strings.Contains(words, "1000 unfinished uploads") || !strings.Contains(words, "Finish or cancel some") {
			t.Error(words)
		}
		other := b.MustUser(t, "other@example.com", domain.RoleStaff)
		if _, _, err := b.Sessions.Create(t.Context(), other, sized(5)); err != nil {
			t.Error(err)
		}
	})
}
