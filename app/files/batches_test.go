package files_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports/usecase"
)

func TestABatchIsCompletedOnceItIsSealedAndNothingUploads(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		b, created, err := w.Uploads.CreateBatch(ctx, staff, "Yard, week 47", "key-1")
		if err != nil || !created || b.Status != domain.BatchInit {
			t.Fatalf("%+v, %v, %v", b, created, err)
		}
		again, created, err := w.Uploads.CreateBatch(ctx, staff, "Yard, week 47", "key-1")
		if err != nil || created || again.ID != b.ID {
			t.Errorf("the same key made %+v, %v, %v", again, created, err)
		}
		if _, _, err := w.Uploads.CreateBatch(ctx, staff, "other", "key-1"); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("the same key for another label: %v", err)
		}
		w.MustUpload(t, staff, "a.txt", "hello", &b.ID)
		slow, release := io.Pipe()
		done := make(chan error, 1)
		go func() {
			_, err := upload(w, staff, usecase.UploadInput{Name: "b.txt", Size: -1, BatchID: &b.ID, Body: slow})
			done <- err
		}()
		if _, err := release.Write([]byte("first half, ")); err != nil {
			t.Fatal(err)
		}
		b, err = w.Uploads.FinaliseBatch(ctx, staff, b.ID)
		if err != nil || b.Status != domain.BatchInProgress || b.SealedAt == nil {
			t.Fatalf("sealed while one uploads: %+v, %v", b, err)
		}
		if _, err := upload(w, staff, usecase.UploadInput{Name: "late.txt", Size: 1, BatchID: &b.ID, Body: strings.NewReader("x")}); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("a late file: %v", err)
		}
		if len(events(t, w, b.ID)) != 0 {
			t.Error("completed too early")
		}
		if _, err := release.Write([]byte("second half")); err != nil {
			t.Fatal(err)
		}
		release.Close()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		b, err = w.Batches.Find(ctx, staff, b.ID)
		if err != nil || b.Status != domain.BatchComplete || b.Counts.Stored != 2 || b.Counts.Bytes != 28 {
			t.Errorf("%+v, %v", b, err)
		}
		if _, err := w.Uploads.FinaliseBatch(ctx, staff, b.ID); err != nil {
			t.Errorf("finalising twice: %v", err)
		}
		if got := events(t, w, b.ID); len(got) != 1 || got[0] != "batch.completed" {
			t.Errorf("events %v", got)
		}
	})
}

func TestARetriedFileSupersedesTheFailedOne(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		b, _, err := w.Uploads.CreateBatch(ctx, staff, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := upload(w, staff, usecase.UploadInput{Name: "a.txt", Size: 9, BatchID: &b.ID, Body: strings.NewReader("four")}); err == nil {
			t.Fatal("a short body was taken")
		}
		w.MustUpload(t, staff, "a.txt", "whole now", &b.ID)
		b, err = w.Uploads.FinaliseBatch(ctx, staff, b.ID)
		if err != nil || b.Status != domain.BatchComplete || b.Counts.Files != 1 || b.Counts.Failed != 0 {
			t.Errorf("%+v, %v", b, err)
		}
	})
}

func TestFinalisingRacesWithTheLastFilesAndEndsOnce(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		b, _, err := w.Uploads.CreateBatch(ctx, staff, "", "")
		if err != nil {
			t.Fatal(err)
		}
		w.MustUpload(t, staff, "first.txt", "x", &b.ID)
		var wg sync.WaitGroup
		var mu sync.Mutex
		stored := 1
		for i := range 8 {
			wg.Go(func() {
				_, err := upload(w, staff, usecase.UploadInput{Name: fmt.Sprintf("%d.txt", i), Size: 1, BatchID: &b.ID, Body: strings.NewReader("x")})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					stored++
				} else if !domain.IsCode(err, domain.Conflict) {
					t.Error(err)
				}
			})
		}
		for range 2 {
			wg.Go(func() {
				if _, err := w.Uploads.FinaliseBatch(ctx, staff, b.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		b, err = w.Batches.Find(ctx, staff, b.ID)
		if err != nil || b.Status != domain.BatchComplete || b.Counts.Stored != stored {
			t.Errorf("%d stored, batch %+v, %v", stored, b, err)
		}
		if got := events(t, w, b.ID); len(got) != 1 {
			t.Errorf("events %v", got)
		}
	})
}
