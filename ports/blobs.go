package ports

import (
	"context"
	"io"
	"time"
)

// Blobs keeps file contents under keys that we make (domain.StorageKey). Keys
// are relative slash paths without `.` or `..` segments; others are Invalid.
type Blobs interface {
	// Create opens a new blob for streaming. size is the expected length in
	// bytes, -1 when unknown; it is a hint, the caller counts for itself.
	Create(ctx context.Context, key string, size int64) (BlobWriter, error)
	// Put makes a small blob of data, durable when it returns. Conflict when the
	// key has one already, which stays as it is. After another error, a blob of
	// these bytes or of some of them may be there.
	Put(ctx context.Context, key string, data []byte) error
	// Open reads length bytes from offset; length -1 reads to the end.
	// NotFound when there is no such blob; Invalid for an offset past its end.
	Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	// Stat returns the size; NotFound when there is no such blob.
	Stat(ctx context.Context, key string) (BlobInfo, error)
	// Delete removes the blob and whatever an unfinished Create under this key
	// left behind. Deleting what is not there is success.
	Delete(ctx context.Context, key string) error
	// Ping tells whether the storage can be reached and written.
	Ping(ctx context.Context) error
}

// BlobWriter receives one blob. Write does not keep p after it returns.
// Nothing is visible under the key before Commit returns nil. Exactly one of
// Commit and Abort ends it; Abort after either is a no-op.
type BlobWriter interface {
	io.Writer
	// Commit makes the bytes durable, then visible: after nil they survive a
	// power cut. After an error nothing is visible and Abort cleans up.
	Commit(ctx context.Context) error
	// Abort removes what was written.
	Abort(ctx context.Context) error
}

// BlobInfo is what storage knows of a blob.
type BlobInfo struct {
	Size    int64
	ModTime time.Time
}

// Presigner is implemented by storages that can hand out URLs of their own.
type Presigner interface {
	// PresignGet returns a URL that answers with the blob as an attachment
	// under filename, good for the ttl of the settings.
	PresignGet(ctx context.Context, key, filename string) (string, error)
}
