package services_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"doorito/e2e/services"
)

func run(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	run(t, services.Postgres(t), "CREATE TABLE mine (id int)")
	run(t, services.Postgres(t), "CREATE TABLE mine (id int)")
}

func TestADatabaseIsDroppedWithItsTestEvenWhileConnected(t *testing.T) {
	t.Parallel()
	var database string
	t.Run("a test that leaks its connection", func(t *testing.T) {
		database = services.Postgres(t)
		conn, err := pgx.Connect(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
	})
	conn, err := pgx.Connect(t.Context(), database)
	if err == nil {
		_ = conn.Close(t.Context())
		t.Fatal("the database is still there")
	}
}

func TestATemplateIsMigratedOnceAndCopied(t *testing.T) {
	t.Parallel()
	var migrated atomic.Int32
	migrate := func(url string) error {
		migrated.Add(1)
		run(t, url, "CREATE TABLE seeded (id int)", "INSERT INTO seeded VALUES (7)")
		return nil
	}
	for range 3 {
		run(t, services.PostgresFrom(t, "Copied-Once", migrate), "UPDATE seeded SET id = 8 WHERE id = 7", "ALTER TABLE seeded ADD mine int")
	}
	if n := migrated.Load(); n != 1 {
		t.Fatalf("migrated %d times", n)
	}
}

func TestRedisStopsStartsAndEmpties(t *testing.T) {
	t.Parallel()
	server := services.Redis(t)
	options, err := redis.ParseURL(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	options.MaxRetries = -1
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	ctx := t.Context()

	set := func() {
		t.Helper()
		if err := client.Set(ctx, "k", "v", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	gone := func() {
		t.Helper()
		if err := client.Get(ctx, "k").Err(); !errors.Is(err, redis.Nil) {
			t.Fatalf("the key is still there: %v", err)
		}
	}
	set()
	server.FlushAll()
	gone()
	set()
	server.Stop()
	if err := client.Ping(ctx).Err(); err == nil {
		t.Fatal("a stopped Redis answers")
	}
	server.Start()
	gone()
}

func s3Client(endpoint, key, secret string) *s3.Client {
	return s3.New(s3.Options{BaseEndpoint: aws.String(endpoint), Region: "us-east-1", UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, "")})
}

func TestEachTestHasABucketOfItsOwn(t *testing.T) {
	t.Parallel()
	first, second := services.S3(t), services.S3(t)
	client := s3Client(first.Endpoint, first.AccessKey, first.SecretKey)
	_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &first.Bucket, Key: aws.String("a/b"), Body: strings.NewReader("bytes")})
	if err != nil {
		t.Fatal(err)
	}
	for bucket, want := range map[string]int{first.Bucket: 1, second.Bucket: 0} {
		list, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Contents) != want {
			t.Errorf("bucket %s holds %d objects, want %d", bucket, len(list.Contents), want)
		}
	}
	get, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &first.Bucket, Key: aws.String("a/b")})
	if err != nil {
		t.Fatal(err)
	}
	defer get.Body.Close()
	if text, err := io.ReadAll(get.Body); string(text) != "bytes" || err != nil {
		t.Fatalf("read back %q, %v", text, err)
	}
}

func TestABrowserOpensAPage(t *testing.T) {
	t.Parallel()
	browser := rod.New().ControlURL(services.Browser(t)).Context(t.Context())
	if err := browser.Connect(); err != nil {
		t.Fatal(err)
	}
	page, err := browser.Timeout(20 * time.Second).Page(proto.TargetCreateTarget{URL: "data:text/html,<title>it lives</title>"})
	if err != nil {
		t.Fatal(err)
	}
	if err := page.WaitLoad(); err != nil {
		t.Fatal(err)
	}
	info, err := page.Info()
	if err != nil || info.Title != "it lives" {
		t.Fatalf("page %+v, %v", info, err)
	}
}

func TestAPrivateStackBreaksAndComesBackOnTheSameAddress(t *testing.T) {
	t.Parallel()
	stack := services.Private(t, services.WantPostgres, services.WantS3, services.FsyncOn)
	run(t, stack.Postgres.URL, "CREATE TABLE kept (id int)", "INSERT INTO kept VALUES (1)")
	stack.Postgres.Kill()
	refuses(t, stack.Postgres.URL)
	if err := stack.Postgres.Start(); err != nil {
		t.Fatal(err)
	}
	run(t, stack.Postgres.URL, "DROP TABLE kept")

	stack.S3.Stop()
	refuses(t, stack.S3.Endpoint)
	if err := stack.S3.Start(); err != nil {
		t.Fatal(err)
	}
	client := s3Client(stack.S3.Endpoint, stack.S3.AccessKey, stack.S3.SecretKey)
	if _, err := client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: &stack.S3.Bucket}); err != nil {
		t.Fatal(err)
	}
}

func TestAnonymousRequestsToS3AreRefused(t *testing.T) {
	t.Parallel()
	bucket := services.S3(t)
	answer, err := http.Get(bucket.Endpoint + "/" + bucket.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Fatalf("answered %s", answer.Status)
	}
}

func TestClientLibrariesOfTheTestsAreInstalled(t *testing.T) {
	t.Parallel()
	dir := services.NodeModules(t)
	for _, name := range []string{"axe-core/axe.min.js", "tus-js-client/package.json"} {
		if _, err := os.Stat(dir + "/" + name); err != nil {
			t.Error(err)
		}
	}
	if services.Node(t) == "" {
		t.Error("no node")
	}
}

// refuses checks that nobody listens at the address of a URL.
func refuses(t *testing.T, raw string) {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if conn, err := net.DialTimeout("tcp", u.Host, time.Second); err == nil {
		_ = conn.Close()
		t.Fatalf("%s still listens", u.Host)
	}
}
