package sharing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

var _ usecase.ShareLinksOnce = (*Links)(nil)

// Create implements usecase.ShareLinks.
func (s *Links) Create(ctx context.Context, a domain.Actor, in usecase.ShareInput) (*domain.ShareLink, string, error) {
	l, token, _, err := s.CreateOnce(ctx, a, in, "")
	return l, token, err
}

// CreateOnce implements usecase.ShareLinksOnce.
func (s *Links) CreateOnce(ctx context.Context, a domain.Actor, in usecase.ShareInput, key string) (*domain.ShareLink, string, bool, error) {
	if err := mayCreate(a, in); err != nil {
		return nil, "", false, err
	}
	now := s.Clock.Now()
	l, token, err := domain.NewShareLink(s.IDs.New(), a.UserID, in.File, in.Batch, domain.ShareTerms{ExpiresAt: in.ExpiresAt, MaxDownloads: in.MaxDownloads}, s.Random, now)
	if err != nil {
		return nil, "", false, err
	}
	if in.Password != "" {
		if err := domain.CheckPassword(in.Password); err != nil {
			return nil, "", false, err
		}
		if l.PasswordHash, err = s.Hasher.Hash(ctx, in.Password); err != nil {
			return nil, "", false, err
		}
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		if err := asked(a, in, key).Claim(ctx, st, l.ID, now); err != nil {
			return err
		}
		if err := s.aim(ctx, st, a, l); err != nil {
			return err
		}
		if err := st.ShareLinks.Insert(ctx, l); err != nil {
			return err
		}
		return s.tell(ctx, st, a, "shared", l)
	})
	if id, ok := app.MadeEarlier(err); ok {
		l, err = s.madeEarlier(ctx, a, id, in)
		return l, "", err == nil, err
	}
	if err != nil {
		return nil, "", false, err
	}
	return l, token, false, nil
}

// mayCreate is what can be told before anything is read.
func mayCreate(a domain.Actor, in usecase.ShareInput) error {
	if err := a.Require(domain.ScopeUpload); err != nil {
		return err
	}
	if err := a.RequireTo(domain.MayDownload); err != nil {
		return err
	}
	if a.UserID == uuid.Nil {
		return domain.Errorf(domain.Forbidden, "A link acts for the person who made it, so a person has to make it.")
	}
	if (in.File == nil) == (in.Batch == nil) {
		return domain.Errorf(domain.Invalid, "A link leads to a file or to a batch.")
	}
	return nil
}

// asked is the creation under a key. Of the password it says only whether there
// is one: a fingerprint of it could be guessed at fast.
func asked(a domain.Actor, in usecase.ShareInput, key string) app.Once {
	return app.Once{Actor: a, Operation: "share", Key: key, Asked: struct {
		File, Batch *uuid.UUID
		Password    bool
		Max         int
		ExpiresAt   *time.Time
	}{in.File, in.Batch, in.Password != "", in.MaxDownloads, in.ExpiresAt}}
}

// aim checks that the actor sees what the link leads to, and that it has bytes.
func (s *Links) aim(ctx context.Context, st ports.Stores, a domain.Actor, l *domain.ShareLink) error {
	kind, id := l.Kind()
	name, f, err := target(ctx, st, a, kind, id)
	if err != nil {
		return err
	}
	if f != nil && !f.HasBytes() {
		return domain.Errorf(domain.Conflict, "This file is %s and has no bytes to share.", f.Status)
	}
	l.CreatorName, l.TargetName = a.Name, name
	return nil
}

// madeEarlier is the link of an earlier request with the same key, if that asked
// for the same password.
func (s *Links) madeEarlier(ctx context.Context, a domain.Actor, id uuid.UUID, in usecase.ShareInput) (*domain.ShareLink, error) {
	l, err := visible(ctx, s.DB.Reads(), a, id)
	if err != nil {
		return nil, app.GoneSince(err)
	}
	if in.Password == "" {
		return l, nil
	}
	same, err := s.Hasher.Verify(ctx, l.PasswordHash, in.Password)
	if err == nil && !same {
		err = domain.KeyReused()
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}
