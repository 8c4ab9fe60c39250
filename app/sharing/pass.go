package sharing

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

const (
	// passLives is how long a browser need not type the password again.
	passLives = 12 * time.Hour
	// ticketLives is how long the parts of one download may be asked for.
	ticketLives = 6 * time.Hour
)

// pass is what a browser keeps of a link.
type pass struct {
	Visit    string    `json:"v"` // random: which browser
	Unlocked bool      `json:"u"` // the password was given
	Until    time.Time `json:"t"`
}

// ticket is a download that was counted.
type ticket struct {
	Visit string     `json:"v"`
	File  *uuid.UUID `json:"f"` // nil: the archive
	Until time.Time  `json:"t"`
}

func (s *Shared) newPass(unlocked bool) (pass, error) {
	visit, err := domain.RandomText(s.Random, 16)
	return pass{Visit: visit, Unlocked: unlocked, Until: s.Clock.Now().Add(passLives)}, err
}

// passOf opens what the browser sent; an empty one when it is none of ours, of
// another link, or too old.
func (s *Shared) passOf(l *domain.ShareLink, sealed string) pass {
	var p pass
	if !unseal(s.Keys, sealed, "share pass "+l.ID.String(), &p) || !p.Until.After(s.Clock.Now()) {
		return pass{}
	}
	return p
}

func (s *Shared) sealPass(l *domain.ShareLink, p pass) (string, error) {
	return seal(s.Keys, p, "share pass "+l.ID.String(), s.Random)
}

func (s *Shared) sealTicket(l *domain.ShareLink, t ticket) (string, error) {
	return seal(s.Keys, t, "share ticket "+l.ID.String(), s.Random)
}

// ticketOf opens a ticket of this browser.
func (s *Shared) ticketOf(l *domain.ShareLink, sealed string, p pass) (ticket, error) {
	var t ticket
	ok := unseal(s.Keys, sealed, "share ticket "+l.ID.String(), &t)
	if !ok || p.Visit == "" || subtle.ConstantTimeCompare([]byte(t.Visit), []byte(p.Visit)) != 1 || !t.Until.After(s.Clock.Now()) {
		return t, domain.Errorf(domain.Expired, "This download was begun in another browser, or some hours ago. Open the link itself and begin it again.")
	}
	return t, nil
}

func seal(keys *domain.Keyring, v any, about string, rnd io.Reader) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return keys.Seal(string(text), about, rnd)
}

func unseal(keys *domain.Keyring, sealed, about string, into any) bool {
	text, err := keys.Open(sealed, about)
	return err == nil && json.Unmarshal([]byte(text), into) == nil
}
