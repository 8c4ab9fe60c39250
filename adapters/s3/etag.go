package s3

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"doorito/domain"
)

// made tells whether the object under the key is the one this writer sent: its
// size and the tag that S3 gives to just these parts.
func (w *writer) made(ctx context.Context) (bool, error) {
	out, err := w.blobs.head(ctx, w.key)
	if domain.IsCode(err, domain.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	tag := strings.Trim(aws.ToString(out.ETag), `"`)
	return aws.ToInt64(out.ContentLength) == w.written && tag == multipartTag(w.etags), nil
}

// multipartTag is the ETag of an object out of parts with these ETags: the MD5
// of their MD5s and their number. With encryption by KMS tags are made in
// another way and none matches.
func multipartTag(tags []string) string {
	h := md5.New()
	for _, tag := range tags {
		b, err := hex.DecodeString(strings.Trim(tag, `"`))
		if err != nil {
			return ""
		}
		h.Write(b)
	}
	return fmt.Sprintf("%s-%d", hex.EncodeToString(h.Sum(nil)), len(tags))
}
