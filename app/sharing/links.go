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

// Links implements usecase.ShareLinks.
type Links struct {
	DB     ports.Transactor
	Hasher ports.PasswordHasher
	Clock  ports.Clock
	IDs    ports.IDs
	Random io.Reader
}

var _ usecase.ShareLinks = (*Links)(nil)

func orNotFound(err error, words string) error {
	if err != nil {
		return err
	}
	return domain.Errorf(domain.NotFound, "%s", words)
}

// tell writes into the audit log, at the link and at what it leads to.
func (s *Links) tell(ctx context.Context, st ports.Stores, a domain.Actor, did string, l *domain.ShareLink) error {
	to, id := l.Kind()
	kind := string(to)
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
	if err := st.Audit.Append(ctx, domain.NewAuditEntry(s.IDs.New(), a, kind+"."+did, kind, id, changes, now)); err != nil {
		return err
	}
	return st.Audit.Append(ctx, domain.NewAuditEntry(s.IDs.New(), a, "sharelink."+did, "sharelink", l.ID, map[string]string{kind: l.TargetName}, now))
}

// OfFile implements usecase.ShareLinks.
func (s *Links) OfFile(ctx context.Context, a domain.Actor, id uuid.UUID, q ports.ListQuery) (ports.Page[*domain.ShareLink], error) {
	return s.of(ctx, a, domain.ShareOfFile, id, q)
}

// OfBatch implements usecase.ShareLinks.
func (s *Links) OfBatch(ctx context.Context, a domain.Actor, id uuid.UUID, q ports.ListQuery) (ports.Page[*domain.ShareLink], error) {
	return s.of(ctx, a, domain.ShareOfBatch, id, q)
}

func (s *Links) of(ctx context.Context, a domain.Actor, kind domain.ShareKind, id uuid.UUID, q ports.ListQuery) (page ports.Page[*domain.ShareLink], err error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return page, err
	}
	reads := s.DB.Reads()
	if err := sees(ctx, reads, a, kind, id); err != nil {
		return page, err
	}
	return reads.ShareLinks.List(ctx, narrowed(q, string(kind), id))
}

// narrowed is the query for the rows of one thing; what else it filters by
// stays.
func narrowed(q ports.ListQuery, key string, id uuid.UUID) ports.ListQuery {
	filters := map[string][]string{key: {id.String()}}
	for k, v := range q.Filters {
		if k != key {
			filters[k] = v
		}
	}
	q.Filters = filters
	return q
}

// sees is NotFound for what a link may lead to, but not this actor.
func sees(ctx context.Context, st ports.Stores, a domain.Actor, kind domain.ShareKind, id uuid.UUID) error {
	_, _, err := target(ctx, st, a, kind, id)
	return err
}

// target finds what a link leads to: its name, and the file when it is one.
func target(ctx context.Context, st ports.Stores, a domain.Actor, kind domain.ShareKind, id uuid.UUID) (string, *domain.File, error) {
	if kind == domain.ShareOfFile {
		f, err := st.Files.Find(ctx, id)
		if err != nil || !a.Sees(f.UploadedBy) {
			return "", nil, orNotFound(err, "There is no such file. It may belong to somebody else.")
		}
		return f.OriginalFilename, f, nil
	}
	b, err := st.Batches.Find(ctx, id)
	if err != nil || !a.Sees(b.CreatedBy) {
		return "", nil, orNotFound(err, "There is no such batch. It may belong to somebody else.")
	}
	return b.Label, nil, nil
}

// Find implements usecase.ShareLinks.
func (s *Links) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.ShareLink, error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return nil, err
	}
	return visible(ctx, s.DB.Reads(), a, id)
}

// Log implements usecase.ShareLinks.
func (s *Links) Log(ctx context.Context, a domain.Actor, id uuid.UUID, q ports.ListQuery) (page ports.Page[*domain.ShareAccess], err error) {
	if _, err := s.Find(ctx, a, id); err != nil {
		return page, err
	}
	return s.DB.Reads().Accesses.List(ctx, narrowed(q, "link", id))
}

// visible finds a link to what the actor sees.
func visible(ctx context.Context, st ports.Stores, a domain.Actor, id uuid.UUID) (*domain.ShareLink, error) {
	l, err := st.ShareLinks.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	kind, to := l.Kind()
	err = sees(ctx, st, a, kind, to)
	if domain.IsCode(err, domain.NotFound) {
		err = orNotFound(nil, "There is no such link. It may belong to somebody else.")
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

// List implements usecase.ShareLinks.
func (s *Links) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.ShareLink], error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return ports.Page[*domain.ShareLink]{}, err
	}
	if own := a.OwnerFilter(); own != nil {
		q.Owner = own
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
			l, err := visible(ctx, st, a, id)
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
