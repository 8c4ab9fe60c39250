package api

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// meJSON is who asks; one of token and session is set.
type meJSON struct {
	User    userJSON        `json:"user"`
	Token   *tokenJSON      `json:"token"`
	Session *webSessionJSON `json:"session"`
}

type userJSON struct {
	ID    uuid.UUID `json:"id"`
	Email string    `json:"email"`
	Name  string    `json:"name"`
	Role  string    `json:"role"`
}

type tokenJSON struct {
	Name      string         `json:"name"`
	Prefix    string         `json:"prefix"`
	Scopes    []domain.Scope `json:"scopes"` // those that count: no more than the user has
	ExpiresAt *time.Time     `json:"expires_at"`
}

type webSessionJSON struct {
	ExpiresAt time.Time `json:"expires_at"`
}

// me answers with who asks and what for.
func (h *handlers) me(c *fiber.Ctx) error {
	a := fiberx.Actor(c)
	t, err := h.Me.Token(c.UserContext(), a)
	if err != nil {
		return err
	}
	out := meJSON{User: userJSON{ID: a.UserID, Email: a.Email, Name: a.Name, Role: string(a.Role)}}
	if t != nil {
		scopes := slices.DeleteFunc(slices.Clone(t.Scopes), func(s domain.Scope) bool { return s == domain.ScopeAdmin && !a.IsAdmin() })
		out.Token = &tokenJSON{Name: t.Name, Prefix: t.Prefix, Scopes: append([]domain.Scope{}, scopes...), ExpiresAt: t.ExpiresAt}
	}
	if s := fiberx.Signed(c); s != nil {
		out.Session = &webSessionJSON{ExpiresAt: s.ExpiresAt}
	}
	return c.JSON(out)
}
