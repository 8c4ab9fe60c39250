package s3

import (
	"context"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"doorito/domain"
	"doorito/ports"
)

var _ ports.Staging = (*Blobs)(nil)

// Begin opens a multipart upload, unless the file fits into one part. See
// ports.Staging.
func (b *Blobs) Begin(ctx context.Context, key string, total int64) ([]byte, error) {
	if err := check(ctx, key); err != nil {
		return nil, err
	}
	note := stageNote{Storage: noteStorage, PartSize: b.partSize, Total: total}
	if total < 0 || total > b.partSize {
		upload, err := b.beginUpload(ctx, key)
		if err != nil {
			return nil, err
		}
		note.Upload = upload
	}
	return note.bytes()
}

// beginUpload opens a multipart upload. It outlives the end of ctx by a
// moment: an upload whose id we never hear of is one that is hard to remove.
func (b *Blobs) beginUpload(ctx context.Context, key string) (string, error) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
	defer stop()
	out, err := b.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &b.bucket, Key: &key, ContentType: aws.String(contentType), ContentDisposition: aws.String(disposition),
	})
	if err != nil {
		return "", b.storageError(ctx, err)
	}
	return aws.ToString(out.UploadId), nil
}

// sendPart sends the bytes of p as a part and returns its tag.
func (b *Blobs) sendPart(ctx context.Context, key, upload string, number int, p *part) (string, error) {
	body := &partReader{part: p}
	defer body.close()
	out, err := b.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &b.bucket, Key: &key, UploadId: &upload, PartNumber: aws.Int32(int32(number)),
		Body: body, ContentLength: aws.Int64(p.n),
	}, b.parts...)
	if err != nil {
		return "", b.stageError(ctx, err)
	}
	return aws.ToString(out.ETag), nil
}

// Append reads the live tails back as the head of the next part and goes on
// behind them; see ports.Staging.
func (b *Blobs) Append(ctx context.Context, key string, stage []byte, offset int64) (ports.StageWriter, error) {
	if err := check(ctx, key); err != nil {
		return nil, err
	}
	note, err := readNote(stage)
	if err != nil {
		return nil, err
	}
	if at := note.offset(); at != offset {
		return nil, domain.Errorf(domain.Conflict, "The storage has %d bytes of this upload, so it cannot go on at %d.", at, offset)
	}
	b.open.stop(key, takenOver())
	w := newStageWriter(ctx, b, key, note)
	if len(note.Tails) > 0 {
		if err := w.resume(ctx); err != nil {
			_ = w.Close()
			return nil, err
		}
	}
	return w, nil
}

// WritePart sends a part; its tag is the ETag. A file of one part is kept as a
// tail until Finish, and its tag is the tail's name. See ports.Staging.
func (b *Blobs) WritePart(ctx context.Context, key string, stage []byte, number int, offset, size int64, r io.Reader) (string, error) {
	if err := check(ctx, key); err != nil {
		return "", err
	}
	note, err := readNote(stage)
	if err != nil {
		return "", err
	}
	if note.Upload == "" && (number != 1 || size > note.PartSize) {
		return "", domain.Errorf(domain.Internal, "This upload has one part of at most %d bytes.", note.PartSize)
	}
	p, err := newPart(ctx, b.budget, max(size, 1), size)
	if err != nil {
		return "", err
	}
	defer p.free(b.budget)
	if err := p.fill(ctx, io.LimitReader(r, size), b.budget); err != nil {
		return "", err
	}
	if p.n < size {
		return "", io.ErrUnexpectedEOF
	}
	if note.Upload == "" {
		t, err := b.putTail(ctx, key, p, 0, offset)
		return t.Name, err
	}
	return b.sendPart(ctx, key, note.Upload, number, p)
}

// Discard aborts the multipart upload and removes the tails; see
// ports.Staging. Of a stage that Join had to finish under its own key, that
// object goes too.
func (b *Blobs) Discard(ctx context.Context, key string, stage []byte) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	b.open.stop(key, removedError())
	if note, err := readNote(stage); err == nil && note.Upload != "" {
		if err := b.abortUpload(ctx, key, note.Upload); err != nil {
			return err
		}
	}
	if err := b.abortUploads(ctx, key); err != nil {
		return err
	}
	joined, err := b.sweepTails(ctx, key)
	if err != nil || !joined {
		return err
	}
	for _, key := range []string{key, tailKey(key, joinedTail)} { // the mark is last: till then Discard can be done again
		if err := b.deleteObject(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

func (b *Blobs) deleteObject(ctx context.Context, key string) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.bucket, Key: &key})
	if err = b.storageError(ctx, err); domain.IsCode(err, domain.NotFound) {
		return nil
	}
	return err
}
