package files_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

func once(w *world.World, a domain.Actor, name, text, key string) (*domain.File, bool, error) {
	return w.Uploads.UploadOnce(context.Background(), a, usecase.UploadInput{Name: name, Size: int64(len(text)), Body: strings.NewReader(text)}, key)
}

// filesOf counts the rows an actor sees.
func filesOf(t *testing.T, w *world.World, a domain.Actor) int {
	t.Helper()
	page, err := w.Files.List(context.Background(), a, ports.ListQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Items)
}

func TestTheSameKeyMakesOneFile(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		staff, other := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleStaff)
		first, replayed, err := once(w, staff, "a.txt", "hello", "k")
		if err != nil || replayed {
			t.Fatal(replayed, err)
		}
		again, replayed, err := once(w, staff, "a.txt", "hello", "k")
		if err != nil || !replayed || again.ID != first.ID || again.SHA256 != first.SHA256 {
			t.Errorf("again: %+v, %v, %v", again, replayed, err)
		}
		for name, c := range map[string]struct{ file, text, key string }{
			"another name": {"b.txt", "hello", "k"}, "another length": {"a.txt", "hello!", "k"},
		} {
			if _, _, err := once(w, staff, c.file, c.text, c.key); !domain.IsCode(err, domain.Conflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, c := range map[string]struct {
			actor domain.Actor
			key   string
		}{"another key": {staff, "K"}, "no key": {staff, ""}, "another person": {other, "k"}} {
			if f, replayed, err := once(w, c.actor, "a.txt", "hello", c.key); err != nil || replayed || f.ID == first.ID {
				t.Errorf("%s: %v, %v", name, replayed, err)
			}
		}
		for name, key := range map[string]string{"long": strings.Repeat("k", 256), "not printable": "k\n", "not ASCII": "ké"} {
			if _, _, err := once(w, staff, "a.txt", "hello", key); !domain.IsCode(err, domain.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := filesOf(t, w, staff); n != 3 {
			t.Errorf("%d files, not 3", n)
		}
	})
}

func TestOfManyWithTheSameKeyOneStores(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		slow, feed := io.Pipe()
		done := make(chan error, 1)
		go func() {
			_, _, err := w.Uploads.UploadOnce(context.Background(), staff, usecase.UploadInput{Name: "a.txt", Size: 5, Body: slow}, "k")
			done <- err
		}()
		if _, err := feed.Write([]byte("he")); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if _, _, err := once(w, staff, "a.txt", "hello", "k"); !domain.IsCode(err, domain.Conflict) || !strings.Contains(err.Error(), "still on its way") {
					t.Errorf("while the first is under way: %v", err)
				}
			})
		}
		wg.Wait()
		if _, err := feed.Write([]byte("llo")); err != nil {
			t.Fatal(err)
		}
		feed.Close()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if _, replayed, err := once(w, staff, "a.txt", "hello", "k"); err != nil || !replayed {
			t.Errorf("after it: %v, %v", replayed, err)
		}
		if n := filesOf(t, w, staff); n != 1 {
			t.Errorf("%d files", n)
		}
	})
}

func TestAKeyIsFreeAgainAfterAFailureAndAfterADay(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		cut := io.MultiReader(strings.NewReader("he"), iotest.ErrReader(errors.New("connection reset")))
		if _, _, err := w.Uploads.UploadOnce(ctx, staff, usecase.UploadInput{Name: "a.txt", Size: 5, Body: cut}, "k"); !domain.IsCode(err, domain.Invalid) {
			t.Fatal(err)
		}
		first, replayed, err := once(w, staff, "a.txt", "hello", "k")
		if err != nil || replayed {
			t.Fatalf("after a failure: %v, %v", replayed, err)
		}
		w.Clock.Advance(domain.IdempotencyTTL + time.Second)
		next, replayed, err := once(w, staff, "other.txt", "other", "k")
		if err != nil || replayed || next.ID == first.ID {
			t.Errorf("after a day: %v, %v", replayed, err)
		}
		w.Clock.Advance(domain.IdempotencyTTL + time.Second)
		if got, err := w.Upkeep.Do(ctx, domain.TaskSessions); err != nil || !strings.HasPrefix(got, "removed 1 ") {
			t.Errorf("cleanup: %q, %v", got, err)
		}
	})
}

func TestAnUploadUnderAKeyThatDiedIsSentAgain(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		hung, feed := io.Pipe()
		done := make(chan error, 1)
		go func() {
			_, _, err := w.Uploads.UploadOnce(context.Background(), staff, usecase.UploadInput{Name: "a.txt", Size: 5, Body: hung}, "k")
			done <- err
		}()
		if _, err := feed.Write([]byte("he")); err != nil {
			t.Fatal(err)
		}
		page, err := w.Files.List(context.Background(), staff, ports.ListQuery{})
		if err != nil || len(page.Items) != 1 {
			t.Fatalf("%+v, %v", page.Items, err)
		}
		dead := page.Items[0]
		w.Clock.Advance(time.Minute)
		f, replayed, err := once(w.Another(t), staff, "a.txt", "hello", "k")
		if err != nil || replayed || f.Status != domain.FileStored {
			t.Fatalf("sent again: %+v, %v, %v", f, replayed, err)
		}
		// The one that was taken for dead wakes up and can store nothing.
		if _, err := feed.Write([]byte("llo")); err != nil {
			t.Fatal(err)
		}
		feed.Close()
		if err := <-done; err == nil {
			t.Error("two files were stored under one key")
		}
		if _, err := w.Blobs.Stat(context.Background(), dead.StorageKey); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("its bytes stay: %v", err)
		}
		page, err = w.Files.List(context.Background(), staff, ports.ListQuery{Filters: map[string][]string{"status": {"stored"}}})
		if err != nil || len(page.Items) != 1 || page.Items[0].ID != f.ID {
			t.Errorf("%+v, %v", page.Items, err)
		}
		if _, err := w.Files.Download(context.Background(), staff, f.ID); err != nil {
			t.Error(err)
		}
	})
}
