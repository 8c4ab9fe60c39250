package portstest

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// adminPromises are about what admins look at: accounts and the audit log.
var adminPromises = map[string]func(*store){
	"users are counted by what they are, each filter without what is asked of itself": func(s *store) {
		for i, role := range []domain.Role{domain.RoleAdmin, domain.RoleStaff, domain.RoleStaff} {
			u := s.user()
			u.Role, u.Active, u.UpdatedAt = role, i != 2, noon
			s.tx(func(ctx context.Context, st ports.Stores) error { return st.Users.Save(ctx, u) })
		}
		got, err := s.db.Reads().Users.Tally(s.ctx, ports.ListQuery{Filters: map[string][]string{"active": {"true"}}}, ports.TallyBy{Filters: []string{"role", "active"}})
		s.ok(err)
		want(s, "filters", got.Filters, map[string]map[string]int{"role": {"admin": 1, "staff": 1}, "active": {"true": 2, "false": 1}})
		want(s, "capped", got.Capped["role"], false)
		_, err = s.db.Reads().Users.Tally(s.ctx, ports.ListQuery{}, ports.TallyBy{Filters: []string{"email"}})
		wantCode(s.T, err, domain.Invalid)
	},
	"the active admins are those, and in a transaction alone": func(s *store) {
		admin := s.user()
		admin.Role = domain.RoleAdmin
		s.user()
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Users.Save(ctx, admin) })
		s.tx(func(ctx context.Context, st ports.Stores) error {
			ids, err := st.Users.LockAdmins(ctx)
			want(s, "admins", ids, []uuid.UUID{admin.ID})
			s.ok(err)
			got, err := st.Users.Lock(ctx, admin.ID)
			want(s, "locked", got, admin)
			s.ok(err)
			_, err = st.Users.Lock(ctx, newID())
			wantCode(s.T, err, domain.NotFound)
			return nil
		})
		_, err := s.db.Reads().Users.LockAdmins(s.ctx)
		wantCode(s.T, err, domain.Internal)
		_, err = s.db.Reads().Users.Lock(s.ctx, admin.ID)
		wantCode(s.T, err, domain.Internal)
	},
	"a user who goes takes sessions and tokens along and leaves files and batches to nobody": func(s *store) {
		u := s.user()
		b := s.batch(&u.ID, noon)
		f := s.file(func(f *domain.File) { f.UploadedBy, f.BatchID = &u.ID, &b.ID })
		s.tx(func(ctx context.Context, st ports.Stores) error {
			s.ok(st.WebSessions.Insert(ctx, webSession(u.ID, "h")))
			s.ok(st.Tokens.Insert(ctx, &domain.APIToken{ID: newID(), UserID: u.ID, Name: "CI", Prefix: "dto_abc", Hash: "h", CreatedAt: noon, UpdatedAt: noon}))
			return st.Users.Delete(ctx, u.ID)
		})
		r := s.db.Reads()
		_, err := r.Users.Find(s.ctx, u.ID)
		wantCode(s.T, err, domain.NotFound)
		_, _, err = r.WebSessions.FindByHash(s.ctx, "h")
		wantCode(s.T, err, domain.NotFound)
		_, _, err = r.Tokens.FindByHash(s.ctx, "h")
		wantCode(s.T, err, domain.NotFound)
		want(s, "owner of the file", s.findFile(f.ID).UploadedBy, nil)
		batch, err := r.Batches.Find(s.ctx, b.ID)
		s.ok(err)
		want(s, "maker of the batch", batch.CreatedBy, nil)
		err = s.try(func(ctx context.Context, st ports.Stores) error { return st.Users.Delete(ctx, u.ID) })
		wantCode(s.T, err, domain.NotFound)
	},
	"live sessions are listed, the last used first": func(s *store) {
		u, other := s.user(), s.user()
		s.tx(func(ctx context.Context, st ports.Stores) error {
			for i, hash := range []string{"old", "new", "expired", "revoked"} {
				w := webSession(u.ID, hash)
				w.LastSeenAt, w.ExpiresAt = noon.Add(time.Duration(i)*time.Minute), noon.Add(time.Hour)
				if hash == "expired" {
					w.ExpiresAt = noon
				}
				if hash == "revoked" {
					w.RevokedAt = ptr(noon)
				}
				s.ok(st.WebSessions.Insert(ctx, w))
			}
			return st.WebSessions.Insert(ctx, webSession(other.ID, "other"))
		})
		live := func(limit int) []string {
			got, err := s.db.Reads().WebSessions.ListLive(s.ctx, u.ID, noon, limit)
			s.ok(err)
			var hashes []string
			for _, w := range got {
				hashes = append(hashes, w.Hash)
			}
			return hashes
		}
		want(s, "live", live(10), []string{"new", "old"})
		want(s, "limited", live(1), []string{"new"})
	},
	"the audit log is listed, searched, filtered and counted, by day too":       auditLists,
	"every list is counted by its filters":                                      listsAreCounted,
	"parts of all uploads are listed by when they came":                         partLists,
	"attempts are listed by when they began, without what is long":              attemptLists,
	"a list goes the other way too, page by page":                               listsTurnAround,
	"an expiry moves if it is still what it was":                                expiryMoves,
	"a peek takes a few of the newest rows":                                     peeks,
	"a check of a file is claimed by one, goes on after a death, and ends once": fileChecks,
}

