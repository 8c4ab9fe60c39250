package sharing_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

var visitor = usecase.Visit{IP: "192.0.2.7", UserAgent: "a browser"}

// read fetches all bytes of a file that was begun.
func read(t *testing.T, got *usecase.SharedBytes) string {
	t.Helper()
	src, err := got.File.Open(context.Background(), 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	text, err := io.ReadAll(src)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mustShare(t *testing.T, w *world.World, a domain.Actor, in usecase.ShareInput) (*domain.ShareLink, string) {
	t.Helper()
	l, token, err := w.Shares.Create(context.Background(), a, in)
	if err != nil {
		t.Fatal(err)
	}
	return l, token
}

func expired(t *testing.T, what, words string, err error) {
	t.Helper()
	if !domain.IsCode(err, domain.Expired) || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: %v", what, err)
	}
}

func TestAStrangerDownloadsASharedFileAndOneDownloadIsManyRequests(t *testing.T) {
	t.Parallel()
	world.EachStaged(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		l, token := mustShare(t, w, staff, usecase.ShareInput{File: &f.ID, MaxDownloads: 2})
		if len(token) < 43 || strings.Contains(l.Hash, token) || !strings.HasPrefix(token, l.Prefix) {
			t.Errorf("token %q of %+v", token, l)
		}
		page, err := w.Shared.Open(ctx, token, visitor, nil)
		if err != nil || page.Locked || page.File.SHA256 != f.SHA256 {
			t.Fatalf("%+v, %v", page, err)
		}
		begun, err := w.Shared.Begin(ctx, token, visitor, nil)
		if err != nil {
			t.Fatal(err)
		}
		mine := usecase.Visit{Pass: begun.Pass, IP: visitor.IP}
		for range 3 {
			got, err := w.Shared.Fetch(ctx, token, begun.Ticket, mine)
			if err != nil || read(t, got) != "hello" {
				t.Fatal(err)
			}
		}
		_, err = w.Shared.Fetch(ctx, token, begun.Ticket, visitor)
		expired(t, "another browser with the same address", "another browser", err)
		if second, err := w.Shared.Begin(ctx, token, mine, nil); err != nil || second.Ticket == begun.Ticket {
			t.Error(err)
		}
		_, err = w.Shared.Begin(ctx, token, mine, nil)
		expired(t, "a third", "used up", err)
		_, err = w.Shared.Open(ctx, token, mine, nil)
		expired(t, "the page", "used up", err)
		if _, err := w.Shared.Fetch(ctx, token, begun.Ticket, mine); err != nil {
			t.Errorf("the last download was cut: %v", err)
		}
		if l, err = w.Shares.Find(ctx, staff, l.ID); err != nil || l.Downloads != 2 {
			t.Errorf("%+v, %v", l, err)
		}
		log, err := w.Shares.Log(ctx, staff, l.ID, ports.ListQuery{})
		if got := log.Items; err != nil || len(got) != 3 || got[0].Outcome != domain.ShareRefused || got[2].FileName != "a.txt" || got[2].IP != visitor.IP || got[2].UserAgent != "a browser" {
			t.Errorf("%+v, %v", got, err)
		}
		w.Clock.Advance(7 * time.Hour)
		_, err = w.Shared.Fetch(ctx, token, begun.Ticket, mine)
		expired(t, "hours later", "some hours ago", err)
	})
}

