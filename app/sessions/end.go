package sessions

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/app/files"
	"doorito/domain"
	"doorito/ports"
)

// Abort implements usecase.Sessions. Conflict for an upload that is complete
// or completing, Expired for one that has ended otherwise.
func (s *Sessions) Abort(ctx context.Context, a domain.Actor, id uuid.UUID) error {
	if err := a.Require(domain.ScopeUpload); err != nil {
		return err
	}
	row, err := s.find(ctx, a, id)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	late := *row
	late.ExpiresAt = now.Add(s.TTL) // one whose time is over may still be aborted
	if err := late.CheckOpen(now); err != nil {
		return err
	}
	return s.end(ctx, id, domain.SessionAborted, "The upload was cancelled.", isOpen, &a)
}

func isOpen(row *domain.UploadSession) bool {
	return row.Status == domain.SessionInit || row.Status == domain.SessionInProgress
}

// refuse ends an upload that the rules do not take. If that fails too, its
// expiry ends it.
func (s *Sessions) refuse(ctx context.Context, id uuid.UUID, cause error) {
	err := s.end(ctx, id, domain.SessionFailed, reason(cause), func(row *domain.UploadSession) bool {
		return isOpen(row) || row.Status == domain.SessionCompleting
	}, nil)
	if err != nil && !domain.IsCode(err, domain.Conflict) {
		s.Log.Error("refused upload not cleared away", "session_id", id, "error", err)
	}
}

// end ends session and file with the event, if the session is still as `may`
// wants it (Conflict else), and then removes what there is of the bytes. by is
// who asked for it, for the audit log; nil when the portal does it by itself.
func (s *Sessions) end(ctx context.Context, id uuid.UUID, to domain.SessionStatus, why string, may func(*domain.UploadSession) bool, by *domain.Actor) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	row, err := s.DB.Reads().Sessions.Find(ctx, id)
	if err != nil {
		return err
	}
	if row.FileID == nil {
		return s.endPartial(ctx, row, to, why, may, by)
	}
	var file *domain.File
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		now := s.Clock.Now()
		if err := s.endRow(ctx, st, id, to, why, may, by, &row); err != nil {
			return err
		}
		var err error
		if file, err = st.Files.Find(ctx, *row.FileID); err != nil {
			return err
		}
		e, err := file.Fail(why, now)
		if err != nil {
			return err
		}
		if err := st.Files.Move(ctx, file, domain.FileUploading); err != nil {
			return err
		}
		return app.Append(ctx, st, s.IDs, e)
	})
	if err != nil {
		return err
	}
	// From here on the files' cleanup does what fails: it finds the file as long
	// as that is not marked as purged.
	err = s.discard(ctx, row)
	if err == nil {
		err = files.Purge(ctx, s.DB, s.Blobs, file, s.Clock)
	}
	if err != nil {
		s.Log.Error("bytes of an ended upload not removed, the cleanup tries again", "session_id", id, "error", err)
	}
	if err := files.SettleAfter(ctx, s.DB, s.IDs, file.BatchID, s.Clock.Now()); err != nil {
		s.Log.Error("batch not settled", "file_id", file.ID, "error", err)
	}
	return nil
}

// endPartial has no file whose cleanup would find bytes that were left: they
// go first, and the session's expiry does it again.
func (s *Sessions) endPartial(ctx context.Context, row *domain.UploadSession, to domain.SessionStatus, why string, may func(*domain.UploadSession) bool, by *domain.Actor) error {
	if err := s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		var err error
		if row, err = st.Sessions.Take(ctx, row.ID, s.Clock.Now()); err != nil {
			return err
		}
		if !may(row) {
			return ended(row)
		}
		return nil
	}); err != nil {
		return err
	}
	if err := s.discard(ctx, row); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		return s.endRow(ctx, st, row.ID, to, why, may, by, &row)
	})
}

func (s *Sessions) endRow(ctx context.Context, st ports.Stores, id uuid.UUID, to domain.SessionStatus, why string, may func(*domain.UploadSession) bool, by *domain.Actor, out **domain.UploadSession) error {
	row, err := st.Sessions.Lock(ctx, id)
	if err != nil {
		return err
	}
	if !may(row) {
		return ended(row)
	}
	from := row.Status
	if err := row.End(to, why, s.Clock.Now()); err != nil {
		return err
	}
	*out = row
	if err := st.Sessions.Save(ctx, row, from); err != nil || by == nil {
		return err
	}
	return st.Audit.Append(ctx, domain.NewAuditEntry(s.IDs.New(), *by, "session."+string(to), "session", id, map[string]string{
		"status": string(from) + " → " + string(to), "received": domain.FormatBytes(row.BytesReceived),
	}, row.UpdatedAt))
}

func ended(row *domain.UploadSession) error {
	return domain.Errorf(domain.Conflict, "This upload is %s already.", row.Status)
}

// discard removes what is staged. What a final keeps as its stage are its
// sources.
func (s *Sessions) discard(ctx context.Context, row *domain.UploadSession) error {
	stage := row.Stage
	if row.Kind == domain.SessionFinal {
		stage = nil
	}
	return s.Staging.Discard(ctx, row.StorageKey, stage)
}

// reason is what the file's page says; foreign errors stay in the log.
func reason(err error) string {
	var e *domain.Error
	if errors.As(err, &e) && e.Code != domain.Internal {
		return e.Message
	}
	return "Something failed on our side while the file came in. Send it again."
}
