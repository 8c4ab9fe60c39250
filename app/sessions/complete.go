package sessions

import (
	"context"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/app/files"
	"doorito/domain"
	"doorito/ports"
)

// Complete implements usecase.Sessions.
func (s *Sessions) Complete(ctx context.Context, a domain.Actor, id uuid.UUID, sum string) (*domain.File, error) {
	if err := a.RequireTo(domain.MayUpload); err != nil {
		return nil, err
	}
	sum, err := declaredSum(sum)
	if err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		row, err := lock(ctx, st, a, id)
		if err != nil {
			return err
		}
		if row.Kind == domain.SessionPartial {
			return domain.Errorf(domain.Conflict, "A partial upload makes no file of its own. Join it with others.")
		}
		if err := row.Declare(sum); err != nil {
			return err
		}
		if row.Status == domain.SessionCompleting || row.Status == domain.SessionComplete {
			return nil
		}
		parts, err := st.Sessions.ListParts(ctx, id)
		if err != nil {
			return err
		}
		have := make([]int, len(parts))
		for i, p := range parts {
			have[i] = p.Number
		}
		if err := row.BeginCompletion(have, s.Clock.Now()); err != nil {
			return err
		}
		return st.Sessions.Save(ctx, row, domain.SessionInit, domain.SessionInProgress)
	})
	if err != nil {
		return nil, err
	}
	file, err := s.finish(ctx, id, nil, false)
	if err == nil && sum != "" && sum != file.SHA256 {
		return nil, domain.NewWrongSum("sha256", file.SHA256, sum, "The stored file has the SHA-256 %s, not %s. Compare it with yours.")
	}
	return file, err
}

// completed finishes a session and returns it as it is then.
func (s *Sessions) completed(ctx context.Context, row *domain.UploadSession, head []byte) (*domain.UploadSession, error) {
	if row.Kind == domain.SessionPartial {
		return row, nil
	}
	if _, err := s.finish(ctx, row.ID, head, false); err != nil {
		return nil, err
	}
	return s.DB.Reads().Sessions.Find(context.WithoutCancel(ctx), row.ID)
}

// assemble makes the blob and finds out what it is.
func (s *Sessions) assemble(ctx context.Context, row *domain.UploadSession, file *domain.File, head []byte) (sum, contentType string, err error) {
	if row.Kind == domain.SessionWhole && row.Mode != domain.ModeParts {
		if sum, err = sumOf(row.HashState); err != nil {
			return "", "", err
		}
		if err := declared(row, sum); err != nil {
			return "", "", err
		}
	}
	living, rest := s.alive(ctx, row)
	err = s.makeBlob(living, row)
	if rest(); err != nil {
		return "", "", err
	}
	if head == nil {
		if head, err = s.readHead(ctx, row.StorageKey); err != nil {
			return "", "", err
		}
	}
	policy, err := s.policy(ctx, domain.System(), row)
	if err != nil {
		return "", "", err
	}
	sniffed, byName := s.Sniffer.Sniff(head), s.Sniffer.ByName(file.OriginalFilename)
	if err := policy.CheckType(file.OriginalFilename, sniffed, byName); err != nil {
		return "", "", err
	}
	if sum == "" {
		if sum, err = s.readSum(ctx, row); err != nil {
			return "", "", err
		}
		if err := declared(row, sum); err != nil {
			return "", "", err
		}
	}
	return sum, domain.ContentType(sniffed, byName), nil
}

// makeBlob may be done again after it went through.
func (s *Sessions) makeBlob(ctx context.Context, row *domain.UploadSession) error {
	if row.Kind == domain.SessionFinal {
		sources, err := s.sources(ctx, row)
		if err != nil {
			return err
		}
		return s.Staging.Join(ctx, row.StorageKey, sources)
	}
	if row.Stage == nil { // an empty file that nobody wrote to
		if err := s.stageNothing(ctx, row); err != nil {
			return err
		}
	}
	var parts []*domain.UploadPart
	if row.Mode == domain.ModeParts {
		var err error
		if parts, err = s.DB.Reads().Sessions.ListParts(ctx, row.ID); err != nil {
			return err
		}
	}
	return s.Staging.Finish(ctx, row.StorageKey, row.Stage, *row.TotalSize, parts)
}

func (s *Sessions) stageNothing(ctx context.Context, row *domain.UploadSession) error {
	stage, err := s.Staging.Begin(ctx, row.StorageKey, 0)
	if err != nil {
		return err
	}
	w, err := s.Staging.Append(ctx, row.StorageKey, stage, 0)
	if err != nil {
		return err
	}
	defer w.Close()
	row.Stage, err = w.Checkpoint(ctx)()
	return err
}

// commit stores file and session with the event. When somebody else was first,
// or the answer to our commit was lost, it went through all the same.
func (s *Sessions) commit(ctx context.Context, row *domain.UploadSession, file *domain.File, sum, contentType string) (*domain.File, error) {
	now := s.Clock.Now()
	stored, done := *file, *row
	e, err := stored.Store(*row.TotalSize, sum, contentType, s.Limits.TTL, now)
	if err != nil {
		return nil, err
	}
	if err := done.End(domain.SessionComplete, "", now); err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		if err := st.Sessions.Save(ctx, &done, domain.SessionCompleting); err != nil {
			return err
		}
		if err := st.Files.Move(ctx, &stored, domain.FileUploading); err != nil {
			return err
		}
		return app.Append(ctx, st, s.IDs, e)
	})
	if err != nil {
		there, ferr := s.DB.Reads().Files.Find(ctx, file.ID)
		if ferr != nil || there.StoredAt == nil {
			return nil, err
		}
		return there, nil
	}
	if err := files.SettleAfter(ctx, s.DB, s.IDs, file.BatchID, now); err != nil {
		s.Log.Error("batch not settled", "file_id", file.ID, "error", err)
	}
	return &stored, nil
}
