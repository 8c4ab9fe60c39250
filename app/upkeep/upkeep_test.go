package upkeep_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/app/files"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

func do(t *testing.T, w *world.World, task domain.Task) string {
	t.Helper()
	result, err := w.Upkeep.Do(context.Background(), task)
	if err != nil {
		t.Fatalf("%s: %v", task, err)
	}
	return result
}

func find(t *testing.T, w *world.World, id uuid.UUID) *domain.File {
	t.Helper()
	f, err := w.DB.Reads().Files.Find(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func count(t *testing.T, w *world.World, about uuid.UUID, typ string) int {
	t.Helper()
	page, err := w.DB.Reads().Outbox.List(context.Background(), ports.ListQuery{Filters: map[string][]string{"aggregate": {about.String()}, "type": {typ}}})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Items)
}

func TestAFileIsAnnouncedOnceExpiresAndIsPurged(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		f := w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
		do(t, w, domain.TaskRelay)
		do(t, w, domain.TaskExpiring)
		if n := count(t, w, f.ID, "file.expiring"); n != 0 {
			t.Fatalf("announced a day early")
		}
		w.Clock.Advance(22*time.Hour + 30*time.Minute)
		do(t, w, domain.TaskExpiring)
		do(t, w, domain.TaskExpiring)
		if n := count(t, w, f.ID, "file.expiring"); n != 1 {
			t.Errorf("announced %d times", n)
		}
		do(t, w, domain.TaskFilesCleanup)
		if find(t, w, f.ID).Status != domain.FileStored {
			t.Fatal("expired too early")
		}
		w.Clock.Advance(2 * time.Hour)
		if got := do(t, w, domain.TaskFilesCleanup); got != "ended 0 dead uploads, expired 1 files, purged 1" {
			t.Errorf("cleanup says %q", got)
		}
		gone := find(t, w, f.ID)
		if gone.Status != domain.FileDeleted || gone.PurgedAt == nil || count(t, w, f.ID, "file.deleted") != 1 {
			t.Errorf("left as %+v", gone)
		}
		if _, err := w.Blobs.Stat(context.Background(), f.StorageKey); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("bytes stay: %v", err)
		}
	})
}

func TestAFileIsHeldWhileItsDeliveryIsPendingButNotForEver(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		r := world.NewReceiver(t)
		r.Answer(http.StatusInternalServerError)
		w.MustEndpoint(t, r.URL, "file.stored")
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		do(t, w, domain.TaskRelay)
		w.Clock.Advance(25 * time.Hour)
		do(t, w, domain.TaskFilesCleanup)
		if find(t, w, f.ID).Status != domain.FileStored {
			t.Fatal("a file that a receiver still waits for was expired")
		}
		if d, err := w.Files.Detail(context.Background(), staff, f.ID); err != nil || !d.Held {
			t.Errorf("its page does not say so: %v", err)
		}
		w.Clock.Advance(96 * time.Hour)
		do(t, w, domain.TaskFilesCleanup)
		if find(t, w, f.ID).Status != domain.FileDeleted {
			t.Error("held for ever")
		}
	})
}

func TestAnUploadWhoseProcessDiedEndsWithAReason(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		body, end := io.Pipe()
		done := make(chan error, 1)
		go func() {
			_, err := w.Uploads.Upload(ctx, staff, usecase.UploadInput{Name: "a.bin", Size: -1, Body: body})
			done <- err
		}()
		if _, err := end.Write([]byte("some bytes")); err != nil {
			t.Fatal(err)
		}
		page, err := w.Files.List(ctx, staff, ports.ListQuery{})
		if err != nil || len(page.Items) != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		id := page.Items[0].ID
		do(t, w, domain.TaskFilesCleanup)
		if find(t, w, id).Status != domain.FileUploading {
			t.Fatal("a living upload was ended")
		}
		w.Clock.Advance(files.StaleAfter + time.Second)
		do(t, w, domain.TaskFilesCleanup)
		f := find(t, w, id)
		if f.Status != domain.FileFailed || f.ErrorMessage == "" || f.PurgedAt == nil || count(t, w, id, "file.failed") != 1 {
			t.Errorf("left as %+v", f)
		}
		// The process was only asleep: its end must not store a failed file.
		end.Close()
		if err := <-done; !domain.IsCode(err, domain.Conflict) {
			t.Errorf("the late end: %v", err)
		}
		if f := find(t, w, id); f.Status != domain.FileFailed {
			t.Errorf("now %s", f.Status)
		}
		if _, err := w.Blobs.Stat(ctx, f.StorageKey); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("bytes stay: %v", err)
		}
	})
}

