package portstest

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var uploadPromises = map[string]func(*store){
	"an upload is opened, found and completed as one":        uploadInTwo,
	"an upload that is all there is stored as one":           uploadAtOnce,
	"several uploads are stored, or none":                    uploadsAtOnce,
	"an upload that changed meanwhile is not completed":      uploadChanged,
	"opening counts the open uploads of its user, and a key": uploadsCounted,
	"a retry supersedes what failed, opened or stored":       uploadSupersedes,
	"reserved keys are forgotten by age":                     reservedKeys,
	"what a user has in use is added up":                     uploadsUsed,
}

// upload is a file of five bytes with a session, neither inserted.
func (s *store) upload(owner *uuid.UUID, batch *uuid.UUID) (*domain.File, *domain.UploadSession) {
	s.Helper()
	f := domain.NewFile(newID(), "report.pdf", owner, batch, noon)
	f.Metadata["path"] = "a/b"
	up, err := domain.NewUploadSession(newID(), domain.SessionWhole, ptr(int64(5)), owner, 24*time.Hour, noon)
	s.ok(err)
	up.FileID, up.StorageKey, up.Metadata = &f.ID, f.StorageKey, map[string]string{"filename": "report.pdf"}
	return f, up
}

// arrives moves both to where the five bytes bring them.
func (s *store) arrives(f *domain.File, up *domain.UploadSession) *domain.Event {
	s.Helper()
	later := noon.Add(time.Minute)
	s.ok(up.Use(domain.ModeSequential))
	up.Advance(5, []byte{0, 255, 1}, nil, 24*time.Hour, later)
	s.ok(up.BeginCompletion(nil, later))
	s.ok(up.End(domain.SessionComplete, "", later))
	e, err := f.Store(5, "ab12", "application/pdf", time.Hour, later)
	s.ok(err)
	s.ok(e.AssignID(newID()))
	return e
}

func (s *store) openUpload(f *domain.File, up *domain.UploadSession) {
	s.Helper()
	s.ok(s.tryOpen(f, up, 100))
}

func (s *store) tryOpen(f *domain.File, up *domain.UploadSession, most int) error {
	return s.try(func(ctx context.Context, st ports.Stores) error { return st.Uploads.Open(ctx, f, up, most) })
}

func (s *store) wantUpload(f *domain.File, up *domain.UploadSession, e *domain.Event) {
	s.Helper()
	gotUp, gotFile, err := s.db.Reads().Uploads.Find(s.ctx, up.ID)
	s.ok(err)
	want(s, "session", gotUp, up)
	want(s, "session by itself", s.findSession(up.ID), up)
	want(s, "file", gotFile, s.findFile(f.ID))
	gotFile.UploaderName, gotFile.BatchLabel = f.UploaderName, f.BatchLabel
	want(s, "file", gotFile, f)
	if e != nil {
		want(s, "event", s.findEvent(e.ID).Payload, e.Payload)
	}
}

func uploadInTwo(s *store) {
	u := s.user()
	f, up := s.upload(&u.ID, nil)
	s.openUpload(f, up)
	s.wantUpload(f, up, nil)
	e := s.arrives(f, up)
	s.tx(func(ctx context.Context, st ports.Stores) error { return st.Uploads.Complete(ctx, f, up, e) })
	s.wantUpload(f, up, e)

	partial := s.session(func(up *domain.UploadSession) { up.Kind = domain.SessionPartial })
	got, none, err := s.db.Reads().Uploads.Find(s.ctx, partial.ID)
	s.ok(err)
	want(s, "session without a file", got, partial)
	want(s, "its file", none, nil)
	_, _, err = s.db.Reads().Uploads.Find(s.ctx, newID())
	wantCode(s.T, err, domain.NotFound)
}

func uploadAtOnce(s *store) {
	u := s.user()
	b := s.batch(&u.ID, noon)
	for _, owner := range []*uuid.UUID{&u.ID, nil} {
		f, up := s.upload(owner, &b.ID)
		e := s.arrives(f, up)
		s.tx(func(ctx context.Context, st ports.Stores) error {
			return st.Uploads.Store(ctx, ports.Upload{File: f, Session: up, Event: e})
		})
		s.wantUpload(f, up, e)
		err := s.try(func(ctx context.Context, st ports.Stores) error {
			return st.Uploads.Store(ctx, ports.Upload{File: f, Session: up, Event: e})
		})
		wantCode(s.T, err, domain.Conflict)
	}
	for i := range 2 {
		f, up := s.upload(&u.ID, nil)
		up.IdempotencyKey = "k"
		e := s.arrives(f, up)
		err := s.try(func(ctx context.Context, st ports.Stores) error {
			return st.Uploads.Store(ctx, ports.Upload{File: f, Session: up, Event: e})
		})
		if i == 0 {
			s.ok(err)
			continue
		}
		wantCode(s.T, err, domain.Conflict)
		_, err = s.db.Reads().Files.Find(s.ctx, f.ID)
		wantCode(s.T, err, domain.NotFound)
	}
	wantCode(s.T, s.db.Reads().Uploads.Store(s.ctx, ports.Upload{File: domain.NewFile(newID(), "x", nil, nil, noon), Session: s.newSession(nil), Event: &domain.Event{}}), domain.Internal)
}

