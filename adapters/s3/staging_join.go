package s3

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"doorito/domain"
	"doorito/ports"
)

// copySize is how much one UploadPartCopy takes; S3 allows 5 GiB.
const copySize = 1 << 30

// Join makes one object of several stages; see ports.Staging. Unfinished
// uploads cannot be copied from, so each source is finished under its own key
// first, with a mark that lets Discard remove it. The storage copies by itself
// where the sizes allow it: every source but the last has at least 5 MiB.
func (b *Blobs) Join(ctx context.Context, key string, sources []ports.JoinSource) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	var total int64
	var filled []ports.JoinSource
	for _, src := range sources {
		if err := check(ctx, src.Key); err != nil {
			return err
		}
		if total += src.Size; src.Size > 0 {
			filled = append(filled, src)
		}
	}
	if made, err := b.has(ctx, key, total); err != nil || made {
		return err
	}
	for _, src := range filled {
		if err := b.finishSource(ctx, src); err != nil {
			return err
		}
	}
	if !copies(filled, total) {
		return b.joinStreaming(ctx, key, filled, total)
	}
	err := b.joinCopying(ctx, key, filled)
	if isNotImplemented(err) {
		return b.joinStreaming(ctx, key, filled, total)
	}
	return err
}

func (b *Blobs) finishSource(ctx context.Context, src ports.JoinSource) error {
	mark := tailKey(src.Key, joinedTail)
	if err := b.putObject(ctx, mark, bytes.NewReader(nil), 0); err != nil {
		return err
	}
	err := b.Finish(ctx, src.Key, src.Stage, src.Size, nil)
	if domain.IsCode(err, domain.Expired) {
		if derr := b.deleteObject(ctx, mark); derr != nil {
			return derr
		}
	}
	return err
}

// copies tells whether parts copied from the sources are such as S3 takes.
func copies(sources []ports.JoinSource, total int64) bool {
	for i, src := range sources {
		if src.Size < MinPartSize && i < len(sources)-1 {
			return false
		}
	}
	return total >= MinPartSize && total/copySize+int64(len(sources)) <= maxParts
}

func isNotImplemented(err error) bool { return apiCode(err) == "NotImplemented" }

func (b *Blobs) joinCopying(ctx context.Context, key string, sources []ports.JoinSource) error {
	upload, err := b.beginUpload(ctx, key)
	if err != nil {
		return err
	}
	var parts []types.CompletedPart
	for _, src := range sources {
		if parts, err = b.copyParts(ctx, key, upload, src, parts); err != nil {
			break
		}
	}
	if err == nil {
		err = b.completeUpload(ctx, key, upload, parts)
	}
	if err != nil {
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
		defer stop()
		_ = b.abortUpload(ctx, key, upload) // what stays goes with Discard of the key
	}
	return err
}

// copyParts copies a source in pieces of about the same size.
func (b *Blobs) copyParts(ctx context.Context, key, upload string, src ports.JoinSource, parts []types.CompletedPart) ([]types.CompletedPart, error) {
	from := b.bucket + "/" + (&url.URL{Path: src.Key}).EscapedPath()
	pieces := (src.Size + copySize - 1) / copySize
	for i := range pieces {
		first, end := src.Size*i/pieces, src.Size*(i+1)/pieces
		number := aws.Int32(int32(len(parts) + 1))
		out, err := b.client.UploadPartCopy(ctx, &s3.UploadPartCopyInput{
			Bucket: &b.bucket, Key: &key, UploadId: &upload, PartNumber: number, CopySource: &from,
			CopySourceRange: aws.String(fmt.Sprintf("bytes=%d-%d", first, end-1)),
		})
		if err != nil {
			return nil, b.stageError(ctx, err)
		}
		parts = append(parts, types.CompletedPart{ETag: out.CopyPartResult.ETag, PartNumber: number})
	}
	return parts, nil
}

func (b *Blobs) joinStreaming(ctx context.Context, key string, sources []ports.JoinSource, total int64) error {
	w, err := b.Create(ctx, key, total)
	if err != nil {
		return err
	}
	defer func() { _ = w.Abort(ctx) }() // nothing after Commit; before, there is an error already
	for _, src := range sources {
		if err := b.streamTo(ctx, w, src); err != nil {
			return err
		}
	}
	return w.Commit(ctx)
}

func (b *Blobs) streamTo(ctx context.Context, w io.Writer, src ports.JoinSource) error {
	r, err := b.Open(ctx, src.Key, 0, src.Size)
	if err != nil {
		return err
	}
	defer r.Close()
	n, err := io.CopyBuffer(struct{ io.Writer }{w}, r, make([]byte, pageSize))
	if err == nil && n != src.Size {
		err = stageGone(fmt.Errorf("s3: %s has %d of %d bytes", src.Key, n, src.Size))
	}
	if _, known := err.(*domain.Error); known {
		return err
	}
	return b.storageError(ctx, err)
}
