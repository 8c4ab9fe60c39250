package portstest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// part is one of the session's parts, a minute after noon.
func part(up *domain.UploadSession, number int) *domain.UploadPart {
	later := noon.Add(time.Minute)
	return &domain.UploadPart{
		ID: newID(), SessionID: up.ID, Number: number, Offset: int64(number-1) * up.ChunkSize, Size: up.ChunkSize,
		SHA256: fmt.Sprintf("ab%02d", number), Tag: fmt.Sprintf(`"etag-%d"`, number), CreatedAt: later, UpdatedAt: later,
	}
}

func (s *store) put(p *domain.UploadPart) (got *domain.UploadPart, added bool) {
	s.Helper()
	s.tx(func(ctx context.Context, st ports.Stores) (err error) {
		got, added, err = st.Sessions.PutPart(ctx, p, nil)
		return err
	})
	return got, added
}

func (s *store) tryPut(p *domain.UploadPart) (added bool, err error) {
	err = s.try(func(ctx context.Context, st ports.Stores) (err error) {
		_, added, err = st.Sessions.PutPart(ctx, p, nil)
		return err
	})
	return added, err
}

// inParts is a session in parts mode with many parts.
func (s *store) inParts() *domain.UploadSession {
	s.Helper()
	return s.session(func(up *domain.UploadSession) {
		up.Status, up.Mode, up.TotalSize = domain.SessionInProgress, domain.ModeParts, ptr(int64(100*domain.MinChunkSize))
	})
}

func (s *store) wantParts(up *domain.UploadSession, wanted ...*domain.UploadPart) {
	s.Helper()
	got, err := s.db.Reads().Sessions.ListParts(s.ctx, up.ID)
	s.ok(err)
	if len(got) != len(wanted) {
		s.Fatalf("%d parts, want %d", len(got), len(wanted))
	}
	var sum int64
	for i := range wanted {
		want(s, "part", got[i], wanted[i])
		sum += got[i].Size
	}
	found := s.findSession(up.ID)
	want(s, "counted", [2]int64{found.BytesReceived, int64(found.CompletedParts)}, [2]int64{sum, int64(len(wanted))})
}

