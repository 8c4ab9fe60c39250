package web_test

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// fakeShares has a link of each kind to what the world has.
type fakeShares struct{ *world }

func (f fakeShares) link(change func(*domain.ShareLink)) *domain.ShareLink {
	far := noon.Add(72 * time.Hour)
	l := &domain.ShareLink{ID: id(881), CreatedBy: &priya.ID, CreatorName: hostile, FileID: ptr(id(1)), TargetName: hostile, Prefix: "Xy12-_", MaxDownloads: 5, Downloads: 2, ExpiresAt: &far, CreatedAt: noon, UpdatedAt: noon}
	if change != nil {
		change(l)
	}
	return l
}

func (f fakeShares) all() []*domain.ShareLink {
	return []*domain.ShareLink{
		f.link(nil),
		f.link(func(l *domain.ShareLink) { l.ID, l.MaxDownloads, l.ExpiresAt, l.PasswordHash = id(882), 0, nil, "hash" }),
		f.link(func(l *domain.ShareLink) { l.ID, l.RevokedAt = id(883), &f.now }),
		f.link(func(l *domain.ShareLink) { l.ID, l.Downloads = id(884), 5 }),
		f.link(func(l *domain.ShareLink) { l.ID, l.ExpiresAt = id(885), ptr(noon.Add(-time.Hour)) }),
		f.link(func(l *domain.ShareLink) { l.ID, l.FileID, l.BatchID, l.TargetName = id(886), nil, ptr(id(100)), "" }),
	}
}

func (f fakeShares) Create(_ context.Context, a domain.Actor, in usecase.ShareInput) (*domain.ShareLink, string, error) {
	if in.Password != "" {
		if err := domain.CheckPassword(in.Password); err != nil {
			return nil, "", err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.world.shared = append(f.world.shared, in)
	return f.link(nil), "the-whole-token", nil
}

func (f fakeShares) OfFile(context.Context, domain.Actor, uuid.UUID, ports.ListQuery) (ports.Page[*domain.ShareLink], error) {
	return ports.Page[*domain.ShareLink]{Items: f.all()}, nil
}

func (f fakeShares) OfBatch(context.Context, domain.Actor, uuid.UUID, ports.ListQuery) (ports.Page[*domain.ShareLink], error) {
	return ports.Page[*domain.ShareLink]{}, nil
}

func (f fakeShares) Find(_ context.Context, _ domain.Actor, which uuid.UUID) (*domain.ShareLink, error) {
	for _, l := range f.all() {
		if l.ID == which {
			return l, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such link.")
}

func (f fakeShares) Log(_ context.Context, _ domain.Actor, link uuid.UUID, _ ports.ListQuery) (ports.Page[*domain.ShareAccess], error) {
	var page ports.Page[*domain.ShareAccess]
	for i, what := range [][2]string{{domain.ShareDownload, domain.ShareBegun}, {domain.ShareZIP, domain.ShareBegun}, {domain.ShareZIP, domain.ShareRefused}, {domain.SharePassword, domain.ShareWrong}, {domain.SharePassword, domain.ShareOpened}} {
		page.Items = append(page.Items, domain.NewShareAccess(id(1+i), link, what[0], what[1], &domain.File{OriginalFilename: hostile}, "192.0.2.1", hostile, noon))
	}
	return page, nil
}

func (f fakeShares) List(_ context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.ShareLink], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.ShareLink]{}, err
	}
	return pageOf(f.world, q, f.all()), nil
}

func (f fakeShares) Revoke(_ context.Context, _ domain.Actor, ids []uuid.UUID) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.world.revoked = append(f.world.revoked, ids...)
	return len(ids), nil
}

// Open knows one token of each kind.
func (f fakeShares) Open(_ context.Context, token string, v usecase.Visit, _ *ports.Cursor) (*usecase.SharedThing, error) {
	switch token {
	case "of-a-file":
		if len(f.files) == 0 {
			break
		}
		return &usecase.SharedThing{Link: f.link(nil), File: f.files[0]}, nil
	case "of-a-batch":
		return &usecase.SharedThing{Link: f.link(nil), Label: hostile, Files: f.files, Next: &ports.Cursor{At: noon, ID: id(1)}}, nil
	case "with-a-password":
		if v.Pass != "a-pass" {
			return &usecase.SharedThing{Link: f.link(nil), Locked: true}, nil
		}
		return &usecase.SharedThing{Link: f.link(nil), Label: "open", Files: f.files}, nil
	case "used-up":
		return nil, f.link(func(l *domain.ShareLink) { l.Downloads = 5 }).Refusal(noon)
	}
	return nil, domain.Errorf(domain.NotFound, "There is nothing behind this door.")
}

func (f fakeShares) Unlock(_ context.Context, _, password string, _ usecase.Visit) (string, error) {
	if password != "four words of mine" {
		return "", domain.FieldErrorf("password", "That is not the password of this link.")
	}
	return "a-pass", nil
}

func (f fakeShares) Begin(_ context.Context, token string, v usecase.Visit, file *uuid.UUID) (*usecase.SharedTicket, error) {
	if token == "with-a-password" && v.Pass != "a-pass" {
		return nil, domain.Errorf(domain.Unauthenticated, "This link has a password.")
	}
	return &usecase.SharedTicket{Ticket: "a-ticket", Pass: "a-pass"}, nil
}

func (f fakeShares) Fetch(ctx context.Context, _, ticket string, v usecase.Visit) (*usecase.SharedBytes, error) {
	if ticket != "a-ticket" || v.Pass != "a-pass" {
		return nil, domain.Errorf(domain.Expired, "This download was begun in another browser.")
	}
	d, err := fakeFiles(f).Download(ctx, domain.Actor{}, f.files[0].ID)
	return &usecase.SharedBytes{File: d}, err
}

// Look shows the files of a batch one by one, as their own pages do, and of a
// link with a number of downloads nothing.
func (f fakeShares) Look(ctx context.Context, token string, v usecase.Visit, file *uuid.UUID) (*usecase.SharedLook, error) {
	t, err := f.Open(ctx, token, v, nil)
	if err != nil {
		return nil, err
	}
	if t.Locked {
		return nil, domain.Errorf(domain.Unauthenticated, "This link has a password.")
	}
	if t.File != nil {
		return &usecase.SharedLook{Link: t.Link, File: t.File}, nil
	}
	for _, one := range t.Files {
		if file == nil || one.ID != *file {
			continue
		}
		p, err := fakePreviews(f).Preview(ctx, domain.Actor{}, one.ID)
		return &usecase.SharedLook{Link: t.Link, File: one, Preview: p}, err
	}
	return nil, domain.Errorf(domain.Expired, "What this link led to is not here any more.")
}
