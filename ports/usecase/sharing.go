package usecase

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// ShareLinks is for those who share: whoever may download a file or a batch may
// share it, and looks after the links to it. A token needs the scopes upload and
// read to make one, upload to revoke and read to look at them.
type ShareLinks interface {
	// Create makes a link and returns its token, which nobody sees again.
	// Invalid on expires_at, max_downloads or password; Conflict for a file
	// without bytes.
	Create(ctx context.Context, a domain.Actor, in ShareInput) (l *domain.ShareLink, token string, err error)
	// OfFile and OfBatch are the links to it, whoever made them.
	OfFile(ctx context.Context, a domain.Actor, file uuid.UUID, q ports.ListQuery) (ports.Page[*domain.ShareLink], error)
	OfBatch(ctx context.Context, a domain.Actor, batch uuid.UUID, q ports.ListQuery) (ports.Page[*domain.ShareLink], error)
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.ShareLink, error)
	// Log is what was done with a link; q is as of ports.ShareAccesses, of this
	// link alone.
	Log(ctx context.Context, a domain.Actor, id uuid.UUID, q ports.ListQuery) (ports.Page[*domain.ShareAccess], error)
	// List is the links that one made oneself; everybody's for admins.
	List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.ShareLink], error)
	// Revoke ends links and says how many; those that were revoked stay so.
	Revoke(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error)
}

// ShareLinksOnce is for programs, which send a request again when the answer got
// lost.
type ShareLinksOnce interface {
	// CreateOnce is Create, once for each key. The link that an earlier request
	// with the key made comes back as it is now, without its token: nobody has
	// that any more. Conflict when the key was used for something else.
	CreateOnce(ctx context.Context, a domain.Actor, in ShareInput, key string) (l *domain.ShareLink, token string, replayed bool, err error)
}

// ShareInput is a link to be: to a file or to a batch.
type ShareInput struct {
	File, Batch  *uuid.UUID
	Password     string // empty: none
	MaxDownloads int    // 0: any number
	ExpiresAt    *time.Time
}

// Shared is for whoever has a link. Expired, with the reason, when nothing comes
// out of it any more; NotFound for a token that nobody made.
type Shared interface {
	// Open is what the link's page shows; Visit is what the browser kept.
	Open(ctx context.Context, token string, v Visit, after *ports.Cursor) (*SharedThing, error)
	// Look is one file of what the link leads to, with its preview, which does
	// not count. File may be nil for a link to a file. Unauthenticated while the
	// link waits for its password. A link with a number of downloads gives no
	// Preview: it would hand out uncounted what the number limits.
	Look(ctx context.Context, token string, v Visit, file *uuid.UUID) (*SharedLook, error)
	// Unlock trades the password for a pass; Invalid on field password when it
	// is wrong, Quota after too many tries.
	Unlock(ctx context.Context, token, password string, v Visit) (pass string, err error)
	// Begin counts one download, of the file or, for a nil file, of the batch's
	// archive, and returns what Fetch wants. Unauthenticated while the link waits
	// for its password.
	Begin(ctx context.Context, token string, v Visit, file *uuid.UUID) (*SharedTicket, error)
	// Fetch gives the bytes of a download that was begun, as often as the
	// browser asks for parts of them until the ticket runs out.
	Fetch(ctx context.Context, token, ticket string, v Visit) (*SharedBytes, error)
}

// Visit is one browser with a link.
type Visit struct {
	Pass          string // as Unlock or Begin gave it; empty at first
	IP, UserAgent string
}

// SharedThing is what a link leads to.
type SharedThing struct {
	Link   *domain.ShareLink
	Locked bool           // the rest is empty until the password was given
	File   *domain.File   // nil for a batch
	Label  string         // of the batch
	Files  []*domain.File // of the batch: a page of those with bytes
	Next   *ports.Cursor  // where the next page begins; nil on the last
}

// SharedLook is what can be seen of a file before it is downloaded.
type SharedLook struct {
	Link    *domain.ShareLink
	File    *domain.File
	Preview *Preview // nil for none
}

// SharedTicket is a download that was counted.
type SharedTicket struct {
	Ticket string // for the address
	Pass   string // the browser has to keep it too
}

// SharedBytes is one of the two.
type SharedBytes struct {
	File *Download
	ZIP  *Archive
}
