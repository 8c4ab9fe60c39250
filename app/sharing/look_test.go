package sharing_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

const picture = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"

func TestALookCountsNothingAndEndsWithTheLink(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		b, _, err := w.Uploads.CreateBatch(ctx, staff, "Week 47", "")
		if err != nil {
			t.Fatal(err)
		}
		f := w.MustUpload(t, staff, "a.png", picture, &b.ID)
		outside := w.MustUpload(t, staff, "b.png", picture, nil)
		soon := w.Clock.Now().Add(time.Hour)
		l, token := mustShare(t, w, staff, usecase.ShareInput{File: &f.ID, ExpiresAt: &soon})
		_, ofBatch := mustShare(t, w, staff, usecase.ShareInput{Batch: &b.ID})
		_, limited := mustShare(t, w, staff, usecase.ShareInput{File: &f.ID, MaxDownloads: 1})
		_, secret := mustShare(t, w, staff, usecase.ShareInput{File: &f.ID, Password: "four words of mine"})

		for _, which := range []*uuid.UUID{nil, &outside.ID} { // a link to a file leads to that alone
			got, err := w.Shared.Look(ctx, token, visitor, which)
			if err != nil || got.File.ID != f.ID || got.Preview == nil || got.Preview.Kind != usecase.PreviewImage {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		if got, err := w.Shared.Look(ctx, ofBatch, visitor, &f.ID); err != nil || got.Preview.Kind != usecase.PreviewImage {
			t.Errorf("of a batch: %+v, %v", got, err)
		}
		_, err = w.Shared.Look(ctx, ofBatch, visitor, &outside.ID)
		expired(t, "of a file outside of the batch", "not here any more", err)
		if _, err := w.Shared.Look(ctx, ofBatch, visitor, nil); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("of a batch as a whole: %v", err)
		}
		if got, err := w.Shared.Look(ctx, limited, visitor, nil); err != nil || got.File.ID != f.ID || got.Preview != nil {
			t.Errorf("with a number of downloads: %+v, %v", got, err)
		}
		if _, err := w.Shared.Begin(ctx, limited, visitor, nil); err != nil {
			t.Fatal(err)
		}
		_, err = w.Shared.Look(ctx, limited, visitor, nil)
		expired(t, "used up", "used up", err)
		if _, err := w.Shared.Look(ctx, secret, visitor, nil); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("without the password: %v", err)
		}
		pass, err := w.Shared.Unlock(ctx, secret, "four words of mine", visitor)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := w.Shared.Look(ctx, secret, usecase.Visit{Pass: pass}, nil); err != nil || got.Preview == nil {
			t.Errorf("with the password: %+v, %v", got, err)
		}
		l, err = w.Shares.Find(ctx, staff, l.ID)
		log, logErr := w.Shares.Log(ctx, staff, l.ID, ports.ListQuery{})
		if err != nil || logErr != nil || l.Downloads != 0 || len(log.Items) != 0 {
			t.Errorf("looks were counted: %d, %d lines, %v", l.Downloads, len(log.Items), err)
		}
		w.Clock.Advance(time.Hour)
		_, err = w.Shared.Look(ctx, token, visitor, nil)
		expired(t, "an hour later", "has expired", err)
	})
}
