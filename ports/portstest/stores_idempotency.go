package portstest

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

func record(owner uuid.UUID, key string) *domain.IdempotencyRecord {
	return &domain.IdempotencyRecord{OwnerID: owner, Operation: "file", Key: key, Fingerprint: "what was asked", ResourceID: newID(), CreatedAt: noon}
}

func (s *store) remember(r *domain.IdempotencyRecord) (got *domain.IdempotencyRecord, created bool) {
	s.Helper()
	s.tx(func(ctx context.Context, st ports.Stores) (err error) {
		got, created, err = st.Idempotency.Insert(ctx, r)
		return err
	})
	return got, created
}

var idempotencyPromises = map[string]func(*store){
	"a key gives the record that is there, to its owner and operation alone": func(s *store) {
		u, other := s.user(), s.user()
		first := record(u.ID, "k")
		got, created := s.remember(first)
		want(s, "created", created, true)
		want(s, "record", got, first)
		got, created = s.remember(record(u.ID, "k"))
		want(s, "created again", created, false)
		want(s, "the first one", got, first)
		_, created = s.remember(record(other.ID, "k"))
		want(s, "another's", created, true)
		another := record(u.ID, "k")
		another.Operation = "session"
		_, created = s.remember(another)
		want(s, "another operation", created, true)
		_, created = s.remember(record(u.ID, "K"))
		want(s, "another key", created, true)
	},
	"of many that insert a key at once one creates": func(s *store) {
		u := s.user()
		var wg sync.WaitGroup
		var mu sync.Mutex
		made, seen := 0, map[uuid.UUID]bool{}
		for range 8 {
			wg.Go(func() {
				var got *domain.IdempotencyRecord
				created := false
				err := s.try(func(ctx context.Context, st ports.Stores) (err error) {
					got, created, err = st.Idempotency.Insert(ctx, record(u.ID, "k"))
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					s.Error(err)
					return
				}
				seen[got.ResourceID] = true
				if created {
					made++
				}
			})
		}
		wg.Wait()
		want(s, "created", made, 1)
		want(s, "records", len(seen), 1)
	},
	"a record is replaced while it names what was seen, else it is a conflict": func(s *store) {
		u := s.user()
		first, second := record(u.ID, "k"), record(u.ID, "k")
		second.Fingerprint, second.CreatedAt = "something else", noon.Add(time.Hour)
		s.remember(first)
		s.tx(func(ctx context.Context, st ports.Stores) error {
			return st.Idempotency.Replace(ctx, second, first.ResourceID)
		})
		got, _ := s.remember(record(u.ID, "k"))
		want(s, "replaced", got, second)
		err := s.try(func(ctx context.Context, st ports.Stores) error {
			return st.Idempotency.Replace(ctx, record(u.ID, "k"), first.ResourceID)
		})
		if !domain.IsCode(err, domain.Conflict) {
			s.Errorf("a record that moved on was replaced: %v", err)
		}
	},
	"old records are removed, oldest first, up to a limit": func(s *store) {
		u := s.user()
		for i, key := range []string{"c", "a", "b", "young"} {
			r := record(u.ID, key)
			r.CreatedAt = noon.Add(time.Duration(i) * time.Hour)
			s.remember(r)
		}
		removed := func() (n int) {
			s.tx(func(ctx context.Context, st ports.Stores) (err error) {
				n, err = st.Idempotency.DeleteBefore(ctx, noon.Add(3*time.Hour), 2)
				return err
			})
			return n
		}
		want(s, "first", removed(), 2)
		_, created := s.remember(record(u.ID, "b"))
		want(s, "the third is still there", !created, true)
		want(s, "then", removed(), 1)
		want(s, "at last", removed(), 0)
		_, created = s.remember(record(u.ID, "young"))
		want(s, "the young one stays", !created, true)
	},
}
