package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"doorito/domain"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestDefaultsAreThoseOfTheSpecification(t *testing.T) {
	t.Parallel()
	c, err := readConfig(env(nil))
	if err != nil {
		t.Fatal(err)
	}
	if c.Policy.MaxSize != 5<<30 || c.Policy.TTL != 24*time.Hour || c.ExpiryNotice != time.Hour || c.OutboxBatchSize != 20 ||
		c.OutboxRetention != 168*time.Hour || c.WebhookTimeout != 20*time.Second || len(c.Schedule) != 10 ||
		c.UploadBufferBudget != 256<<20 || c.UploadSync != SyncDurable || !c.S3QuerystringAuth || c.AdminEmail != "admin@example.com" || c.APIRateLimit != 600 || c.ListenAddr != "127.0.0.1:8080" {
		t.Errorf("%+v", c)
	}
}

func TestAWrongSettingNamesVariableValueAndWhatIsAllowed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ value, allowed string }{
		"FILE_UPLOAD_MAX_SIZE":            {"5G", "bytes"},
		"FILE_UPLOAD_TTL_HOURS":           {"-1", "hours"},
		"FILE_UPLOAD_ALLOWED_TYPES":       {"pdf", "MIME types"},
		"FILE_UPLOAD_EXPIRY_NOTIFY_HOURS": {"soon", "hours"},
		"CLEANUP_UPLOADS_INTERVAL_HOURS":  {"0", "1 to 24"},
		"OUTBOX_SWEEP_INTERVAL_MINUTES":   {"0", "minutes"},
		"OUTBOX_RETENTION_HOURS":          {"0", "hours"},
		"OUTBOX_BATCH_SIZE":               {"0", "1 to 1000"},
		"OUTBOX_MAX_ATTEMPTS":             {"99", "attempts"},
		"ATTEMPT_RETENTION_DAYS":          {"x", "days"},
		"UPLOAD_BUFFER_BUDGET":            {"1", "bytes"},
		"UPLOAD_SYNC":                     {"sometimes", "durable or none"},
		"UPLOAD_SESSION_TTL_HOURS":        {"0", "hours"},
		"CORS_ALLOWED_ORIGINS":            {"app.example.com", "origins"},
		"WEBHOOK_TIMEOUT_SECONDS":         {"301", "seconds"},
		"WEBHOOK_RETRY_SCHEDULE":          {"0s,soon", "waits"},
		"WEBHOOK_ALLOWED_NETWORKS":        {"10.0.0.0", "networks"},
		"WEBHOOK_ALLOWED_PORTS":           {"0", "port"},
		"WEBHOOK_REQUIRE_HTTPS":           {"perhaps", "true or false"},
		"TRUSTED_PROXIES":                 {"proxy", "networks"},
		"AWS_QUERYSTRING_AUTH":            {"2", "true or false"},
		"AWS_QUERYSTRING_EXPIRE":          {"0", "seconds"},
		"AWS_S3_FILE_OVERWRITE":           {"no way", "true or false"},
		"AWS_S3_ENDPOINT_URL":             {"s3.example.com", "http://"},
		"LISTEN_ADDR":                     {"8080", "HOST:PORT"},
		"BASE_URL":                        {"portal.example.com", "http://"},
		"DATABASE_URL":                    {"mysql://x", "postgres://"},
		"REDIS_URL":                       {"localhost:6379", "redis://"},
		"ADMIN_EMAIL":                     {"nobody", "an email"},
		"ADMIN_PASSWORD":                  {"short", "characters"},
		"SECRET_KEY":                      {"short", "characters"},
		"LOG_FORMAT":                      {"xml", "json"},
		"LOG_LEVEL":                       {"loud", "debug"},
		"SHUTDOWN_GRACE_SECONDS":          {"0", "seconds"},
		"API_RATE_LIMIT":                  {"-1", "requests a minute"},
	} {
		_, err := readConfig(env(map[string]string{name: c.value}))
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), c.allowed) {
			t.Errorf("%s=%s: %v", name, c.value, err)
		}
		secret := strings.HasSuffix(name, "_URL") && strings.Contains(name, "D") || strings.Contains(name, "PASSWORD") || name == "SECRET_KEY"
		if err != nil && !secret && !strings.Contains(err.Error(), c.value) && !strings.Contains(c.value, ",") {
			t.Errorf("%s=%s: the value is not named: %v", name, c.value, err)
		}
	}
}

func TestSecretsAreNotNamedInErrors(t *testing.T) {
	t.Parallel()
	_, err := readConfig(env(map[string]string{"DATABASE_URL": "mysql://u:hunter2@h/db", "SECRET_KEY": "hunter2", "ADMIN_PASSWORD": "hunter2"}))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

func TestProductionNeedsASecretKey(t *testing.T) {
	t.Parallel()
	if _, err := readConfig(env(map[string]string{"DATABASE_URL": "postgres://u@h/db"})); err == nil || !strings.Contains(err.Error(), "SECRET_KEY") {
		t.Errorf("%v", err)
	}
}

func TestMaxAttemptsStretchesOrCutsTheSchedule(t *testing.T) {
	t.Parallel()
	for n, last := range map[string]time.Duration{"3": 5 * time.Minute, "12": 24 * time.Hour} {
		c, err := readConfig(env(map[string]string{"OUTBOX_MAX_ATTEMPTS": n}))
		if err != nil || c.Schedule[len(c.Schedule)-1] != last {
			t.Errorf("%s: %v, %v", n, c.Schedule, err)
		}
	}
}

// TestEveryVariableIsDocumented reads the names from the code: a new setting
// without its line in .env.example fails.
func TestEveryVariableIsDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile(".env.example")
	if err != nil {
		t.Fatal(err)
	}
	var code []byte
	for _, f := range []string{"config.go", "settings.go"} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		code = append(code, b...)
	}
	names := regexp.MustCompile(`"([A-Z][A-Z0-9]*_[A-Z0-9_]+)"`).FindAllStringSubmatch(string(code), -1)
	if len(names) < 30 {
		t.Fatalf("only %d settings found", len(names))
	}
	for _, m := range names {
		if !regexp.MustCompile(`(?m)^` + m[1] + `=`).Match(doc) {
			t.Errorf("%s is not in .env.example", m[1])
		}
	}
}

func TestTheSecretKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "secret_key")
	keys := make(chan string, 8)
	for range cap(keys) {
		go func() {
			k, err := ownSecretKey(path)
			if err != nil {
				t.Error(err)
			}
			keys <- k
		}()
	}
	first := <-keys
	for range cap(keys) - 1 {
		if k := <-keys; k != first || len(k) < domain.MinSecretKeyLength {
			t.Errorf("two keys: %q and %q", first, k)
		}
	}
}
