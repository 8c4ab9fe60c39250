package portstest

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// newSession is one for three parts, not inserted yet.
func (s *store) newSession(change func(*domain.UploadSession)) *domain.UploadSession {
	s.Helper()
	up, err := domain.NewUploadSession(newID(), domain.SessionWhole, ptr(int64(2*domain.MinChunkSize+5)), nil, 24*time.Hour, noon)
	s.ok(err)
	if change != nil {
		change(up)
	}
	return up
}

// session inserts one after change has had its way with it.
func (s *store) session(change func(*domain.UploadSession)) *domain.UploadSession {
	s.Helper()
	up := s.newSession(change)
	s.tx(func(ctx context.Context, st ports.Stores) error {
		_, _, err := st.Sessions.Insert(ctx, up)
		return err
	})
	return up
}

func (s *store) findSession(id uuid.UUID) *domain.UploadSession {
	s.Helper()
	up, err := s.db.Reads().Sessions.Find(s.ctx, id)
	s.ok(err)
	return up
}

func (s *store) saveSession(up *domain.UploadSession, from ...domain.SessionStatus) error {
	return s.try(func(ctx context.Context, st ports.Stores) error { return st.Sessions.Save(ctx, up, from...) })
}

// fullSession has a value in every field.
func (s *store) fullSession() *domain.UploadSession {
	s.Helper()
	u, b := s.user(), s.batch(nil, noon)
	f := s.file(func(f *domain.File) { f.BatchID = &b.ID })
	return s.session(func(up *domain.UploadSession) {
		up.FileID, up.UserID, up.Kind, up.Status, up.Mode = &f.ID, &u.ID, domain.SessionFinal, domain.SessionInProgress, domain.ModeSequential
		up.BytesReceived, up.CompletedParts, up.IdempotencyKey, up.DeclaredSHA256 = 7, 1, "k", "ab12"
		up.HashState, up.Stage, up.StorageKey = []byte{0, 255, 1}, []byte("{\"upload\":\"x\"}\x00"), "uploads/2026/01/x"
		up.Metadata, up.Epoch, up.ErrorMessage = map[string]string{"filename": "b.txt", "Überschrift": "ja"}, 3, "none"
	})
}

