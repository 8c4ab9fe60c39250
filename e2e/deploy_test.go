package e2e

import (
	"testing"

	"doorito/e2e/portal"
	"doorito/e2e/services"
)

// deployment is a running portal in one of its two forms.
type deployment struct {
	*portal.Portal // where pages and API are
	worker         *portal.Portal
	redis          *services.TestRedis // nil when embedded
	embedded       bool
}

// inBothForms runs a test embedded (SQLite, queue in the process, a folder) and
// as in production (web, worker and scheduler over PostgreSQL, Redis and S3).
func inBothForms(t *testing.T, test func(t *testing.T, d *deployment), env ...string) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		p := portal.MustStart(t, portal.Options{Env: env})
		test(t, &deployment{Portal: p, worker: p, embedded: true})
	})
	t.Run("production", func(t *testing.T) {
		t.Parallel()
		test(t, production(t, env...))
	})
}

// production puts up web, worker and scheduler.
func production(t *testing.T, env ...string) *deployment {
	t.Helper()
	red, s3 := services.Redis(t), services.S3(t)
	env = append([]string{
		"DATABASE_URL=" + services.Postgres(t), "REDIS_URL=" + red.URL,
		"AWS_STORAGE_BUCKET_NAME=" + s3.Bucket, "AWS_S3_ENDPOINT_URL=" + s3.Endpoint, "AWS_S3_REGION_NAME=" + s3.Region,
		"AWS_ACCESS_KEY_ID=" + s3.AccessKey, "AWS_SECRET_ACCESS_KEY=" + s3.SecretKey,
	}, env...)
	web := portal.MustStart(t, portal.Options{Role: "web", Env: env})
	// Links in webhooks come from the worker: they must lead to the web process.
	back := append(env, "BASE_URL="+web.URL)
	worker := portal.MustStart(t, portal.Options{Role: "worker", Env: back})
	portal.MustStart(t, portal.Options{Role: "scheduler", Env: back})
	return &deployment{Portal: web, worker: worker, redis: red}
}