func uploadsAtOnce(s *store) {
	u, other := s.user(), s.user()
	b := s.batch(&u.ID, noon)
	some := func(n int, key string) []ports.Upload {
		out := make([]ports.Upload, n)
		for i := range out {
			f, up := s.upload([]*uuid.UUID{&u.ID, &other.ID, nil}[i%3], []*uuid.UUID{nil, &b.ID}[i%2])
			if i == n-1 {
				up.UserID = &u.ID
				up.IdempotencyKey = key
			}
			out[i] = ports.Upload{File: f, Session: up, Event: s.arrives(f, up)}
		}
		return out
	}
	for _, n := range []int{0, 1, 2, 35} {
		all := some(n, "")
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Uploads.Store(ctx, all...) })
		for _, one := range all {
			s.wantUpload(one.File, one.Session, one.Event)
		}
	}
	s.tx(func(ctx context.Context, st ports.Stores) error { return st.Uploads.Store(ctx, some(1, "k")...) })
	refused := some(20, "k")
	err := s.try(func(ctx context.Context, st ports.Stores) error { return st.Uploads.Store(ctx, refused...) })
	wantCode(s.T, err, domain.Conflict)
	for _, one := range refused {
		s.wantNoUpload(one.File, one.Session)
	}
}

func uploadChanged(s *store) {
	u := s.user()
	for what, change := range map[string]func(ctx context.Context, st ports.Stores, f *domain.File, up *domain.UploadSession) error{
		"taken over": func(ctx context.Context, st ports.Stores, _ *domain.File, up *domain.UploadSession) error {
			_, err := st.Sessions.Take(ctx, up.ID, noon)
			return err
		},
		"written": func(ctx context.Context, st ports.Stores, _ *domain.File, up *domain.UploadSession) error {
			up.Status, up.Mode = domain.SessionInProgress, domain.ModeParts
			return st.Sessions.Save(ctx, up, domain.SessionInit)
		},
		"failed": func(ctx context.Context, st ports.Stores, f *domain.File, _ *domain.UploadSession) error {
			_, err := f.Fail("no", noon)
			s.ok(err)
			return st.Files.Move(ctx, f, domain.FileUploading)
		},
	} {
		f, up := s.upload(&u.ID, nil)
		s.openUpload(f, up)
		done, stored := *up, *f
		e := s.arrives(&stored, &done)
		s.tx(func(ctx context.Context, st ports.Stores) error { return change(ctx, st, f, up) })
		before := s.findSession(up.ID)
		err := s.try(func(ctx context.Context, st ports.Stores) error { return st.Uploads.Complete(ctx, &stored, &done, e) })
		wantCode(s.T, err, domain.Conflict)
		want(s, what+": session", s.findSession(up.ID), before)
		want(s, what+": file", s.findFile(f.ID).Status, f.Status)
		_, err = s.db.Reads().Outbox.Find(s.ctx, e.ID)
		wantCode(s.T, err, domain.NotFound)
	}
}

func uploadsCounted(s *store) {
	u, other := s.user(), s.user()
	for i := range 3 {
		f, up := s.upload(&u.ID, nil)
		s.ok(s.tryOpen(f, up, i+1))
	}
	f, up := s.upload(&u.ID, nil)
	if err := s.tryOpen(f, up, 3); !errors.Is(err, ports.ErrMoreOpen) {
		s.Errorf("a fourth of three: %v", err)
	}
	s.wantNoUpload(f, up)
	f, up = s.upload(&other.ID, nil)
	s.ok(s.tryOpen(f, up, 1))
	f, up = s.upload(nil, nil)
	s.ok(s.tryOpen(f, up, 0))
	for i := range 2 {
		f, up := s.upload(&u.ID, nil)
		up.IdempotencyKey = "k"
		err := s.tryOpen(f, up, 100)
		if i == 0 {
			s.ok(err)
			continue
		}
		wantCode(s.T, err, domain.Conflict)
		s.wantNoUpload(f, up)
	}
}

