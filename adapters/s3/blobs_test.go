package s3_test

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"doorito/adapters/s3"
	"doorito/domain"
	"doorito/e2e/services"
	"doorito/ports"
	"doorito/ports/portstest"
)

func settings(srv services.TestS3) s3.Config {
	return s3.Config{Bucket: srv.Bucket, Endpoint: srv.Endpoint, Region: srv.Region, AccessKey: srv.AccessKey,
		SecretKey: srv.SecretKey, PathStyle: true, QuerystringAuth: true}
}

func mustNew(t *testing.T, c s3.Config) *s3.Blobs {
	t.Helper()
	b, err := s3.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	budget := s3.NewBudget(128 << 20)
	t.Run("suite", func(t *testing.T) {
		t.Parallel()
		portstest.Blobs(t, func(t *testing.T) ports.Blobs {
			c := settings(services.S3(t))
			c.Budget = budget
			return mustNew(t, c)
		})
	})
	t.Cleanup(func() {
		if n := budget.Used(); n != 0 {
			t.Errorf("%d bytes are still charged", n)
		}
	})
}

// bucket looks into a bucket from outside.
type bucket struct {
	client *awss3.Client
	name   string
}

func look(srv services.TestS3) bucket {
	return bucket{awss3.New(awss3.Options{BaseEndpoint: aws.String(srv.Endpoint), Region: srv.Region, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(srv.AccessKey, srv.SecretKey, "")}), srv.Bucket}
}

// has returns how many objects and unfinished uploads there are.
func (b bucket) has(t *testing.T) (objects, uploads int) {
	t.Helper()
	list, err := b.client.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: &b.name})
	if err != nil {
		t.Fatal(err)
	}
	ups, err := b.client.ListMultipartUploads(t.Context(), &awss3.ListMultipartUploadsInput{Bucket: &b.name})
	if err != nil {
		t.Fatal(err)
	}
	return len(list.Contents), len(ups.Uploads)
}

func (b bucket) want(t *testing.T, objects, uploads int) {
	t.Helper()
	if o, u := b.has(t); o != objects || u != uploads {
		t.Fatalf("the bucket has %d objects and %d uploads, want %d and %d", o, u, objects, uploads)
	}
}

func begin(t *testing.T, b *s3.Blobs, key string, n int) ports.BlobWriter {
	t.Helper()
	w, err := b.Create(t.Context(), key, -1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(portstest.Bytes(n)); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAbortAndDeleteLeaveNothingInTheBucket(t *testing.T) {
	t.Parallel()
	srv := services.S3(t)
	b, in := mustNew(t, settings(srv)), look(srv)
	w := begin(t, b, "a/aborted", 20<<20)
	begin(t, b, "a/left", 20<<20)
	other := begin(t, b, "a/left-not", 20<<20)
	in.want(t, 0, 3)
	if err := w.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}
	in.want(t, 0, 2)
	// As after a crash: another process deletes what this one left.
	if err := mustNew(t, settings(srv)).Delete(t.Context(), "a/left"); err != nil {
		t.Fatal(err)
	}
	in.want(t, 0, 1)
	if err := other.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	in.want(t, 1, 0)
}

func TestObjectsAreOctetStreamsAndAttachments(t *testing.T) {
	t.Parallel()
	srv := services.S3(t)
	b, in := mustNew(t, settings(srv)), look(srv)
	for key, n := range map[string]int{"a/small": 10, "a/large": 9 << 20} {
		portstest.MustStore(t, b, key, portstest.Bytes(n), -1, 1<<20)
		head, err := in.client.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: &in.name, Key: &key})
		if err != nil {
			t.Fatal(err)
		}
		if aws.ToString(head.ContentType) != "application/octet-stream" || aws.ToString(head.ContentDisposition) != "attachment" {
			t.Errorf("%s: %s, %s", key, aws.ToString(head.ContentType), aws.ToString(head.ContentDisposition))
		}
	}
}