func auditLists(s *store) {
	ada, object := newID(), newID()
	put := func(actor *uuid.UUID, name, action, kind string, at time.Time) *domain.AuditEntry {
		e := &domain.AuditEntry{ID: newID(), ActorID: actor, ActorName: name, Action: action, ObjectType: kind, ObjectID: object, Changes: map[string]string{"a": "1 → 2"}, At: at}
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Audit.Append(ctx, e) })
		return e
	}
	first := put(&ada, "Ada", "file.deleted", "file", noon.Add(-30*time.Hour))
	second := put(nil, "system", "file.expired", "file", noon.Add(-time.Hour))
	third := put(&ada, "Ada", "user.changed", "user", noon)
	list := func(q ports.ListQuery) []uuid.UUID {
		page, err := s.db.Reads().Audit.List(s.ctx, q)
		s.ok(err)
		var ids []uuid.UUID
		for _, e := range page.Items {
			ids = append(ids, e.ID)
		}
		return ids
	}
	by := func(key, value string) ports.ListQuery {
		return ports.ListQuery{Filters: map[string][]string{key: {value}}}
	}
	want(s, "all", list(ports.ListQuery{}), []uuid.UUID{third.ID, second.ID, first.ID})
	want(s, "by actor", list(by("actor", ada.String())), []uuid.UUID{third.ID, first.ID})
	want(s, "by action", list(by("action", "file.expired")), []uuid.UUID{second.ID})
	want(s, "by kind", list(by("object", "file")), []uuid.UUID{second.ID, first.ID})
	want(s, "by object", list(by("object_id", newID().String())), nil)
	want(s, "by name", list(ports.ListQuery{Search: "ada"}), []uuid.UUID{third.ID, first.ID})
	want(s, "by the object's end", len(list(ports.ListQuery{Search: object.String()[28:]})), 3)
	want(s, "by time", list(ports.ListQuery{From: noon.Add(-2 * time.Hour), To: noon}), []uuid.UUID{second.ID})
	want(s, "the next page", list(ports.ListQuery{After: &ports.Cursor{At: third.At, ID: third.ID}, Limit: 1}), []uuid.UUID{second.ID})
	got, err := s.db.Reads().Audit.Find(s.ctx, third.ID)
	s.ok(err)
	want(s, "entry", got, third)
	_, err = s.db.Reads().Audit.Find(s.ctx, newID())
	wantCode(s.T, err, domain.NotFound)
	day := noon.Truncate(24 * time.Hour)
	counts, err := s.db.Reads().Audit.Tally(s.ctx, ports.ListQuery{Filters: map[string][]string{"object": {"file"}}, From: noon}, ports.TallyBy{
		Filters: []string{"actor", "object"}, Bounds: []time.Time{day.AddDate(0, 0, -2), day.AddDate(0, 0, -1), day, day.AddDate(0, 0, 1)},
	})
	s.ok(err)
	want(s, "spans, whatever times are asked for", counts.Spans, []int{0, 1, 1})
	want(s, "objects", counts.Filters["object"], map[string]int{"user": 1})
	want(s, "actors", counts.Filters["actor"], map[string]int{})
}

func expiryMoves(s *store) {
	f, _ := s.stored(time.Hour, noon)
	later, never := noon.Add(48*time.Hour), (*time.Time)(nil)
	set := func(from, to *time.Time) error {
		return s.try(func(ctx context.Context, st ports.Stores) error {
			return st.Files.SetExpiry(ctx, f.ID, from, to, noon.Add(time.Minute))
		})
	}
	wantCode(s.T, set(&later, never), domain.Conflict)
	s.ok(set(f.ExpiresAt, &later))
	got := s.findFile(f.ID)
	want(s, "moved", []any{*got.ExpiresAt, got.UpdatedAt}, []any{later, noon.Add(time.Minute)})
	s.ok(set(&later, never))
	wantCode(s.T, set(&later, &later), domain.Conflict)
	want(s, "never", s.findFile(f.ID).ExpiresAt, nil)
	s.ok(set(never, &later))
	coming := s.file(nil)
	err := s.try(func(ctx context.Context, st ports.Stores) error {
		return st.Files.SetExpiry(ctx, coming.ID, nil, &later, noon)
	})
	wantCode(s.T, err, domain.Conflict)
}

