package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/joho/godotenv"

	"doorito/domain"
)

// Config is every setting of the program, read from the environment and from
// `.env`; `.env.example` documents each one.
type Config struct {
	DatabaseURL string // empty: SQLite under DataDir
	RedisURL    string // empty: the embedded queue
	DataDir     string
	ListenAddr  string
	BaseURL     string // empty: where it listens
	SecretKey   string // empty: made once under DataDir

	AdminEmail    string
	AdminPassword string

	Policy              domain.UploadPolicy
	ExpiryNotice        time.Duration
	CleanupUploadsHours int
	OutboxSweep         time.Duration
	OutboxRetention     time.Duration
	OutboxBatchSize     int
	AttemptRetention    time.Duration
	UploadBufferBudget  int64
	UploadSync          string        // SyncDurable or SyncNone
	SessionTTL          time.Duration // of an idle resumable upload
	CORSOrigins         []string      // whose pages may upload with a token
	Schedule            domain.RetrySchedule
	WebhookTimeout      time.Duration
	WebhookNetworks     []netip.Prefix
	WebhookPorts        []uint16
	WebhookRequireHTTPS bool
	TrustedProxies      []string
	MetricsToken        string
	APIRateLimit        int // requests a minute; 0: no limit
	ShutdownGrace       time.Duration
	HeaderTimeout       time.Duration // a request's header and a small body are here by then
	IdleTimeout         time.Duration // a body or a download that does not move is cut off

	S3Bucket, S3Endpoint, S3Region string
	S3AccessKey, S3SecretKey       string
	S3QuerystringAuth              bool
	S3QuerystringExpire            time.Duration

	LogFormat string
	LogLevel  slog.Level
}

// Values of UPLOAD_SYNC.
const (
	SyncDurable = "durable" // bytes on the disk before they are reported
	SyncNone    = "none"    // the kernel writes them when it likes
)

// Embedded tells whether a part of this process holds what others would need.
func (c *Config) Embedded() bool { return c.DatabaseURL == "" || c.RedisURL == "" }

// LoadConfig reads `.env` (variables that are set already win) and the
// environment. The error names each wrong variable, its value and what is
// allowed.
func LoadConfig() (*Config, error) {
	if err := godotenv.Load(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf(".env cannot be read: %w", err)
	}
	return readConfig(os.Getenv)
}

