package disk_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"doorito/adapters/disk"
	"doorito/ports/portstest"
)

// What a process leaves that dies is a file without a lock.
func TestTenures(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "workers")
	portstest.Tenures(t, disk.NewTenures(dir), func(t *testing.T, id uuid.UUID) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, id.String()), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	})
}
