package domain_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

func TestATokenNeverExceedsItsAccount(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	u, err := domain.NewUser(uuid.New(), "a@example.com", "", domain.RoleStaff, now)
	if err != nil {
		t.Fatal(err)
	}
	f := u.Form()
	f.Withheld = []domain.Permission{domain.MayProcess, domain.MayUpload, domain.MayUpload}
	changes, err := u.Change(f, now)
	if err != nil || changes["permissions"] != "upload, download, delete, process → download, delete" || !slices.Equal(u.Withheld, []domain.Permission{domain.MayUpload, domain.MayProcess}) {
		t.Fatal(changes, u.Withheld, err)
	}
	token := func(scope domain.Scope) error {
		_, _, err := domain.NewAPIToken(uuid.New(), u, "t", []domain.Scope{scope}, nil, bytes.NewReader(make([]byte, 64)), now)
		return err
	}
	if err := token(domain.ScopeProcess); !domain.IsCode(err, domain.Forbidden) {
		t.Errorf("a token to process: %v", err)
	}
	if err := token(domain.ScopeUpload); err != nil { // for deleting
		t.Error(err)
	}
	a := domain.TokenActor(u, &domain.APIToken{ID: uuid.New(), Scopes: domain.AllScopes})
	for p, want := range map[domain.Permission]domain.Code{domain.MayUpload: domain.Forbidden, domain.MayProcess: domain.Forbidden, domain.MayDelete: "", domain.MayDownload: ""} {
		if got := domain.CodeOf(a.RequireTo(p)); got != want {
			t.Errorf("%s: %q", p, got)
		}
	}
	u.Role = domain.RoleAdmin
	if err := domain.UserActor(u).RequireTo(domain.MayUpload); err != nil {
		t.Errorf("an admin: %v", err)
	}
	f.Withheld = []domain.Permission{"fly"}
	if _, err := u.Change(f, now); !domain.IsCode(err, domain.Invalid) {
		t.Errorf("%v", err)
	}
}
