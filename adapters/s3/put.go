package s3

import (
	"bytes"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"doorito/domain"
)

// What is known of a provider's conditional writes; 0 is nothing yet.
const (
	keepsConditions = iota + 1
	ignoresConditions
)

// Put makes an object unless there is one ("Conditional writes"); see
// ports.Blobs. A try whose answer got lost is made again by the SDK, and finds
// its own object then, which is a Conflict too. A provider that has no
// conditional writes refuses them, or is found out by the first Put, which is
// sent twice: there every Put is a Conflict.
func (b *Blobs) Put(ctx context.Context, key string, data []byte) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	if b.conditions.Load() == ignoresConditions {
		return taken(nil)
	}
	err := b.putNew(ctx, key, data)
	if err != nil || b.conditions.Load() == keepsConditions {
		return err
	}
	switch err := b.putNew(ctx, key, data); {
	case domain.IsCode(err, domain.Conflict):
		b.conditions.Store(keepsConditions)
	case err == nil:
		b.conditions.Store(ignoresConditions)
	}
	return nil
}

func (b *Blobs) putNew(ctx context.Context, key string, data []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.bucket, Key: &key, Body: bytes.NewReader(data), ContentLength: aws.Int64(int64(len(data))), IfNoneMatch: aws.String("*"),
		ContentType: aws.String(contentType), ContentDisposition: aws.String(disposition),
	})
	switch apiCode(err) {
	case "PreconditionFailed", "ConditionalRequestConflict", "NotImplemented":
		return taken(err)
	}
	return b.storageError(ctx, err)
}

func taken(cause error) error {
	return domain.WrapError(domain.Conflict, cause, "The storage has a file under this key already.")
}
