package sessions

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"io"
	"time"

	"github.com/google/uuid"

	"doorito/app/files"
	"doorito/app/stream"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// small is how large an upload may be that is held in memory and stored in few
// steps: no more than a stream of any size holds.
const small = stream.SmallSize

// patience is how long a small body is waited for before what came of it is
// made durable as any other.
const patience = 250 * time.Millisecond

// whole is a small upload that came in one request and is held in memory.
type whole struct {
	data  []byte
	sum   string
	state []byte // of the hash
}

// takeWhole reads the body of a small upload; nil unless all of it is there at
// once and matches its checksum. What was read stands in front of the body
// again, for Append to do with it what it does with any.
func takeWhole(in *usecase.AppendInput) *whole {
	body, can := in.Body.(usecase.Ready)
	if !can || in.Offset != 0 || in.Size <= 0 || in.Size > small || in.Total != nil || in.Hold || in.Saved != nil {
		return nil
	}
	data := make([]byte, in.Size)
	n, err := body.ReadReady(data, patience)
	in.Body = io.MultiReader(bytes.NewReader(data[:n]), in.Body)
	if int64(n) < in.Size || err != nil && err != io.EOF {
		return nil
	}
	if in.Checksum != nil {
		_, _ = in.Checksum.Write(data) // a hash.Hash never fails
		err := verify(*in)
		in.Checksum.Reset()
		if err != nil {
			return nil
		}
	}
	h := sha256.New()
	h.Write(data)
	w := &whole{data: data, sum: hex.EncodeToString(h.Sum(nil))}
	if w.state, err = h.(encoding.BinaryAppender).AppendBinary(nil); err != nil {
		return nil
	}
	return w
}

// takes tells whether row becomes complete with these bytes, and what their type
// is. What the rules refuse goes the long way, which knows the words for it.
func (s *Sessions) takes(policy domain.UploadPolicy, row *domain.UploadSession, file *domain.File, w *whole) (contentType string, ok bool) {
	if row.Status != domain.SessionInit || row.Kind != domain.SessionWhole || row.Mode != domain.ModeUndecided || row.Stage != nil {
		return "", false
	}
	if row.TotalSize == nil || *row.TotalSize != int64(len(w.data)) || declared(row, w.sum) != nil || row.CheckOpen(s.Clock.Now()) != nil {
		return "", false
	}
	sniffed, byName := s.Sniffer.Sniff(w.data[:min(len(w.data), ports.SniffLength)]), s.Sniffer.ByName(file.OriginalFilename)
	if policy.CheckSize(*row.TotalSize) != nil || policy.CheckType(file.OriginalFilename, sniffed, byName) != nil {
		return "", false
	}
	return domain.ContentType(sniffed, byName), true
}

// createWhole stores a small upload that is all there: the blob goes under a key
// that is reserved, then file, session and event are committed together, with
// those of others that come at the same time. Nil and no error: it goes the long
// way, with a key of its own.
func (s *Sessions) createWhole(ctx context.Context, a domain.Actor, row *domain.UploadSession, file *domain.File, w *whole) (*domain.UploadSession, error) {
	contentType, ok := s.takes(s.Limits.For(a.Allowance), row, file, w)
	if !ok {
		return nil, nil
	}
	id, key, err := s.reserve(ctx)
	if err != nil {
		return nil, err
	}
	newRow, newFile := *row, *file
	newFile.ID, newFile.StorageKey = id, key
	newRow.FileID, newRow.StorageKey = &id, key
	return s.storeWhole(ctx, &newRow, &newFile, w, contentType, func(ctx context.Context, u ports.Upload) error {
		return s.commitTogether(ctx, &member{actor: a, upload: u})
	})
}