var sessionReadPromises = map[string]func(*store){
	"a session comes back as it went in, and its file's newest is found": func(s *store) {
		up := s.fullSession()
		want(s, "session", s.findSession(up.ID), up)
		got, err := s.db.Reads().Sessions.FindByFile(s.ctx, *up.FileID)
		s.ok(err)
		want(s, "by file", got, up)
		newer := s.session(func(n *domain.UploadSession) { n.FileID, n.CreatedAt = up.FileID, noon.Add(time.Second) })
		got, err = s.db.Reads().Sessions.FindByFile(s.ctx, *up.FileID)
		s.ok(err)
		want(s, "newest", got, newer)
		got, err = s.db.Reads().Sessions.FindByKey(s.ctx, *up.UserID, "k")
		s.ok(err)
		want(s, "by key", got, up)
		bare := s.session(func(up *domain.UploadSession) { up.TotalSize = nil })
		want(s, "a session with nothing set", s.findSession(bare.ID), bare)
	},
	"a session that is not there is NotFound": func(s *store) {
		r, id := s.db.Reads().Sessions, newID()
		_, err := r.Find(s.ctx, id)
		wantCode(s.T, err, domain.NotFound)
		_, err = r.FindByFile(s.ctx, id)
		wantCode(s.T, err, domain.NotFound)
		other := s.user()
		s.session(func(up *domain.UploadSession) { up.UserID = &other.ID })
		_, err = r.FindByKey(s.ctx, other.ID, "k")
		wantCode(s.T, err, domain.NotFound)
		_, err = r.FindByKey(s.ctx, other.ID, "")
		wantCode(s.T, err, domain.NotFound)
		_, err = r.FindPart(s.ctx, id, 1)
		wantCode(s.T, err, domain.NotFound)
		for name, call := range map[string]func(ctx context.Context, w ports.Sessions) error{
			"lock": func(ctx context.Context, w ports.Sessions) error { _, err := w.Lock(ctx, id); return err },
			"take": func(ctx context.Context, w ports.Sessions) error { _, err := w.Take(ctx, id, noon); return err },
			"part": func(ctx context.Context, w ports.Sessions) error {
				_, _, err := w.PutPart(ctx, part(s.newSession(nil), 1), nil)
				return err
			},
		} {
			err := s.try(func(ctx context.Context, st ports.Stores) error { return call(ctx, st.Sessions) })
			if !domain.IsCode(err, domain.NotFound) {
				s.Errorf("%s: %v, want not_found", name, err)
			}
		}
		wantCode(s.T, s.saveSession(s.newSession(nil), domain.SessionInit), domain.Conflict)
	},
	"sessions are filtered by each of their filters, and found by id": func(s *store) {
		up, other := s.fullSession(), s.session(nil)
		batch := s.findFile(*up.FileID).BatchID.String()
		for key, value := range map[string]string{"status": "in_progress", "kind": "final", "owner": up.UserID.String(), "file": up.FileID.String(), "batch": batch} {
			got := s.sessions(ports.ListQuery{Filters: map[string][]string{key: {value}}})
			want(s, key, sessionIDs(got), []uuid.UUID{up.ID})
		}
		id := other.ID.String()
		for _, word := range []string{id, id[24:], id[30:]} {
			want(s, word, sessionIDs(s.sessions(ports.ListQuery{Search: word})), []uuid.UUID{other.ID})
		}
		want(s, "no id", len(s.sessions(ports.ListQuery{Search: "b.txt"}).Items), 0)
		want(s, "mine", sessionIDs(s.sessions(ports.ListQuery{Owner: up.UserID})), []uuid.UUID{up.ID})
		for _, q := range []map[string][]string{{"colour": {"red"}}, {"owner": {"me"}}, {"file": {"it"}}, {"batch": {"May"}}} {
			_, err := s.db.Reads().Sessions.List(s.ctx, ports.ListQuery{Filters: q})
			wantCode(s.T, err, domain.Invalid)
		}
	},
	"pages of sessions run newest first and join without a gap, both ways": func(s *store) {
		all := make([]uuid.UUID, 5)
		for i := range all { // two of each moment
			up := s.session(func(up *domain.UploadSession) { up.CreatedAt = noon.Add(time.Duration(i/2) * time.Second) })
			all[len(all)-1-i] = up.ID
		}
		first := s.sessions(ports.ListQuery{Limit: 2})
		second := s.sessions(ports.ListQuery{Limit: 2, After: sessionPlace(first.Items[1])})
		last := s.sessions(ports.ListQuery{Limit: 2, After: sessionPlace(second.Items[1])})
		want(s, "pages", [][]uuid.UUID{sessionIDs(first), sessionIDs(second), sessionIDs(last)}, [][]uuid.UUID{all[:2], all[2:4], all[4:]})
		want(s, "older", [3]bool{first.Older, second.Older, last.Older}, [3]bool{true, true, false})
		back := s.sessions(ports.ListQuery{Limit: 2, Before: sessionPlace(last.Items[0])})
		want(s, "back", sessionIDs(back), all[2:4])
		want(s, "total", first.Total, 5)
	},
	"a user's open sessions are those in init, in_progress and completing": func(s *store) {
		u, other := s.user(), s.user()
		for status := range sessionStatuses {
			for _, owner := range []*uuid.UUID{&u.ID, &other.ID, nil} {
				s.session(func(up *domain.UploadSession) { up.UserID, up.Status = owner, status })
			}
		}
		n, err := s.db.Reads().Sessions.CountOpen(s.ctx, u.ID)
		s.ok(err)
		want(s, "open", n, 3)
		n, err = s.db.Reads().Sessions.CountOpen(s.ctx, newID())
		s.ok(err)
		want(s, "open of nobody", n, 0)
	},
}

