package web

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// SecretLine is a live signing secret without the secret, newest first.
type SecretLine struct {
	ID        uuid.UUID
	Newest    bool   // of its kind
	Key       bool   // an ed25519 pair
	Public    string // of a pair
	Head      string // the first and last characters of a symmetric one
	Tail      string
	CreatedAt time.Time
	RetiresAt *time.Time
	Gone      int    // per mille of its overlap
	Plain     string // shown on demand, or when it was just made
	Only      bool   // the last that signs: it cannot be retired
}

// OverlapChoice is how long both secrets sign.
type OverlapChoice struct {
	Hours int
	Label string
	On    bool
}

var overlaps = []OverlapChoice{
	{Hours: 0, Label: "Not at all, the old one ends now"}, {Hours: 1, Label: "1 hour"}, {Hours: 24, Label: "24 hours", On: true},
	{Hours: 72, Label: "3 days"}, {Hours: 168, Label: "7 days"}, {Hours: 720, Label: "30 days"},
}

// CertFacts is a client certificate for showing.
type CertFacts struct {
	*domain.ClientCert
	State, Icon, Word string
	Hash              []string
}

func certFacts(c *domain.ClientCert, now time.Time) *CertFacts {
	if c == nil {
		return nil
	}
	f := &CertFacts{ClientCert: c, State: "active", Icon: "shield-check", Word: "Valid", Hash: groups(c.Fingerprint, 8)}
	switch left := c.NotAfter.Sub(now); {
	case left < 0:
		f.State, f.Icon, f.Word = "failed", "", "Expired"
	case now.Before(c.NotBefore):
		f.State, f.Icon, f.Word = "pending", "", "Not valid yet"
	case c.EndsSoon(now):
		f.State, f.Icon, f.Word = "slowed", "hourglass", "Expires in "+strconv.Itoa(int(left.Hours()/24))+" d"
	}
	return f
}

// secretLines turns live secrets, oldest first, into lines.
func secretLines(live []domain.EndpointSecret, now time.Time) []SecretLine {
	var out []SecretLine
	newer := map[bool]time.Time{} // by kind: when the one that replaces it was made
	for i := len(live) - 1; i >= 0; i-- {
		s := live[i]
		line := SecretLine{ID: s.ID, Key: s.Kind == domain.SecretEd25519, Public: s.Public, CreatedAt: s.CreatedAt, RetiresAt: s.RetiresAt, Only: len(live) == 1}
		if h := []rune(s.Hint); len(h) == 9 {
			line.Head, line.Tail = string(h[:4]), string(h[5:])
		}
		since, replaced := newer[line.Key]
		line.Newest = !replaced
		newer[line.Key] = s.CreatedAt
		if replaced && s.RetiresAt != nil && s.RetiresAt.After(since) {
			line.Gone = int(1000 * now.Sub(since) / s.RetiresAt.Sub(since))
		}
		out = append(out, line)
	}
	return out
}

// chosenSecret is the one that the form names, else the newest that is secret.
func (s *site) chosenSecret(c *fiber.Ctx) (endpoint, secret uuid.UUID, err error) {
	if text := c.FormValue("secret"); text != "" {
		if endpoint, err = fiberx.ParseID(c.Params("id")); err == nil {
			secret, err = fiberx.ParseID(text)
		}
		return endpoint, secret, err
	}
	e, err := s.endpointOf(c)
	if err != nil {
		return endpoint, secret, err
	}
	for _, line := range secretLines(e.LiveSecrets(s.Clock.Now()), s.Clock.Now()) {
		if !line.Key {
			return e.ID, line.ID, nil
		}
	}
	return endpoint, secret, domain.Errorf(domain.NotFound, "Only key pairs sign here, and their public keys are shown. Rotate to make a secret.")
}

// revealSecret shows a secret in place; it is written to the history.
func (s *site) revealSecret(c *fiber.Ctx) error {
	id, secret, err := s.chosenSecret(c)
	if err != nil {
		return err
	}
	plain, err := s.Keys.Reveal(c.UserContext(), fiberx.Actor(c), id, secret)
	if err != nil {
		return err
	}
	p, err := s.endpointPage(c)
	if err != nil {
		return err
	}
	return s.showSecrets(c, p, secret, plain)
}

// showSecrets renders the panel with one secret in plain.
func (s *site) showSecrets(c *fiber.Ctx, p *EndpointPage, id uuid.UUID, plain string) error {
	p.Live = false
	for i := range p.Secrets {
		if p.Secrets[i].ID == id {
			p.Secrets[i].Plain = plain
		}
	}
	return render(c, "pages/endpoint", "secrets", p)
}

// rotateSecret makes a secret that signs from now on, and shows it.
func (s *site) rotateSecret(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	hours, err := strconv.Atoi(c.FormValue("overlap", "24"))
	if err != nil {
		return domain.FieldErrorf("overlap", "Choose how long both secrets sign, in hours.")
	}
	kind := domain.SecretKind(c.FormValue("kind", string(domain.SecretHMAC)))
	made, shown, err := s.Keys.Rotate(c.UserContext(), fiberx.Actor(c), id, kind, time.Duration(hours)*time.Hour)
	if err != nil {
		return err
	}
	p, err := s.endpointPage(c)
	if err != nil {
		return err
	}
	return s.showSecrets(c, p, made.ID, shown)
}

func (s *site) retireSecret(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	secret, err := fiberx.ParseID(c.FormValue("secret"))
	if err != nil {
		return err
	}
	if err := s.Keys.Retire(c.UserContext(), fiberx.Actor(c), id, secret); err != nil {
		return err
	}
	say(c, Toast{Kind: "ok", Text: "Retired. The next request is signed without it."})
	return seeOther(c, "/app/endpoints/"+id.String()+"/")
}

// endpointTrail is what people did with the endpoint, newest first.
func endpointTrail(history []*domain.AuditEntry) []TrailStop {
	const lines = 12
	var out []TrailStop
	for i := len(history) - 1; i >= 0 && len(out) < lines; i-- {
		stop := auditStop(history[i])
		if history[i].Action != "endpoint.created" { // the page says what was made
			stop.Note = changeWords(history[i].Changes)
		}
		out = append(out, stop)
	}
	return out
}