var partPromises = map[string]func(*store){
	"parts come back as they went in, by number, and are counted": func(s *store) {
		up, other := s.inParts(), s.inParts()
		second, first := part(up, 2), part(up, 1)
		second.Size = 5
		for _, p := range []*domain.UploadPart{second, first, part(other, 1)} {
			got, added := s.put(p)
			want(s, "added", added, true)
			want(s, "part", got, p)
		}
		s.wantParts(up, first, second)
		got, err := s.db.Reads().Sessions.FindPart(s.ctx, up.ID, 2)
		s.ok(err)
		want(s, "found", got, second)
		_, err = s.db.Reads().Sessions.FindPart(s.ctx, up.ID, 3)
		wantCode(s.T, err, domain.NotFound)
		want(s, "touched", s.findSession(up.ID).UpdatedAt, noon.Add(time.Minute))
		none, err := s.db.Reads().Sessions.ListParts(s.ctx, newID())
		s.ok(err)
		want(s, "of nothing", len(none), 0)
	},
	"a part that is there is returned and nothing changes": func(s *store) {
		up := s.inParts()
		first := part(up, 1)
		s.put(first)
		before := s.findSession(up.ID)
		again := part(up, 1)
		again.Size, again.SHA256, again.Tag, again.UpdatedAt = 7, "other", "other", noon.Add(time.Hour)
		got, added := s.put(again)
		want(s, "added", added, false)
		want(s, "the first one", got, first)
		want(s, "session", s.findSession(up.ID), before)
		s.wantParts(up, first)
	},
	"what goes along with a part is saved with it, once": func(s *store) {
		up := s.inParts()
		along := func(state string, expires time.Time) (asked bool) {
			s.tx(func(ctx context.Context, st ports.Stores) error {
				asked = false
				_, _, err := st.Sessions.PutPart(ctx, part(up, 1), func(locked *domain.UploadSession) {
					want(s, "locked", locked.ID, up.ID)
					asked, locked.HashState, locked.ExpiresAt = true, []byte(state), expires
				})
				return err
			})
			return asked
		}
		want(s, "asked", along("first", noon.Add(time.Hour)), true)
		want(s, "asked again", along("again", noon.Add(2*time.Hour)), false)
		got := s.findSession(up.ID)
		want(s, "hash state", string(got.HashState), "first")
		want(s, "expiry", got.ExpiresAt, noon.Add(time.Hour))
	},
	"a part in a transaction that rolls back is not there and not counted": func(s *store) {
		up := s.inParts()
		err := s.try(func(ctx context.Context, st ports.Stores) error {
			if _, _, err := st.Sessions.PutPart(ctx, part(up, 1), nil); err != nil {
				return err
			}
			return errOnPurpose
		})
		want(s, "error", err, errOnPurpose)
		s.wantParts(up)
	},
	"of many that put the same part at once one adds it": func(s *store) {
		up := s.inParts()
		var wg sync.WaitGroup
		var mu sync.Mutex
		n := 0
		for range 8 {
			wg.Go(func() {
				added, err := s.tryPut(part(up, 3))
				if err != nil {
					s.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if added {
					n++
				}
			})
		}
		wg.Wait()
		want(s, "added", n, 1)
		got, err := s.db.Reads().Sessions.FindPart(s.ctx, up.ID, 3)
		s.ok(err)
		s.wantParts(up, got)
	},
	"many parts at once are counted exactly, saves beside them or not": manyParts,
	"a session that takes no parts refuses new ones and still shows old ones": func(s *store) {
		for status := range sessionStatuses {
			if status == domain.SessionInit || status == domain.SessionInProgress {
				continue
			}
			up := s.inParts()
			first := part(up, 1)
			s.put(first)
			up.Status = status
			s.ok(s.saveSession(up, domain.SessionInProgress))
			_, err := s.tryPut(part(up, 2))
			wantCode(s.T, err, domain.Conflict)
			got, added := s.put(part(up, 1))
			want(s, "added", added, false)
			want(s, "the old one", got, first)
			s.wantParts(up, first)
		}
		inOrder := s.session(func(up *domain.UploadSession) { up.Status, up.Mode = domain.SessionInProgress, domain.ModeSequential })
		_, err := s.tryPut(part(inOrder, 1))
		wantCode(s.T, err, domain.Conflict)
		s.wantParts(inOrder)
	},
	"the first part may come before the mode is saved": func(s *store) {
		up := s.session(nil)
		p := part(up, 1)
		s.tx(func(ctx context.Context, st ports.Stores) error {
			_, _, err := st.Sessions.PutPart(ctx, p, nil)
			s.ok(err)
			s.ok(up.Use(domain.ModeParts))
			return st.Sessions.Save(ctx, up, domain.SessionInit)
		})
		s.wantParts(up, p)
	},
}

// manyParts: eight writers with four parts each, of which every number comes
// twice, each beside a save of a copy read before.
func manyParts(s *store) {
	const numbers = 16
	up := s.inParts()
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 4 {
				stale := *up
				if _, err := s.tryPut(part(up, (w*4+i)%numbers+1)); err != nil {
					s.Error(err)
				}
				stale.ExpiresAt = noon.Add(time.Hour)
				if err := s.saveSession(&stale, domain.SessionInProgress); err != nil {
					s.Error(err)
				}
			}
		})
	}
	wg.Wait()
	parts, err := s.db.Reads().Sessions.ListParts(s.ctx, up.ID)
	s.ok(err)
	want(s, "parts", len(parts), numbers)
	for i, p := range parts {
		want(s, "number", p.Number, i+1)
	}
	s.wantParts(up, parts...)
}
