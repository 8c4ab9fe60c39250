package memory

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"time"

	"doorito/domain"
	"doorito/ports"
)

var _ ports.Staging = (*Blobs)(nil)

// stageNote is all there is to note: a stage follows from its key.
const stageNote = `{"storage":"memory"}`

// stage is what arrived of one blob and counts as durable.
type stage struct {
	data    []byte // of checkpoints
	parts   map[int][]byte
	writer  *stageWriter // the newest; nil for none
	changed time.Time
}

// Staged returns the keys of all stages in order.
func (b *Blobs) Staged() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.stages))
}

// findStage returns the stage of a key; b.mu is held.
func (b *Blobs) findStage(ctx context.Context, key string) (*stage, error) {
	if err := b.check(ctx, key); err != nil {
		return nil, err
	}
	s := b.stages[key]
	if s == nil {
		return nil, stageGone()
	}
	return s, nil
}

func stageGone() error {
	return domain.Errorf(domain.Expired, "What arrived of this upload is not in the storage any more. Start a new one.")
}

// Begin makes an empty stage; see ports.Staging.
func (b *Blobs) Begin(ctx context.Context, key string, _ int64) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, key); err != nil {
		return nil, err
	}
	if b.stages[key] == nil {
		b.stages[key] = &stage{parts: map[int][]byte{}, changed: b.clock.Now()}
	}
	return []byte(stageNote), nil
}

// Append opens a writer at offset; see ports.Staging.
func (b *Blobs) Append(ctx context.Context, key string, _ []byte, offset int64) (ports.StageWriter, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, err := b.findStage(ctx, key)
	if err != nil {
		return nil, err
	}
	if int64(len(s.data)) < offset {
		return nil, stageGone()
	}
	s.data = s.data[:offset:offset]
	s.writer = &stageWriter{ctx: ctx, blobs: b, key: key, stage: s}
	return s.writer, nil
}

// WritePart keeps a part; see ports.Staging.
func (b *Blobs) WritePart(ctx context.Context, key string, _ []byte, number int, _, size int64, r io.Reader) (string, error) {
	b.mu.Lock()
	_, err := b.findStage(ctx, key)
	b.mu.Unlock()
	if err != nil {
		return "", err
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(r, data); errors.Is(err, io.EOF) {
		return "", io.ErrUnexpectedEOF
	} else if err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s, err := b.findStage(ctx, key)
	if err != nil {
		return "", err
	}
	s.parts[number], s.changed = data, b.clock.Now()
	return "", nil
}

// Finish makes a stage a blob; see ports.Staging.
func (b *Blobs) Finish(ctx context.Context, key string, _ []byte, size int64, parts []*domain.UploadPart) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, err := b.findStage(ctx, key)
	if domain.IsCode(err, domain.Expired) && b.has(key, size) {
		return nil
	}
	if err != nil {
		return err
	}
	data := s.data
	for _, p := range parts {
		data = append(data, s.parts[p.Number]...)
	}
	if int64(len(data)) < size {
		return stageGone()
	}
	b.put(key, data[:size])
	delete(b.stages, key)
	return nil
}

// has tells whether the blob is there with this size; b.mu is held.
func (b *Blobs) has(key string, size int64) bool {
	found, ok := b.blobs[key]
	return ok && found.info.Size == size
}

// put makes a blob; b.mu is held.
func (b *Blobs) put(key string, data []byte) {
	b.blobs[key] = blob{data: data, info: ports.BlobInfo{Size: int64(len(data)), ModTime: b.clock.Now()}}
}

// Join makes one blob out of several stages; see ports.Staging.
func (b *Blobs) Join(ctx context.Context, key string, sources []ports.JoinSource) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, key); err != nil {
		return err
	}
	var total int64
	for _, src := range sources {
		total += src.Size
	}
	if b.has(key, total) {
		return nil
	}
	var data []byte
	for _, src := range sources {
		s, err := b.findStage(ctx, src.Key)
		if err != nil {
			return err
		}
		if int64(len(s.data)) < src.Size {
			return stageGone()
		}
		data = append(data, s.data[:src.Size]...)
	}
	b.put(key, data)
	return nil
}

// Discard removes a stage; see ports.Staging.
func (b *Blobs) Discard(ctx context.Context, key string, _ []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, key); err != nil {
		return err
	}
	delete(b.stages, key)
	return nil
}

// stageWriter holds back what was not checkpointed, as if a crash took it.
type stageWriter struct {
	ctx     context.Context
	blobs   *Blobs
	key     string
	stage   *stage
	pending []byte
}

func (w *stageWriter) Write(p []byte) (int, error) {
	w.blobs.mu.Lock()
	defer w.blobs.mu.Unlock()
	if err := w.usable(w.ctx); err != nil {
		return 0, err
	}
	w.pending = append(w.pending, p...)
	return len(p), nil
}

// Due is as on a disk.
func (w *stageWriter) Due() ports.Urgency {
	w.blobs.mu.Lock()
	defer w.blobs.mu.Unlock()
	if len(w.pending) < 8<<20 {
		return ports.NotDue
	}
	return ports.Overdue
}

func (w *stageWriter) Checkpoint(ctx context.Context) func() ([]byte, error) {
	stage, err := w.checkpoint(ctx)
	return func() ([]byte, error) { return stage, err }
}

func (w *stageWriter) checkpoint(ctx context.Context) ([]byte, error) {
	w.blobs.mu.Lock()
	defer w.blobs.mu.Unlock()
	if err := w.usable(ctx); err != nil {
		return nil, err
	}
	w.stage.data, w.stage.changed = append(w.stage.data, w.pending...), w.blobs.clock.Now()
	w.pending = nil
	return []byte(stageNote), nil
}

// usable tells whether w may go on; the storage's mu is held.
func (w *stageWriter) usable(ctx context.Context) error {
	if err := w.blobs.check(ctx, w.key); err != nil {
		return err
	}
	if w.blobs.stages[w.key] != w.stage || w.stage.writer != w {
		return domain.Errorf(domain.Conflict, "Another request goes on with this upload, or it was ended. Ask how much has arrived.")
	}
	return nil
}

func (w *stageWriter) Close() error {
	w.blobs.mu.Lock()
	defer w.blobs.mu.Unlock()
	if w.stage.writer == w {
		w.stage.writer = nil
	}
	return nil
}
