package services

// The environment variables by which make test tells test programs of the stack
// it has started. A variable that is set is trusted: what it names must answer.
const (
	EnvPostgresURL = "DOORITO_TEST_POSTGRES_URL"
	EnvRedisURL    = "DOORITO_TEST_REDIS_URL"
	EnvS3Endpoint  = "DOORITO_TEST_S3_ENDPOINT"
	EnvS3Key       = "DOORITO_TEST_S3_KEY"
	EnvS3Secret    = "DOORITO_TEST_S3_SECRET"
	EnvS3Bucket    = "DOORITO_TEST_S3_BUCKET"
	EnvChromium    = "DOORITO_TEST_CHROMIUM"

	// envS3Dir is the folder whose subfolders are the buckets.
	envS3Dir = "DOORITO_TEST_S3_DIR"
)

// Environ is the stack as NAME=value lines for another program's environment.
func (s *Stack) Environ() []string {
	var env []string
	set := func(name, value string) { env = append(env, name+"="+value) }
	if s.Postgres != nil {
		set(EnvPostgresURL, s.Postgres.URL)
	}
	if s.Redis != nil {
		set(EnvRedisURL, s.Redis.URL)
	}
	if s.S3 != nil {
		set(EnvS3Endpoint, s.S3.Endpoint)
		set(EnvS3Key, s.S3.AccessKey)
		set(EnvS3Secret, s.S3.SecretKey)
		set(EnvS3Bucket, s.S3.Bucket)
		set(envS3Dir, s.S3.dir)
	}
	if s.Chromium != "" {
		set(EnvChromium, s.Chromium)
	}
	return env
}