func TestOfTwoWhoWantTheLastDownloadOneGetsIt(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		_, token := mustShare(t, w, staff, usecase.ShareInput{File: &f.ID, MaxDownloads: 1})
		var won, late atomic.Int32
		var crowd sync.WaitGroup
		for range 4 {
			crowd.Go(func() {
				switch _, err := w.Shared.Begin(ctx, token, visitor, nil); {
				case err == nil:
					won.Add(1)
				case domain.IsCode(err, domain.Expired):
					late.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		crowd.Wait()
		if won.Load() != 1 || late.Load() != 3 {
			t.Errorf("%d got it, %d came too late", won.Load(), late.Load())
		}
	})
}

func TestABatchIsSharedFileByFileAndWhole(t *testing.T) {
	t.Parallel()
	world.EachStaged(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff, admin := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleAdmin)
		b, _, err := w.Uploads.CreateBatch(ctx, staff, "Week 47", "")
		if err != nil {
			t.Fatal(err)
		}
		inside := w.MustUpload(t, staff, "in.txt", "inside", &b.ID)
		w.MustUpload(t, admin, "theirs.txt", "of the admin", &b.ID)
		outside := w.MustUpload(t, staff, "out.txt", "outside", nil)
		_, token := mustShare(t, w, staff, usecase.ShareInput{Batch: &b.ID})
		page, err := w.Shared.Open(ctx, token, visitor, nil)
		if err != nil || page.Label != "Week 47" || len(page.Files) != 1 || page.Files[0].ID != inside.ID {
			t.Fatalf("the page shows %+v, %v: what its maker sees, and no more", page, err)
		}
		one, err := w.Shared.Begin(ctx, token, visitor, &inside.ID)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.Shared.Fetch(ctx, token, one.Ticket, usecase.Visit{Pass: one.Pass})
		if err != nil || read(t, got) != "inside" {
			t.Error(err)
		}
		all, err := w.Shared.Begin(ctx, token, usecase.Visit{Pass: one.Pass}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err = w.Shared.Fetch(ctx, token, all.Ticket, usecase.Visit{Pass: all.Pass}); err != nil || got.ZIP == nil || got.ZIP.Files != 1 {
			t.Errorf("%+v, %v", got, err)
		}
		_, err = w.Shared.Begin(ctx, token, visitor, &outside.ID)
		expired(t, "a file that is not of the batch", "not here", err)
		if _, err := w.Files.Delete(ctx, staff, []uuid.UUID{inside.ID}); err != nil {
			t.Fatal(err)
		}
		_, err = w.Shared.Open(ctx, token, visitor, nil)
		expired(t, "nothing left", "not here", err)
	})
}

func TestAPasswordIsAskedForAndGuessingIsSlow(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		f, other := w.MustUpload(t, staff, "a.txt", "hello", nil), w.MustUpload(t, staff, "b.txt", "hello", nil)
		const password = "four words of mine"
		l, token := mustShare(t, w, staff, usecase.ShareInput{File: &f.ID, Password: password})
		_, second := mustShare(t, w, staff, usecase.ShareInput{File: &other.ID, Password: password})
		if strings.Contains(l.PasswordHash, password) || l.PasswordHash == "" {
			t.Errorf("kept as %q", l.PasswordHash)
		}
		page, err := w.Shared.Open(ctx, token, visitor, nil)
		if err != nil || !page.Locked || page.File != nil {
			t.Fatalf("before the password the page shows %+v, %v", page, err)
		}
		if _, err := w.Shared.Begin(ctx, token, visitor, nil); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("without the password: %v", err)
		}
		pass, err := w.Shared.Unlock(ctx, token, password, visitor)
		if err != nil {
			t.Fatal(err)
		}
		in := usecase.Visit{Pass: pass, IP: visitor.IP}
		if page, err = w.Shared.Open(ctx, token, in, nil); err != nil || page.File == nil {
			t.Errorf("%+v, %v", page, err)
		}
		if page, err := w.Shared.Open(ctx, second, in, nil); err != nil || !page.Locked {
			t.Errorf("the pass of one link opens another: %v", err)
		}
		if _, err := w.Shared.Begin(ctx, token, in, nil); err != nil {
			t.Error(err)
		}
		for range 5 {
			if _, err := w.Shared.Unlock(ctx, token, "wrong", visitor); !domain.IsCode(err, domain.Invalid) {
				t.Fatalf("a wrong one: %v", err)
			}
		}
		if _, err := w.Shared.Unlock(ctx, token, password, visitor); !domain.IsCode(err, domain.Quota) {
			t.Errorf("the sixth try: %v", err)
		}
		if _, err := w.Shared.Unlock(ctx, token, password, usecase.Visit{IP: "198.51.100.1"}); err != nil {
			t.Errorf("from elsewhere: %v", err)
		}
		w.Clock.Advance(13 * time.Hour)
		if page, err := w.Shared.Open(ctx, token, in, nil); err != nil || !page.Locked {
			t.Errorf("half a day later: %+v, %v", page, err)
		}
	})
}

