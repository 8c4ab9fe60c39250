package world

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/netip"
	"os"
	"testing"
	"time"

	"doorito/adapters/argon2"
	"doorito/adapters/disk"
	"doorito/adapters/gormdb"
	"doorito/adapters/memory"
	"doorito/adapters/mimetype"
	"doorito/adapters/totp"
	"doorito/adapters/webhook"
	"doorito/app/accounts"
	"doorito/app/dashboard"
	"doorito/app/engine"
	"doorito/app/files"
	"doorito/app/sessions"
	"doorito/app/sharing"
	"doorito/app/upkeep"
	"doorito/app/webhooks"
	"doorito/domain"
	"doorito/e2e/services"
	"doorito/ports"
)

// World is one wired core.
type World struct {
	Clock *memory.Clock
	IDs   *memory.IDs
	Bell  *memory.Bell
	Tasks *memory.Tasks
	Blobs Storage
	Keys  *domain.Keyring
	Log   *slog.Logger
	DB    *gormdb.DB

	Sender     *webhook.Sender
	Courier    *engine.Courier
	Engine     *engine.Engine
	SignIn     *accounts.SignIn
	Users      *accounts.Users
	Tokens     *accounts.Tokens
	Uploads    *files.Uploads
	Files      *files.Files
	Batches    *files.Batches
	Archives   *files.Archives
	Shares     *sharing.Links
	Shared     *sharing.Shared
	Endpoints  *webhooks.Endpoints
	Deliveries *webhooks.Deliveries
	Replays    *webhooks.Replays
	Dashboard  *dashboard.Dashboard
	Sessions   *sessions.Sessions
	Upkeep     *upkeep.Upkeep

	Budget  int64 // of part buffers of the processes to come; S3 only
	url     string
	storage func(t testing.TB) Storage // for another process
}

// Storage keeps blobs, also those that arrive in pieces.
type Storage interface {
	ports.Blobs
	ports.Staging
	ports.Inventory
}

// BaseURL of links.
const BaseURL = "http://portal.test"

// Start is when every world's clock begins.
var Start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// Each runs a test on both databases, in parallel.
func Each(t *testing.T, test func(t *testing.T, w *World)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, New(t, SQLite(t)))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, New(t, Postgres(t)))
	})
}

// SQLite is a fresh migrated file.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite://" + services.SQLiteFrom(t, "world", func(path string) error { return migrate("sqlite://" + path) })
}

// Postgres is a fresh migrated database.
func Postgres(t testing.TB) string {
	t.Helper()
	return services.PostgresFrom(t, "world", migrate)
}

func migrate(url string) error {
	root, err := services.RepoRoot()
	if err != nil {
		return err
	}
	ctx := context.Background()
	db, err := gormdb.Open(ctx, gormdb.Config{URL: url, Logger: slog.New(slog.DiscardHandler), Clock: memory.NewClock(Start)})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Migrate(ctx, os.DirFS(root))
}

// New wires a world over a migrated database, with storage in memory.
func New(t testing.TB, url string) *World {
	t.Helper()
	w := bare(t, url)
	blobs := memory.NewBlobs(w.Clock)
	w.storage = func(testing.TB) Storage { return blobs }
	return w.wired(t)
}

func bare(t testing.TB, url string) *World {
	t.Helper()
	keys, err := domain.NewKeyring("a key for tests that is long enough to be one")
	if err != nil {
		t.Fatal(err)
	}
	clock := memory.NewClock(Start)
	return &World{
		Clock: clock, IDs: memory.NewIDs(clock), Bell: memory.NewBell(), Tasks: memory.NewTasks(),
		Keys: keys, Log: slog.New(slog.DiscardHandler), url: url,
	}
}

func (w *World) wired(t testing.TB) *World {
	t.Helper()
	w.DB, w.Blobs = w.open(t), w.storage(t)
	w.wire(t)
	return w
}

