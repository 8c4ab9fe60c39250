package sharing

import (
	"context"
	"io"
	"strconv"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// logLines is how much of a link's log its page shows.
const logLines = 200

// Links implements usecase.ShareLinks.
type Links struct {
	DB     ports.Transactor
	Hasher ports.PasswordHasher
	Clock  ports.Clock
	IDs    ports.IDs
	Random io.Reader
}

var _ usecase.ShareLinks = (*Links)(nil)

// Create implements usecase.ShareLinks.
func (s *Links) Create(ctx context.Context, a domain.Actor, in usecase.ShareInput) (*domain.ShareLink, string, error) {
	if err := a.Require(domain.ScopeUpload); err != nil {
		return nil, "", err
	}
	if err := a.RequireTo(domain.MayDownload); err != nil {
		return nil, "", err
	}
	name, err := s.mayShare(ctx, a, in.File, in.Batch)
	if err != nil {
		return nil, "", err
	}
	now := s.Clock.Now()
	l, token, err := domain.NewShareLink(s.IDs.New(), a.UserID, in.File, in.Batch, domain.ShareTerms{ExpiresAt: in.ExpiresAt, MaxDownloads: in.MaxDownloads}, s.Random, now)
	if err != nil {
		return nil, "", err
	}
	l.CreatorName, l.TargetName = a.Name, name
	if in.Password != "" {
		if err := domain.CheckPassword(in.Password); err != nil {
			return nil, "", err
		}
		if l.PasswordHash, err = s.Hasher.Hash(ctx, in.Password); err != nil {
			return nil, "", err
		}
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		if err := st.ShareLinks.Insert(ctx, l); err != nil {
			return err
		}
		return s.tell(ctx, st, a, "shared", l)
	})
	if err != nil {
		return nil, "", err
	}
	return l, token, nil
}

// mayShare is whether the actor sees what is to be shared, and its name.
func (s *Links) mayShare(ctx context.Context, a domain.Actor, file, batch *uuid.UUID) (string, error) {
	reads := s.DB.Reads()
	if a.UserID == uuid.Nil {
		return "", domain.Errorf(domain.Forbidden, "A link acts for the person who made it, so a person has to make it.")
	}
	switch {
	case file != nil && batch == nil:
		f, err := reads.Files.Find(ctx, *file)
		if err != nil || !a.Sees(f.UploadedBy) {
			return "", orNotFound(err, "There is no such file. It may belong to somebody else.")
		}
		if !f.HasBytes() {
			return "", domain.Errorf(domain.Conflict, "This file is %s and has no bytes to share.", f.Status)
		}
		return f.OriginalFilename, nil
	case batch != nil && file == nil:
		b, err := reads.Batches.Find(ctx, *batch)
		if err != nil || !a.Sees(b.CreatedBy) {
			return "", orNotFound(err, "There is no such batch. It may belong to somebody else.")
		}
		return b.Label, nil
	}
	return "", domain.Errorf(domain.Invalid, "A link leads to a file or to a batch.")
}

func orNotFound(err error, words string) error {
	if err != nil {
		return err
	}
	return domain.Errorf(domain.NotFound, "%s", words)
}

// tell writes into the audit log, at the link and at what it leads to.
func (s *Links) tell(ctx context.Context, st ports.Stores, a domain.Actor, did string, l *domain.ShareLink) error {
	kind, id := "file", l.FileID
	if id == nil {
		kind, id = "batch", l.BatchID
	}
	changes := map[string]string{"link": l.Prefix + "…"}
	if did == "shared" {
		if l.MaxDownloads > 0 {
			changes["downloads"] = "at most " + strconv.Itoa(l.MaxDownloads)
		}
		changes["expires"] = "never"
		if l.ExpiresAt != nil {
			changes["expires"] = l.ExpiresAt.Format("2006-01-02 15:04 UTC")
		}
		if l.PasswordHash != "" {
			changes["password"] = "yes"
		}
	}
	now := s.Clock.Now()
	if err := st.Audit.Append(ctx, domain.NewAuditEntry(s.IDs.New(), a, kind+"."+did, kind, *id, changes, now)); err != nil {
		return err
	}
	return st.Audit.Append(ctx, domain.NewAuditEntry(s.IDs.New(), a, "sharelink."+did, "sharelink", l.ID, map[string]string{kind: l.TargetName}, now))
}

// OfFile implements usecase.ShareLinks.
func (s *Links) OfFile(ctx context.Context, a domain.Actor, id uuid.UUID) ([]*domain.ShareLink, error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return nil, err
	}
	f, err := s.DB.Reads().Files.Find(ctx, id)
	if err != nil || !a.Sees(f.UploadedBy) {
		return nil, orNotFound(err, "There is no such file. It may belong to somebody else.")
	}
	return s.of(ctx, "file", id)
}

// OfBatch implements usecase.ShareLinks.
func (s *Links) OfBatch(ctx context.Context, a domain.Actor, id uuid.UUID) ([]*domain.ShareLink, error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return nil, err
	}
	b, err := s.DB.Reads().Batches.Find(ctx, id)
	if err != nil || !a.Sees(b.CreatedBy) {
		return nil, orNotFound(err, "There is no such batch. It may belong to somebody else.")
	}
	return s.of(ctx, "batch", id)
}

func (s *Links) of(ctx context.Context, kind string, id uuid.UUID) ([]*domain.ShareLink, error) {
	page, err := s.DB.Reads().ShareLinks.List(ctx, ports.ListQuery{Filters: map[string][]string{kind: {id.String()}}})
	return page.Items, err
}

// Find implements usecase.ShareLinks.
func (s *Links) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.ShareDetail, error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return nil, err
	}
	reads := s.DB.Reads()
	l, err := s.visible(ctx, reads, a, id)
	if err != nil {
		return nil, err
	}
	d := &usecase.ShareDetail{Link: l}
	d.Accesses, err = reads.Accesses.ListOf(ctx, id, logLines)
	return d, err
}

// visible finds a link to what the actor sees.
func (s *Links) visible(ctx context.Context, st ports.Stores, a domain.Actor, id uuid.UUID) (*domain.ShareLink, error) {
	const none = "There is no such link. It may belong to somebody else."
	l, err := st.ShareLinks.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	var owner *uuid.UUID
	if l.FileID != nil {
		f, err := st.Files.Find(ctx, *l.FileID)
		if err != nil {
			return nil, err
		}
		owner = f.UploadedBy
	} else {
		b, err := st.Batches.Find(ctx, *l.BatchID)
		if err != nil {
			return nil, err
		}
		owner = b.CreatedBy
	}
	if !a.Sees(owner) {
		return nil, orNotFound(nil, none)
	}
	return l, nil
}

// List implements usecase.ShareLinks.
func (s *Links) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.ShareLink], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.ShareLink]{}, err
	}
	return s.DB.Reads().ShareLinks.List(ctx, q)
}

// Revoke implements usecase.ShareLinks.
func (s *Links) Revoke(ctx context.Context, a domain.Actor, ids []uuid.UUID) (n int, err error) {
	if err := a.Require(domain.ScopeUpload); err != nil {
		return 0, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		n = 0
		for _, id := range ids {
			l, err := s.visible(ctx, st, a, id)
			if err != nil {
				return err
			}
			ended, err := st.ShareLinks.Revoke(ctx, id, s.Clock.Now())
			if err != nil {
				return err
			}
			if !ended {
				continue
			}
			n++
			if err := s.tell(ctx, st, a, "unshared", l); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