func TestALinkThatIsOverSaysWhyAndReachesNoMoreThanItsMaker(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff, other, admin := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleStaff), w.MustUser(t, "c@example.com", domain.RoleAdmin)
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		open := func(token string) error {
			_, err := w.Shared.Open(ctx, token, visitor, nil)
			return err
		}
		soon := w.Clock.Now().Add(time.Hour)
		_, short := mustShare(t, w, staff, usecase.ShareInput{File: &f.ID, ExpiresAt: &soon})
		l, taken := mustShare(t, w, staff, usecase.ShareInput{File: &f.ID})
		_, kept := mustShare(t, w, admin, usecase.ShareInput{File: &f.ID})
		_, lost := mustShare(t, w, staff, usecase.ShareInput{File: &f.ID})
		begun, err := w.Shared.Begin(ctx, taken, visitor, nil)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := w.Shares.Revoke(ctx, other, []uuid.UUID{l.ID}); n != 0 || !domain.IsCode(err, domain.NotFound) {
			t.Errorf("somebody else revokes: %d, %v", n, err)
		}
		if n, err := w.Shares.Revoke(ctx, staff, []uuid.UUID{l.ID, l.ID}); n != 1 || err != nil {
			t.Errorf("revoked %d, %v", n, err)
		}
		expired(t, "revoked", "taken back", open(taken))
		_, err = w.Shared.Fetch(ctx, taken, begun.Ticket, usecase.Visit{Pass: begun.Pass})
		expired(t, "a ticket of a revoked link", "taken back", err)
		w.Clock.Advance(time.Hour)
		expired(t, "expired", "has expired", open(short))
		if err := open("nobody made this"); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("a token of nobody: %v", err)
		}
		err = w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			u, err := s.Users.Find(ctx, staff.UserID)
			if err != nil {
				return err
			}
			u.Withheld = []domain.Permission{domain.MayDownload}
			return s.Users.Save(ctx, u)
		})
		if err != nil {
			t.Fatal(err)
		}
		expired(t, "of somebody who may not download", "may not hand it out", open(lost))
		err = w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			u, err := s.Users.Find(ctx, staff.UserID)
			if err != nil {
				return err
			}
			u.Active = false
			return s.Users.Save(ctx, u)
		})
		if err != nil {
			t.Fatal(err)
		}
		expired(t, "of somebody who was switched off", "left the portal", open(lost))
		if err := open(kept); err != nil {
			t.Errorf("the admin's link: %v", err)
		}
		if _, err := w.Files.Delete(ctx, admin, []uuid.UUID{f.ID}); err != nil {
			t.Fatal(err)
		}
		expired(t, "of a deleted file", "purged", open(kept))
		if _, _, err := w.Shares.Create(ctx, admin, usecase.ShareInput{File: &f.ID}); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("sharing a deleted file: %v", err)
		}
	})
}

func TestWhoMayShareAndWhatIsTold(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff, other := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleStaff)
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		reader := staff
		reader.TokenID, reader.Scopes = uuid.New(), []domain.Scope{domain.ScopeRead}
		barred := staff
		barred.Withheld = []domain.Permission{domain.MayDownload}
		for who, tc := range map[string]struct {
			a    domain.Actor
			code domain.Code
		}{"nobody": {domain.Actor{}, domain.Unauthenticated}, "somebody else": {other, domain.NotFound}, "a token that reads": {reader, domain.Forbidden}, "the system": {domain.System(), domain.Forbidden}, "who may not download": {barred, domain.Forbidden}} {
			if _, _, err := w.Shares.Create(ctx, tc.a, usecase.ShareInput{File: &f.ID}); !domain.IsCode(err, tc.code) {
				t.Errorf("%s: %v", who, err)
			}
		}
		past := w.Clock.Now().Add(-time.Second)
		for field, in := range map[string]usecase.ShareInput{
			"expires_at": {File: &f.ID, ExpiresAt: &past}, "max_downloads": {File: &f.ID, MaxDownloads: -1}, "password": {File: &f.ID, Password: "short"},
		} {
			if _, _, err := w.Shares.Create(ctx, staff, in); !domain.IsCode(err, domain.Invalid) {
				t.Errorf("%s: %v", field, err)
			}
		}
		l, token := mustShare(t, w, staff, usecase.ShareInput{File: &f.ID, MaxDownloads: 3, Password: "four words of mine"})
		if _, err := w.Shares.Find(ctx, other, l.ID); !domain.IsCode(err, domain.NotFound) {
			t.Error(err)
		}
		log, err := w.DB.Reads().Audit.ListOf(ctx, "file", f.ID, 10)
		if err != nil || len(log) != 1 || log[0].Action != "file.shared" || log[0].Changes["downloads"] != "at most 3" || log[0].Changes["password"] != "yes" {
			t.Fatalf("%+v, %v", log, err)
		}
		for _, v := range log[0].Changes {
			if strings.Contains(v, token) || strings.Contains(v, "four words") {
				t.Errorf("the audit log has %q", v)
			}
		}
	})
}
