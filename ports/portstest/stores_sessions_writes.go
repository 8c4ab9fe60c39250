package portstest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

func (s *store) insertSession(owner *uuid.UUID, key string) (got *domain.UploadSession, created bool, err error) {
	err = s.try(func(ctx context.Context, st ports.Stores) (err error) {
		up := s.newSession(func(up *domain.UploadSession) { up.UserID, up.IdempotencyKey = owner, key })
		got, created, err = st.Sessions.Insert(ctx, up)
		return err
	})
	return got, created, err
}

func (s *store) take(id uuid.UUID, now time.Time) *domain.UploadSession {
	s.Helper()
	var got *domain.UploadSession
	s.tx(func(ctx context.Context, st ports.Stores) (err error) {
		got, err = st.Sessions.Take(ctx, id, now)
		return err
	})
	return got
}

var sessionWritePromises = map[string]func(*store){
	"the same user and key give the session that is there": func(s *store) {
		u, other := s.user(), s.user()
		first, created, err := s.insertSession(&u.ID, "k")
		s.ok(err)
		want(s, "created", created, true)
		want(s, "what is there", s.findSession(first.ID), first)
		again, created, err := s.insertSession(&u.ID, "k")
		s.ok(err)
		want(s, "created again", created, false)
		want(s, "the first one", again, first)
		for _, c := range []struct {
			owner *uuid.UUID
			key   string
		}{{&other.ID, "k"}, {&u.ID, "K"}, {&u.ID, ""}, {&u.ID, ""}, {nil, "k"}, {nil, "k"}} {
			_, created, err := s.insertSession(c.owner, c.key)
			s.ok(err)
			want(s, "created for another user or key, or without", created, true)
		}
	},
	"of many that insert a session's key at once one creates": func(s *store) {
		u := s.user()
		var wg sync.WaitGroup
		var mu sync.Mutex
		made, seen := 0, map[uuid.UUID]bool{}
		for range 8 {
			wg.Go(func() {
				got, created, err := s.insertSession(&u.ID, "k")
				if err != nil {
					s.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				seen[got.ID] = true
				if created {
					made++
				}
			})
		}
		wg.Wait()
		want(s, "created", made, 1)
		want(s, "sessions", len(seen), 1)
	},
	"of many that insert and count alone none misses another": func(s *store) {
		const room = 3
		u := s.user()
		full := errors.New("full")
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				err := s.try(func(ctx context.Context, st ports.Stores) error {
					up := s.newSession(func(up *domain.UploadSession) { up.UserID = &u.ID })
					if _, _, err := st.Sessions.Insert(ctx, up); err != nil {
						return err
					}
					n, err := st.Sessions.CountOpenAlone(ctx, u.ID)
					if err == nil && n > room {
						return full
					}
					return err
				})
				if err != nil && !errors.Is(err, full) {
					s.Error(err)
				}
			})
		}
		wg.Wait()
		n, err := s.db.Reads().Sessions.CountOpen(s.ctx, u.ID)
		s.ok(err)
		want(s, "open", n, room)
	},
	"a save writes everything but who, what kind, which key and when": func(s *store) {
		up := s.fullSession()
		changed := s.newSession(func(n *domain.UploadSession) {
			n.ID, n.Epoch, n.FileID, n.UserID, n.Kind = up.ID, up.Epoch, up.FileID, &s.user().ID, domain.SessionPartial
			n.Status, n.Mode, n.ChunkSize, n.TotalSize = domain.SessionFailed, domain.ModeSequential, 99, nil
			n.BytesReceived, n.CompletedParts, n.IdempotencyKey, n.HashState = 1<<40, 9, "other", nil
			n.DeclaredSHA256, n.StorageKey, n.Stage, n.Metadata = "cd", "uploads/y", []byte("tail"), map[string]string{"a": "b"}
			n.ExpiresAt, n.ErrorMessage, n.CreatedAt, n.UpdatedAt = noon.Add(time.Hour), "why", noon.Add(time.Hour), noon.Add(time.Minute)
		})
		s.ok(s.saveSession(changed, domain.SessionInProgress))
		changed.UserID, changed.Kind, changed.IdempotencyKey, changed.CreatedAt = up.UserID, up.Kind, up.IdempotencyKey, up.CreatedAt
		want(s, "saved", s.findSession(up.ID), changed)
	},
	"a save from another status than asked for is a conflict and writes nothing": func(s *store) {
		for status := range sessionStatuses {
			up := s.session(func(up *domain.UploadSession) { up.Status = status })
			var others []domain.SessionStatus
			for o := range sessionStatuses {
				if o != status {
					others = append(others, o)
				}
			}
			changed := *up
			changed.BytesReceived, changed.ErrorMessage, changed.UpdatedAt = 5, "changed", noon.Add(time.Minute)
			wantCode(s.T, s.saveSession(&changed, others...), domain.Conflict)
			wantCode(s.T, s.saveSession(&changed), domain.Conflict)
			want(s, "untouched", s.findSession(up.ID), up)
			s.ok(s.saveSession(&changed, append(others, status)...))
			want(s, "saved", s.findSession(up.ID), &changed)
		}
	},
	"a takeover raises the epoch by one, and the old writer's save is a conflict": func(s *store) {
		up := s.session(nil)
		old := s.take(up.ID, noon.Add(time.Minute))
		up.Epoch, up.UpdatedAt = 1, noon.Add(time.Minute)
		want(s, "taken", old, up)
		s.ok(old.Use(domain.ModeSequential))
		old.Advance(100, []byte("state"), []byte("stage"), time.Hour, noon.Add(2*time.Minute))
		s.ok(s.saveSession(old, domain.SessionInit))
		taken := s.take(up.ID, noon.Add(3*time.Minute))
		want(s, "the new writer goes on where the old one was", [2]int64{taken.BytesReceived, taken.Epoch}, [2]int64{100, 2})
		old.Advance(200, []byte("later"), []byte("later"), time.Hour, noon.Add(4*time.Minute))
		wantCode(s.T, s.saveSession(old, domain.SessionInProgress), domain.Conflict)
		want(s, "untouched", s.findSession(up.ID), taken)
		taken.Advance(150, []byte("new"), []byte("new"), time.Hour, noon.Add(5*time.Minute))
		s.ok(s.saveSession(taken, domain.SessionInProgress))
		want(s, "the new writer's", s.findSession(up.ID), taken)
	},
	"of many writers that take over at once the last one's save stands": takeoversAtOnce,
	"a mode is decided once; a save that decided otherwise is a conflict": func(s *store) {
		up := s.session(nil)
		inOrder, inParts, early := *up, *up, *up
		s.ok(inOrder.Use(domain.ModeSequential))
		s.ok(inParts.Use(domain.ModeParts))
		open := []domain.SessionStatus{domain.SessionInit, domain.SessionInProgress}
		s.ok(s.saveSession(&inParts, open...))
		wantCode(s.T, s.saveSession(&inOrder, open...), domain.Conflict)
		wantCode(s.T, s.saveSession(&early, open...), domain.Conflict)
		s.ok(s.saveSession(&inParts, open...))
		want(s, "mode", s.findSession(up.ID).Mode, domain.ModeParts)
	},
	"a locked session waits with changes until the transaction ends": sessionLockWaits,
	"a session is not written outside a transaction": func(s *store) {
		r, up := s.db.Reads().Sessions, s.session(nil)
		_, _, err := r.Insert(s.ctx, s.newSession(nil))
		wantCode(s.T, err, domain.Internal)
		_, err = r.Lock(s.ctx, up.ID)
		wantCode(s.T, err, domain.Internal)
		_, err = r.Take(s.ctx, up.ID, noon)
		wantCode(s.T, err, domain.Internal)
		wantCode(s.T, r.Save(s.ctx, up, domain.SessionInit), domain.Internal)
		_, err = r.DeleteEnded(s.ctx, noon, 1)
		wantCode(s.T, err, domain.Internal)
		_, _, err = r.PutPart(s.ctx, part(up, 1), nil)
		wantCode(s.T, err, domain.Internal)
	},
}

