package files

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/app/stream"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Uploads implements usecase.Uploads.
type Uploads struct {
	DB      ports.Transactor
	Blobs   ports.Blobs
	Sniffer ports.TypeSniffer
	Clock   ports.Clock
	IDs     ports.IDs
	Log     *slog.Logger
	Limits  domain.UploadPolicy
}

var _ usecase.Uploads = (*Uploads)(nil)

// signOfLife is how often a long upload says in the database that it lives;
// StaleAfter is when the cleanup takes silence for death.
const (
	signOfLife = 15 * time.Second
	StaleAfter = 5 * time.Minute
	afterwards = 30 * time.Second // for what must be done although the request is over
)

// Policy implements usecase.Uploads.
func (u *Uploads) Policy(a domain.Actor) domain.UploadPolicy { return u.Limits.For(a.Allowance) }

// Usage implements usecase.Uploads.
func (u *Uploads) Usage(ctx context.Context, a domain.Actor) (domain.Usage, error) {
	out := domain.Usage{Quota: a.Allowance.Quota}
	if a.UserID == uuid.Nil {
		return out, nil
	}
	var err error
	out.Used, err = u.DB.Reads().Uploads.Used(ctx, a.UserID)
	return out, err
}

// Upload implements usecase.Uploads.
func (u *Uploads) Upload(ctx context.Context, a domain.Actor, in usecase.UploadInput) (*domain.File, error) {
	return u.upload(ctx, a, in, nil)
}

// upload runs claim, when set, in the transaction that commits the row; what
// claim refuses leaves no row.
func (u *Uploads) upload(ctx context.Context, a domain.Actor, in usecase.UploadInput, claim claimKey) (*domain.File, error) {
	if err := a.RequireTo(domain.MayUpload); err != nil {
		return nil, err
	}
	name, err := domain.CleanFilename(in.Name)
	if err != nil {
		return nil, err
	}
	if err := u.Limits.CheckSize(in.Size); err != nil {
		return nil, err
	}
	f, err := u.begin(ctx, a, name, in, claim)
	if err != nil {
		return nil, err
	}
	if err := u.receive(ctx, a, f, in); err != nil {
		u.refuse(ctx, f, err)
		return nil, err
	}
	return f, nil
}

// begin commits the row and its storage key before the first byte.
func (u *Uploads) begin(ctx context.Context, a domain.Actor, name string, in usecase.UploadInput, claim claimKey) (*domain.File, error) {
	now := u.Clock.Now()
	f := domain.NewFile(u.IDs.New(), name, owner(a), in.BatchID, now)
	f.UploaderName = a.Name
	for k, v := range in.Metadata {
		f.Metadata[k] = v
	}
	err := u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		if claim != nil {
			if err := claim(ctx, s, f); err != nil {
				return err
			}
		}
		if in.BatchID != nil {
			b, err := s.Batches.Join(ctx, *in.BatchID, now)
			if err != nil {
				return err
			}
			if !a.Sees(b.CreatedBy) {
				return domain.Errorf(domain.NotFound, "There is no such batch. Start a new one.")
			}
			if err := b.Accept(now); err != nil {
				return err
			}
		}
		if err := s.Files.Insert(ctx, f); err != nil {
			return err
		}
		return CheckQuota(ctx, s, f.UploadedBy, a.Allowance, in.Size, 0)
	})
	return f, err
}

// receive streams the body into storage and stores the file with its event.
func (u *Uploads) receive(ctx context.Context, a domain.Actor, f *domain.File, in usecase.UploadInput) error {
	limit, full, err := u.room(ctx, a)
	if err != nil {
		return err
	}
	w, err := u.Blobs.Create(ctx, f.StorageKey, in.Size)
	if err != nil {
		return err
	}
	defer func() {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
		defer cancel()
		if err := w.Abort(after); err != nil {
			u.Log.Error("upload abort failed", "file_id", f.ID, "error", err)
		}
	}()
	contentType, policy := f.ContentType, u.Policy(a)
	res, err := stream.Copy(ctx, w, in.Body, stream.Options{
		Limit: limit,
		Head: func(head []byte) error {
			sniffed, byName := u.Sniffer.Sniff(head), u.Sniffer.ByName(f.OriginalFilename)
			contentType = domain.ContentType(sniffed, byName)
			return policy.CheckType(f.OriginalFilename, sniffed, byName)
		},
		Progress: u.signs(ctx, f.ID),
	})
	if full != nil && domain.IsCode(err, domain.TooLarge) {
		return full
	}
	if err != nil {
		return brokenOff(err, res.Size, in.Size)
	}
	if in.Size >= 0 && res.Size != in.Size {
		return brokenOff(io.ErrUnexpectedEOF, res.Size, in.Size)
	}
	if err := w.Commit(ctx); err != nil {
		return err
	}
	return u.store(ctx, a, f, res, contentType)
}

// room is how many bytes a stream may bring, and what to say when more come:
// nil means that the file itself is too large.
func (u *Uploads) room(ctx context.Context, a domain.Actor) (limit int64, full error, err error) {
	limit = u.Limits.MaxSize
	if a.Allowance.Quota == 0 {
		return limit, nil, nil
	}
	usage, err := u.Usage(ctx, a)
	if err != nil {
		return 0, nil, err
	}
	if left := usage.Left(); left < limit {
		// A limit of 0 would be none.
		limit, full = max(1, left), usage.Check(left+1)
	}
	return limit, full, nil
}

func (u *Uploads) store(ctx context.Context, a domain.Actor, f *domain.File, res stream.Result, contentType string) error {
	// The bytes are here: a client that hangs up now does not undo that.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	now, was := u.Clock.Now(), *f
	e, err := f.Store(res.Size, res.SHA256, contentType, u.Limits.TTL, now)
	if err != nil {
		return err
	}
	err = u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		if err := s.Files.Move(ctx, f, domain.FileUploading); err != nil {
			return err
		}
		if err := CheckQuota(ctx, s, f.UploadedBy, a.Allowance, res.Size, res.Size); err != nil {
			return err
		}
		return app.Append(ctx, s, u.IDs, e)
	})
	if err != nil && !u.isStored(ctx, f) {
		*f = was
		return err
	}
	if err := u.settleAfter(ctx, f.BatchID); err != nil {
		u.Log.Error("batch not settled", "file_id", f.ID, "error", err)
	}
	return nil
}

// isStored looks whether a commit went through although its answer was lost.
func (u *Uploads) isStored(ctx context.Context, f *domain.File) bool {
	row, err := u.DB.Reads().Files.Find(ctx, f.ID)
	return err == nil && row.Status == domain.FileStored && row.SHA256 == f.SHA256
}

// signs returns a progress callback that touches the row now and then.
func (u *Uploads) signs(ctx context.Context, id uuid.UUID) func(int64) {
	last := u.Clock.Now()
	return func(int64) {
		now := u.Clock.Now()
		if now.Sub(last) < signOfLife {
			return
		}
		last = now
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		err := u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error { return s.Files.Touch(ctx, id, now) })
		if err != nil {
			u.Log.Warn("upload sign of life failed", "file_id", id, "error", err)
		}
	}
}

func owner(a domain.Actor) *uuid.UUID {
	if a.UserID == uuid.Nil {
		return nil
	}
	id := a.UserID
	return &id
}