var sessionSweepPromises = map[string]func(*store){
	"expired sessions are the open ones past expires_at, longest first": func(s *store) {
		var wanted []uuid.UUID
		for i, status := range []domain.SessionStatus{domain.SessionInProgress, domain.SessionInit, domain.SessionCompleting, domain.SessionComplete, domain.SessionAborted, domain.SessionFailed} {
			up := s.session(func(up *domain.UploadSession) {
				up.Status, up.ExpiresAt = status, noon.Add(time.Duration(i)*time.Second)
			})
			if i < 2 {
				wanted = append(wanted, up.ID)
			}
			s.session(func(up *domain.UploadSession) { up.Status, up.ExpiresAt = status, noon.Add(time.Hour) })
		}
		r := s.db.Reads().Sessions
		got, err := r.ListExpired(s.ctx, noon.Add(10*time.Second), 10)
		s.ok(err)
		want(s, "expired", idsOf(got), wanted)
		got, err = r.ListExpired(s.ctx, noon.Add(10*time.Second), 1)
		s.ok(err)
		want(s, "limited", idsOf(got), wanted[:1])
		got, err = r.ListExpired(s.ctx, noon, 10)
		s.ok(err)
		want(s, "at its moment, as CheckOpen has it", idsOf(got), wanted[:1])
	},
	"completing sessions unchanged since then, longest first": func(s *store) {
		completing := func(at time.Time) uuid.UUID {
			return s.session(func(up *domain.UploadSession) { up.Status, up.UpdatedAt = domain.SessionCompleting, at }).ID
		}
		completing(noon.Add(time.Minute))
		second, first := completing(noon.Add(time.Second)), completing(noon)
		s.session(func(up *domain.UploadSession) { up.Status = domain.SessionInProgress })
		got, err := s.db.Reads().Sessions.ListCompleting(s.ctx, noon.Add(time.Minute), 10)
		s.ok(err)
		want(s, "completing", idsOf(got), []uuid.UUID{first, second})
		got, err = s.db.Reads().Sessions.ListCompleting(s.ctx, noon.Add(time.Minute), 1)
		s.ok(err)
		want(s, "limited", idsOf(got), []uuid.UUID{first})
	},
	"ended sessions go with their parts, oldest first, up to a limit": func(s *store) {
		old := map[domain.SessionStatus]*domain.UploadSession{}
		i := 0
		for status, ended := range sessionStatuses {
			old[status] = s.session(func(up *domain.UploadSession) { up.Status, up.Mode = domain.SessionInProgress, domain.ModeParts })
			s.put(part(old[status], 1))
			old[status].Status = status
			old[status].UpdatedAt = noon.Add(time.Duration(i) * time.Second)
			s.ok(s.saveSession(old[status], domain.SessionInProgress))
			if ended {
				s.session(func(up *domain.UploadSession) { up.Status, up.UpdatedAt = status, noon.Add(time.Hour) })
			}
			i++
		}
		want(s, "first", s.deleteEnded(2), 2)
		want(s, "then", s.deleteEnded(2), 1)
		want(s, "at last", s.deleteEnded(2), 0)
		for status, up := range old {
			parts, err := s.db.Reads().Sessions.ListParts(s.ctx, up.ID)
			s.ok(err)
			_, err = s.db.Reads().Sessions.Find(s.ctx, up.ID)
			gone := sessionStatuses[status]
			if domain.IsCode(err, domain.NotFound) != gone || (len(parts) == 0) != gone {
				s.Errorf("%s: %v, %d parts; should it be gone: %t", status, err, len(parts), gone)
			}
		}
		want(s, "what is left", s.sessions(ports.ListQuery{}).Total, 6)
	},
}

// sessionStatuses are all of them, true for those that have ended.
var sessionStatuses = map[domain.SessionStatus]bool{
	domain.SessionInit: false, domain.SessionInProgress: false, domain.SessionCompleting: false,
	domain.SessionComplete: true, domain.SessionAborted: true, domain.SessionFailed: true,
}

func (s *store) deleteEnded(limit int) int {
	s.Helper()
	var n int
	s.tx(func(ctx context.Context, st ports.Stores) (err error) {
		n, err = st.Sessions.DeleteEnded(ctx, noon.Add(time.Hour), limit)
		return err
	})
	return n
}

func (s *store) sessions(q ports.ListQuery) ports.Page[*domain.UploadSession] {
	s.Helper()
	page, err := s.db.Reads().Sessions.List(s.ctx, q)
	if err != nil {
		s.Fatal(fmt.Errorf("%+v: %w", q, err))
	}
	return page
}

func sessionPlace(up *domain.UploadSession) *ports.Cursor {
	return &ports.Cursor{At: up.CreatedAt, ID: up.ID}
}

func sessionIDs(page ports.Page[*domain.UploadSession]) []uuid.UUID { return idsOf(page.Items) }

func idsOf(all []*domain.UploadSession) []uuid.UUID {
	out := make([]uuid.UUID, len(all))
	for i, up := range all {
		out[i] = up.ID
	}
	return out
}
