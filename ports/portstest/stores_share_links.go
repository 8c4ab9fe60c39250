package portstest

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// shareLink inserts one to a file after change has had its way with it.
func (s *store) shareLink(by *domain.User, f *domain.File, change func(*domain.ShareLink)) *domain.ShareLink {
	s.Helper()
	l, _, err := domain.NewShareLink(newID(), by.ID, &f.ID, nil, domain.ShareTerms{}, strings.NewReader(newID().String()), noon)
	s.ok(err)
	l.CreatorName, l.TargetName = by.Name, f.OriginalFilename
	if change != nil {
		change(l)
	}
	s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.ShareLinks.Insert(ctx, l)) })
	return l
}

var shareLinkPromises = map[string]func(*store){
	"a share link comes back as it went in, and outlives its maker's account": func(s *store) {
		u, f := s.user(), s.file(nil)
		l := s.shareLink(u, f, func(l *domain.ShareLink) {
			l.PasswordHash, l.MaxDownloads, l.ExpiresAt = "hash", 3, ptr(noon.Add(time.Hour))
		})
		b := s.batch(&u.ID, noon)
		other := s.shareLink(u, f, func(l *domain.ShareLink) { l.FileID, l.BatchID, l.TargetName = nil, &b.ID, b.Label })
		for _, w := range []*domain.ShareLink{l, other} {
			got, err := s.db.Reads().ShareLinks.FindByHash(s.ctx, w.Hash)
			s.ok(err)
			want(s, "by hash", got, w)
			got, err = s.db.Reads().ShareLinks.Find(s.ctx, w.ID)
			s.ok(err)
			want(s, "by id", got, w)
		}
		s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Users.Delete(ctx, u.ID)) })
		l.CreatedBy, l.CreatorName = nil, ""
		got, err := s.db.Reads().ShareLinks.Find(s.ctx, l.ID)
		s.ok(err)
		want(s, "of nobody", got, l)
		_, err = s.db.Reads().ShareLinks.FindByHash(s.ctx, "none")
		wantCode(s.T, err, domain.NotFound)
	},
	"of many who ask for the last download of a share link one gets it": func(s *store) {
		u, f := s.user(), s.file(nil)
		l := s.shareLink(u, f, func(l *domain.ShareLink) { l.MaxDownloads, l.Downloads = 3, 2 })
		var won atomic.Int32
		var crowd sync.WaitGroup
		for range 6 {
			crowd.Go(func() {
				err := s.try(func(ctx context.Context, st ports.Stores) error {
					ok, err := st.ShareLinks.Take(ctx, l.ID, noon)
					if err == nil && ok {
						won.Add(1)
					}
					return err
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		crowd.Wait()
		want(s, "downloads given", won.Load(), 1)
		got, err := s.db.Reads().ShareLinks.Find(s.ctx, l.ID)
		s.ok(err)
		want(s, "counted", got.Downloads, 3)
	},
	"nothing is taken from a share link that is over, and it is revoked once": func(s *store) {
		u, f := s.user(), s.file(nil)
		free, late, gone := s.shareLink(u, f, nil), s.shareLink(u, f, func(l *domain.ShareLink) { l.ExpiresAt = ptr(noon) }), s.shareLink(u, f, nil)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			for _, first := range []bool{true, false} {
				ok, err := st.ShareLinks.Revoke(ctx, gone.ID, noon)
				s.ok(err)
				want(s, "revoked", ok, first)
			}
			for l, may := range map[*domain.ShareLink]bool{free: true, late: false, gone: false} {
				ok, err := st.ShareLinks.Take(ctx, l.ID, noon)
				s.ok(err)
				want(s, "taken", ok, may)
			}
		})
	},
	"share links are listed by what they lead to, by state and by name": func(s *store) {
		u, f := s.user(), s.file(nil)
		past, far := ptr(noon.Add(-time.Hour)), ptr(time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC))
		live := s.shareLink(u, f, func(l *domain.ShareLink) { l.ExpiresAt = far })
		used := s.shareLink(u, f, func(l *domain.ShareLink) { l.MaxDownloads, l.Downloads = 1, 1 })
		expired := s.shareLink(u, f, func(l *domain.ShareLink) { l.ExpiresAt = past })
		revoked := s.shareLink(u, s.file(func(f *domain.File) { f.OriginalFilename = "other.bin" }), func(l *domain.ShareLink) { l.RevokedAt = past })
		for _, tc := range []struct {
			q    ports.ListQuery
			want []*domain.ShareLink
		}{
			{ports.ListQuery{Filters: map[string][]string{"file": {f.ID.String()}}}, []*domain.ShareLink{expired, used, live}},
			{ports.ListQuery{Filters: map[string][]string{"state": {"live"}}}, []*domain.ShareLink{live}},
			{ports.ListQuery{Filters: map[string][]string{"state": {"used_up", "expired"}}}, []*domain.ShareLink{expired, used}},
			{ports.ListQuery{Filters: map[string][]string{"state": {"revoked"}, "creator": {u.ID.String()}, "kind": {"file"}}}, []*domain.ShareLink{revoked}},
			{ports.ListQuery{Filters: map[string][]string{"kind": {"batch"}}}, []*domain.ShareLink{}},
			{ports.ListQuery{Search: "OTHER"}, []*domain.ShareLink{revoked}},
			{ports.ListQuery{Owner: ptr(newID())}, []*domain.ShareLink{}},
		} {
			page, err := s.db.Reads().ShareLinks.List(s.ctx, tc.q)
			s.ok(err)
			want(s, "listed", page.Items, tc.want)
		}
		_, err := s.db.Reads().ShareLinks.List(s.ctx, ports.ListQuery{Filters: map[string][]string{"state": {"odd"}}})
		wantCode(s.T, err, domain.Invalid)
	},
	"a share link keeps a log, the newest first, and takes it along": func(s *store) {
		u, f := s.user(), s.file(nil)
		l := s.shareLink(u, f, func(l *domain.ShareLink) { l.ExpiresAt = ptr(noon) })
		var all []*domain.ShareAccess
		for i := range 3 {
			a := domain.NewShareAccess(newID(), l.ID, domain.ShareDownload, domain.ShareBegun, f, "192.0.2.1", "curl/8 \x00", noon.Add(time.Duration(i)*time.Minute))
			s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Accesses.Append(ctx, a)) })
			a.UserAgent = "curl/8 "
			all = append([]*domain.ShareAccess{a}, all...)
		}
		log := func(q ports.ListQuery) []*domain.ShareAccess {
			q.Filters = map[string][]string{"link": {l.ID.String()}, "outcome": q.Filters["outcome"]}
			page, err := s.db.Reads().Accesses.List(s.ctx, q)
			s.ok(err)
			return page.Items
		}
		want(s, "log", log(ports.ListQuery{Limit: 2}), all[:2])
		want(s, "the rest of it", log(ports.ListQuery{After: &ports.Cursor{At: all[1].At, ID: all[1].ID}}), all[2:])
		want(s, "by name and address", log(ports.ListQuery{Search: f.OriginalFilename[:4] + " 192.0"}), all)
		want(s, "refused", log(ports.ListQuery{Filters: map[string][]string{"outcome": {domain.ShareRefused}}}), []*domain.ShareAccess{})
		kept := s.shareLink(u, f, nil)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			n, err := st.ShareLinks.DeleteDead(ctx, noon.Add(time.Second), 10)
			s.ok(err)
			want(s, "removed", n, 1)
		})
		want(s, "log of what is removed", log(ports.ListQuery{}), []*domain.ShareAccess{})
		_, err := s.db.Reads().ShareLinks.Find(s.ctx, kept.ID)
		s.ok(err)
	},
	"a share link goes some time after its file": func(s *store) {
		u := s.user()
		f, _ := s.stored(0, noon)
		l := s.shareLink(u, f, nil)
		_, err := f.Delete(noon)
		s.ok(err)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			s.ok(st.Files.Move(ctx, f, domain.FileStored))
			n, err := st.ShareLinks.DeleteDead(ctx, noon.Add(-time.Second), 10)
			s.ok(err)
			want(s, "removed", n, 0)
			n, err = st.ShareLinks.DeleteDead(ctx, noon.Add(time.Second), 10)
			s.ok(err)
			want(s, "removed", n, 1)
		})
		_, err = s.db.Reads().ShareLinks.Find(s.ctx, l.ID)
		wantCode(s.T, err, domain.NotFound)
	},
}
