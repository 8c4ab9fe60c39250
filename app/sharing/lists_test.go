package sharing_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

func TestLinksAreListedToThoseWhoMayLookAfterThem(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff, other, admin := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleStaff), w.MustUser(t, "c@example.com", domain.RoleAdmin)
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		theirs := w.MustUpload(t, other, "b.txt", "hello", nil)
		own, _ := mustShare(t, w, staff, usecase.ShareInput{File: &f.ID})
		byAdmin, _ := mustShare(t, w, admin, usecase.ShareInput{File: &f.ID})
		foreign, _ := mustShare(t, w, other, usecase.ShareInput{File: &theirs.ID})
		reader, uploader := staff, staff
		reader.TokenID, reader.Scopes = uuid.New(), []domain.Scope{domain.ScopeRead}
		uploader.TokenID, uploader.Scopes = uuid.New(), []domain.Scope{domain.ScopeUpload}

		check := func(what string, page ports.Page[*domain.ShareLink], err error, want ...*domain.ShareLink) {
			t.Helper()
			if err != nil || len(page.Items) != len(want) {
				t.Fatalf("%s: %d links, %v", what, len(page.Items), err)
			}
			for i, l := range page.Items {
				if l.ID != want[i].ID {
					t.Errorf("%s: at %d the link %s", what, i, l.ID)
				}
			}
		}
		page, err := w.Shares.OfFile(ctx, reader, f.ID, ports.ListQuery{Filters: map[string][]string{"file": {theirs.ID.String()}}})
		check("of the file, whoever made them and whatever is asked", page, err, byAdmin, own)
		page, err = w.Shares.OfFile(ctx, reader, f.ID, ports.ListQuery{Filters: map[string][]string{"creator": {admin.UserID.String()}}})
		check("of the file, by the admin", page, err, byAdmin)
		page, err = w.Shares.List(ctx, staff, ports.ListQuery{Owner: &other.UserID})
		check("one's own", page, err, own)
		page, err = w.Shares.List(ctx, admin, ports.ListQuery{})
		check("everybody's", page, err, foreign, byAdmin, own)

		_, err = w.Shares.OfFile(ctx, other, f.ID, ports.ListQuery{})
		_, ofBatch := w.Shares.OfBatch(ctx, other, f.ID, ports.ListQuery{})
		_, log := w.Shares.Log(ctx, staff, foreign.ID, ports.ListQuery{})
		for what, err := range map[string]error{"of somebody else's file": err, "of no batch": ofBatch, "the log of somebody else's link": log} {
			if !domain.IsCode(err, domain.NotFound) {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err = w.Shares.List(ctx, uploader, ports.ListQuery{})
		_, log = w.Shares.Log(ctx, uploader, own.ID, ports.ListQuery{})
		for what, err := range map[string]error{"list": err, "log": log} {
			if !domain.IsCode(err, domain.Forbidden) {
				t.Errorf("%s with a token that may not read: %v", what, err)
			}
		}
	})
}
