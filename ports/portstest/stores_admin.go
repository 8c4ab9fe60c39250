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
		_, err = r.WebSessions.FindByHash(s.ctx, "h")
		wantCode(s.T, err, domain.NotFound)
		_, err = r.Tokens.FindByHash(s.ctx, "h")
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
	"the audit log is listed, searched, filtered and counted, by day too": auditLists,
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
