package portstest

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var accountPromises = map[string]func(*store){
	"a user comes back as it went in": func(s *store) {
		u := s.user()
		got, err := s.db.Reads().Users.FindByEmail(s.ctx, strings.ToUpper(u.Email))
		s.ok(err)
		want(s, "user", got, u)
		u.Name, u.Role, u.Active, u.LastLoginAt, u.UpdatedAt = "Grace", domain.RoleAdmin, false, ptr(noon.Add(time.Hour)), noon.Add(time.Hour)
		u.Withheld = []domain.Permission{domain.MayDownload, domain.MayDelete}
		u.Allowance = domain.Allowance{Quota: 10_000_000_000, Types: []string{"application/pdf", "image/*"}}
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Users.Save(ctx, u) })
		got, err = s.db.Reads().Users.Find(s.ctx, u.ID)
		s.ok(err)
		want(s, "saved user", got, u)
		n, err := s.db.Reads().Users.Count(s.ctx)
		s.ok(err)
		want(s, "count", n, 1)
	},
	"an address that is taken is a Conflict on email, and the transaction goes on": func(s *store) {
		u := s.user()
		s.tx(func(ctx context.Context, st ports.Stores) error {
			twin := *u
			twin.ID = newID()
			err := st.Users.Insert(ctx, &twin)
			wantCode(s.T, err, domain.Conflict)
			var e *domain.Error
			if !errors.As(err, &e) || e.Field != "email" {
				s.Fatalf("field of %v", err)
			}
			_, err = st.Users.Find(ctx, u.ID)
			return err
		})
		other := s.user()
		other.Email = u.Email
		err := s.try(func(ctx context.Context, st ports.Stores) error { return st.Users.Save(ctx, other) })
		wantCode(s.T, err, domain.Conflict)
	},
	"what is not there is NotFound": func(s *store) {
		r := s.db.Reads()
		_, err := r.Users.Find(s.ctx, newID())
		wantCode(s.T, err, domain.NotFound)
		_, err = r.Users.FindByEmail(s.ctx, "nobody\x00@example.com")
		wantCode(s.T, err, domain.NotFound)
		_, _, err = r.WebSessions.FindByHash(s.ctx, "x")
		wantCode(s.T, err, domain.NotFound)
		_, _, err = r.Tokens.FindByHash(s.ctx, "x")
		wantCode(s.T, err, domain.NotFound)
		_, err = r.Batches.Find(s.ctx, newID())
		wantCode(s.T, err, domain.NotFound)
		_, err = r.Files.Find(s.ctx, newID())
		wantCode(s.T, err, domain.NotFound)
		_, err = r.Outbox.Find(s.ctx, newID())
		wantCode(s.T, err, domain.NotFound)
		_, err = r.Endpoints.Find(s.ctx, newID())
		wantCode(s.T, err, domain.NotFound)
		_, err = r.Deliveries.Find(s.ctx, newID())
		wantCode(s.T, err, domain.NotFound)
	},
	"a session comes back as it went in, moves and ends": func(s *store) {
		u := s.user()
		w := webSession(u.ID, "h1")
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.WebSessions.Insert(ctx, w) })
		got, whose, err := s.db.Reads().WebSessions.FindByHash(s.ctx, "h1")
		s.ok(err)
		want(s, "session", got, w)
		want(s, "whose", whose, u)
		s.tx(func(ctx context.Context, st ports.Stores) error {
			s.ok(st.WebSessions.Touch(ctx, w.ID, noon.Add(time.Hour), noon.Add(13*time.Hour)))
			return st.WebSessions.Revoke(ctx, w.ID, noon.Add(2*time.Hour))
		})
		got, _, err = s.db.Reads().WebSessions.FindByHash(s.ctx, "h1")
		s.ok(err)
		want(s, "seen", got.LastSeenAt, noon.Add(time.Hour))
		want(s, "expires", got.ExpiresAt, noon.Add(13*time.Hour))
		want(s, "revoked", got.RevokedAt, ptr(noon.Add(2*time.Hour)))
	},
	"revoking all sessions of a user leaves others alone, and the one kept": func(s *store) {
		a, b := s.user(), s.user()
		here := webSession(a.ID, "here")
		s.tx(func(ctx context.Context, st ports.Stores) error {
			s.ok(st.WebSessions.Insert(ctx, webSession(a.ID, "a1")))
			s.ok(st.WebSessions.Insert(ctx, webSession(a.ID, "a2")))
			s.ok(st.WebSessions.Insert(ctx, webSession(b.ID, "b1")))
			s.ok(st.WebSessions.Insert(ctx, here))
			return st.WebSessions.RevokeAllOf(ctx, a.ID, here.ID, noon)
		})
		for hash, revoked := range map[string]bool{"a1": true, "a2": true, "here": false, "b1": false} {
			got, _, err := s.db.Reads().WebSessions.FindByHash(s.ctx, hash)
			s.ok(err)
			want(s, hash, got.RevokedAt != nil, revoked)
		}
	},
	"an address is known by its sessions since then": func(s *store) {
		u := s.user()
		s.tx(func(ctx context.Context, st ports.Stores) error {
			return st.WebSessions.Insert(ctx, webSession(u.ID, "h"))
		})
		known := func(user uuid.UUID, ip string, since time.Time) bool {
			ok, err := s.db.Reads().WebSessions.KnownAddress(s.ctx, user, ip, since)
			s.ok(err)
			return ok
		}
		want(s, "known", known(u.ID, "10.0.0.1", noon.Add(-time.Hour)), true)
		want(s, "other address", known(u.ID, "10.0.0.2", noon.Add(-time.Hour)), false)
		want(s, "other user", known(newID(), "10.0.0.1", noon.Add(-time.Hour)), false)
		want(s, "too long ago", known(u.ID, "10.0.0.1", noon.Add(time.Hour)), false)
	},
	"dead sessions go, up to the limit, live ones stay": func(s *store) {
		u := s.user()
		s.tx(func(ctx context.Context, st ports.Stores) error {
			for i, hash := range []string{"expired1", "expired2", "revoked", "live"} {
				w := webSession(u.ID, hash)
				if i < 2 {
					w.ExpiresAt = noon.Add(-time.Hour)
				}
				if hash == "revoked" {
					w.RevokedAt = ptr(noon.Add(-time.Hour))
				}
				s.ok(st.WebSessions.Insert(ctx, w))
			}
			return nil
		})
		for _, wanted := range []int{2, 1, 0} {
			s.tx(func(ctx context.Context, st ports.Stores) error {
				n, err := st.WebSessions.DeleteDead(ctx, noon, 2)
				want(s, "deleted", n, wanted)
				return err
			})
		}
		_, _, err := s.db.Reads().WebSessions.FindByHash(s.ctx, "live")
		s.ok(err)
	},
	"a token comes back as it went in": func(s *store) {
		u := s.user()
		tok := &domain.APIToken{
			ID: newID(), UserID: u.ID, Name: "CI", Prefix: "dto_abc", Hash: "h", Scopes: []domain.Scope{domain.ScopeUpload, domain.ScopeRead},
			ExpiresAt: ptr(noon.Add(time.Hour)), CreatedAt: noon, UpdatedAt: noon,
		}
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Tokens.Insert(ctx, tok) })
		got, owner, err := s.db.Reads().Tokens.FindByHash(s.ctx, "h")
		s.ok(err)
		want(s, "token", got, tok)
		want(s, "owner", owner, u)
		s.tx(func(ctx context.Context, st ports.Stores) error {
			s.ok(st.Tokens.Touch(ctx, tok.ID, noon.Add(time.Minute)))
			return st.Tokens.Revoke(ctx, tok.ID, noon.Add(time.Hour))
		})
		got, err = s.db.Reads().Tokens.Find(s.ctx, tok.ID)
		s.ok(err)
		want(s, "used", got.LastUsedAt, ptr(noon.Add(time.Minute)))
		want(s, "revoked", got.RevokedAt, ptr(noon.Add(time.Hour)))
	},
	"tokens are listed by owner, state and words, with whose they are": listTokens,
	"a bucket fills, leaks, is cleared and forgotten": func(s *store) {
		level := func(now time.Time) float64 {
			l, err := s.db.Reads().Throttles.Level(s.ctx, "k", time.Minute, now)
			s.ok(err)
			return math.Round(l*1000) / 1000
		}
		want(s, "empty", level(noon), 0.0)
		s.tx(func(ctx context.Context, st ports.Stores) error {
			for i := range 3 {
				got, err := st.Throttles.Add(ctx, "k", time.Minute, noon)
				s.ok(err)
				want(s, "poured", got, float64(i+1))
			}
			return nil
		})
		want(s, "half a drain later", level(noon.Add(30*time.Second)), 2.5)
		want(s, "a clock behind", level(noon.Add(-time.Hour)), 3.0)
		want(s, "leaked empty", level(noon.Add(time.Hour)), 0.0)
		s.tx(func(ctx context.Context, st ports.Stores) error {
			got, err := st.Throttles.Add(ctx, "k", time.Minute, noon.Add(2*time.Minute))
			want(s, "poured after a leak", math.Round(got*1000)/1000, 2.0)
			s.ok(err)
			s.ok(st.Throttles.Clear(ctx, "k"))
			_, err = st.Throttles.Add(ctx, "old", time.Minute, noon.Add(-48*time.Hour))
			s.ok(err)
			n, err := st.Throttles.DeleteIdle(ctx, noon)
			want(s, "forgotten", n, 1)
			return err
		})
		want(s, "cleared", level(noon.Add(2*time.Minute)), 0.0)
	},
}

func webSession(user uuid.UUID, hash string) *domain.WebSession {
	return &domain.WebSession{
		ID: newID(), Hash: hash, UserID: user, CSRF: "c", Remember: true, IP: "10.0.0.1", UserAgent: "curl",
		LastSeenAt: noon, ExpiresAt: noon.Add(time.Hour), CreatedAt: noon, UpdatedAt: noon,
	}
}
