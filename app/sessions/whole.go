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

	"doorito/app"
	"doorito/app/files"
	"doorito/app/stream"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// small is how large an upload may be that is held in memory and stored in few
// steps: no more than a stream of any size holds.
const small = stream.BufferSize

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
func (s *Sessions) takes(row *domain.UploadSession, file *domain.File, w *whole) (contentType string, ok bool) {
	if row.Status != domain.SessionInit || row.Kind != domain.SessionWhole || row.Mode != domain.ModeUndecided || row.Stage != nil {
		return "", false
	}
	if row.TotalSize == nil || *row.TotalSize != int64(len(w.data)) || declared(row, w.sum) != nil || row.CheckOpen(s.Clock.Now()) != nil {
		return "", false
	}
	sniffed, byName := s.Sniffer.Sniff(w.data[:min(len(w.data), ports.SniffLength)]), s.Sniffer.ByName(file.OriginalFilename)
	if s.Limits.CheckSize(*row.TotalSize) != nil || s.Limits.CheckType(file.OriginalFilename, sniffed, byName) != nil {
		return "", false
	}
	return domain.ContentType(sniffed, byName), true
}

// createWhole makes file and session of a small upload that is all there: the
// file's row with its key, then the blob, then file, session and event
// together. announced says that the row is there, should the rest go the long
// way; a process that dies in between leaves a file that stands still, which the
// cleanup ends.
func (s *Sessions) createWhole(ctx context.Context, a domain.Actor, row *domain.UploadSession, file *domain.File, w *whole) (done *domain.UploadSession, announced bool, err error) {
	contentType, ok := s.takes(row, file, w)
	if !ok {
		return nil, false, nil
	}
	// Nobody is told of this row before a commit that makes it durable as well.
	err = s.DB.InLooseTx(ctx, func(ctx context.Context, st ports.Stores) error {
		if err := joinBatch(ctx, st, a, file); err != nil {
			return err
		}
		return st.Files.Insert(ctx, file)
	})
	if err != nil {
		return nil, false, err
	}
	done, err = s.storeWhole(ctx, row, file, w, contentType, func(ctx context.Context, st ports.Stores, done *domain.UploadSession) error {
		_, _, err := st.Sessions.Insert(ctx, done)
		return err
	})
	return done, true, err
}

// appendWhole stores a small upload whose session is there already. Nil and no
// error: it goes the long way.
func (s *Sessions) appendWhole(ctx context.Context, a domain.Actor, id uuid.UUID, w *whole) (*domain.UploadSession, error) {
	reads := s.DB.Reads()
	row, err := reads.Sessions.Find(ctx, id)
	if row, err = seen(a, row, err); err != nil || row.FileID == nil {
		return nil, err
	}
	file, err := reads.Files.Find(ctx, *row.FileID)
	if err != nil {
		return nil, err
	}
	contentType, ok := s.takes(row, file, w)
	if !ok {
		return nil, nil
	}
	return s.storeWhole(ctx, row, file, w, contentType, func(ctx context.Context, st ports.Stores, done *domain.UploadSession) error {
		return st.Sessions.Save(ctx, done, domain.SessionInit)
	})
}

// storeWhole puts the blob and commits file, session and event. Until then the
// session is in init at offset 0: nobody was told of a byte, and one who sends
// them again finds the blob and goes the long way, which replaces it. The same
// goes for a key that has a blob now, and for a session that changed meanwhile.
func (s *Sessions) storeWhole(ctx context.Context, row *domain.UploadSession, file *domain.File, w *whole, contentType string,
	save func(ctx context.Context, st ports.Stores, done *domain.UploadSession) error) (*domain.UploadSession, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	if err := s.Blobs.Put(ctx, row.StorageKey, w.data); err != nil {
		return nil, unlessConflict(err)
	}
	now := s.Clock.Now()
	done, stored := *row, *file
	if err := done.Use(domain.ModeSequential); err != nil {
		return nil, err
	}
	done.Advance(int64(len(w.data)), w.state, nil, s.TTL, now)
	if err := s.completeIfWhole(&done, now); err != nil {
		return nil, err
	}
	if err := done.End(domain.SessionComplete, "", now); err != nil {
		return nil, err
	}
	e, err := stored.Store(*row.TotalSize, w.sum, contentType, s.Limits.TTL, now)
	if err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		if err := save(ctx, st, &done); err != nil {
			return err
		}
		if err := st.Files.Move(ctx, &stored, domain.FileUploading); err != nil {
			return err
		}
		return app.Append(ctx, st, s.IDs, e)
	})
	if err != nil {
		return s.unstored(ctx, &done, err)
	}
	if err := files.SettleAfter(ctx, s.DB, s.IDs, file.BatchID, now); err != nil {
		s.Log.Error("batch not settled", "file_id", file.ID, "error", err)
	}
	return &done, nil
}

// unstored finds out what became of a commit that failed: it may have gone
// through all the same. A session that was ended meanwhile has no use for the
// blob; of one that another request goes on with it is that one's to replace.
func (s *Sessions) unstored(ctx context.Context, done *domain.UploadSession, err error) (*domain.UploadSession, error) {
	row, ferr := s.DB.Reads().Sessions.Find(ctx, done.ID)
	if ferr != nil {
		return nil, err
	}
	switch {
	case row.Status == domain.SessionComplete && row.SHA256() == done.SHA256():
		return row, nil
	case row.Status == domain.SessionAborted || row.Status == domain.SessionFailed:
		if derr := s.Blobs.Delete(ctx, row.StorageKey); derr != nil {
			s.Log.Error("bytes of an ended upload not removed", "session_id", row.ID, "error", derr)
		}
	}
	return nil, unlessConflict(err)
}

func unlessConflict(err error) error {
	if domain.IsCode(err, domain.Conflict) {
		return nil
	}
	return err
}
