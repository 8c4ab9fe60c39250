package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"doorito/domain"
)

// Commit makes the object; see ports.BlobWriter. S3 answers when it is durable.
func (w *writer) Commit(ctx context.Context) error {
	if w.ended {
		return domain.Errorf(domain.Internal, "The blob has been closed already.")
	}
	if err := ctx.Err(); err != nil {
		return w.fail(err)
	}
	if err := w.failed(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = w.fail(ctx.Err()) })
	defer stop()
	finish := w.complete
	if w.upload == "" {
		finish = w.put
	}
	if err := finish(ctx); err != nil {
		return w.fail(err)
	}
	w.end()
	return nil
}

// put makes an object of at most one part.
func (w *writer) put(ctx context.Context) error {
	p := w.cur
	if p == nil {
		p = &part{}
	}
	body := &partReader{part: p}
	defer body.close()
	w.unsure = true
	_, err := w.blobs.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &w.blobs.bucket, Key: &w.key, Body: body, ContentLength: aws.Int64(p.n),
		ContentType: aws.String(contentType), ContentDisposition: aws.String(disposition),
	})
	if err != nil {
		return w.blobs.storageError(ctx, err)
	}
	w.dropCurrent()
	return nil
}

// complete sends the last part, waits for all and puts them together.
func (w *writer) complete(ctx context.Context) error {
	if err := w.ship(); err != nil {
		return err
	}
	w.sending.Wait()
	if err := w.failed(); err != nil {
		return err
	}
	parts := make([]types.CompletedPart, len(w.etags))
	for i, tag := range w.etags {
		parts[i] = types.CompletedPart{ETag: aws.String(tag), PartNumber: aws.Int32(int32(i + 1))}
	}
	w.unsure = true
	_, err := w.blobs.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &w.blobs.bucket, Key: &w.key, UploadId: &w.upload, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	switch {
	case apiCode(err) == "NoSuchUpload":
		// Removed by Delete; or completed already, by a try whose answer got lost.
		if made, herr := w.made(ctx); herr != nil || made {
			return herr
		}
		w.unsure = false
	case err == nil:
		return nil
	}
	return w.blobs.storageError(ctx, err)
}
