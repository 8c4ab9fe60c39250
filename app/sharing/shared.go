package sharing

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Wrong passwords fill leaky buckets: one for the address, and a wide one for
// the link, against guessing from many places.
const (
	addressTries = 5
	addressDrain = time.Minute
	linkTries    = 200
	linkDrain    = 5 * time.Second
)

// Shared implements usecase.Shared.
type Shared struct {
	DB       ports.Transactor
	Files    usecase.Files
	Archives usecase.Archives
	Previews usecase.Previews
	Hasher   ports.PasswordHasher
	Keys     *domain.Keyring
	Clock    ports.Clock
	IDs      ports.IDs
	Random   io.Reader
}

var _ usecase.Shared = (*Shared)(nil)

// find is the link and for whom it acts. A link that is used up is given too.
func (s *Shared) find(ctx context.Context, token string) (*domain.ShareLink, domain.Actor, error) {
	reads := s.DB.Reads()
	l, err := reads.ShareLinks.FindByHash(ctx, domain.HashSecret(token))
	if domain.IsCode(err, domain.NotFound) {
		return nil, domain.Actor{}, domain.Errorf(domain.NotFound, "There is nothing behind this door. The link lost a character on its way here, or what it led to is gone.")
	}
	if err != nil {
		return nil, domain.Actor{}, err
	}
	if st := l.State(s.Clock.Now()); st == domain.ShareRevoked || st == domain.ShareExpired {
		return nil, domain.Actor{}, l.Refusal(s.Clock.Now())
	}
	if l.CreatedBy == nil {
		return nil, domain.Actor{}, leftAlone()
	}
	u, err := reads.Users.Find(ctx, *l.CreatedBy)
	if err != nil {
		return nil, domain.Actor{}, err
	}
	if !u.Active {
		return nil, domain.Actor{}, leftAlone()
	}
	maker := domain.UserActor(u)
	if !maker.May(domain.MayDownload) {
		return nil, domain.Actor{}, domain.Errorf(domain.Expired, "The person who shared this may not hand it out any more. Ask somebody else there.")
	}
	return l, maker, nil
}

func leftAlone() error {
	return domain.Errorf(domain.Expired, "The person who shared this has left the portal, and the link with them.")
}

// goneFor turns what a maker may not see any more into words for a stranger.
func goneFor(err error) error {
	if domain.IsCode(err, domain.NotFound) || domain.IsCode(err, domain.Conflict) {
		return domain.Errorf(domain.Expired, "What this link led to is not here any more. Ask the person who shared it.")
	}
	return err
}

func locked(l *domain.ShareLink, p pass) bool { return l.PasswordHash != "" && !p.Unlocked }

// Open implements usecase.Shared.
func (s *Shared) Open(ctx context.Context, token string, v usecase.Visit, after *ports.Cursor) (*usecase.SharedThing, error) {
	l, maker, err := s.find(ctx, token)
	if err != nil {
		return nil, err
	}
	if err := l.Refusal(s.Clock.Now()); err != nil {
		return nil, err
	}
	if locked(l, s.passOf(l, v.Pass)) {
		return &usecase.SharedThing{Link: l, Locked: true}, nil
	}
	if l.FileID != nil {
		d, err := s.Files.Download(ctx, maker, *l.FileID)
		if err != nil {
			return nil, goneFor(err)
		}
		return &usecase.SharedThing{Link: l, File: d.File}, nil
	}
	out := &usecase.SharedThing{Link: l, Label: l.TargetName}
	if err := s.list(ctx, maker, out, after); err != nil {
		return nil, err
	}
	if len(out.Files) == 0 && out.Next == nil && after == nil {
		return nil, goneFor(domain.Errorf(domain.NotFound, "None of its files is here."))
	}
	return out, nil
}

// list reads a page of a batch's files.
func (s *Shared) list(ctx context.Context, maker domain.Actor, out *usecase.SharedThing, after *ports.Cursor) error {
	page, err := s.Files.List(ctx, maker, ports.ListQuery{
		Filters: map[string][]string{"batch": {out.Link.BatchID.String()}, "superseded": {"false"}, "status": {"stored", "processed", "failed"}},
		After:   after, Oldest: true, Limit: 100,
	})
	for _, f := range page.Items {
		if page.Older {
			out.Next = &ports.Cursor{At: f.CreatedAt, ID: f.ID}
		}
		if f.HasBytes() {
			out.Files = append(out.Files, f)
		}
	}
	return err
}

// Look implements usecase.Shared.
func (s *Shared) Look(ctx context.Context, token string, v usecase.Visit, file *uuid.UUID) (*usecase.SharedLook, error) {
	l, maker, err := s.find(ctx, token)
	if err != nil {
		return nil, err
	}
	if err := l.Refusal(s.Clock.Now()); err != nil {
		return nil, err
	}
	if locked(l, s.passOf(l, v.Pass)) {
		return nil, waitsForPassword()
	}
	if l.FileID != nil {
		file = l.FileID
	}
	if file == nil {
		return nil, domain.Errorf(domain.NotFound, "A batch is looked at file by file.")
	}
	got, err := s.bytes(ctx, l, maker, file)
	if err != nil {
		return nil, err
	}
	out := &usecase.SharedLook{Link: l, File: got.File.File}
	if l.MaxDownloads > 0 {
		return out, nil
	}
	if out.Preview, err = s.Previews.Preview(ctx, maker, *file); err != nil {
		return nil, goneFor(err)
	}
	return out, nil
}