func peeks(s *store) {
	u, other := s.user(), s.user()
	for i, by := range []*domain.User{u, other, u, u} {
		s.batch(&by.ID, noon.Add(time.Duration(i)*time.Minute))
		s.file(func(f *domain.File) {
			f.UploadedBy, f.OriginalFilename, f.CreatedAt = &by.ID, []string{"gate 1", "gate 2", "yard", "Gate 3"}[i], noon.Add(time.Duration(i)*time.Minute)
		})
	}
	s.endpoint(func(e *domain.Endpoint) { e.Name = "Gateway" })
	names := func(q ports.ListQuery, within int) (names []string) {
		files, err := s.db.Reads().Files.Peek(s.ctx, q, within)
		s.ok(err)
		for _, f := range files {
			names = append(names, f.OriginalFilename)
		}
		return names
	}
	want(s, "all", names(ports.ListQuery{Search: "gate"}, 10), []string{"Gate 3", "gate 2", "gate 1"})
	want(s, "a few", names(ports.ListQuery{Search: "gate", Limit: 1}, 10), []string{"Gate 3"})
	want(s, "of the newest", names(ports.ListQuery{}, 2), []string{"Gate 3", "yard"})
	want(s, "of one's own", names(ports.ListQuery{Search: "gate", Owner: &u.ID}, 3), []string{"Gate 3", "gate 1"})
	batches, err := s.db.Reads().Batches.Peek(s.ctx, ports.ListQuery{Search: "voice", Owner: &other.ID}, 10)
	s.ok(err)
	want(s, "batches", len(batches), 1)
	eps, err := s.db.Reads().Endpoints.Peek(s.ctx, ports.ListQuery{Search: "gate"}, 10)
	s.ok(err)
	want(s, "endpoints", len(eps), 1)
	users, err := s.db.Reads().Users.Peek(s.ctx, ports.ListQuery{Search: u.Email}, 10)
	s.ok(err)
	want(s, "users", users, []*domain.User{u})
}

func fileChecks(s *store) {
	u := s.user()
	f, _ := s.stored(time.Hour, noon)
	other, _ := s.stored(time.Hour, noon)
	add := func(c *domain.FileCheck) (added bool) {
		s.tx(func(ctx context.Context, st ports.Stores) (err error) {
			added, err = st.FileChecks.Insert(ctx, c)
			return err
		})
		return added
	}
	claim := func(now, stale time.Time) (got *domain.FileCheck) {
		s.tx(func(ctx context.Context, st ports.Stores) (err error) {
			got, err = st.FileChecks.Claim(ctx, now, stale)
			return err
		})
		return got
	}
	latest := func() *domain.FileCheck {
		c, err := s.db.Reads().FileChecks.FindLatest(s.ctx, f.ID)
		s.ok(err)
		return c
	}
	want(s, "none", latest(), nil)
	want(s, "nothing to claim", claim(noon, noon), nil)
	c := domain.NewFileCheck(newID(), f, domain.UserActor(u), noon)
	want(s, "added", add(c), true)
	want(s, "added twice", add(domain.NewFileCheck(newID(), f, domain.System(), noon)), false)
	want(s, "kept", latest(), c)
	second := domain.NewFileCheck(newID(), other, domain.System(), noon.Add(time.Second))
	want(s, "another file's", add(second), true)
	some, err := s.db.Reads().FileChecks.Pending(s.ctx, noon)
	s.ok(err)
	want(s, "pending", some, true)

	later := noon.Add(time.Minute)
	got := claim(later, noon)
	want(s, "the oldest first", []any{got.ID, got.State, got.UpdatedAt}, []any{c.ID, domain.CheckRunning, later})
	want(s, "then the next", claim(later, noon).ID, second.ID)
	want(s, "each once", claim(later, noon), nil)
	some, err = s.db.Reads().FileChecks.Pending(s.ctx, noon)
	s.ok(err)
	want(s, "pending", some, false)
	s.tx(func(ctx context.Context, st ports.Stores) error {
		return st.FileChecks.Advance(ctx, c.ID, 400, later.Add(time.Second))
	})
	want(s, "how far", []any{latest().Done, latest().UpdatedAt}, []any{int64(400), later.Add(time.Second)})
	again := claim(later.Add(time.Hour), later.Add(2*time.Second))
	want(s, "one that died", []any{again.ID, again.Done}, []any{c.ID, int64(0)})

	again.End(f, f.SizeBytes, f.SHA256, later.Add(time.Hour))
	s.tx(func(ctx context.Context, st ports.Stores) error { return st.FileChecks.Finish(ctx, again) })
	want(s, "ended", latest(), again)
	want(s, "matches", again.State, domain.CheckMatches)
	wantCode(s.T, s.try(func(ctx context.Context, st ports.Stores) error { return st.FileChecks.Finish(ctx, again) }), domain.Conflict)
	wantCode(s.T, s.try(func(ctx context.Context, st ports.Stores) error { return st.FileChecks.Advance(ctx, c.ID, 1, later) }), domain.Conflict)
	want(s, "once more", add(domain.NewFileCheck(newID(), f, domain.System(), later)), true)
}
