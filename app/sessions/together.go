package sessions

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/app/files"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

var _ usecase.Together = (*Sessions)(nil)

// putsAtOnce is how many blobs of one request are written side by side: their
// syncs wait for the disk together.
const putsAtOnce = 8

// member is one upload of several.
type member struct {
	at     int // in what was asked for
	actor  domain.Actor
	whole  *whole
	upload ports.Upload
}

// CreateAll implements usecase.Together.
func (s *Sessions) CreateAll(ctx context.Context, a domain.Actor, in []usecase.SessionInput) []usecase.Creation {
	out := make([]usecase.Creation, len(in))
	group := s.storeGroup(ctx, s.gather(ctx, a, in))
	for _, m := range group {
		out[m.at] = usecase.Creation{Session: m.upload.Session, Created: true}
	}
	for i := range in {
		if out[i].Session == nil {
			out[i].Session, out[i].Created, out[i].Err = s.Create(ctx, a, in[i])
		}
	}
	return out
}

// again is a body that is in memory, for Create to take once more.
type again struct{ left []byte }

func (b *again) Read(p []byte) (int, error) {
	n := copy(p, b.left)
	if b.left = b.left[n:]; n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// ReadReady implements usecase.Ready.
func (b *again) ReadReady(p []byte, _ time.Duration) (int, error) {
	n := copy(p, b.left)
	b.left = b.left[n:]
	return n, nil
}

// gather finds those that become files by one commit: small, all there, and
// nothing about them to refuse. The words for a refusal are Create's.
func (s *Sessions) gather(ctx context.Context, a domain.Actor, in []usecase.SessionInput) (group []*member) {
	if len(in) < 2 || a.RequireTo(domain.MayUpload) != nil {
		return nil
	}
	policy := s.Limits.For(a.Allowance)
	for i := range in {
		if in[i].First == nil || in[i].Kind == domain.SessionFinal {
			continue
		}
		row, file, err := s.draft(a, in[i])
		if err != nil || file == nil {
			continue
		}
		w := takeWhole(in[i].First)
		if w == nil {
			continue
		}
		in[i].First.Body = &again{w.data}
		contentType, ok := s.takes(policy, row, file, w)
		if !ok {
			continue
		}
		id, key, err := s.reserve(ctx)
		if err != nil {
			return group
		}
		file.ID, file.StorageKey = id, key
		row.FileID, row.StorageKey = &id, key
		u, err := s.becomes(*row, *file, w, contentType)
		if err != nil {
			continue
		}
		group = append(group, &member{at: i, actor: a, whole: w, upload: u})
	}
	return group
}

// storeGroup puts the blobs and commits files, sessions and events of all at
// once. It returns those that are stored; the others were not, and nobody was
// told of a byte of them.
func (s *Sessions) storeGroup(ctx context.Context, group []*member) []*member {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	if group = s.putAll(ctx, group); len(group) == 0 {
		return nil
	}
	if err := s.commitGroup(ctx, group); err != nil {
		return s.stillStored(ctx, group, err)
	}
	settled := map[uuid.UUID]bool{}
	for _, m := range group {
		id := m.upload.File.BatchID
		if id == nil || settled[*id] {
			continue
		}
		settled[*id] = true
		if err := files.SettleAfter(ctx, s.DB, s.IDs, id, m.upload.Session.UpdatedAt); err != nil {
			s.Log.Error("batch not settled", "file_id", m.upload.File.ID, "error", err)
		}
	}
	return group
}

// commitGroup commits files, sessions and events: all or none.
func (s *Sessions) commitGroup(ctx context.Context, group []*member) error {
	all := make([]ports.Upload, len(group))
	for i, m := range group {
		all[i] = m.upload
	}
	return s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		batches := map[uuid.UUID]*domain.Batch{}
		for _, m := range group {
			if err := joinBatch(ctx, st, m.actor, m.upload.File, batches); err != nil {
				return err
			}
		}
		if err := st.Uploads.Store(ctx, all...); err != nil {
			return err
		}
		for _, m := range group {
			if err := promise(ctx, st, m.actor, m.upload.Session); err != nil {
				return err
			}
		}
		return nil
	})
}

// commitTogether commits one upload, with others that come at the same time.
// What one of them is refused for is no matter of the others. Who has a quota
// waits for all others of the same user until theirs is committed, and nobody
// for that.
func (s *Sessions) commitTogether(ctx context.Context, m *member) error {
	commit := func(group []*member) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
		defer cancel()
		return s.commitGroup(ctx, group)
	}
	if m.actor.Allowance.Quota > 0 {
		return commit([]*member{m})
	}
	in := lineKey{user: m.actor.UserID}
	if id := m.upload.File.BatchID; id != nil {
		in.batch = *id
	}
	alone, err := s.commits.do(in, m, commit)
	if alone || err == nil || !refused(err) {
		return err
	}
	return commit([]*member{m})
}

// putAll returns those whose blob is there.
func (s *Sessions) putAll(ctx context.Context, group []*member) (put []*member) {
	errs := make([]error, len(group))
	room := make(chan struct{}, putsAtOnce)
	var all sync.WaitGroup
	for i, m := range group {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			errs[i] = s.Blobs.Put(ctx, m.upload.File.StorageKey, m.whole.data)
		})
	}
	all.Wait()
	for i, m := range group {
		if errs[i] == nil {
			put = append(put, m)
		}
	}
	return put
}

// stillStored returns those that are stored although the commit failed: its
// answer may have been lost.
func (s *Sessions) stillStored(ctx context.Context, group []*member, failure error) (there []*member) {
	for _, m := range group {
		if row, err := s.unstored(ctx, m.upload.Session, failure); err == nil && row != nil && row.ID == m.upload.Session.ID {
			there = append(there, m)
		}
	}
	return there
}
