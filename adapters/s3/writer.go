package s3

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"doorito/domain"
)

const (
	contentType  = "application/octet-stream"
	disposition  = "attachment"
	inFlight     = 3 // parts of one writer that are sent at once
	abortTimeout = 30 * time.Second
)

// writer sends one object. It is used by one goroutine at a time.
type writer struct {
	blobs    *Blobs
	key      string
	declared int64
	ctx      context.Context // ends with Create's, at Abort and at the first failure
	cancel   context.CancelCauseFunc
	written  int64
	cur      *part
	upload   string // id of the multipart upload; empty until there is one
	etags    []string
	slots    chan struct{}
	sending  sync.WaitGroup
	ended    bool
	unsure   bool // the storage may have made the object though Commit failed

	mu  sync.Mutex // guards etags and err while parts are sent
	err error
}

func newWriter(ctx context.Context, b *Blobs, key string, size int64) *writer {
	w := &writer{blobs: b, key: key, declared: size, slots: make(chan struct{}, inFlight)}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	b.open.add(key, w)
	return w
}

// Write collects p and sends parts that are full. It waits when the budget is
// used up or enough parts are on their way. An error of an earlier part comes
// back from a later Write or from Commit, and is final.
func (w *writer) Write(p []byte) (int, error) {
	if w.ended {
		return 0, domain.Errorf(domain.Internal, "The blob has been closed already.")
	}
	taken := 0
	for taken < len(p) {
		if err := w.room(); err != nil {
			return taken, err
		}
		n := w.cur.add(p[taken:], w.blobs.budget)
		taken += n
		w.written += int64(n)
	}
	return taken, nil
}

// room makes w.cur a part that is not full.
func (w *writer) room() error {
	if err := w.failed(); err != nil {
		return err
	}
	if w.cur != nil && !w.cur.full() {
		return nil
	}
	if w.cur != nil {
		if err := w.ship(); err != nil {
			return w.fail(err)
		}
	}
	size := partSize(w.blobs.partSize, w.declared, w.written, len(w.etags))
	cur, err := newPart(w.ctx, w.blobs.budget, size, w.declared-w.written)
	if err != nil {
		return w.fail(err)
	}
	w.cur = cur
	return nil
}

// ship sends w.cur as the next part in a goroutine of its own.
func (w *writer) ship() error {
	if w.upload == "" {
		if err := w.begin(); err != nil {
			return err
		}
	}
	select {
	case w.slots <- struct{}{}:
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil { // from here on stop waits for what is sent
		<-w.slots
		return w.err
	}
	p, n := w.cur, len(w.etags)
	w.cur, w.etags = nil, append(w.etags, "")
	w.sending.Go(func() {
		defer func() { <-w.slots }()
		defer p.free(w.blobs.budget)
		if err := w.send(p, n); err != nil {
			_ = w.fail(err)
		}
	})
	return nil
}

// begin opens the multipart upload. It outlives the end of the writer's
// context by a moment, because an upload whose id we never hear of is one that
// Abort cannot remove.
func (w *writer) begin() error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(w.ctx), abortTimeout)
	defer stop()
	out, err := w.blobs.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &w.blobs.bucket, Key: &w.key, ContentType: aws.String(contentType), ContentDisposition: aws.String(disposition),
	})
	if err != nil {
		return w.blobs.storageError(ctx, err)
	}
	w.upload = aws.ToString(out.UploadId)
	return nil
}

func (w *writer) send(p *part, n int) error {
	body := &partReader{part: p}
	defer body.close()
	out, err := w.blobs.client.UploadPart(w.ctx, &s3.UploadPartInput{
		Bucket: &w.blobs.bucket, Key: &w.key, UploadId: &w.upload, PartNumber: aws.Int32(int32(n + 1)),
		Body: body, ContentLength: aws.Int64(p.n),
	}, w.blobs.parts...)
	if err != nil {
		return w.blobs.storageError(w.ctx, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.etags[n] = aws.ToString(out.ETag)
	return nil
}

// fail keeps the first error, ends what is being sent and returns what is kept.
func (w *writer) fail(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
		w.cancel(err)
	}
	return w.err
}

func (w *writer) halt(why error) {
	_ = w.fail(why)
	w.sending.Wait()
}

// failed returns why nothing more can be written.
func (w *writer) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	return w.ctx.Err()
}

// Abort ends what is being sent and removes what the storage holds, even when
// ctx has ended. Where Commit failed without a clear answer, it removes the
// object too.
func (w *writer) Abort(ctx context.Context) error {
	if w.ended {
		return nil
	}
	w.end()
	w.sending.Wait()
	w.dropCurrent()
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
	defer stop()
	if w.unsure {
		return w.blobs.Delete(ctx, w.key)
	}
	if w.upload != "" {
		return w.blobs.abortUpload(ctx, w.key, w.upload)
	}
	return nil
}

// end makes w refuse everything but a second Abort.
func (w *writer) end() {
	w.ended = true
	w.cancel(nil)
	w.blobs.open.remove(w.key, w)
}

func (w *writer) dropCurrent() {
	if w.cur != nil {
		w.cur.free(w.blobs.budget)
		w.cur = nil
	}
}
