package portstest

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var batchPromises = map[string]func(*store){
	"a batch comes back as it went in, with its creator's name": func(s *store) {
		u := s.user()
		b := s.batch(&u.ID, noon)
		b.Status, b.SealedAt, b.UpdatedAt, b.Label = domain.BatchPartial, ptr(noon), noon.Add(time.Hour), "Other"
		b.Counts = domain.BatchCounts{Files: 3, Stored: 2, Failed: 1, Bytes: 10}
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Batches.Save(ctx, b) })
		got, err := s.db.Reads().Batches.Find(s.ctx, b.ID)
		s.ok(err)
		b.CreatorName = u.Name
		want(s, "batch", got, b)
	},
	"the same creator and key give the batch that is there": func(s *store) {
		u, other := s.user(), s.user()
		insert := func(owner uuid.UUID, key string) (got *domain.Batch, created bool) {
			s.tx(func(ctx context.Context, st ports.Stores) error {
				b, err := domain.NewBatch(newID(), "L", key, &owner, noon)
				s.ok(err)
				got, created, err = st.Batches.Insert(ctx, b)
				return err
			})
			return got, created
		}
		first, created := insert(u.ID, "k")
		want(s, "created", created, true)
		again, created := insert(u.ID, "k")
		want(s, "created again", created, false)
		want(s, "the first one", again.ID, first.ID)
		_, created = insert(other.ID, "k")
		want(s, "other creator", created, true)
		_, created = insert(u.ID, "")
		want(s, "no key", created, true)
		_, created = insert(u.ID, "")
		want(s, "no key again", created, true)
	},
	"joining moves init to in_progress, once": func(s *store) {
		b := s.batch(nil, noon)
		for range 2 {
			s.tx(func(ctx context.Context, st ports.Stores) error {
				got, err := st.Batches.Join(ctx, b.ID, noon.Add(time.Minute))
				s.ok(err)
				want(s, "status", got.Status, domain.BatchInProgress)
				want(s, "moved at", got.UpdatedAt, noon.Add(time.Minute))
				return nil
			})
		}
		err := s.try(func(ctx context.Context, st ports.Stores) error {
			_, err := st.Batches.Join(ctx, newID(), noon)
			return err
		})
		wantCode(s.T, err, domain.NotFound)
	},
	"sealing waits for those that joined": batchLockWaits,
	"counts are computed from the files, superseded ones left out": func(s *store) {
		b := s.batch(nil, noon)
		in := func(f *domain.File) { f.BatchID = &b.ID }
		s.file(in)
		arrived := s.file(in)
		_, err := arrived.Store(500, "ab", "text/plain", 0, noon)
		s.ok(err)
		for range 2 { // the second failure supersedes the first
			failed := s.file(func(f *domain.File) {
				in(f)
				f.OriginalFilename, f.Metadata = "broken.bin", map[string]string{"path": "a/b"}
			})
			_, err := failed.Fail("refused", noon)
			s.ok(err)
			s.tx(func(ctx context.Context, st ports.Stores) error {
				return st.Files.Move(ctx, failed, domain.FileUploading)
			})
		}
		other := s.file(func(f *domain.File) { // another folder
			in(f)
			f.OriginalFilename, f.Metadata = "broken.bin", map[string]string{"path": "a/c"}
		})
		_, err = other.Fail("refused", noon)
		s.ok(err)
		s.tx(func(ctx context.Context, st ports.Stores) error {
			s.ok(st.Files.Move(ctx, other, domain.FileUploading))
			return st.Files.Move(ctx, arrived, domain.FileUploading)
		})
		wanted := domain.BatchCounts{Files: 4, Uploading: 1, Stored: 1, Failed: 2, Bytes: 500, Now: domain.FileStates{Stored: 1, Failed: 2}}
		got, err := s.db.Reads().Batches.Counts(s.ctx, b.ID)
		s.ok(err)
		want(s, "counts", got, wanted)
		for superseded, n := range map[string]int{"false": 4, "true": 1} {
			files := s.files(ports.ListQuery{Filters: map[string][]string{"batch": {b.ID.String()}, "superseded": {superseded}}})
			want(s, "superseded "+superseded, files.Total, n)
		}
		page, err := s.db.Reads().Batches.List(s.ctx, ports.ListQuery{})
		s.ok(err)
		want(s, "listed counts", page.Items[0].Counts, wanted)
	},
	"labels are those of the batches that have one": func(s *store) {
		b, bare := s.batch(nil, noon), s.batch(nil, noon)
		bare.Label = ""
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Batches.Save(ctx, bare) })
		got, err := s.db.Reads().Batches.Labels(s.ctx, []uuid.UUID{b.ID, bare.ID, newID(), b.ID})
		s.ok(err)
		want(s, "labels", got, map[uuid.UUID]string{b.ID: b.Label})
		got, err = s.db.Reads().Batches.Labels(s.ctx, nil)
		s.ok(err)
		want(s, "labels of none", len(got), 0)
	},
	"open batches are the sealed and the idle": func(s *store) {
		idle, busy, sealed, done := s.batch(nil, noon), s.batch(nil, noon), s.batch(nil, noon), s.batch(nil, noon)
		s.file(func(f *domain.File) { f.BatchID, f.UpdatedAt = &busy.ID, noon.Add(2*time.Hour) })
		sealed.Seal(noon.Add(2 * time.Hour))
		done.Seal(noon)
		done.Settle(domain.BatchCounts{Files: 1, Stored: 1}, noon)
		s.tx(func(ctx context.Context, st ports.Stores) error {
			s.ok(st.Batches.Save(ctx, sealed))
			return st.Batches.Save(ctx, done)
		})
		ids, err := s.db.Reads().Batches.ListOpen(s.ctx, noon.Add(time.Hour), 10)
		s.ok(err)
		want(s, "open", ids, []uuid.UUID{idle.ID, sealed.ID})
	},
}

// batchLockWaits: while a transaction that joined is open, nobody seals.
func batchLockWaits(s *store) {
	b := s.batch(nil, noon)
	join := func(ctx context.Context, st ports.Stores) error {
		_, err := st.Batches.Join(ctx, b.ID, noon)
		return err
	}
	s.tx(join) // from here on joining changes nothing
	joined := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		<-joined
		err := s.try(func(ctx context.Context, st ports.Stores) error {
			got, err := st.Batches.Lock(ctx, b.ID)
			if err != nil {
				return err
			}
			got.Seal(noon.Add(time.Hour))
			return st.Batches.Save(ctx, got)
		})
		if err != nil {
			s.Error(err)
		}
	})
	err := s.try(func(ctx context.Context, st ports.Stores) error {
		if err := join(ctx, st); err != nil {
			return err
		}
		close(joined)
		for range 200 { // time enough for a seal that does not wait
			got, err := st.Batches.Find(ctx, b.ID)
			if err != nil {
				return err
			}
			if got.SealedAt != nil {
				s.Error("the batch was sealed under a file that joined")
				break
			}
		}
		return nil
	})
	s.ok(err)
	wg.Wait()
	got, err := s.db.Reads().Batches.Find(s.ctx, b.ID)
	s.ok(err)
	want(s, "sealed", got.SealedAt, ptr(noon.Add(time.Hour)))
}
