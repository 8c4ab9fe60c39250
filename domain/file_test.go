package domain_test

import (
	"testing"
	"time"

	"doorito/domain"
)

func TestFileMoves(t *testing.T) {
	t.Parallel()
	moves := map[domain.FileStatus]func(*domain.File) (*domain.Event, error){
		domain.FileStored:    func(f *domain.File) (*domain.Event, error) { return f.Store(3, "abc", "text/plain", time.Hour, later) },
		domain.FileProcessed: func(f *domain.File) (*domain.Event, error) { return f.Process(later) },
		domain.FileFailed:    func(f *domain.File) (*domain.Event, error) { return f.Fail("broken off", later) },
		domain.FileDeleted:   func(f *domain.File) (*domain.Event, error) { return f.Delete(later) },
	}
	legal := map[domain.FileStatus][]domain.FileStatus{
		domain.FileUploading: {domain.FileStored, domain.FileFailed},
		domain.FileStored:    {domain.FileProcessed, domain.FileFailed, domain.FileDeleted},
		domain.FileProcessed: {domain.FileDeleted},
		domain.FileFailed:    {domain.FileDeleted},
		domain.FileDeleted:   {},
	}
	for _, from := range domain.FileStatuses {
		for to, move := range moves {
			f := domain.NewFile(id1, "a.txt", nil, nil, now)
			f.Status = from
			want := false
			for _, l := range legal[from] {
				want = want || l == to
			}
			e, err := move(f)
			if !want {
				wantCode(t, string(from+" to "+to), err, domain.Conflict)
				if f.Status != from || e != nil || !f.UpdatedAt.Equal(now) {
					t.Errorf("%s to %s: the refused move changed the file", from, to)
				}
				continue
			}
			if err != nil || f.Status != to || e.Type != domain.EventType("file."+string(to)) || !f.UpdatedAt.Equal(later) {
				t.Errorf("%s to %s: %v, status %s, event %v", from, to, err, f.Status, e)
			}
			if e.IdempotencyKey != string(e.Type)+":"+id1.String() || e.AggregateID != id1 || e.AggregateType != "file" {
				t.Errorf("%s to %s: event %+v", from, to, e)
			}
		}
	}
}

func TestStoredFile(t *testing.T) {
	t.Parallel()
	f := domain.NewFile(id1, "Müller <1>.pdf", &id2, &id2, now)
	if f.StorageKey != "uploads/2026/03/"+id1.String() || f.HasBytes() {
		t.Errorf("new file: %+v", f)
	}
	f.UploaderName = "Ann"
	e, err := f.Store(12, "cafe", "application/pdf", 24*time.Hour, now)
	if err != nil || !f.HasBytes() || f.SizeBytes != 12 || !f.ExpiresAt.Equal(now.Add(24*time.Hour)) {
		t.Fatalf("%v, %+v", err, f)
	}
	data := body(t, e)["data"].(map[string]any)
	for k, want := range map[string]any{
		"file_id": id1.String(), "original_filename": "Müller <1>.pdf", "content_type": "application/pdf", "size_bytes": 12.0,
		"sha256": "cafe", "batch_id": id2.String(), "uploaded_by": "Ann", "expires_at": "2026-03-05T05:06:07.000008Z",
	} {
		if data[k] != want {
			t.Errorf("%s: %v, want %v", k, data[k], want)
		}
	}
	if _, there := data["url"]; there {
		t.Error("the link is stored; it must be made for each attempt")
	}
}

func TestFileWithoutExpiryOwnerOrMetadata(t *testing.T) {
	t.Parallel()
	f := domain.NewFile(id1, "a", nil, nil, now)
	f.Metadata = nil
	e, err := f.Store(1, "", "", 0, now)
	if err != nil || f.ExpiresAt != nil {
		t.Fatalf("%v, expires %v", err, f.ExpiresAt)
	}
	data := body(t, e)["data"].(map[string]any)
	if data["expires_at"] != nil || data["uploaded_by"] != nil || data["batch_id"] != nil || data["metadata"] == nil {
		t.Errorf("%v", data)
	}
}

func TestExtendingAllowsANewExpiryNotice(t *testing.T) {
	t.Parallel()
	f := domain.NewFile(id1, "a", nil, nil, now)
	if _, err := f.Store(1, "", "", time.Hour, now); err != nil {
		t.Fatal(err)
	}
	first, again := f.Expiring(now), f.Expiring(later)
	at := f.ExpiresAt.Add(time.Hour)
	f.ExpiresAt = &at
	extended := f.Expiring(now)
	if first.IdempotencyKey != again.IdempotencyKey || first.IdempotencyKey == extended.IdempotencyKey {
		t.Errorf("%q, %q, %q", first.IdempotencyKey, again.IdempotencyKey, extended.IdempotencyKey)
	}
}

func TestHasBytes(t *testing.T) {
	t.Parallel()
	for status, want := range map[domain.FileStatus]bool{
		domain.FileUploading: false, domain.FileStored: true, domain.FileProcessed: true, domain.FileFailed: true, domain.FileDeleted: false,
	} {
		f := &domain.File{Status: status, StoredAt: &now}
		if f.HasBytes() != want {
			t.Errorf("%s: %t", status, f.HasBytes())
		}
		f.PurgedAt = &now
		if f.HasBytes() {
			t.Errorf("%s and purged", status)
		}
	}
	if (&domain.File{Status: domain.FileFailed}).HasBytes() {
		t.Error("failed while uploading: there never were any")
	}
}
