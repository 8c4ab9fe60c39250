package s3

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"doorito/domain"
)

// Finish makes the object out of parts and tails, and removes the tails and
// what other uploads of the key there are; see ports.Staging. Where the storage does not know the upload any more, the
// object and its size tell whether that is because it was finished.
func (b *Blobs) Finish(ctx context.Context, key string, stage []byte, size int64, parts []*domain.UploadPart) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	note, err := readNote(stage)
	if err != nil {
		return err
	}
	b.open.stop(key, removedError())
	if len(parts) > 0 {
		err = b.finishParts(ctx, key, note, size, parts)
	} else {
		err = b.finishAppended(ctx, key, note, size)
	}
	if domain.IsCode(err, domain.Expired) {
		made, herr := b.has(ctx, key, size)
		if herr != nil {
			return herr
		}
		if !made {
			return err
		}
		err = nil
	}
	if err == nil {
		_, err = b.sweepTails(ctx, key)
	}
	if err == nil && note.Upload != "" { // one that a process began and never saved
		err = b.abortUploads(ctx, key)
	}
	return err
}

// has tells whether the object is there with this size.
func (b *Blobs) has(ctx context.Context, key string, size int64) (bool, error) {
	info, err := b.Stat(ctx, key)
	if domain.IsCode(err, domain.NotFound) {
		return false, nil
	}
	return err == nil && info.Size == size, err
}

func (b *Blobs) finishParts(ctx context.Context, key string, note stageNote, size int64, parts []*domain.UploadPart) error {
	if note.Upload == "" {
		return b.putWhole(ctx, key, []string{parts[0].Tag}, size)
	}
	done := make([]types.CompletedPart, len(parts))
	for i, p := range parts {
		done[i] = types.CompletedPart{ETag: aws.String(p.Tag), PartNumber: aws.Int32(int32(p.Number))}
	}
	return b.completeUpload(ctx, key, note.Upload, done)
}

func (b *Blobs) finishAppended(ctx context.Context, key string, note stageNote, size int64) error {
	if at := note.offset(); at != size {
		return stageGone(fmt.Errorf("s3: the stage of %s has %d bytes, not %d", key, at, size))
	}
	if note.Parts == 0 {
		if err := b.putWhole(ctx, key, note.tailNames(), size); err != nil || note.Upload == "" {
			return err
		}
		return b.abortUpload(ctx, key, note.Upload)
	}
	done, err := b.listParts(ctx, key, note)
	if err != nil {
		return err
	}
	if rest := size - note.End; rest > 0 {
		last, err := b.sendTails(ctx, key, note, rest)
		if err != nil {
			return err
		}
		done = append(done, last)
	}
	return b.completeUpload(ctx, key, note.Upload, done)
}

// putWhole makes an object out of tails alone.
func (b *Blobs) putWhole(ctx context.Context, key string, tails []string, size int64) error {
	p, err := b.loadTails(ctx, key, tails, size)
	if err != nil {
		return err
	}
	defer p.free(b.budget)
	body := &partReader{part: p}
	defer body.close()
	return b.putObject(ctx, key, body, size)
}

// sendTails sends the tails as the last part.
func (b *Blobs) sendTails(ctx context.Context, key string, note stageNote, size int64) (types.CompletedPart, error) {
	p, err := b.loadTails(ctx, key, note.tailNames(), size)
	if err != nil {
		return types.CompletedPart{}, err
	}
	defer p.free(b.budget)
	tag, err := b.sendPart(ctx, key, note.Upload, note.Parts+1, p)
	return types.CompletedPart{ETag: &tag, PartNumber: aws.Int32(int32(note.Parts + 1))}, err
}

// listParts returns the parts that the note speaks of. Later ones are what a
// writer left that died; parts with other tags than the note's are Conflict.
func (b *Blobs) listParts(ctx context.Context, key string, note stageNote) ([]types.CompletedPart, error) {
	var done []types.CompletedPart
	var size int64
	sum := ""
	pages := s3.NewListPartsPaginator(b.client, &s3.ListPartsInput{Bucket: &b.bucket, Key: &key, UploadId: &note.Upload})
	for pages.HasMorePages() && len(done) < note.Parts {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, b.stageError(ctx, err)
		}
		for _, p := range page.Parts[:min(len(page.Parts), note.Parts-len(done))] {
			done = append(done, types.CompletedPart{ETag: p.ETag, PartNumber: p.PartNumber})
			size += aws.ToInt64(p.Size)
			sum = chain(sum, aws.ToString(p.ETag))
		}
	}
	if len(done) != note.Parts || size != note.End || sum != note.Chain {
		return nil, stageMixed(fmt.Errorf("s3: %s has %d parts of %d bytes, noted are %d of %d", key, len(done), size, note.Parts, note.End))
	}
	return done, nil
}

func (b *Blobs) completeUpload(ctx context.Context, key, upload string, parts []types.CompletedPart) error {
	_, err := b.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &b.bucket, Key: &key, UploadId: &upload, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	return b.stageError(ctx, err)
}
