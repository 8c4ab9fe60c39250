package s3

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"doorito/ports"
)

var _ ports.Inventory = (*Blobs)(nil)

// Holdings implements ports.Inventory. A multipart upload is as old as its
// beginning. A provider that cannot list those has to clean up by a rule of
// its own.
func (b *Blobs) Holdings(ctx context.Context, prefix string, visit func([]ports.Holding) error) error {
	objects := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.bucket, Prefix: &prefix})
	for objects.HasMorePages() {
		page, err := objects.NextPage(ctx)
		if err != nil {
			return b.storageError(ctx, err)
		}
		held := make([]ports.Holding, len(page.Contents))
		for i, o := range page.Contents {
			key, _, isTail := strings.Cut(aws.ToString(o.Key), tailKey("", ""))
			held[i] = ports.Holding{Key: key, Blob: !isTail, Changed: aws.ToTime(o.LastModified).UTC()}
		}
		if err := visit(held); err != nil {
			return err
		}
	}
	uploads := s3.NewListMultipartUploadsPaginator(b.client, &s3.ListMultipartUploadsInput{Bucket: &b.bucket, Prefix: &prefix})
	for uploads.HasMorePages() {
		page, err := uploads.NextPage(ctx)
		if apiCode(err) == "NotImplemented" {
			return nil
		}
		if err != nil {
			return b.storageError(ctx, err)
		}
		held := make([]ports.Holding, len(page.Uploads))
		for i, u := range page.Uploads {
			held[i] = ports.Holding{Key: aws.ToString(u.Key), Changed: aws.ToTime(u.Initiated).UTC()}
		}
		if err := visit(held); err != nil {
			return err
		}
	}
	return nil
}
