package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"doorito/e2e/services"
)

const (
	s3File   = 512 << 20
	s3Part   = 8 << 20
	s3AtOnce = 3 // as adapters/s3
	s3Many   = 64
	s3Each   = 32 << 20
)

// toS3 sets an upload through the portal, hashed, beside the same parts sent
// straight to the S3 server by the SDK, from memory.
func toS3(ctx context.Context, b *bench, t *table) error {
	stack, err := b.services(ctx, services.WantS3)
	if err != nil {
		return err
	}
	defer stack.Stop()
	p, err := b.tusPortal(ctx, "portal", s3Env(stack)...)
	if err != nil {
		return err
	}
	defer p.kill()
	direct := newDirect(stack.S3)
	var through, straight []float64
	for i := range b.rounds + 1 {
		d, err := direct.rate(ctx, s3File)
		if err != nil {
			return err
		}
		path, err := p.create(ctx, s3File, nil, nil)
		if err != nil {
			return err
		}
		start := time.Now()
		if err := p.patch(ctx, path, s3File); err != nil {
			return err
		}
		r := float64(s3File) / time.Since(start).Seconds() / megabyte
		if err := direct.empty(ctx); err != nil {
			return err
		}
		b.progress("MB/s: direct %.0f, portal %.0f", d, r)
		if i > 0 {
			through, straight = append(through, r), append(straight, d)
		}
	}
	t.add("one tus PATCH of 512 MiB", median(through), "MB/s").against("direct parts", median(straight), ratios(through, straight)).wantRatioAtLeast(0.8)
	t.note("medians of %d rounds in turns; parts of 8 MiB, %d at once on both sides; versitygw on the same disk. Direct parts are signed whole, as the SDK does over plain HTTP; the portal leaves their bytes out on loopback. Client and S3 server share %s.", b.rounds, s3AtOnce, cpus())
	return nil
}

// manyToS3 reads the peak memory of a fresh process after many uploads at once.
func manyToS3(ctx context.Context, b *bench, t *table) error {
	stack, err := b.services(ctx, services.WantS3)
	if err != nil {
		return err
	}
	defer stack.Stop()
	var peaks []float64
	for range 3 {
		peak, err := b.peakToS3(ctx, stack)
		if err != nil {
			return err
		}
		b.progress("%d uploads: %.1f MB", s3Many, peak)
		peaks = append(peaks, peak)
	}
	budget := float64(256<<20) / megabyte
	t.add("64 uploads of 32 MiB at once, to S3", median(peaks), "MB").against("UPLOAD_BUFFER_BUDGET", budget, 0).wantAtMost(budget + 100)
	t.note("median of 3; VmHWM of a fresh process each, 1 MB = 10^6 bytes; tus PATCH.")
	return nil
}

func (b *bench) peakToS3(ctx context.Context, stack *services.Stack) (float64, error) {
	p, err := b.tusPortal(ctx, "portal", s3Env(stack)...)
	if err != nil {
		return 0, err
	}
	defer p.kill()
	_, err = sideBySide(ctx, s3Many, s3Many, func(int) error {
		path, err := p.create(ctx, s3Each, nil, nil)
		if err != nil {
			return err
		}
		return p.patch(ctx, path, s3Each)
	})
	if err != nil {
		return 0, err
	}
	peak, err := vmHWM(p.pid)
	if err != nil {
		return 0, err
	}
	return peak, newDirect(stack.S3).empty(ctx)
}

func s3Env(stack *services.Stack) []string {
	return []string{"AWS_STORAGE_BUCKET_NAME=" + stack.S3.Bucket, "AWS_S3_ENDPOINT_URL=" + stack.S3.Endpoint,
		"AWS_S3_REGION_NAME=" + stack.S3.Region, "AWS_ACCESS_KEY_ID=" + stack.S3.AccessKey, "AWS_SECRET_ACCESS_KEY=" + stack.S3.SecretKey}
}

// direct talks to the S3 server without the portal.
type direct struct {
	client *s3.Client
	bucket string
}

func newDirect(s *services.S3Server) *direct {
	return &direct{bucket: s.Bucket, client: s3.New(s3.Options{
		BaseEndpoint: aws.String(s.Endpoint), Region: s.Region, UsePathStyle: true,
		Credentials:                credentials.NewStaticCredentialsProvider(s.AccessKey, s.SecretKey, ""),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		HTTPClient:                 &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, WriteBufferSize: 64 << 10, ReadBufferSize: 64 << 10}},
	})}
}

// rate sends one object in parts and returns MB/s.
func (d *direct) rate(ctx context.Context, size int64) (float64, error) {
	data := bytes.Repeat(block(), s3Part/blockSize)
	key := aws.String("direct")
	start := time.Now()
	made, err := d.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &d.bucket, Key: key})
	if err != nil {
		return 0, err
	}
	parts := make([]types.CompletedPart, size/s3Part)
	_, err = sideBySide(ctx, len(parts), s3AtOnce, func(i int) error {
		number := aws.Int32(int32(i + 1))
		out, err := d.client.UploadPart(ctx, &s3.UploadPartInput{Bucket: &d.bucket, Key: key, UploadId: made.UploadId, PartNumber: number,
			Body: bytes.NewReader(data), ContentLength: aws.Int64(s3Part)})
		if err != nil {
			return err
		}
		parts[i] = types.CompletedPart{ETag: out.ETag, PartNumber: number}
		return nil
	})
	if err != nil {
		return 0, err
	}
	_, err = d.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: &d.bucket, Key: key, UploadId: made.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
	return float64(size) / time.Since(start).Seconds() / megabyte, err
}

// empty removes all objects.
func (d *direct) empty(ctx context.Context) error {
	all, err := d.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &d.bucket})
	if err != nil {
		return err
	}
	for _, o := range all.Contents {
		if strings.Contains(*o.Key, ".tail.") {
			return fmt.Errorf("a tail was left: %s", *o.Key)
		}
		if _, err := d.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &d.bucket, Key: o.Key}); err != nil {
			return err
		}
	}
	return nil
}