func (w *World) open(t testing.TB) *gormdb.DB {
	t.Helper()
	db, err := gormdb.Open(context.Background(), gormdb.Config{URL: w.url, Logger: w.Log, Bell: w.Bell.Ring, Clock: w.Clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// Another is a second process over the same database, storage, bell and clock.
func (w *World) Another(t testing.TB) *World {
	t.Helper()
	other := &World{
		Clock: w.Clock, IDs: w.IDs, Bell: w.Bell, Tasks: w.Tasks, Keys: w.Keys, Log: w.Log,
		Budget: w.Budget, url: w.url, storage: w.storage,
	}
	return other.wired(t)
}

func (w *World) wire(t testing.TB) {
	hasher := argon2.NewHasher(rand.Reader, 0)
	w.Sender = webhook.NewSender(webhook.Config{AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	w.Courier = &engine.Courier{
		Sender: w.Sender, Keys: w.Keys, Clock: w.Clock, IDs: w.IDs, Log: w.Log, BaseURL: BaseURL,
		Timeout: 5 * time.Second, Schedule: domain.DefaultRetrySchedule, Jitter: func() float64 { return 0 },
	}
	w.Engine = &engine.Engine{DB: w.DB, Courier: w.Courier, Bell: w.Bell, Clock: w.Clock, IDs: w.IDs, Log: w.Log, Batch: 20, Slots: 64, Grace: 5 * time.Second, Poll: engine.DefaultPoll, Tenures: disk.NewTenures(t.TempDir())}
	w.SignIn = &accounts.SignIn{DB: w.DB, Hasher: hasher, Clock: w.Clock, IDs: w.IDs, Random: rand.Reader, Keys: w.Keys, Codes: totp.NewCodes(rand.Reader)}
	w.Users = &accounts.Users{DB: w.DB, Hasher: hasher, Clock: w.Clock, IDs: w.IDs, Random: rand.Reader}
	w.Tokens = &accounts.Tokens{DB: w.DB, Clock: w.Clock, IDs: w.IDs, Random: rand.Reader}
	w.Uploads = &files.Uploads{
		DB: w.DB, Blobs: w.Blobs, Sniffer: mimetype.NewSniffer(), Clock: w.Clock, IDs: w.IDs, Log: w.Log,
		Limits: domain.UploadPolicy{MaxSize: 1 << 20, TTL: 24 * time.Hour},
	}
	w.Files = &files.Files{DB: w.DB, Blobs: w.Blobs, Keys: w.Keys, Clock: w.Clock, IDs: w.IDs, Log: w.Log, BaseURL: BaseURL}
	w.Batches = &files.Batches{DB: w.DB}
	w.Archives = &files.Archives{DB: w.DB, Blobs: w.Blobs, Log: w.Log}
	w.Shares = &sharing.Links{DB: w.DB, Hasher: hasher, Clock: w.Clock, IDs: w.IDs, Random: rand.Reader}
	w.Shared = &sharing.Shared{DB: w.DB, Files: w.Files, Archives: w.Archives, Previews: &files.Previews{Files: w.Files, Sniffer: mimetype.NewSniffer()}, Hasher: hasher, Keys: w.Keys, Clock: w.Clock, IDs: w.IDs, Random: rand.Reader}
	w.Endpoints = &webhooks.Endpoints{
		DB: w.DB, Stats: w.DB.Stats(), Courier: w.Courier, Keys: w.Keys, Clock: w.Clock, IDs: w.IDs, Random: rand.Reader, Log: w.Log,
	}
	w.Deliveries = &webhooks.Deliveries{DB: w.DB, Stats: w.DB.Stats(), Courier: w.Courier, Clock: w.Clock, IDs: w.IDs}
	w.Replays = &webhooks.Replays{DB: w.DB, Clock: w.Clock, IDs: w.IDs, Log: w.Log}
	w.Dashboard = &dashboard.Dashboard{DB: w.DB, Stats: w.DB.Stats(), Charts: w.DB.Charts(), Clock: w.Clock}
	w.Sessions = &sessions.Sessions{
		DB: w.DB, Blobs: w.Blobs, Staging: w.Blobs, Sniffer: mimetype.NewSniffer(), Clock: w.Clock, IDs: w.IDs, Log: w.Log,
		Limits: domain.UploadPolicy{MaxSize: 64 << 20, TTL: 24 * time.Hour}, TTL: 24 * time.Hour,
	}
	w.Upkeep = &upkeep.Upkeep{
		DB: w.DB, Blobs: w.Blobs, Engine: w.Engine, Clock: w.Clock, IDs: w.IDs, Log: w.Log, Sessions: w.Sessions,
		Inventory: w.Blobs, Staging: w.Blobs, Figures: w.DB.Figures(),
		OutboxRetention: 168 * time.Hour, AttemptRetention: 30 * 24 * time.Hour, ExpiryNotice: time.Hour, NoticeInterval: time.Hour,
	}
}
