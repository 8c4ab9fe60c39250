package accounts

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// historyLines is how much of a token's history its page shows.
const historyLines = 50

// Tokens implements usecase.Tokens.
type Tokens struct {
	DB     ports.Transactor
	Clock  ports.Clock
	IDs    ports.IDs
	Random io.Reader
}

var _ usecase.Tokens = (*Tokens)(nil)

// manages refuses nobody and tokens: one that leaked must not make others that
// outlive it, nor end those of its owner.
func manages(a domain.Actor) error {
	if !a.IsKnown() {
		return domain.Errorf(domain.Unauthenticated, "Sign in first.")
	}
	if a.IsToken() {
		return domain.Errorf(domain.Forbidden, "A token cannot manage tokens. Sign in with a browser, or use the command line.")
	}
	return nil
}

// List implements usecase.Tokens.
func (t *Tokens) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.APIToken], error) {
	if err := manages(a); err != nil {
		return ports.Page[*domain.APIToken]{}, err
	}
	if !a.IsAdmin() {
		q.Owner = &a.UserID
	}
	return t.DB.Reads().Tokens.List(ctx, q)
}

// Find implements usecase.Tokens.
func (t *Tokens) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.TokenDetail, error) {
	if err := manages(a); err != nil {
		return nil, err
	}
	reads := t.DB.Reads()
	token, err := seen(ctx, reads, a, id)
	if err != nil {
		return nil, err
	}
	d := &usecase.TokenDetail{Token: token}
	if d.User, err = reads.Users.Find(ctx, token.UserID); err != nil {
		return nil, err
	}
	d.History, err = reads.Audit.ListOf(ctx, "token", id, historyLines)
	return d, err
}

// seen is NotFound for a token that the actor may not see.
func seen(ctx context.Context, s ports.Stores, a domain.Actor, id uuid.UUID) (*domain.APIToken, error) {
	token, err := s.Tokens.Find(ctx, id)
	if domain.IsCode(err, domain.NotFound) || (err == nil && !a.Sees(&token.UserID)) {
		return nil, domain.Errorf(domain.NotFound, "There is no such token. It may belong to somebody else.")
	}
	return token, err
}

// FindByPrefix implements usecase.Tokens.
func (t *Tokens) FindByPrefix(ctx context.Context, a domain.Actor, prefix string) (*domain.APIToken, error) {
	prefix = prefix[:min(len(prefix), domain.TokenPrefixLength)]
	page, err := t.List(ctx, a, ports.ListQuery{Search: prefix, Limit: ports.MaxPageSize})
	if err != nil {
		return nil, err
	}
	var found []*domain.APIToken
	for _, token := range page.Items {
		if prefix != "" && token.Prefix == prefix {
			found = append(found, token)
		}
	}
	switch len(found) {
	case 0:
		return nil, domain.Errorf(domain.NotFound, "No token begins with %q. Look it up in the list.", prefix)
	case 1:
		return found[0], nil
	}
	return nil, domain.Errorf(domain.Conflict, "%d tokens begin with %q. Name the one you mean by its id.", len(found), prefix)
}

// Create implements usecase.Tokens.
func (t *Tokens) Create(ctx context.Context, a domain.Actor, in usecase.TokenInput) (*domain.APIToken, string, error) {
	if err := manages(a); err != nil {
		return nil, "", err
	}
	user, err := t.holder(ctx, a, in.UserEmail)
	if err != nil {
		return nil, "", err
	}
	now := t.Clock.Now()
	var expires *time.Time
	until := "never"
	if in.Expires != 0 {
		at := now.Add(in.Expires)
		expires, until = &at, at.UTC().Format(time.RFC3339)
	}
	token, secret, err := domain.NewAPIToken(t.IDs.New(), user, in.Name, in.Scopes, expires, t.Random, now)
	if err != nil {
		return nil, "", err
	}
	err = t.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		if err := s.Tokens.Insert(ctx, token); err != nil {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(t.IDs.New(), a, "token.created", "token", token.ID,
			map[string]string{"name": token.Name, "user": user.Email, "scopes": words(token.Scopes), "expires": until}, now))
	})
	if err != nil {
		return nil, "", err
	}
	return token, secret, nil
}

// holder is whom a new token acts for. Only whoever runs the portal may make
// one for somebody else: it would act in that person's name.
func (t *Tokens) holder(ctx context.Context, a domain.Actor, email string) (*domain.User, error) {
	if email == "" {
		return t.DB.Reads().Users.Find(ctx, a.UserID)
	}
	if !a.IsSystem {
		return nil, domain.Errorf(domain.Forbidden, "A token can be made for yourself only. Ask whoever runs the portal for one of %s.", email)
	}
	return byEmail(ctx, t.DB.Reads(), email)
}

func words(scopes []domain.Scope) string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = string(s)
	}
	return strings.Join(out, ",")
}

// Revoke implements usecase.Tokens.
func (t *Tokens) Revoke(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error) {
	if err := manages(a); err != nil {
		return 0, err
	}
	revoked := 0
	err := t.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		revoked = 0
		now := t.Clock.Now()
		for _, id := range ids {
			token, err := seen(ctx, s, a, id)
			if err != nil {
				return err
			}
			if token.RevokedAt != nil {
				continue
			}
			if err := s.Tokens.Revoke(ctx, id, now); err != nil {
				return err
			}
			err = s.Audit.Append(ctx, domain.NewAuditEntry(t.IDs.New(), a, "token.revoked", "token", id, map[string]string{"name": token.Name}, now))
			if err != nil {
				return err
			}
			revoked++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return revoked, nil
}
