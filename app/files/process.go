package files

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

var _ usecase.Consumer = (*Files)(nil)

// maxReason in characters.
const maxReason = 1000

// moveTries is how often a move is tried when the row changed but for its
// state: an expiry that was extended in the same moment is no refusal.
const moveTries = 3

// Process implements usecase.Consumer.
func (f *Files) Process(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.File, error) {
	return f.consume(ctx, a, id, "file.processed", nil, func(file *domain.File, now time.Time) (*domain.Event, error) {
		return file.Process(now)
	})
}

// Fail implements usecase.Consumer.
func (f *Files) Fail(ctx context.Context, a domain.Actor, id uuid.UUID, reason string) (*domain.File, error) {
	reason = strings.TrimSpace(reason)
	switch n := utf8.RuneCountInString(reason); {
	case n == 0:
		return nil, domain.FieldErrorf("reason", "Say why the file failed, in a sentence that its sender can act on.")
	case n > maxReason:
		return nil, domain.FieldErrorf("reason", "A reason has at most %d characters; this one has %d.", maxReason, n)
	case !utf8.ValidString(reason) || strings.ContainsRune(reason, 0):
		return nil, domain.FieldErrorf("reason", "A reason is plain UTF-8 text.")
	}
	return f.consume(ctx, a, id, "file.failed", map[string]string{"reason": reason}, func(file *domain.File, now time.Time) (*domain.Event, error) {
		return file.Fail(reason, now)
	})
}

// consume moves a stored file on, with its event and its audit entry.
func (f *Files) consume(ctx context.Context, a domain.Actor, id uuid.UUID, action string, changes map[string]string, move func(*domain.File, time.Time) (*domain.Event, error)) (*domain.File, error) {
	if err := a.RequireTo(domain.MayProcess); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		file, err := f.consumeOnce(ctx, a, id, action, changes, move)
		if !domain.IsCode(err, domain.Conflict) {
			return file, err
		}
		now, found := f.DB.Reads().Files.Find(ctx, id)
		if found != nil {
			return nil, found
		}
		if now.Status != domain.FileStored {
			return nil, notStored(now)
		}
		if try == moveTries {
			return nil, err
		}
	}
}

func (f *Files) consumeOnce(ctx context.Context, a domain.Actor, id uuid.UUID, action string, changes map[string]string, move func(*domain.File, time.Time) (*domain.Event, error)) (*domain.File, error) {
	var file *domain.File
	now := f.Clock.Now()
	err := f.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		var err error
		if file, err = s.Files.Find(ctx, id); err != nil {
			return err
		}
		if !a.Sees(file.UploadedBy) {
			return noFile()
		}
		if file.Status != domain.FileStored {
			return notStored(file)
		}
		e, err := move(file, now)
		if err != nil {
			return err
		}
		if err := s.Files.Move(ctx, file, domain.FileStored); err != nil {
			return err
		}
		if err := app.Append(ctx, s, f.IDs, e); err != nil {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(f.IDs.New(), a, action, "file", id, changes, now))
	})
	if err != nil {
		return nil, err
	}
	return file, nil
}

// notStored says what became of a file that a consumer came too late for.
func notStored(file *domain.File) error {
	switch {
	case file.Status == domain.FileProcessed && file.ProcessedAt != nil:
		return domain.Errorf(domain.Conflict, "This file was taken already: it is processed since %s. Leave it and take the next one.", file.ProcessedAt.UTC().Format(time.RFC3339))
	case file.Status == domain.FileUploading:
		return domain.Errorf(domain.Conflict, "This file is still on its way in. Wait for its event file.stored.")
	}
	return domain.Errorf(domain.Conflict, "This file is %s, so there is nothing to take. Leave it and take the next one.", file.Status)
}

func noFile() error {
	return domain.Errorf(domain.NotFound, "There is no such file. It may have been purged, or it belongs to somebody else.")
}
