package disk

import (
	"context"
	"os"

	"doorito/domain"
	"doorito/ports"
)

// Finish gives the staging file its key; see ports.Staging.
func (b *Blobs) Finish(ctx context.Context, key string, _ []byte, size int64, _ []*domain.UploadPart) error {
	if err := b.checkStage(ctx, key); err != nil {
		return err
	}
	path := b.stagePath(key)
	defer b.stages.claiming(path)()
	b.stages.stop(path, stageRemoved())
	f, err := b.claim(ctx, key, size)
	if domain.IsCode(err, domain.Expired) && b.has(ctx, key, size) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() // the lock stays until the file has its key
	if err := b.dataSync(f); err != nil {
		return storageError(err)
	}
	err = b.publish(path, key)
	if err == nil {
		_ = os.Remove(b.turnsPath(key)) // a key without parts has none; else it goes with the key
	}
	if isMissing(err) {
		if b.has(ctx, key, size) { // somebody else finished it meanwhile
			return nil
		}
		return stageGone()
	}
	return storageError(err)
}

// has tells whether the blob is there with this size.
func (b *Blobs) has(ctx context.Context, key string, size int64) bool {
	info, err := b.Stat(ctx, key)
	return err == nil && info.Size == size
}

// Join copies the sources one after the other into a new blob; see
// ports.Staging.
func (b *Blobs) Join(ctx context.Context, key string, sources []ports.JoinSource) error {
	var total int64
	for _, s := range sources {
		if err := b.checkStage(ctx, s.Key); err != nil {
			return err
		}
		total += s.Size
	}
	if b.has(ctx, key, total) {
		return nil
	}
	opened, err := b.Create(ctx, key, total)
	if err != nil {
		return err
	}
	w := opened.(*writer)
	defer func() { _ = w.Abort(ctx) }() // nothing after Commit; before, there is an error already
	for _, s := range sources {
		if err := b.joinOne(ctx, w, s); err != nil {
			return err
		}
	}
	return w.Commit(ctx)
}

func (b *Blobs) joinOne(ctx context.Context, w *writer, s ports.JoinSource) error {
	src, err := openStage(b.stagePath(s.Key), os.O_RDONLY)
	if err != nil {
		return err
	}
	defer src.Close()
	return copyRange(ctx, w.file, src, s.Size, func(n int64) error {
		w.out.at += n
		return w.syncBehind()
	})
}