// appendWhole stores a small upload whose session is there already. Nil and no
// error: it goes the long way.
func (s *Sessions) appendWhole(ctx context.Context, a domain.Actor, id uuid.UUID, w *whole) (*domain.UploadSession, error) {
	row, file, err := s.DB.Reads().Uploads.Find(ctx, id)
	if row, err = seen(a, row, err); err != nil || file == nil {
		return nil, err
	}
	policy, err := s.policy(ctx, a, row)
	if err != nil {
		return nil, err
	}
	contentType, ok := s.takes(policy, row, file, w)
	if !ok {
		return nil, nil
	}
	return s.storeWhole(ctx, row, file, w, contentType, func(ctx context.Context, u ports.Upload) error {
		return s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
			return st.Uploads.Complete(ctx, u.File, u.Session, u.Event)
		})
	})
}

// storeWhole puts the blob and commits file, session and event. Until then
// nobody was told of a byte. One who sends them again to the same session finds
// the blob and goes the long way, which replaces it. The same goes for a key
// that has a blob now, and for a session that changed meanwhile.
func (s *Sessions) storeWhole(ctx context.Context, row *domain.UploadSession, file *domain.File, w *whole, contentType string,
	commit func(ctx context.Context, u ports.Upload) error) (*domain.UploadSession, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	u, err := s.becomes(*row, *file, w, contentType)
	if err != nil {
		return nil, err
	}
	if err := s.Blobs.Put(ctx, row.StorageKey, w.data); err != nil {
		return nil, unlessConflict(err)
	}
	err = commit(ctx, u)
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), afterwards) // whatever that took
	defer cancel()
	if err != nil {
		return s.unstored(ctx, u.Session, err)
	}
	if err := files.SettleAfter(ctx, s.DB, s.IDs, file.BatchID, u.Session.UpdatedAt); err != nil {
		s.Log.Error("batch not settled", "file_id", file.ID, "error", err)
	}
	return u.Session, nil
}

// becomes moves file and session to where these bytes bring them.
func (s *Sessions) becomes(row domain.UploadSession, file domain.File, w *whole, contentType string) (ports.Upload, error) {
	now := s.Clock.Now()
	if err := row.Use(domain.ModeSequential); err != nil {
		return ports.Upload{}, err
	}
	row.Advance(int64(len(w.data)), w.state, nil, s.TTL, now)
	if err := s.completeIfWhole(&row, now); err != nil {
		return ports.Upload{}, err
	}
	if err := row.End(domain.SessionComplete, "", now); err != nil {
		return ports.Upload{}, err
	}
	e, err := file.Store(*row.TotalSize, w.sum, contentType, s.Limits.TTL, now)
	if err != nil {
		return ports.Upload{}, err
	}
	return ports.Upload{File: &file, Session: &row, Event: e}, e.AssignID(s.IDs.New())
}

// unstored finds out what became of a commit that failed: it may have gone
// through all the same. A session that was ended meanwhile, or never was, has no
// use for the blob; of one that another request goes on with it is that one's to
// replace.
func (s *Sessions) unstored(ctx context.Context, done *domain.UploadSession, err error) (*domain.UploadSession, error) {
	row, ferr := s.DB.Reads().Sessions.Find(ctx, done.ID)
	missing := domain.IsCode(ferr, domain.NotFound) && refused(err)
	if ferr != nil && !missing {
		return nil, err
	}
	switch {
	case missing:
		s.discardBlob(ctx, done)
		return nil, err
	case row.Status == domain.SessionComplete && row.SHA256() == done.SHA256():
		return row, nil
	case row.Status == domain.SessionAborted || row.Status == domain.SessionFailed:
		s.discardBlob(ctx, row)
	}
	return nil, unlessConflict(err)
}

// refused tells an error that leaves no doubt: nothing was committed.
func refused(err error) bool {
	code := domain.CodeOf(err)
	return code != domain.Internal && code != domain.Unavailable
}

// discardBlob removes bytes that no file has.
func (s *Sessions) discardBlob(ctx context.Context, row *domain.UploadSession) {
	if err := s.Blobs.Delete(ctx, row.StorageKey); err != nil {
		s.Log.Error("bytes of an ended upload not removed", "session_id", row.ID, "error", err)
	}
}

func unlessConflict(err error) error {
	if domain.IsCode(err, domain.Conflict) {
		return nil
	}
	return err
}
