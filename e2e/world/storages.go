package world

import (
	"context"
	"testing"

	"doorito/adapters/disk"
	"doorito/adapters/s3"
	"doorito/e2e/services"
)

// A database and a storage by name.
type pair struct {
	database string
	fresh    func(testing.TB) string
	storage  string
	wire     func(t testing.TB, url string) *World
}

var pairs = []pair{
	{"sqlite", SQLite, "disk", NewOnDisk}, // the embedded form
	{"postgres", Postgres, "s3", NewOnS3}, // the production form
	{"postgres", Postgres, "memory", New}, // which forgets what no checkpoint made durable
	{"sqlite", SQLite, "s3", NewOnS3},
	{"postgres", Postgres, "disk", NewOnDisk},
	{"sqlite", SQLite, "memory", New},
}

// EachStaged runs a test on three pairs that have every database and every
// storage among them.
func EachStaged(t *testing.T, test func(t *testing.T, w *World)) {
	t.Helper()
	onPairs(t, pairs[:3], test)
}

// Everywhere runs a test on every database with every storage.
func Everywhere(t *testing.T, test func(t *testing.T, w *World)) {
	t.Helper()
	onPairs(t, pairs, test)
}

func onPairs(t *testing.T, on []pair, test func(t *testing.T, w *World)) {
	t.Helper()
	for _, p := range on {
		t.Run(p.database+" and "+p.storage, func(t *testing.T) {
			t.Parallel()
			test(t, p.wire(t, p.fresh(t)))
		})
	}
}

// NewOnDisk is New with storage in a folder.
func NewOnDisk(t testing.TB, url string) *World {
	t.Helper()
	w, folder := bare(t, url), t.TempDir()
	w.storage = func(t testing.TB) Storage {
		t.Helper()
		blobs, err := disk.New(folder)
		if err != nil {
			t.Fatal(err)
		}
		return blobs
	}
	return w.wired(t)
}

// NewOnS3 is New with storage in a bucket. Each process has a budget of its
// own, as large as Budget.
func NewOnS3(t testing.TB, url string) *World {
	t.Helper()
	w, srv := bare(t, url), services.S3(t)
	w.Budget = 256 << 20
	w.storage = func(t testing.TB) Storage {
		t.Helper()
		blobs, err := s3.New(context.Background(), s3.Config{
			Bucket: srv.Bucket, Endpoint: srv.Endpoint, Region: srv.Region, AccessKey: srv.AccessKey, SecretKey: srv.SecretKey,
			PathStyle: true, QuerystringAuth: true, Budget: s3.NewBudget(w.Budget),
		})
		if err != nil {
			t.Fatal(err)
		}
		return blobs
	}
	return w.wired(t)
}

// OnS3 tells a world whose storage is a bucket.
func (w *World) OnS3() bool { return w.Budget > 0 }
