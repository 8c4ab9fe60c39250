package domain

import (
	"io"
	"time"

	"github.com/google/uuid"
)

// SharePrefixLength is how many characters of a link's token are shown in lists.
const SharePrefixLength = 6

// MaxShareDownloads is the largest limit that a link may have.
const MaxShareDownloads = 1_000_000

// ShareState is what whoever opens a share link meets.
type ShareState string

const (
	ShareLive    ShareState = "live"
	ShareUsedUp  ShareState = "used_up"
	ShareExpired ShareState = "expired"
	ShareRevoked ShareState = "revoked"
)

// ShareStates in the order in which they are offered.
var ShareStates = []ShareState{ShareLive, ShareUsedUp, ShareExpired, ShareRevoked}

// ShareKind is what a link leads to.
type ShareKind string

const (
	ShareOfFile  ShareKind = "file"
	ShareOfBatch ShareKind = "batch"
)

// ShareKinds in the order in which they are offered.
var ShareKinds = []ShareKind{ShareOfFile, ShareOfBatch}

// ShareLink lets whoever has it download a file, or what is in a batch. It
// reaches no more than the person who made it does at that moment.
type ShareLink struct {
	ID           uuid.UUID
	CreatedBy    *uuid.UUID // null when the user was deleted: the link is dead
	CreatorName  string     // filled by reads, for showing
	FileID       *uuid.UUID // this or BatchID
	BatchID      *uuid.UUID
	TargetName   string // the file's name or the batch's label; filled by reads
	Prefix       string // first characters of the token, shown in lists
	Hash         string // hex SHA-256 of the whole token
	PasswordHash string // empty: none
	MaxDownloads int    // 0: no limit
	Downloads    int    // begun
	ExpiresAt    *time.Time
	RevokedAt    *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// ShareTerms are the conditions of a link.
type ShareTerms struct {
	ExpiresAt    *time.Time // nil: never
	MaxDownloads int        // 0: no limit
}

// NewShareLink makes a link to a file or, when file is nil, to a batch, with 256
// random bits, and returns it with its token, which is shown once and never
// stored. Invalid on expires_at or max_downloads.
func NewShareLink(id uuid.UUID, by uuid.UUID, file, batch *uuid.UUID, terms ShareTerms, rnd io.Reader, now time.Time) (*ShareLink, string, error) {
	if terms.ExpiresAt != nil && !terms.ExpiresAt.After(now) {
		return nil, "", FieldErrorf("expires_at", "A link cannot expire in the past.")
	}
	if terms.MaxDownloads < 0 || terms.MaxDownloads > MaxShareDownloads {
		return nil, "", FieldErrorf("max_downloads", "A link allows 1 to 1,000,000 downloads, or 0 for any number.")
	}
	token, err := RandomText(rnd, 32)
	if err != nil {
		return nil, "", err
	}
	return &ShareLink{
		ID: id, CreatedBy: &by, FileID: file, BatchID: batch, Prefix: token[:SharePrefixLength], Hash: HashSecret(token),
		MaxDownloads: terms.MaxDownloads, ExpiresAt: terms.ExpiresAt, CreatedAt: now, UpdatedAt: now,
	}, token, nil
}

// Kind is what the link leads to, with its id.
func (l *ShareLink) Kind() (ShareKind, uuid.UUID) {
	if l.FileID != nil {
		return ShareOfFile, *l.FileID
	}
	return ShareOfBatch, *l.BatchID
}

// State at now.
func (l *ShareLink) State(now time.Time) ShareState {
	switch {
	case l.RevokedAt != nil:
		return ShareRevoked
	case l.ExpiresAt != nil && !l.ExpiresAt.After(now):
		return ShareExpired
	case l.MaxDownloads > 0 && l.Downloads >= l.MaxDownloads:
		return ShareUsedUp
	}
	return ShareLive
}

// Refusal is why nothing comes out of the link at now; nil while it is live.
func (l *ShareLink) Refusal(now time.Time) error {
	switch l.State(now) {
	case ShareRevoked:
		return Errorf(Expired, "This link was taken back by the person who shared it. Ask them for another one.")
	case ShareExpired:
		return Errorf(Expired, "This link has expired. Ask the person who shared it for another one.")
	case ShareUsedUp:
		return Errorf(Expired, "This link was good for a number of downloads, and they are used up. Ask the person who shared it for another one.")
	}
	return nil
}

// MaxAgentLength is how much of a User-Agent is kept, in characters.
const MaxAgentLength = 200

// What was asked of a share link, and what came of it.
const (
	ShareDownload = "download" // of one file
	ShareZIP      = "zip"      // of the whole batch
	SharePassword = "password"

	ShareBegun   = "begun"
	ShareOpened  = "opened"  // the password was right
	ShareWrong   = "wrong"   // it was not
	ShareRefused = "refused" // the downloads are used up
)

// ShareOutcomes are all there are.
var ShareOutcomes = []string{ShareBegun, ShareOpened, ShareWrong, ShareRefused}

// ShareAccess is one line of a link's log.
type ShareAccess struct {
	ID        uuid.UUID
	LinkID    uuid.UUID
	What      string
	Outcome   string
	FileID    *uuid.UUID // of a download
	FileName  string
	IP        string
	UserAgent string
	At        time.Time
}

// NewShareAccess caps what strangers send.
func NewShareAccess(id, link uuid.UUID, what, outcome string, f *File, ip, agent string, now time.Time) *ShareAccess {
	if r := []rune(agent); len(r) > MaxAgentLength {
		agent = string(r[:MaxAgentLength])
	}
	a := &ShareAccess{ID: id, LinkID: link, What: what, Outcome: outcome, IP: ip, UserAgent: agent, At: now}
	if f != nil {
		a.FileID, a.FileName = &f.ID, f.OriginalFilename
	}
	return a
}
