package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"doorito/adapters/argon2"
	"doorito/adapters/cli"
	"doorito/adapters/disk"
	"doorito/adapters/gormdb"
	"doorito/adapters/s3"
	"doorito/adapters/system"
	"doorito/adapters/totp"
	"doorito/adapters/webhook"
	"doorito/adapters/worker"
	"doorito/app/accounts"
	"doorito/app/engine"
	"doorito/app/stream"
	"doorito/app/upkeep"
	"doorito/app/webhooks"
	"doorito/domain"
	"doorito/ports"
)

// wiring plugs adapters into use cases; it alone knows which.
type wiring struct {
	cfg *Config
	log *slog.Logger
	out io.Writer

	clock  system.Clock
	ids    system.IDs
	keys   *domain.Keyring
	db     *gormdb.DB
	queue  *queue
	folder *disk.Blobs // nil with S3
	budget *s3.Budget  // of part buffers; nil on disk
	hasher *argon2.Hasher
}

// openCore is what short commands need: the database, and the bell when there
// is a Redis to ring it through (an embedded portal that runs beside looks by
// itself within a second).
func (w *wiring) openCore(ctx context.Context) (*cli.Core, error) {
	if err := w.openKeys(); err != nil {
		return nil, err
	}
	var bell ports.Bell
	var tasks ports.Tasks
	if w.cfg.RedisURL != "" {
		var err error
		if w.queue, err = openQueue(w.cfg.RedisURL, w.clock, w.log); err != nil {
			return nil, err
		}
		bell, tasks = w.queue.bell, w.queue.tasks
	}
	if err := w.openDatabase(ctx, bell); err != nil {
		w.close()
		return nil, err
	}
	sender := w.sender()
	endpoints := w.endpoints(w.courier(sender, w.cfg.baseURL(w.cfg.ListenAddr)))
	return &cli.Core{
		Users:     w.users(),
		Accounts:  &accounts.Accounts{Users: w.users()},
		Tokens:    w.tokens(),
		Endpoints: endpoints, Keys: endpoints, Reseal: endpoints, Replays: w.replays(),
		Schedules: w.schedules(tasks),
		Storage:   storageCheck{w},
		Factors:   w.secondFactor(),
		Close:     func() { sender.Close(); w.close() },
	}, nil
}

func (w *wiring) close() {
	if w.folder != nil {
		if err := w.folder.Close(); err != nil {
			w.log.Error("the storage did not close well; the next start looks after it", "error", err)
		}
	}
	if w.db != nil {
		_ = w.db.Close()
	}
	if w.queue != nil {
		_ = w.queue.close()
	}
}

// openDatabase opens and migrates: every command finds the schema it expects.
func (w *wiring) openDatabase(ctx context.Context, bell ports.Bell) error {
	c := gormdb.Config{URL: w.cfg.databaseURL(), Logger: w.log, Clock: w.clock}
	if bell != nil {
		c.Bell = bell.Ring
	}
	var err error
	if w.db, err = gormdb.Open(ctx, c); err != nil {
		return err
	}
	return w.db.Migrate(ctx, assets)
}

// openKeys reads SECRET_KEY, or the file under DATA_DIR, making it once.
func (w *wiring) openKeys() error {
	text := w.cfg.SecretKey
	if text == "" {
		var err error
		if text, err = ownSecretKey(filepath.Join(w.cfg.DataDir, "secret_key")); err != nil {
			return err
		}
	}
	var err error
	w.keys, err = domain.NewKeyring(text)
	return err
}

