package s3

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// joinedTail is the name of an empty tail that marks a stage which Join
// finished under its own key.
const joinedTail = "joined"

func tailKey(key, name string) string { return key + ".tail." + name }

// putTail keeps the bytes of p from `from` on, which lie at offset in the
// file. The name tells the bytes apart from those that another writer may have
// put at the same place, so a tail never changes.
func (b *Blobs) putTail(ctx context.Context, key string, p *part, from, offset int64) (tail, error) {
	body := &partReader{part: p, from: from}
	defer body.close()
	sum := sha256.New()
	size, err := io.Copy(sum, body)
	if err == nil {
		_, err = body.Seek(0, io.SeekStart)
	}
	if err != nil {
		return tail{}, b.storageError(ctx, err)
	}
	t := tail{Name: fmt.Sprintf("%d-%d-%x", offset, offset+size, sum.Sum(nil)[:8]), From: offset, Size: size}
	return t, b.putObject(ctx, tailKey(key, t.Name), body, size)
}

func (b *Blobs) putObject(ctx context.Context, key string, body io.ReadSeeker, size int64) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.bucket, Key: &key, Body: body, ContentLength: aws.Int64(size),
		ContentType: aws.String(contentType), ContentDisposition: aws.String(disposition),
	})
	return b.storageError(ctx, err)
}

// readTails adds the bytes of the tails to p.
func (b *Blobs) readTails(ctx context.Context, key string, tails []string, p *part) error {
	for _, name := range tails {
		out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.bucket, Key: aws.String(tailKey(key, name))})
		if err != nil {
			return b.stageError(ctx, err)
		}
		err = p.fill(ctx, out.Body, b.budget)
		out.Body.Close()
		if err != nil {
			return b.storageError(ctx, err)
		}
	}
	return nil
}

// loadTails reads tails of size bytes together into a part of its own, which
// the caller frees.
func (b *Blobs) loadTails(ctx context.Context, key string, tails []string, size int64) (*part, error) {
	p, err := newPart(ctx, b.budget, max(size, 1), size)
	if err != nil {
		return nil, err
	}
	if err = b.readTails(ctx, key, tails, p); err == nil && p.n != size {
		err = stageGone(fmt.Errorf("s3: tails of %s have %d of %d bytes", key, p.n, size))
	}
	if err != nil {
		p.free(b.budget)
		return nil, err
	}
	return p, nil
}

// sweepTails removes all tails of a key but the mark of Join, and tells
// whether that is there.
func (b *Blobs) sweepTails(ctx context.Context, key string) (joined bool, err error) {
	prefix := tailKey(key, "")
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false, b.storageError(ctx, err)
		}
		for _, o := range page.Contents {
			name, ours := strings.CutPrefix(aws.ToString(o.Key), prefix)
			if !ours {
				continue
			}
			if name == joinedTail {
				joined = true
				continue
			}
			if err := b.deleteObject(ctx, prefix+name); err != nil {
				return false, err
			}
		}
	}
	return joined, nil
}

func (n stageNote) tailNames() []string {
	names := make([]string, len(n.Tails))
	for i, t := range n.Tails {
		names[i] = t.Name
	}
	return names
}