func TestOldEventsAndAttemptsGo(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		r := world.NewReceiver(t)
		w.MustEndpoint(t, r.URL)
		f := w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
		do(t, w, domain.TaskRelay)
		w.Clock.Advance(167 * time.Hour)
		if got := do(t, w, domain.TaskOutboxCleanup); got != "removed 0 settled events" {
			t.Errorf("too early: %q", got)
		}
		w.Clock.Advance(2 * time.Hour)
		if got := do(t, w, domain.TaskOutboxCleanup); got != "removed 1 settled events" {
			t.Errorf("%q", got)
		}
		if count(t, w, f.ID, "file.stored") != 0 {
			t.Error("the event stays")
		}
	})
}

func TestTheSweepSettlesWhatWasLeftBehind(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		b, _, err := w.Uploads.CreateBatch(ctx, staff, "", "")
		if err != nil {
			t.Fatal(err)
		}
		w.MustUpload(t, staff, "a.txt", "hello", &b.ID)
		do(t, w, domain.TaskSweep)
		w.Clock.Advance(25 * time.Hour)
		if got := do(t, w, domain.TaskSweep); !strings.Contains(got, "1 batches") {
			t.Errorf("sweep says %q", got)
		}
		if b, err = w.Batches.Find(ctx, staff, b.ID); err != nil || b.Status != domain.BatchComplete {
			t.Errorf("%+v, %v", b, err)
		}
	})
}

// failingAndWatching makes an endpoint that fails, and a receiver that is told
// of endpoints.
func failingAndWatching(t *testing.T, w *world.World) (*domain.Endpoint, *world.Receiver) {
	t.Helper()
	bad, watch := world.NewReceiver(t), world.NewReceiver(t)
	bad.Answer(http.StatusInternalServerError)
	e, _ := w.MustEndpoint(t, bad.URL, "file.*")
	w.MustEndpoint(t, watch.URL, "endpoint.*")
	return e, watch
}

func TestAnEndpointThatOnlyFailsIsAnnouncedOnceThenDisabledAndSaidSo(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		e, watch := failingAndWatching(t, w)
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		w.MustUpload(t, staff, "a.txt", "hello", nil)
		do(t, w, domain.TaskSweep)
		w.Clock.Advance(25 * time.Hour)
		do(t, w, domain.TaskSweep)
		do(t, w, domain.TaskSweep)
		if got := watch.Got(); len(got) != 1 || got[0].Header.Get("X-Webhook-Event") != "endpoint.failing" {
			t.Fatalf("%d notices after a day", len(got))
		}
		for range 8 {
			if d, err := w.Endpoints.Find(ctx, domain.System(), e.ID); err != nil || !d.Endpoint.Active {
				t.Fatalf("disabled too early: %+v, %v", d, err)
			}
			w.MustUpload(t, staff, "b.txt", "hello", nil)
			w.Clock.Advance(12 * time.Hour)
			do(t, w, domain.TaskSweep)
		}
		d, err := w.Endpoints.Find(ctx, domain.System(), e.ID)
		if err != nil || d.Endpoint.Active || !strings.Contains(d.Endpoint.DisabledReason, "five days") || d.Counts[domain.DeliveryPending] != 0 {
			t.Errorf("%+v, %v", d, err)
		}
		do(t, w, domain.TaskRelay)
		if got := watch.Got(); len(got) != 2 || got[1].Header.Get("X-Webhook-Event") != "endpoint.disabled" {
			t.Errorf("%d notices after five days", len(got))
		}
		told := map[string]int{}
		for _, line := range d.History {
			told[line.Action]++
		}
		if told["endpoint.failing"] != 1 || told["endpoint.disabled"] != 1 {
			t.Errorf("the history says %v", told)
		}
	})
}

func TestOneFailureAndThenNoTrafficNeitherWarnsNorDisables(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		e, watch := failingAndWatching(t, w)
		w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
		do(t, w, domain.TaskSweep)
		page, err := w.Deliveries.List(ctx, domain.System(), ports.ListQuery{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Deliveries.Cancel(ctx, domain.System(), []uuid.UUID{page.Items[0].ID}); err != nil {
			t.Fatal(err)
		}
		for range 6 {
			w.Clock.Advance(25 * time.Hour)
			do(t, w, domain.TaskSweep)
		}
		d, err := w.Endpoints.Find(ctx, domain.System(), e.ID)
		if err != nil || !d.Endpoint.Active {
			t.Errorf("%+v, %v", d.Endpoint, err)
		}
		if n := len(watch.Got()); n != 0 {
			t.Errorf("%d notices", n)
		}
	})
}
