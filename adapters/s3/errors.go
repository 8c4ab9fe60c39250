package s3

import (
	"context"
	"errors"

	"github.com/aws/smithy-go"

	"doorito/domain"
)

// apiCode returns the error code of an answer of the storage, "" for none.
func apiCode(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// storageError turns what the SDK says into a domain error; the end of ctx
// stays what it is.
func (b *Blobs) storageError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch apiCode(err) {
	case "NoSuchKey", "NotFound":
		return domain.WrapError(domain.NotFound, err, "There is no such file in the storage.")
	case "NoSuchBucket":
		return b.noBucket(err)
	case "NoSuchUpload":
		return domain.WrapError(domain.Conflict, err, "The upload was removed while it was running. Send the file again.")
	case "AccessDenied", "Forbidden", "InvalidAccessKeyId", "SignatureDoesNotMatch":
		return domain.WrapError(domain.Unavailable, err, "The storage refuses our keys. Ask an admin to check AWS_ACCESS_KEY_ID and its permissions on %s.", b.bucket)
	case "":
		return domain.WrapError(domain.Unavailable, err, "The storage cannot be reached right now. Try again in a minute.")
	}
	return domain.WrapError(domain.Unavailable, err, "The storage does not work right now. Try again in a minute.")
}

func (b *Blobs) noBucket(cause error) error {
	return domain.WrapError(domain.Unavailable, cause, "The bucket %s does not exist. Ask an admin to check AWS_STORAGE_BUCKET_NAME.", b.bucket)
}
