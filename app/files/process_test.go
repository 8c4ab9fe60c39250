package files_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports/usecase"
)

// consumerOf is an admin's token that may read and process.
func consumerOf(admin domain.Actor) domain.Actor {
	admin.TokenID, admin.Scopes = uuid.New(), []domain.Scope{domain.ScopeRead, domain.ScopeProcess}
	return admin
}

func TestOfManyConsumersOneTakesAFile(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff, consumer := w.MustUser(t, "a@example.com", domain.RoleStaff), consumerOf(w.MustUser(t, "b@example.com", domain.RoleAdmin))
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		other := w.Another(t)
		var wg sync.WaitGroup
		var mu sync.Mutex
		took, late := 0, 0
		for i := range 8 {
			files := w.Files
			if i%2 == 1 {
				files = other.Files
			}
			wg.Go(func() {
				got, err := files.Process(ctx, consumer, f.ID)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil && got.Status == domain.FileProcessed && got.ProcessedAt != nil:
					took++
				case domain.IsCode(err, domain.Conflict) && strings.Contains(err.Error(), "taken already"):
					late++
				default:
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		wg.Wait()
		if took != 1 || late != 7 {
			t.Errorf("%d took it, %d came late", took, late)
		}
		if got := events(t, w, f.ID); strings.Join(got, " ") != "file.stored file.processed" {
			t.Errorf("events %v", got)
		}
		d, err := w.Files.Detail(ctx, staff, f.ID)
		if err != nil || len(d.History) != 1 || d.History[0].Action != "file.processed" || d.History[0].ActorName != consumer.Name {
			t.Errorf("history %+v, %v", d.History, err)
		}
		if _, err := w.Files.Fail(ctx, consumer, f.ID, "too late"); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("failing a processed file: %v", err)
		}
	})
}

func TestAConsumerFailsAFileWithAReasonAndItsBytesStay(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff, consumer := w.MustUser(t, "a@example.com", domain.RoleStaff), consumerOf(w.MustUser(t, "b@example.com", domain.RoleAdmin))
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		for name, reason := range map[string]string{"none": " \n", "long": strings.Repeat("é", 1001), "NUL": "a\x00b", "broken": "a\xff"} {
			if _, err := w.Files.Fail(ctx, consumer, f.ID, reason); !domain.IsCode(err, domain.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		got, err := w.Files.Fail(ctx, consumer, f.ID, " Page 3 is blank. ")
		if err != nil || got.Status != domain.FileFailed || got.ErrorMessage != "Page 3 is blank." {
			t.Fatalf("%+v, %v", got, err)
		}
		if _, err := w.Files.Download(ctx, staff, f.ID); err != nil {
			t.Errorf("the bytes are gone: %v", err)
		}
		if got := events(t, w, f.ID); strings.Join(got, " ") != "file.stored file.failed" {
			t.Errorf("events %v", got)
		}
		if _, err := w.Files.Process(ctx, consumer, f.ID); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("processing a failed file: %v", err)
		}
		if _, err := w.Files.Delete(ctx, staff, []uuid.UUID{f.ID}); err != nil {
			t.Errorf("deleting a failed file: %v", err)
		}
	})
}

func TestWhoMayConsume(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff, other := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleStaff)
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		reader := consumerOf(staff)
		reader.Scopes = []domain.Scope{domain.ScopeRead, domain.ScopeUpload}
		for name, c := range map[string]struct {
			actor domain.Actor
			id    uuid.UUID
			code  domain.Code
		}{
			"nobody":           {domain.Actor{}, f.ID, domain.Unauthenticated},
			"without scope":    {reader, f.ID, domain.Forbidden},
			"another's file":   {other, f.ID, domain.NotFound},
			"another's token":  {consumerOf(other), f.ID, domain.NotFound},
			"a file not there": {staff, uuid.New(), domain.NotFound},
		} {
			if _, err := w.Files.Process(ctx, c.actor, c.id); !domain.IsCode(err, c.code) {
				t.Errorf("%s processing: %v", name, err)
			}
			if _, err := w.Files.Fail(ctx, c.actor, c.id, "why"); !domain.IsCode(err, c.code) {
				t.Errorf("%s failing: %v", name, err)
			}
		}
		failed, err := upload(w, staff, usecase.UploadInput{Name: "b.txt", Size: 9, Body: strings.NewReader("four")})
		if err == nil {
			t.Fatalf("a short body was taken: %+v", failed)
		}
		if _, err := w.Files.Process(ctx, consumerOf(staff), f.ID); err != nil {
			t.Errorf("own file by own token: %v", err)
		}
	})
}