func (s *store) wantNoUpload(f *domain.File, up *domain.UploadSession) {
	s.Helper()
	_, err := s.db.Reads().Files.Find(s.ctx, f.ID)
	wantCode(s.T, err, domain.NotFound)
	_, err = s.db.Reads().Sessions.Find(s.ctx, up.ID)
	wantCode(s.T, err, domain.NotFound)
}

func uploadSupersedes(s *store) {
	u := s.user()
	b := s.batch(&u.ID, noon)
	fail := func() {
		f, up := s.upload(&u.ID, &b.ID)
		s.openUpload(f, up)
		_, err := f.Fail("no", noon)
		s.ok(err)
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Files.Move(ctx, f, domain.FileUploading) })
	}
	failed := func() int {
		counts, err := s.db.Reads().Batches.Counts(s.ctx, b.ID)
		s.ok(err)
		return counts.Failed
	}
	fail()
	fail()
	want(s, "the newest alone counts", failed(), 1)
	f, up := s.upload(&u.ID, &b.ID)
	e := s.arrives(f, up)
	s.tx(func(ctx context.Context, st ports.Stores) error {
		return st.Uploads.Store(ctx, ports.Upload{File: f, Session: up, Event: e})
	})
	want(s, "none counts", failed(), 0)

	again := make([]ports.Upload, 3)
	for i := range again {
		fail()
		f, up := s.upload(&u.ID, &b.ID)
		again[i] = ports.Upload{File: f, Session: up, Event: s.arrives(f, up)}
	}
	want(s, "failed again", failed(), 1)
	s.tx(func(ctx context.Context, st ports.Stores) error { return st.Uploads.Store(ctx, again...) })
	want(s, "none counts of several", failed(), 0)
	for _, one := range again {
		want(s, "stored", s.findFile(one.File.ID).Status, domain.FileStored)
	}
}

func reservedKeys(s *store) {
	reserve := func(at time.Time) {
		s.tx(func(ctx context.Context, st ports.Stores) error {
			return st.StorageKeys.Reserve(ctx, newID(), []string{"uploads/2026/01/a", "uploads/2026/01/b"}, at)
		})
	}
	reserve(noon)
	reserve(noon.Add(time.Hour))
	for _, wanted := range []int{1, 0} {
		s.tx(func(ctx context.Context, st ports.Stores) error {
			n, err := st.StorageKeys.DeleteReserved(ctx, noon.Add(time.Hour))
			want(s, "forgotten", n, wanted)
			return err
		})
	}
}

func uploadsUsed(s *store) {
	u, other := s.user(), s.user()
	used := func(what string, wanted int64) {
		s.Helper()
		got, err := s.db.Reads().Uploads.Used(s.ctx, u.ID)
		s.ok(err)
		want(s, what, got, wanted)
		s.tx(func(ctx context.Context, st ports.Stores) error {
			got, err := st.Uploads.UsedAlone(ctx, u.ID)
			want(s, what+", alone", got, wanted)
			return err
		})
	}
	used("of nothing", 0)
	f, up := s.upload(&u.ID, nil)
	s.openUpload(f, up)
	s.openUpload(s.upload(&other.ID, nil))
	used("with 5 bytes promised", 5)
	s.session(func(up *domain.UploadSession) { up.UserID, up.TotalSize, up.BytesReceived = &u.ID, nil, 7 })
	used("with 7 bytes that no size was declared for", 12)
	s.session(func(up *domain.UploadSession) {
		up.UserID, up.Status, up.BytesReceived = &u.ID, domain.SessionAborted, 100
	})
	used("with an upload that was aborted", 12)
	e := s.arrives(f, up)
	s.tx(func(ctx context.Context, st ports.Stores) error { return st.Uploads.Complete(ctx, f, up, e) })
	used("with the 5 bytes stored", 12)
	s.tx(func(ctx context.Context, st ports.Stores) error {
		if _, err := f.Delete(noon.Add(time.Hour)); err != nil {
			return err
		}
		return st.Files.Move(ctx, f, domain.FileStored)
	})
	used("deleted, not purged", 12)
	s.tx(func(ctx context.Context, st ports.Stores) error {
		return st.Files.MarkPurged(ctx, f.ID, noon.Add(2*time.Hour))
	})
	used("purged", 7)
	_, err := s.db.Reads().Uploads.UsedAlone(s.ctx, u.ID)
	wantCode(s.T, err, domain.Internal)
}