// takeoversAtOnce: each epoch goes to one writer, and whoever holds the last
// one wins, in whatever order the saves come.
func takeoversAtOnce(s *store) {
	const writers = 8
	up := s.session(func(up *domain.UploadSession) { up.Status, up.Mode = domain.SessionInProgress, domain.ModeSequential })
	var wg sync.WaitGroup
	var mu sync.Mutex
	epochs := map[int64]bool{}
	for range writers {
		wg.Go(func() {
			var got *domain.UploadSession
			err := s.try(func(ctx context.Context, st ports.Stores) (err error) {
				got, err = st.Sessions.Take(ctx, up.ID, noon)
				return err
			})
			if err != nil {
				s.Error(err)
				return
			}
			mu.Lock()
			epochs[got.Epoch] = true
			mu.Unlock()
			got.BytesReceived = got.Epoch * 1000
			if err := s.saveSession(got, domain.SessionInProgress); err != nil && (!domain.IsCode(err, domain.Conflict) || got.Epoch == writers) {
				s.Errorf("epoch %d: %v", got.Epoch, err)
			}
		})
	}
	wg.Wait()
	want(s, "epochs", len(epochs), writers)
	got := s.findSession(up.ID)
	want(s, "the last writer's", [2]int64{got.Epoch, got.BytesReceived}, [2]int64{writers, writers * 1000})
}

// sessionLockWaits: eight that lock, add and save lose nothing.
func sessionLockWaits(s *store) {
	up := s.session(func(up *domain.UploadSession) { up.Status = domain.SessionInProgress })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			err := s.try(func(ctx context.Context, st ports.Stores) error {
				got, err := st.Sessions.Lock(ctx, up.ID)
				if err != nil {
					return err
				}
				got.BytesReceived++
				return st.Sessions.Save(ctx, got, domain.SessionInProgress)
			})
			if err != nil {
				s.Error(err)
			}
		})
	}
	wg.Wait()
	want(s, "sum", s.findSession(up.ID).BytesReceived, int64(8))
}
