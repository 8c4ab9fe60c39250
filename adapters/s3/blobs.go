package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"doorito/domain"
	"doorito/ports"
)

var _ ports.Blobs = (*Blobs)(nil)

// Blobs keeps file contents in a bucket.
type Blobs struct {
	client   *s3.Client
	presign  *s3.PresignClient
	bucket   string
	partSize int64
	budget   *Budget
	open     *writers
	signed   bool
	public   string              // public URL of the bucket, ends in a slash
	parts    []func(*s3.Options) // of UploadPart

	conditions atomic.Int32 // what Put knows of the provider
}

// Create opens a writer; the storage hears of it with the second part or at
// Commit. Its uploads end with ctx. See ports.Blobs.
func (b *Blobs) Create(ctx context.Context, key string, size int64) (ports.BlobWriter, error) {
	if err := check(ctx, key); err != nil {
		return nil, err
	}
	return newWriter(ctx, b, key, size), nil
}

// Open streams an object or a range of it until ctx ends; see ports.Blobs.
func (b *Blobs) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if offset < 0 || length < -1 {
		return nil, domain.FieldErrorf("range", "A range begins at 0 or later and has a length of 0 or more.")
	}
	if err := check(ctx, key); err != nil {
		return nil, err
	}
	in := &s3.GetObjectInput{Bucket: &b.bucket, Key: &key}
	switch {
	case length == 0:
		return b.openEmpty(ctx, key, offset)
	case length > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	case offset > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	out, err := b.client.GetObject(ctx, in)
	if apiCode(err) == "InvalidRange" {
		return b.openEmpty(ctx, key, offset)
	}
	if err != nil {
		return nil, b.storageError(ctx, err)
	}
	return out.Body, nil
}

// openEmpty answers a range without bytes, which S3 has no words for: Invalid
// past the end, else nothing to read.
func (b *Blobs) openEmpty(ctx context.Context, key string, offset int64) (io.ReadCloser, error) {
	info, err := b.Stat(ctx, key)
	if err != nil {
		return nil, err
	}
	if offset > info.Size {
		return nil, domain.FieldErrorf("range", "The file has %d bytes; a range cannot begin at %d.", info.Size, offset)
	}
	return io.NopCloser(bytes.NewReader(nil)), nil
}

// Stat returns size and time of an object; see ports.Blobs.
func (b *Blobs) Stat(ctx context.Context, key string) (ports.BlobInfo, error) {
	out, err := b.head(ctx, key)
	if err != nil {
		return ports.BlobInfo{}, err
	}
	return ports.BlobInfo{Size: aws.ToInt64(out.ContentLength), ModTime: aws.ToTime(out.LastModified).UTC()}, nil
}

func (b *Blobs) head(ctx context.Context, key string) (*s3.HeadObjectOutput, error) {
	if err := check(ctx, key); err != nil {
		return nil, err
	}
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.bucket, Key: &key})
	if err != nil {
		return nil, b.storageError(ctx, err)
	}
	return out, nil
}

// Delete removes the object and every unfinished multipart upload of its key;
// writers of this process are stopped first. See ports.Blobs. S3 itself may
// keep a part that another process is sending at that very moment ("Aborting a
// multipart upload"); the next Delete finds it.
func (b *Blobs) Delete(ctx context.Context, key string) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	b.open.stop(key, removedError())
	if err := b.abortUploads(ctx, key); err != nil {
		return err
	}
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.bucket, Key: &key})
	if err = b.storageError(ctx, err); domain.IsCode(err, domain.NotFound) {
		return nil
	}
	return err
}

// abortUploads ends the multipart uploads of exactly this key. A provider that
// cannot list them has to clean up by a rule of its own.
func (b *Blobs) abortUploads(ctx context.Context, key string) error {
	pages := s3.NewListMultipartUploadsPaginator(b.client, &s3.ListMultipartUploadsInput{Bucket: &b.bucket, Prefix: &key})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if apiCode(err) == "NotImplemented" {
			return nil
		}
		if err != nil {
			return b.storageError(ctx, err)
		}
		for _, u := range page.Uploads {
			if aws.ToString(u.Key) != key {
				continue
			}
			if err := b.abortUpload(ctx, key, aws.ToString(u.UploadId)); err != nil {
				return err
			}
		}
	}
	return nil
}

// abortUpload ends one multipart upload; one that is gone is success.
func (b *Blobs) abortUpload(ctx context.Context, key, upload string) error {
	_, err := b.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &b.bucket, Key: &key, UploadId: &upload})
	if apiCode(err) == "NoSuchUpload" {
		return nil
	}
	return b.storageError(ctx, err)
}

// Ping tells whether the bucket is there and answers to our keys.
func (b *Blobs) Ping(ctx context.Context) error {
	_, err := b.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.bucket})
	err = b.storageError(ctx, err)
	if domain.IsCode(err, domain.NotFound) {
		return b.noBucket(errors.Unwrap(err))
	}
	return err
}

func check(ctx context.Context, key string) error {
	if err := domain.CheckStorageKey(key); err != nil {
		return err
	}
	return ctx.Err()
}