// ownSecretKey returns the key in the file; the first caller makes it. Two
// processes that start at once agree: the link to the final name is made once.
func ownSecretKey(path string) (string, error) {
	if b, err := os.ReadFile(path); err == nil {
		return string(b), nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	key, err := domain.RandomText(rand.Reader, 48)
	if err != nil {
		return "", err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".secret_key-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.WriteString(key); err != nil {
		return "", err
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return "", err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	b, err := os.ReadFile(path)
	return string(b), err
}

// storage keeps whole blobs, and blobs that arrive in pieces.
type storage interface {
	ports.Blobs
	ports.Staging
	ports.Inventory
}

// besideBuffers is what the process may use beside UPLOAD_BUFFER_BUDGET before
// the collector works harder. Without a limit it would let garbage grow to the
// size of the buffers that are in use. GOMEMLIMIT overrides it.
const besideBuffers = 48 << 20

func (w *wiring) openBlobs(ctx context.Context) (storage, error) {
	c := w.cfg
	if c.S3Bucket == "" {
		how := []disk.Option{disk.WithLog(w.log)}
		if c.UploadSync == SyncNone {
			how = append(how, disk.WithoutSync())
		}
		var err error
		w.folder, err = disk.New(filepath.Join(c.DataDir, "files"), how...)
		return w.folder, err
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(c.UploadBufferBudget + besideBuffers)
	}
	w.budget = s3.NewBudget(c.UploadBufferBudget)
	w.budget.Beside = stream.Held
	return s3.New(ctx, s3.Config{
		Bucket: c.S3Bucket, Endpoint: c.S3Endpoint, Region: c.S3Region, AccessKey: c.S3AccessKey, SecretKey: c.S3SecretKey,
		PathStyle: c.S3Endpoint != "", QuerystringAuth: c.S3QuerystringAuth, QuerystringExpire: c.S3QuerystringExpire,
		Budget: w.budget,
	})
}

func (w *wiring) sender() *webhook.Sender {
	return webhook.NewSender(webhook.Config{
		AllowedNetworks: w.cfg.WebhookNetworks, AllowedPorts: w.cfg.WebhookPorts, RequireHTTPS: w.cfg.WebhookRequireHTTPS, UserAgent: "Doorito/" + version,
	})
}

func (w *wiring) courier(sender ports.Sender, baseURL string) *engine.Courier {
	return &engine.Courier{
		Sender: sender, Keys: w.keys, Clock: w.clock, IDs: w.ids, Log: w.log, BaseURL: baseURL,
		Timeout: w.cfg.WebhookTimeout, Schedule: w.cfg.Schedule,
		Jitter: func() float64 { return mathrand.Float64()*2 - 1 },
	}
}

func (w *wiring) users() *accounts.Users {
	return &accounts.Users{DB: w.db, Hasher: w.hasher, Clock: w.clock, IDs: w.ids, Random: rand.Reader}
}

func (w *wiring) secondFactor() *accounts.SecondFactor {
	return &accounts.SecondFactor{Profile: &accounts.Profile{Users: w.users()}, Keys: w.keys, Codes: totp.NewCodes(rand.Reader)}
}

func (w *wiring) tokens() *accounts.Tokens {
	return &accounts.Tokens{DB: w.db, Clock: w.clock, IDs: w.ids, Random: rand.Reader}
}

func (w *wiring) endpoints(courier *engine.Courier) *webhooks.Endpoints {
	return &webhooks.Endpoints{
		DB: w.db, Stats: w.db.Stats(), Courier: courier, Keys: w.keys, Clock: w.clock, IDs: w.ids,
		Random: rand.Reader, Log: w.log, RequireHTTPS: w.cfg.WebhookRequireHTTPS,
	}
}

func (w *wiring) replays() *webhooks.Replays {
	return &webhooks.Replays{DB: w.db, Clock: w.clock, IDs: w.ids, Log: w.log}
}

func (w *wiring) schedules(tasks ports.Tasks) *upkeep.Schedules {
	return &upkeep.Schedules{DB: w.db, Tasks: tasks, Cron: worker.NewCron(), Clock: w.clock, IDs: w.ids, Log: w.log}
}

func (w *wiring) migrate(ctx context.Context) ([]string, error) {
	before, err := w.migrationStatus(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.openDatabase(ctx, nil); err != nil {
		return nil, err
	}
	defer w.close()
	var names []string
	for _, m := range before {
		if !m.Applied {
			names = append(names, m.Name)
		}
	}
	return names, nil
}

func (w *wiring) migrationStatus(ctx context.Context) ([]cli.Migration, error) {
	db, err := gormdb.Open(ctx, gormdb.Config{URL: w.cfg.databaseURL(), Logger: w.log, Clock: w.clock})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	ms, err := db.MigrationStatus(ctx, assets)
	if err != nil {
		return nil, err
	}
	out := make([]cli.Migration, len(ms))
	for i, m := range ms {
		out[i] = cli.Migration{Name: m.Name, Applied: !m.AppliedAt.IsZero()}
	}
	return out, nil
}

func (w *wiring) doctor(ctx context.Context) ([]cli.Check, error) {
	checks := []cli.Check{}
	db, err := gormdb.Open(ctx, gormdb.Config{URL: w.cfg.databaseURL(), Logger: w.log, Clock: w.clock})
	var clock error
	if err == nil {
		clock = checkClock(ctx, db)
		err = db.Close()
	}
	checks = append(checks, cli.Check{Name: "database", Note: kindOf(w.cfg.DatabaseURL, "SQLite under DATA_DIR"), Err: err},
		cli.Check{Name: "clock", Note: "the database's is this machine's", Err: clock})
	if w.cfg.RedisURL != "" {
		q, err := openQueue(w.cfg.RedisURL, w.clock, w.log)
		if err == nil {
			err = errors.Join(q.ping(ctx), q.close())
		}
		checks = append(checks, cli.Check{Name: "queue", Note: kindOf(w.cfg.RedisURL, ""), Err: err})
	}
	blobs, err := w.openBlobs(ctx)
	if err == nil {
		err = blobs.Ping(ctx)
	}
	checks = append(checks, cli.Check{Name: "storage", Note: kindOf(w.cfg.S3Bucket, "a folder under DATA_DIR"), Err: err})
	if w.cfg.BaseURL != "" {
		checks = append(checks, cli.AskPortal(ctx, w.cfg.BaseURL)...)
	}
	return checks, nil
}

func checkClock(ctx context.Context, db *gormdb.DB) error {
	before := time.Now()
	theirs, err := db.Now(ctx)
	if err != nil {
		return err
	}
	return cli.CheckClock("database", theirs, before, time.Now())
}

// kindOf names a setting's kind without its secrets.
func kindOf(value, embedded string) string {
	if value == "" {
		return embedded
	}
	for i := range len(value) {
		if value[i] == ':' {
			return value[:i]
		}
	}
	return value
}

// storageCheck opens the storage for the one command that needs it.
type storageCheck struct{ w *wiring }

// CheckStorage implements usecase.StorageCheck.
func (s storageCheck) CheckStorage(ctx context.Context, a domain.Actor, repair bool) (*domain.StorageReport, error) {
	blobs, err := s.w.openBlobs(ctx)
	if err != nil {
		return nil, err
	}
	u := &upkeep.Upkeep{DB: s.w.db, Blobs: blobs, Inventory: blobs, Staging: blobs, Clock: s.w.clock, IDs: s.w.ids, Log: s.w.log}
	return u.CheckStorage(ctx, a, repair)
}
