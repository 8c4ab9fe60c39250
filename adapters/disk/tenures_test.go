package disk_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/disk"
)

// A tenure is held until its process ends it or dies: only what a dead process
// leaves, a file without a lock, has ended.
func TestTenuresEndWithTheirProcess(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "workers")
	one, other := disk.NewTenures(dir), disk.NewTenures(dir)
	wantEnded(t, other)
	alive, done, dead, born := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	if _, err := one.Begin(alive); err != nil {
		t.Fatal(err)
	}
	end, err := one.Begin(done)
	if err != nil {
		t.Fatal(err)
	}
	end()
	end()
	leave(t, dir, dead, "held")
	leave(t, dir, born, "") // not locked yet
	if _, err := one.Begin(alive); err == nil {
		t.Error("a tenure began twice")
	}
	for _, tenures := range []*disk.Tenures{one, other, disk.NewTenures(dir)} {
		wantEnded(t, tenures, dead)
	}

	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(dir, born.String()), long, long); err != nil {
		t.Fatal(err)
	}
	wantEnded(t, other, dead, born)
	for range 2 {
		if err := other.Forget(dead); err != nil {
			t.Error(err)
		}
	}
	wantEnded(t, one, born)
}

func leave(t *testing.T, dir string, id uuid.UUID, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, id.String()), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantEnded(t *testing.T, tenures *disk.Tenures, want ...uuid.UUID) {
	t.Helper()
	got, err := tenures.Ended()
	if err != nil || len(got) != len(want) {
		t.Errorf("ended: %v, %v; want %v", got, err, want)
	}
	for _, id := range want {
		if !slices.Contains(got, id) {
			t.Errorf("ended: %v; want %v", got, want)
		}
	}
}
