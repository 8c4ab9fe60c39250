package s3

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"doorito/domain"
)

const (
	// DefaultPartSize in bytes.
	DefaultPartSize = 8 << 20
	// MinPartSize is what S3 demands of every part but the last.
	MinPartSize = 5 << 20
	// DefaultBudget in bytes, for a Config without one.
	DefaultBudget = 256 << 20

	defaultRegion = "us-east-1"
	defaultExpire = time.Hour
	// answerTimeout bounds the wait for the first byte of an answer; putting
	// together a large object is the slowest of them.
	answerTimeout = 5 * time.Minute
)

// Config says which bucket and how to reach it.
type Config struct {
	Bucket            string
	Endpoint          string // URL of the provider; empty for AWS
	Region            string // empty: us-east-1
	AccessKey         string // empty: the SDK's own ways (profile, instance role)
	SecretKey         string
	PathStyle         bool          // bucket in the path, not in the host name
	QuerystringAuth   bool          // hand out presigned URLs; else public ones
	QuerystringExpire time.Duration // of presigned URLs; 0: one hour
	PartSize          int64         // 0: DefaultPartSize
	Budget            *Budget       // nil: one of its own with DefaultBudget
}

// New prepares a client; it does not talk to the storage (Ping does). Invalid
// names the setting that cannot be used.
func New(ctx context.Context, c Config) (*Blobs, error) {
	if c.PartSize == 0 {
		c.PartSize = DefaultPartSize
	}
	if c.Region == "" {
		c.Region = defaultRegion
	}
	if c.QuerystringExpire == 0 {
		c.QuerystringExpire = defaultExpire
	}
	if c.Budget == nil {
		c.Budget = NewBudget(DefaultBudget)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	sdk, err := c.sdk(ctx)
	if err != nil {
		return nil, domain.WrapError(domain.Unavailable, err, "No keys for the storage were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
	}
	client := s3.NewFromConfig(sdk, func(o *s3.Options) {
		o.UsePathStyle = c.PathStyle
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		if c.Endpoint != "" {
			o.BaseEndpoint = aws.String(c.Endpoint)
		}
	})
	presign := s3.NewPresignClient(client, s3.WithPresignExpires(c.QuerystringExpire))
	return &Blobs{client: client, presign: presign, bucket: c.Bucket, partSize: c.PartSize, budget: c.Budget,
		open: &writers{byKey: map[string]map[sender]bool{}}, signed: c.QuerystringAuth, public: c.publicBase(), parts: c.partOptions()}, nil
}

// partOptions leaves the bytes of parts out of the signature where no network
// lies between: the SDK does so by itself over HTTPS, where TLS protects them.
// It spares a second SHA-256 over everything, here and in the storage.
func (c Config) partOptions() []func(*s3.Options) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback() {
		return nil
	}
	return []func(*s3.Options){s3.WithAPIOptions(v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware)}
}

func (c Config) check() error {
	if c.Bucket == "" || strings.ContainsAny(c.Bucket, "/?#% ") {
		return domain.FieldErrorf("AWS_STORAGE_BUCKET_NAME", "%q is not the name of a bucket.", c.Bucket)
	}
	if c.Endpoint != "" {
		u, err := url.Parse(c.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return domain.FieldErrorf("AWS_S3_ENDPOINT_URL", "%q is not a URL such as https://s3.example.com.", c.Endpoint)
		}
	}
	if (c.AccessKey == "") != (c.SecretKey == "") {
		return domain.FieldErrorf("AWS_SECRET_ACCESS_KEY", "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.")
	}
	if c.PartSize < MinPartSize {
		return domain.FieldErrorf("part_size", "A part has at least %d bytes; S3 takes no smaller ones.", MinPartSize)
	}
	// The longest life of a presigned URL, AWS Signature Version 4.
	if c.QuerystringExpire < time.Second || c.QuerystringExpire > 7*24*time.Hour {
		return domain.FieldErrorf("AWS_QUERYSTRING_EXPIRE", "A presigned URL lives between 1 and 604800 seconds.")
	}
	return nil
}

// sdk returns the settings of the client. With keys given, nothing else of the
// environment is looked at.
func (c Config) sdk(ctx context.Context) (aws.Config, error) {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = 64
		t.ResponseHeaderTimeout = answerTimeout
		t.ReadBufferSize, t.WriteBufferSize = 64<<10, 64<<10
	})
	if c.AccessKey == "" {
		return config.LoadDefaultConfig(ctx, config.WithRegion(c.Region), config.WithHTTPClient(client))
	}
	keys := credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, "")
	return aws.Config{Region: c.Region, Credentials: keys, HTTPClient: client}, nil
}

// publicBase is what keys are appended to in a public URL.
func (c Config) publicBase() string {
	u := &url.URL{Scheme: "https", Host: "s3." + c.Region + ".amazonaws.com"}
	if c.Endpoint != "" {
		u, _ = url.Parse(c.Endpoint) // checked before
	}
	if c.PathStyle {
		return u.JoinPath(c.Bucket).String() + "/"
	}
	u.Host = c.Bucket + "." + u.Host
	return strings.TrimSuffix(u.String(), "/") + "/"
}