func fetch(t *testing.T, link string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestPresignedURLAnswersWithTheFileUnderItsName(t *testing.T) {
	t.Parallel()
	c := settings(services.S3(t))
	c.QuerystringExpire = 90 * time.Second
	b := mustNew(t, c)
	portstest.MustStore(t, b, "uploads/2026/01/id", []byte("<svg>"), 5, 5)
	const name = `Übersicht "Q1" €.svg`
	link, err := b.PresignGet(t.Context(), "uploads/2026/01/id", name)
	if err != nil {
		t.Fatal(err)
	}
	res, body := fetch(t, link)
	kind, params, err := mime.ParseMediaType(res.Header.Get("Content-Disposition"))
	if err != nil || kind != "attachment" || params["filename"] != name {
		t.Errorf("disposition is %q: %v", res.Header.Get("Content-Disposition"), err)
	}
	if res.StatusCode != http.StatusOK || body != "<svg>" || res.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("%s, %q, %v", res.Status, body, res.Header)
	}
	u, err := url.Parse(link)
	if err != nil || u.Query().Get("X-Amz-Expires") != "90" {
		t.Errorf("the link lives for %s seconds", u.Query().Get("X-Amz-Expires"))
	}
	if res, _ := fetch(t, strings.Replace(link, "X-Amz-Signature=", "X-Amz-Signature=0", 1)); res.StatusCode < 400 {
		t.Errorf("a changed link answers %s", res.Status)
	}
	if _, err := b.PresignGet(t.Context(), "../x", name); !domain.IsCode(err, domain.Invalid) {
		t.Errorf("bad key: %v", err)
	}
}

func TestPublicURLs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config s3.Config
		want   string
	}{
		{s3.Config{Bucket: "b", Endpoint: "http://127.0.0.1:9000", PathStyle: true}, "http://127.0.0.1:9000/b/u/a%20b"},
		{s3.Config{Bucket: "b", Endpoint: "https://s3.example.com/"}, "https://b.s3.example.com/u/a%20b"},
		{s3.Config{Bucket: "b", Region: "eu-west-1"}, "https://b.s3.eu-west-1.amazonaws.com/u/a%20b"},
	} {
		c.config.AccessKey, c.config.SecretKey = "k", "s"
		got, err := mustNew(t, c.config).PresignGet(t.Context(), "u/a b", "x")
		if err != nil || got != c.want {
			t.Errorf("%s, want %s (%v)", got, c.want, err)
		}
	}
}

func TestSettingsThatCannotWorkAreNamed(t *testing.T) {
	t.Parallel()
	good := s3.Config{Bucket: "b", AccessKey: "k", SecretKey: "s"}
	for field, spoil := range map[string]func(c *s3.Config){
		"AWS_STORAGE_BUCKET_NAME": func(c *s3.Config) { c.Bucket = "a/b" },
		"AWS_S3_ENDPOINT_URL":     func(c *s3.Config) { c.Endpoint = "s3.example.com" },
		"AWS_SECRET_ACCESS_KEY":   func(c *s3.Config) { c.SecretKey = "" },
		"AWS_QUERYSTRING_EXPIRE":  func(c *s3.Config) { c.QuerystringExpire = 8 * 24 * time.Hour },
		"part_size":               func(c *s3.Config) { c.PartSize = 1 << 20 },
	} {
		c := good
		spoil(&c)
		_, err := s3.New(t.Context(), c)
		if e, ok := err.(*domain.Error); !ok || e.Code != domain.Invalid || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestPingTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := settings(services.S3(t))
	noBucket, wrongKey, nobody := good, good, good
	noBucket.Bucket, wrongKey.SecretKey, nobody.Endpoint = "not-there", "wrong", "http://127.0.0.1:1"
	for name, c := range map[string]struct {
		config s3.Config
		say    string
	}{
		"no bucket": {noBucket, "AWS_STORAGE_BUCKET_NAME"},
		"wrong key": {wrongKey, "AWS_ACCESS_KEY_ID"},
		"no server": {nobody, "cannot be reached"},
	} {
		err := mustNew(t, c.config).Ping(t.Context())
		if !domain.IsCode(err, domain.Unavailable) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
