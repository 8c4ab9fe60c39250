package s3

import (
	"context"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"doorito/domain"
	"doorito/ports"
)

var _ ports.Presigner = (*Blobs)(nil)

// PresignGet returns a URL that answers with the object as an attachment. A
// public URL (QuerystringAuth off) cannot carry the file name: the storage
// lets only signed requests choose their headers, so the browser names the
// download after the key.
func (b *Blobs) PresignGet(ctx context.Context, key, filename string) (string, error) {
	if err := check(ctx, key); err != nil {
		return "", err
	}
	if !b.signed {
		segs := strings.Split(key, "/")
		for i := range segs {
			segs[i] = url.PathEscape(segs[i])
		}
		return b.public + strings.Join(segs, "/"), nil
	}
	req, err := b.presign.PresignGetObject(ctx, &s3.GetObjectInput{
		Bucket: &b.bucket, Key: &key,
		ResponseContentDisposition: aws.String(domain.Attachment(filename)),
		ResponseContentType:        aws.String(contentType),
	})
	if err != nil {
		return "", b.storageError(ctx, err)
	}
	return req.URL, nil
}