func readConfig(env func(string) string) (*Config, error) {
	s := &settings{env: env}
	c := &Config{
		DataDir:       s.text("DATA_DIR", "./data"),
		DatabaseURL:   s.schemes("DATABASE_URL", "postgres", "postgresql", "sqlite"),
		RedisURL:      s.schemes("REDIS_URL", "redis", "rediss", "redis-sentinel", "rediss-sentinel", "redis-cluster", "rediss-cluster"),
		ListenAddr:    s.address("LISTEN_ADDR", "127.0.0.1:8080"),
		SecretKey:     s.secret(),
		AdminEmail:    s.email("ADMIN_EMAIL", "admin@example.com"),
		AdminPassword: s.password("ADMIN_PASSWORD"),
		Policy: domain.UploadPolicy{
			MaxSize:      s.number("FILE_UPLOAD_MAX_SIZE", 5<<30, 1, 5<<40, "bytes"),
			AllowedTypes: s.types("FILE_UPLOAD_ALLOWED_TYPES"),
			TTL:          s.hours("FILE_UPLOAD_TTL_HOURS", 24, 0),
		},
		ExpiryNotice:        s.hours("FILE_UPLOAD_EXPIRY_NOTIFY_HOURS", 1, 0),
		CleanupUploadsHours: int(s.number("CLEANUP_UPLOADS_INTERVAL_HOURS", 6, 1, 24, "hours")),
		OutboxSweep:         time.Duration(s.number("OUTBOX_SWEEP_INTERVAL_MINUTES", 5, 1, 1440, "minutes")) * time.Minute,
		OutboxRetention:     s.hours("OUTBOX_RETENTION_HOURS", 168, 1),
		OutboxBatchSize:     int(s.number("OUTBOX_BATCH_SIZE", 20, 1, 1000, "events")),
		AttemptRetention:    time.Duration(s.number("ATTEMPT_RETENTION_DAYS", 30, 1, 3650, "days")) * 24 * time.Hour,
		SessionTTL:          s.hours("UPLOAD_SESSION_TTL_HOURS", 24, 1),
		CORSOrigins:         s.origins("CORS_ALLOWED_ORIGINS"),
		UploadBufferBudget:  s.number("UPLOAD_BUFFER_BUDGET", 256<<20, 16<<20, 64<<30, "bytes"),
		UploadSync:          s.oneOf("UPLOAD_SYNC", SyncDurable, SyncDurable, SyncNone),
		WebhookTimeout:      time.Duration(s.number("WEBHOOK_TIMEOUT_SECONDS", 20, 1, 300, "seconds")) * time.Second,
		WebhookNetworks:     s.networks("WEBHOOK_ALLOWED_NETWORKS"),
		WebhookPorts:        s.ports("WEBHOOK_ALLOWED_PORTS"),
		WebhookRequireHTTPS: s.flag("WEBHOOK_REQUIRE_HTTPS", false),
		MetricsToken:        s.env("METRICS_TOKEN"),
		APIRateLimit:        int(s.number("API_RATE_LIMIT", 600, 0, 1_000_000, "requests a minute")),
		ShutdownGrace:       time.Duration(s.number("SHUTDOWN_GRACE_SECONDS", 25, 1, 3600, "seconds")) * time.Second,
		HeaderTimeout:       time.Duration(s.number("HTTP_HEADER_TIMEOUT_SECONDS", 20, 1, 3600, "seconds")) * time.Second,
		IdleTimeout:         time.Duration(s.number("HTTP_IDLE_TIMEOUT_SECONDS", 60, 1, 3600, "seconds")) * time.Second,
		S3Bucket:            s.env("AWS_STORAGE_BUCKET_NAME"),
		S3Endpoint:          s.schemes("AWS_S3_ENDPOINT_URL", "http", "https"),
		S3Region:            s.text("AWS_S3_REGION_NAME", "us-east-1"),
		S3AccessKey:         s.env("AWS_ACCESS_KEY_ID"),
		S3SecretKey:         s.env("AWS_SECRET_ACCESS_KEY"),
		S3QuerystringAuth:   s.flag("AWS_QUERYSTRING_AUTH", true),
		S3QuerystringExpire: time.Duration(s.number("AWS_QUERYSTRING_EXPIRE", 3600, 1, 604800, "seconds")) * time.Second,
		LogFormat:           s.oneOf("LOG_FORMAT", "", "text", "json"),
		LogLevel:            s.level("LOG_LEVEL"),
	}
	for _, p := range s.networks("TRUSTED_PROXIES") {
		c.TrustedProxies = append(c.TrustedProxies, p.String())
	}
	c.BaseURL = s.baseURL()
	c.Schedule = s.schedule()
	s.flag("AWS_S3_FILE_OVERWRITE", false)
	if c.SecretKey == "" && c.DatabaseURL != "" {
		s.fail("SECRET_KEY", "", "required beside DATABASE_URL: %d or more random characters, the same for every process", domain.MinSecretKeyLength)
	}
	return c, errors.Join(s.errs...)
}

// databaseURL is what gormdb opens.
func (c *Config) databaseURL() string {
	if c.DatabaseURL != "" {
		return c.DatabaseURL
	}
	return "sqlite://" + filepath.Join(c.DataDir, "doorito.db")
}

// baseURL is BASE_URL, or http:// and where the portal listens.
func (c *Config) baseURL(listening string) string {
	if c.BaseURL != "" {
		return c.BaseURL
	}
	return "http://" + listening
}
