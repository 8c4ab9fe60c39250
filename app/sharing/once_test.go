package sharing_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

// isReuse tells the refusals that are about the key.
func isReuse(err error) bool {
	var e *domain.Error
	return errors.As(err, &e) && e.Code == domain.Conflict && e.Field == "Idempotency-Key"
}

func TestARepeatedRequestMakesNoSecondLinkAndShowsTheFirstNotAgain(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff, admin := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleAdmin)
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		in := usecase.ShareInput{File: &f.ID, Password: "four words of mine", MaxDownloads: 2}
		made, token, replayed, err := w.Shares.CreateOnce(ctx, staff, in, "k")
		if err != nil || replayed || token == "" {
			t.Fatal(replayed, err)
		}
		again, none, replayed, err := w.Shares.CreateOnce(ctx, staff, in, "k")
		if err != nil || !replayed || again.ID != made.ID || none != "" {
			t.Errorf("again: %v %q %v", replayed, none, err)
		}
		for what, change := range map[string]func(*usecase.ShareInput){
			"another password": func(in *usecase.ShareInput) { in.Password = "five words of their own" },
			"no password":      func(in *usecase.ShareInput) { in.Password = "" },
			"another limit":    func(in *usecase.ShareInput) { in.MaxDownloads = 3 },
		} {
			other := in
			change(&other)
			if _, _, _, err := w.Shares.CreateOnce(ctx, staff, other, "k"); !isReuse(err) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if l, _, replayed, err := w.Shares.CreateOnce(ctx, admin, in, "k"); err != nil || replayed || l.ID == made.ID {
			t.Errorf("the key of somebody else: %v %v", replayed, err)
		}
		// The answer stays when the link is over and the file gone.
		if _, err := w.Shares.Revoke(ctx, staff, []uuid.UUID{made.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Files.Delete(ctx, staff, []uuid.UUID{f.ID}); err != nil {
			t.Fatal(err)
		}
		if l, _, replayed, err := w.Shares.CreateOnce(ctx, staff, in, "k"); err != nil || !replayed || l.State(w.Clock.Now()) != domain.ShareRevoked {
			t.Errorf("of a deleted file: %v %v", replayed, err)
		}
		err = w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			_, err := s.ShareLinks.DeleteDead(ctx, w.Clock.Now().Add(time.Second), 10)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := w.Shares.CreateOnce(ctx, staff, in, "k"); !isReuse(err) {
			t.Errorf("of a link that was swept away: %v", err)
		}
	})
}

func TestOfManyRequestsUnderOneKeyOneMakesALink(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		var crowd sync.WaitGroup
		tokens := make([]string, 5)
		for i := range tokens {
			crowd.Go(func() {
				var err error
				if _, tokens[i], _, err = w.Shares.CreateOnce(ctx, staff, usecase.ShareInput{File: &f.ID}, "k"); err != nil {
					t.Error(err)
				}
			})
		}
		crowd.Wait()
		shown := 0
		for _, token := range tokens {
			if token != "" {
				shown++
			}
		}
		page, err := w.Shares.List(ctx, staff, ports.ListQuery{})
		if err != nil || len(page.Items) != 1 || shown != 1 {
			t.Errorf("%d links, %d of them shown, %v", len(page.Items), shown, err)
		}
	})
}
