package gormdb

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// ShareAccesses is the log of share links.
type ShareAccesses struct{ conn }

var _ ports.ShareAccesses = (*ShareAccesses)(nil)

type shareAccessRow struct {
	ID        uuid.UUID
	LinkID    uuid.UUID
	What      string
	Outcome   string
	FileID    *uuid.UUID
	FileName  string
	IP        string
	UserAgent string
	CreatedAt stamp
}

func (shareAccessRow) TableName() string { return "share_accesses" }

func toShareAccess(r shareAccessRow) *domain.ShareAccess {
	return &domain.ShareAccess{
		ID: r.ID, LinkID: r.LinkID, What: r.What, Outcome: r.Outcome, FileID: r.FileID, FileName: r.FileName,
		IP: r.IP, UserAgent: r.UserAgent, At: r.CreatedAt.Time,
	}
}

// Append implements ports.ShareAccesses.
func (s *ShareAccesses) Append(ctx context.Context, a *domain.ShareAccess) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	return translate(tx.Create(&shareAccessRow{
		ID: a.ID, LinkID: a.LinkID, What: a.What, Outcome: a.Outcome, FileID: a.FileID, FileName: clean(a.FileName),
		IP: clean(a.IP), UserAgent: clean(a.UserAgent), CreatedAt: at(a.At),
	}).Error, "share access")
}

var shareAccessList = listed[shareAccessRow, *domain.ShareAccess]{
	what: "share_accesses", columns: "t.*",
	search: func(c conn, word string) condition {
		return anyOf(byText(c, "t.file_name", word), byText(c, "t.ip", word))
	},
	filters: map[string]filter{"link": oneID("t.link_id"), "outcome": oneOf("t.outcome")},
	place:   func(r shareAccessRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:      toShareAccess,
}

// List implements ports.ShareAccesses.
func (s *ShareAccesses) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.ShareAccess], error) {
	return list(ctx, s.conn, shareAccessList, q)
}
