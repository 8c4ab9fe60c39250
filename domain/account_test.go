package domain_test

import (
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

func TestNewUser(t *testing.T) {
	t.Parallel()
	u, err := domain.NewUser(id1, " Ann@Example.COM ", "", domain.RoleStaff, now)
	if err != nil || u.Email != "ann@example.com" || u.Name != "ann" || !u.Active || u.IsAdmin() {
		t.Errorf("%+v, %v", u, err)
	}
	for _, c := range []struct{ email, name, role string }{
		{"", "", "staff"}, {"ann", "", "staff"}, {"Ann <ann@example.com>", "", "staff"}, {"a@b@c", "", "staff"}, {strings.Repeat("a", 250) + "@b.example", "", "staff"},
		{"ann@example.com", strings.Repeat("x", 121), "staff"}, {"ann@example.com", "", "root"}, {"ann@example.com", "", ""}, {"a\r\nb@example.com", "", "staff"},
	} {
		_, err := domain.NewUser(id1, c.email, c.name, domain.Role(c.role), now)
		wantCode(t, c.email+c.role, err, domain.Invalid)
	}
}

func TestPasswordsAreCountedInCharacters(t *testing.T) {
	t.Parallel()
	for p, ok := range map[string]bool{
		"a23456789": false, "a234567890": true, strings.Repeat("ü", 9): false, strings.Repeat("ü", 10): true,
		strings.Repeat("世", 200): true, strings.Repeat("x", 201): false, "": false,
	} {
		if err := domain.CheckPassword(p); (err == nil) != ok {
			t.Errorf("%d bytes: %v", len(p), err)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	staff := &domain.User{ID: id1, Email: "a@b.example", Role: domain.RoleStaff}
	tok, secret, err := domain.NewAPIToken(id2, staff, " CI ", []domain.Scope{domain.ScopeUpload}, &later, rnd(), now)
	if err != nil || !strings.HasPrefix(secret, domain.TokenPrefix) || tok.Hash != domain.HashSecret(secret) || tok.Name != "CI" || !strings.HasPrefix(secret, tok.Prefix) {
		t.Fatalf("%+v, %v", tok, err)
	}
	if strings.Contains(tok.Hash, secret) || len(tok.Prefix) > 12 {
		t.Error("the token is kept readable")
	}
	if !tok.Alive(now) || tok.Alive(later) {
		t.Error("a token lives until it expires")
	}
	tok.RevokedAt = &now
	if tok.Alive(now) {
		t.Error("revoked and alive")
	}
	past := now.Add(-time.Second)
	for name, c := range map[string]struct {
		name    string
		scopes  []domain.Scope
		expires *time.Time
		want    domain.Code
	}{
		"no name":     {"", []domain.Scope{domain.ScopeRead}, nil, domain.Invalid},
		"long name":   {strings.Repeat("x", 121), []domain.Scope{domain.ScopeRead}, nil, domain.Invalid},
		"no scope":    {"x", nil, nil, domain.Invalid},
		"staff admin": {"x", []domain.Scope{domain.ScopeAdmin}, nil, domain.Forbidden},
		"expired":     {"x", []domain.Scope{domain.ScopeRead}, &past, domain.Invalid},
	} {
		_, _, err := domain.NewAPIToken(id2, staff, c.name, c.scopes, c.expires, rnd(), now)
		wantCode(t, name, err, c.want)
	}
	_, _, err = domain.NewAPIToken(id2, staff, "x", []domain.Scope{domain.ScopeRead}, nil, iotest.ErrReader(errEmpty), now)
	wantCode(t, "no random bytes", err, domain.Internal)
}

func TestParseScopes(t *testing.T) {
	t.Parallel()
	got, err := domain.ParseScopes("upload, read,upload")
	if err != nil || len(got) != 2 || got[0] != domain.ScopeUpload || got[1] != domain.ScopeRead {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "upload,", "Upload", "all"} {
		_, err := domain.ParseScopes(bad)
		wantCode(t, bad, err, domain.Invalid)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	staff, admin := &domain.User{ID: id1, Role: domain.RoleStaff}, &domain.User{ID: id2, Role: domain.RoleAdmin}
	with := func(u *domain.User, s ...domain.Scope) domain.Actor {
		return domain.TokenActor(u, &domain.APIToken{ID: uuid.Max, Scopes: s})
	}
	for _, c := range []struct {
		name  string
		actor domain.Actor
		scope domain.Scope
		want  domain.Code
	}{
		{"nobody", domain.Actor{}, domain.ScopeRead, domain.Unauthenticated},
		{"nobody as admin", domain.Actor{}, domain.ScopeAdmin, domain.Unauthenticated},
		{"staff", domain.UserActor(staff), domain.ScopeUpload, ""},
		{"staff as admin", domain.UserActor(staff), domain.ScopeAdmin, domain.Forbidden},
		{"admin", domain.UserActor(admin), domain.ScopeAdmin, ""},
		{"system", domain.System(), domain.ScopeAdmin, ""},
		{"token", with(staff, domain.ScopeUpload), domain.ScopeUpload, ""},
		{"token without scope", with(staff, domain.ScopeUpload), domain.ScopeRead, domain.Forbidden},
		{"token of an admin without the scope", with(admin, domain.ScopeRead), domain.ScopeAdmin, domain.Forbidden},
		{"token of an admin", with(admin, domain.ScopeAdmin), domain.ScopeProcess, ""},
		{"admin scope of one who is no admin any more", with(staff, domain.ScopeAdmin), domain.ScopeAdmin, domain.Forbidden},
	} {
		wantCode(t, c.name, c.actor.Require(c.scope), c.want)
	}
	if a := with(staff, domain.ScopeAdmin); a.IsAdmin() || a.Sees(&id2) || a.Sees(nil) || !a.Sees(&id1) {
		t.Error("staff see their own alone, whatever their token says")
	}
	if a := with(admin, domain.ScopeProcess); a.IsAdmin() || !a.Sees(&id1) || !a.Sees(nil) {
		t.Error("a consumer's token of an admin reaches all files and is no admin")
	}
}

func TestWebSessions(t *testing.T) {
	t.Parallel()
	s := &domain.WebSession{ExpiresAt: later}
	if !s.Alive(now) || s.Alive(later) || s.TTL() != domain.SessionTTL {
		t.Errorf("%+v", s)
	}
	s.Remember, s.RevokedAt = true, &now
	if s.Alive(now) || s.TTL() != domain.RememberSessionTTL {
		t.Errorf("%+v", s)
	}
}

func TestAuditNamesTheActor(t *testing.T) {
	t.Parallel()
	a := domain.NewAuditEntry(id1, domain.UserActor(&domain.User{ID: id2, Name: "Ann"}), "file.deleted", "file", id1, nil, now)
	if a.ActorID == nil || *a.ActorID != id2 || a.ActorName != "Ann" {
		t.Errorf("%+v", a)
	}
	if s := domain.NewAuditEntry(id1, domain.System(), "x", "file", id1, nil, now); s.ActorID != nil || s.ActorName != "system" {
		t.Errorf("%+v", s)
	}
}