func waitsForPassword() error {
	return domain.Errorf(domain.Unauthenticated, "This link has a password. Open it, give the password, and begin again.")
}

// Unlock implements usecase.Shared. A try is counted before the password is
// looked at.
func (s *Shared) Unlock(ctx context.Context, token, password string, v usecase.Visit) (string, error) {
	l, _, err := s.find(ctx, token)
	if err != nil {
		return "", err
	}
	p, err := s.newPass(true)
	if err != nil || l.PasswordHash == "" {
		return "", err
	}
	key := "share:" + l.ID.String()
	here := app.Bucket{Key: key + "|" + app.Network(v.IP), Tries: addressTries, Drain: addressDrain}
	for _, b := range []app.Bucket{here, {Key: key, Tries: linkTries, Drain: linkDrain}} {
		if err := b.Take(ctx, s.DB, s.Clock.Now()); err != nil {
			return "", err
		}
	}
	right, err := s.Hasher.Verify(ctx, l.PasswordHash, password)
	if err != nil {
		return "", err
	}
	outcome := domain.ShareWrong
	if right {
		outcome = domain.ShareOpened
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		if right {
			if err := st.Throttles.Clear(ctx, here.Key); err != nil {
				return err
			}
		}
		return st.Accesses.Append(ctx, domain.NewShareAccess(s.IDs.New(), l.ID, domain.SharePassword, outcome, nil, v.IP, v.UserAgent, s.Clock.Now()))
	})
	if err != nil {
		return "", err
	}
	if !right {
		return "", domain.FieldErrorf("password", "That is not the password of this link. Ask the person who shared it.")
	}
	return s.sealPass(l, p)
}

// Begin implements usecase.Shared.
func (s *Shared) Begin(ctx context.Context, token string, v usecase.Visit, file *uuid.UUID) (*usecase.SharedTicket, error) {
	l, maker, err := s.find(ctx, token)
	if err != nil {
		return nil, err
	}
	p := s.passOf(l, v.Pass)
	if locked(l, p) {
		return nil, waitsForPassword()
	}
	if p.Visit == "" {
		if p, err = s.newPass(false); err != nil {
			return nil, err
		}
	}
	if l.FileID != nil {
		file = l.FileID
	}
	got, err := s.bytes(ctx, l, maker, file)
	if err != nil {
		return nil, err
	}
	access := domain.NewShareAccess(s.IDs.New(), l.ID, domain.ShareZIP, domain.ShareBegun, nil, v.IP, v.UserAgent, s.Clock.Now())
	if got.File != nil {
		access = domain.NewShareAccess(access.ID, l.ID, domain.ShareDownload, domain.ShareBegun, got.File.File, v.IP, v.UserAgent, s.Clock.Now())
	}
	if err := s.take(ctx, l, access); err != nil {
		return nil, err
	}
	out := &usecase.SharedTicket{}
	if out.Ticket, err = s.sealTicket(l, ticket{Visit: p.Visit, File: file, Until: s.Clock.Now().Add(ticketLives)}); err != nil {
		return nil, err
	}
	out.Pass, err = s.sealPass(l, p)
	return out, err
}

// take counts the download and logs it; one that is refused is logged too.
func (s *Shared) take(ctx context.Context, l *domain.ShareLink, access *domain.ShareAccess) error {
	now, given := s.Clock.Now(), false
	err := s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		var err error
		if given, err = st.ShareLinks.Take(ctx, l.ID, now); err != nil {
			return err
		}
		access.Outcome = domain.ShareBegun
		if !given {
			access.Outcome = domain.ShareRefused
		}
		return st.Accesses.Append(ctx, access)
	})
	if err != nil || given {
		return err
	}
	l, err = s.DB.Reads().ShareLinks.Find(ctx, l.ID)
	if err != nil {
		return goneFor(err)
	}
	return l.Refusal(now)
}

// Fetch implements usecase.Shared.
func (s *Shared) Fetch(ctx context.Context, token, sealed string, v usecase.Visit) (*usecase.SharedBytes, error) {
	l, maker, err := s.find(ctx, token)
	if err != nil {
		return nil, err
	}
	t, err := s.ticketOf(l, sealed, s.passOf(l, v.Pass))
	if err != nil {
		return nil, err
	}
	return s.bytes(ctx, l, maker, t.File)
}

// bytes is what may be downloaded by the link: its file, one of its batch's
// files, or the archive of all.
func (s *Shared) bytes(ctx context.Context, l *domain.ShareLink, maker domain.Actor, file *uuid.UUID) (*usecase.SharedBytes, error) {
	out := &usecase.SharedBytes{}
	var err error
	if file == nil {
		out.ZIP, err = s.Archives.OfBatch(ctx, maker, *l.BatchID)
		return out, goneFor(err)
	}
	if out.File, err = s.Files.Download(ctx, maker, *file); err != nil {
		return nil, goneFor(err)
	}
	if b := out.File.File.BatchID; l.BatchID != nil && (b == nil || *b != *l.BatchID) {
		return nil, goneFor(domain.Errorf(domain.NotFound, "It belongs to another batch."))
	}
	return out, nil
}
